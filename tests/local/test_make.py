"""What `make` tells a newcomer whose machine lacks something: a sentence that helps, no success."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# An index where nobody answers, and no other way to one.
NOWHERE = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_RETRIES": "0",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of the house as `make` looks at before anything is installed."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "miniprogram_web").mkdir()
    (tmp_path / "miniprogram_web" / "package-lock.json").touch()
    return tmp_path


def make(checkout: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", *words],
        cwd=checkout,
        env={**os.environ, **NOWHERE, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def program(folder: Path, name: str, words: str) -> None:
    """A program of this name that does what a shell does with these words."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)


@pytest.mark.deep
def test_without_a_network_the_next_step_is_told(checkout: Path) -> None:
    done = make(checkout, ".venv/.run")
    assert done.returncode != 0
    assert "连不上软件源" in done.stderr
    assert not (checkout / ".venv" / ".run").exists(), "the next try goes on"


def test_without_a_network_for_npm_the_same_is_told(checkout: Path, tmp_path: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / ".made").touch()
    program(tmp_path, "node", "exit 0")
    program(tmp_path, "npm", '[ "$1" = --version ]')
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    done = make(checkout, "miniprogram_web/node_modules/.made", PATH=path)
    assert done.returncode != 0
    assert "连不上软件源" in done.stderr


def test_an_old_python_is_told_in_a_line(checkout: Path, tmp_path: Path) -> None:
    program(tmp_path, "old-python", "exit 1")
    done = make(checkout, f"PYTHON={tmp_path}/old-python", ".venv/.run")
    assert done.returncode != 0
    assert "需要 Python 3.11" in done.stderr.splitlines()[0]
    assert not (checkout / ".venv").exists()
