"""The key is changed by the very commands that operators are given, also for an old backup."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from backend.services.base.context import Context
from backend.services.base.own_words import name_of
from backend.store.cipher import Cipher
from backend.store.database import make_sessions
from backend.store.files import FileStore
from backend.store.registry import Owner
from tests.build.clock import ManualClock
from tests.build.context import SETTINGS, quiet_context
from tests.build.databases import Database, Databases
from tests.build.sealing import owners_sessions
from tests.build.town import Town
from tests.build.village import Village

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")
SECTION = PAGE.split("## Changing the key")[1].split("\n## ")[0]
NOTE, ROTATE = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
FIRST = SETTINGS.secret_key.get_secret_value()


@pytest.fixture
def ctx(engine: Engine, clock: ManualClock, tmp_path: Path) -> Context:
    return quiet_context(make_sessions(engine), clock, FileStore(tmp_path / "town" / "files"))


@pytest.fixture
def town(village: Village, database: Database, tmp_path: Path, valkey_port: int) -> Town:
    """A town with a case, whose database knows its first key."""
    village.insured()
    (tmp_path / "beside").mkdir()
    town = Town(
        database.url, database.owner_url, tmp_path / "town", tmp_path / "beside", valkey_port
    )
    town.has_the_key(FIRST)
    town.run("tibao migrate")
    return town


def names(database: Database, secret: str) -> set[str]:
    """The owners, as a program with this key alone reads them."""
    cipher = Cipher(secret)
    with owners_sessions(database) as sessions, sessions() as tx:
        return {name_of(cipher, owner) for owner in tx.scalars(select(Owner))}


@pytest.mark.deep
def test_the_key_is_changed_by_the_commands_of_the_page(town: Town, database: Database) -> None:
    before = names(database, FIRST)
    noted = town.run(f"{NOTE}\necho key=$TIBAO_SECRET_KEY")
    assert "新密钥已登记" in noted
    (second,) = re.findall(r"key=(\S{64})", noted)
    assert "旧密钥" in town.refused("tibao keys status")
    town.has_the_key(second, FIRST)
    assert "请运行 tibao keys rotate" in town.run("tibao keys status")
    told = town.run(ROTATE)
    assert "全部完成" in told
    assert "全部已用现用密钥加密" in told
    assert re.search(r"已停用.*加密 0 项", told)
    town.has_the_key(second)
    town.run("tibao audit verify")
    assert names(database, second) == before
    town.has_the_key(FIRST)
    assert "换回原来的密钥" in town.refused("tibao audit verify")
    assert "已经停用" in town.refused("tibao migrate")


@pytest.fixture
def elsewhere(databases: Databases, town: Town, tmp_path: Path, valkey_port: int) -> Iterator[Town]:
    """A second machine, on which the backup of the first is restored."""
    town.run('pg_dump --format=custom --file=tibao.dump "$DATABASE"')
    urls = databases.url("kept"), databases.owner_url("kept")
    town.run(
        "createdb kept && "
        "pg_restore --exit-on-error --no-owner --no-privileges --dbname=kept tibao.dump"
    )
    yield Town(*urls, tmp_path / "elsewhere", tmp_path / "beside", valkey_port)
    databases.drop("kept")


@pytest.mark.deep
def test_a_backup_from_before_opens_with_both_keys_and_is_brought_forward(
    elsewhere: Town,
) -> None:
    second = "a second secret for tests only, long enough"
    elsewhere.has_the_key(second)
    assert "换回原来的密钥" in elsewhere.refused("tibao migrate")
    elsewhere.has_the_key(second, FIRST)
    elsewhere.run("tibao migrate")
    assert "全部完成" in elsewhere.run("tibao keys rotate")
    elsewhere.has_the_key(second)
    elsewhere.run("tibao audit verify")
