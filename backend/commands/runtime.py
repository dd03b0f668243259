"""The house for one command, with a database that answers."""

import click
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from backend import wiring
from backend.commands.one_line import BadArguments
from backend.config import load_settings
from backend.runtime import Runtime
from backend.store import schema


def open_runtime(migrated: bool = True) -> Runtime:
    """The parts as the environment describes them; raises BadArguments without their database, and
    BadSettings for tables of another version, unless they need not be `migrated` yet.

    Their connections are closed when the command is done.
    """
    settings = load_settings()
    url = make_url(settings.database_url)
    runtime = wiring.build(settings)
    command = click.get_current_context()
    command.call_on_close(runtime.engine.dispose)
    if migrated:
        schema.require(settings)
    try:
        with runtime.engine.connect():
            return runtime
    except OperationalError:  # its words could quote more than the address
        where = f"{url.host or '本机'}:{url.port or 5432}/{url.database}"
        raise BadArguments(
            f"连不上数据库 {where}，请确认它已启动，并检查 TIBAO_DATABASE_URL。"
        ) from None
