"""On the server: for when the administrator's own account is the one to close."""

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from backend.cli import main
from backend.clock import system_clock
from backend.config import Settings
from backend.store.people import Identity, Lockout, Person, SecondFactor

OPENID = "o-administrator"


@pytest.fixture
def somebody(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database with one person who signed in once."""
    monkeypatch.setenv("TIBAO_DATABASE_URL", database_url)
    engine = create_engine(database_url)
    with Session(engine) as tx:
        person = Person(name_sealed=None, created_at=system_clock())
        tx.add(person)
        tx.flush()
        tx.add(
            Identity(
                person_id=person.id,
                platform="mini_program",
                appid=Settings().mini_appid,
                openid=OPENID,
                reachable=False,
                seen_at=system_clock(),
            )
        )
        tx.commit()
    engine.dispose()
    return database_url


def called(*words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--openid", OPENID])


def lifted(database_url: str) -> list[bool]:
    engine = create_engine(database_url)
    with Session(engine) as tx:
        found = [at is not None for at in tx.scalars(select(Lockout.lifted_at))]
    engine.dispose()
    return found


def test_a_person_is_kept_out_and_let_in_again(somebody: str) -> None:
    assert called("lock-out", "--reason", "手机丢失").exit_code == 0
    assert lifted(somebody) == [False]
    assert called("let-in", "--reason", "到中心核对").exit_code == 0
    assert lifted(somebody) == [True]
    again = called("let-in", "--reason", "再来一次")
    assert again.exit_code != 0
    assert "没有找到该停用记录" in again.stderr


def test_sessions_are_ended(somebody: str) -> None:
    assert "已结束 0 处登录" in called("end-sessions").stdout


def test_an_authenticator_is_reset_where_there_is_one(somebody: str) -> None:
    none = called("reset-second-factor")
    assert none.exit_code != 0
    assert "没有找到该验证器" in none.stderr
    engine = create_engine(somebody)
    with Session(engine) as tx:
        factor = SecondFactor(
            person_id=tx.scalars(select(Person.id)).one(),
            secret_sealed=b"sealed",
            enrolled_at=system_clock(),
            last_step=1,
            failures=0,
        )
        tx.add(factor)
        tx.commit()
    assert "已重置" in called("reset-second-factor").stdout
    with Session(engine) as tx:
        assert tx.scalars(select(SecondFactor)).all() == []
    engine.dispose()
