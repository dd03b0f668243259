"""Prints when each of our direct dependencies was last released: `make check-deps`.

Asks the package index that pip is set to. What had no release for two years is marked: it may be
finished or abandoned, and a person should look.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
import requests
from pip._internal.models.index import PyPI

from backend.clock import system_clock

REQUIREMENTS = Path(__file__).parents[1] / "requirements"
OLD = timedelta(days=2 * 365)
ANSWER = "application/vnd.pypi.simple.v1+json"
PATIENCE_SECONDS = 30


def direct_dependencies(lines: Iterable[str]) -> list[str]:
    """The names in requirements as people write them: no comments, extras or included files."""
    found = (re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line) for line in lines)
    return sorted({match[0].lower() for match in found if match})


def index_url() -> str:
    """What pip asks: its environment, its settings, or its own default."""
    words = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    said = subprocess.run(words, check=False, capture_output=True, text=True).stdout.strip()
    return (os.environ.get("PIP_INDEX_URL") or said or str(PyPI.simple_url)).rstrip("/")


def last_release(index: str, name: str) -> datetime:
    """When the newest file of a package was uploaded.

    Raises requests' exceptions when the index does not answer, and LookupError when it does not
    know the package or its days.
    """
    answer = requests.get(f"{index}/{name}/", headers={"Accept": ANSWER}, timeout=PATIENCE_SECONDS)
    answer.raise_for_status()
    if not answer.headers.get("Content-Type", "").startswith(ANSWER):
        raise LookupError(f"{name}: this index does not say when anything was uploaded")
    uploaded = [file["upload-time"] for file in answer.json()["files"] if "upload-time" in file]
    if not uploaded:
        raise LookupError(f"{name}: no file with a day")
    return datetime.fromisoformat(max(uploaded))


def report(index: str, names: Sequence[str], now: datetime) -> list[str]:
    """A line for each package, the longest untouched first."""
    released = sorted((last_release(index, name), name) for name in names)
    width = max(map(len, names))
    return [
        f"{name:{width}}  {at:%Y-%m-%d}{'  no release for two years' if now - at > OLD else ''}"
        for at, name in released
    ]


def main() -> None:
    """Print the report; exit status 1 and one line when the index cannot be asked."""
    index = index_url()
    lines = (line for path in REQUIREMENTS.glob("*.in") for line in path.read_text().splitlines())
    try:
        found = report(index, direct_dependencies(lines), system_clock())
    except (requests.RequestException, LookupError) as error:
        said = error if isinstance(error, LookupError) else type(error).__name__
        host = urlsplit(index).hostname  # the whole address may hold a password
        sys.exit(f"the package index at {host} cannot be asked, and this needs it: {said}")
    click.echo("\n".join(found))


if __name__ == "__main__":
    main()
