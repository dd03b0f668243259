"""The house for one command, with a database that answers."""

from sqlalchemy.exc import ArgumentError, OperationalError

from backend import wiring
from backend.commands.one_line import BadArguments
from backend.config import load_settings


def open_house() -> wiring.House:
    """The parts as the environment describes them; raises BadArguments without their database."""
    try:
        house = wiring.build(load_settings())
    except ArgumentError:
        raise BadArguments("TIBAO_DATABASE_URL 不是可用的数据库地址。") from None
    try:
        with house.engine.connect():
            return house
    except OperationalError:
        url = house.engine.url  # the error itself could quote more than the address
        where = f"{url.host or '本机'}:{url.port or 5432}/{url.database}"
        raise BadArguments(
            f"连不上数据库 {where}，请确认它已启动，并检查 TIBAO_DATABASE_URL。"
        ) from None
