"""The servers that tests and `make run` stand on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from backend.config import LOCAL_OWNER
from backend.local import postgres
from backend.local.postgres import PROGRAMS
from backend.local.processes import LocalError, port_is_free
from backend.local.throwaway import (
    postgres_answers,
    throwaway_postgres,
    throwaway_valkey,
)
from backend.store import migrate
from tests.build.waiting import eventually

KILLED_PARENT = """
import os, sys
from pathlib import Path
from backend.local.throwaway import throwaway_postgres
from backend.local.throwaway import throwaway_valkey
folder = Path(sys.argv[1])
with throwaway_postgres(folder / "pg") as database, throwaway_valkey(folder / "vk") as cache:
    print(database, cache, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_a_database_keeps_its_rows_when_the_server_starts_again(tmp_path: Path) -> None:
    for expected in (1, 2):
        with throwaway_postgres(tmp_path / "pg") as port:
            url = postgres.database_url(port, role=LOCAL_OWNER).replace("+psycopg", "")
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS visit (at int)")
                connection.execute("INSERT INTO visit VALUES (1)")
                assert connection.execute("SELECT count(*) FROM visit").fetchone() == (expected,)
        assert port_is_free(port)


# What `prepare` said before there was an owner.
ONE_ROLE = "CREATE ROLE tibao LOGIN CREATEDB\nCREATE DATABASE tibao OWNER tibao\n"


def test_a_cluster_from_before_there_was_an_owner_is_brought_forward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(postgres, "ROLES", ONE_ROLE)
        before.setattr(postgres, "LET_IN", "host all tibao 127.0.0.1/32 trust\n")
        with throwaway_postgres(tmp_path / "pg") as port:
            migrated_before = postgres.database_url(port)
            migrate.upgrade(migrated_before, PROGRAMS, to="0022_namesakes")
    for _ in range(2):  # once is enough, twice does no harm
        with throwaway_postgres(tmp_path / "pg") as port:
            migrate.upgrade(postgres.database_url(port, role=LOCAL_OWNER), PROGRAMS)
            url = postgres.database_url(port).replace("+psycopg", "")
            with psycopg.connect(url) as program:
                assert program.execute("SELECT count(*) FROM lift").fetchone() == (0,)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    program.execute("DROP TABLE lift CASCADE")


def test_the_two_roles_are_made_as_operators_are_told(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")
    made, forward = re.findall(r"```postgresql\n(.+?)```", page, re.DOTALL)
    postgres.prepare(tmp_path / "pg")
    town = made.replace("tibao", "town")
    postgres.say(tmp_path / "pg", "postgres", town)
    before = "CREATE ROLE one LOGIN CREATEDB; CREATE DATABASE one OWNER one;\n"
    postgres.say(tmp_path / "pg", "postgres", before.replace("; ", "\n"))
    renamed = forward.replace("ROLE tibao_owner", "ROLE the_owner").replace(
        "TO tibao_owner", "TO the_owner"
    )
    postgres.say(tmp_path / "pg", "one", renamed.replace("tibao", "one"))


def test_a_refusal_quotes_nobody_in_the_log(tmp_path: Path) -> None:
    with throwaway_postgres(tmp_path / "pg") as port:
        url = postgres.database_url(port, role=LOCAL_OWNER).replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE known (openid text UNIQUE)")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO known VALUES (%s), (%s)", ["oOPENID", "oOPENID"])
    log = (tmp_path / "pg.log").read_text()
    assert "known_openid_key" in log
    assert "oOPENID" not in log


def test_what_is_written_to_valkey_survives_a_restart(tmp_path: Path) -> None:
    with throwaway_valkey(tmp_path / "vk") as port:
        redis.Redis(port=port).set("name", "吉首")
    with throwaway_valkey(tmp_path / "vk") as port:
        assert redis.Redis(port=port, decode_responses=True).get("name") == "吉首"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be locked out by somebody else's home")
def test_the_database_starts_below_a_folder_that_only_root_may_enter(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with throwaway_postgres(home / "pg") as port:
        assert postgres_answers(port)


def test_the_superuser_cannot_come_in_from_outside(postgres_port: int) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(host="127.0.0.1", port=postgres_port, user="postgres", dbname="postgres")


def test_a_server_of_other_data_that_answers_on_the_port_is_not_taken_for_ours(
    tmp_path: Path,
) -> None:
    with throwaway_postgres(tmp_path / "theirs") as port:
        postgres.prepare(tmp_path / "ours")
        assert postgres_answers(port)
        assert postgres.postmaster(tmp_path / "theirs", port) is not None
        assert postgres.postmaster(tmp_path / "theirs", port + 1) is None
        assert postgres.postmaster(tmp_path / "ours", port) is None


def test_a_broken_cluster_is_named_and_not_waited_for(tmp_path: Path) -> None:
    postgres.prepare(tmp_path / "pg")
    (tmp_path / "pg" / "global" / "pg_control").unlink()
    with (
        pytest.raises(LocalError, match="pg_control"),
        throwaway_postgres(tmp_path / "pg"),
    ):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_killing_the_parent_ends_the_servers(tmp_path: Path) -> None:
    words = [sys.executable, "-c", KILLED_PARENT, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    ports = [int(port) for port in done.stdout.split()]
    eventually(lambda: all(port_is_free(port) for port in ports))
