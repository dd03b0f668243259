"""The tables' owner, for the commands that only the owner may run."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend.commands.one_line import BadArguments
from backend.config import LOCAL_OWNER, Settings
from backend.store.database import make_engine, make_sessions


def owner_url(settings: Settings) -> str:
    """The database as the owner of its tables comes to it; raises BadArguments when it is not said.

    A local server lets its owner in without more.
    """
    if settings.owner_database_url:
        return settings.owner_database_url
    if settings.sandbox:
        url = make_url(settings.database_url).set(username=LOCAL_OWNER)
        return url.render_as_string(hide_password=False)
    raise BadArguments("请设置 TIBAO_OWNER_DATABASE_URL：同一数据库，以表的所有者登录。")


@contextmanager
def owner_sessions(settings: Settings) -> Iterator[sessionmaker[Session]]:
    """Sessions of the tables' owner; raises BadArguments when the owner is not let in."""
    engine = make_engine(owner_url(settings))
    try:
        try:
            engine.connect().close()
        except OperationalError:  # its words could quote more than the address
            raise not_let_in() from None
        yield make_sessions(engine)
    finally:
        engine.dispose()


def not_let_in() -> BadArguments:
    """What to say when the owner cannot come in."""
    return BadArguments("不能以表的所有者登录数据库，请检查 TIBAO_OWNER_DATABASE_URL。")
