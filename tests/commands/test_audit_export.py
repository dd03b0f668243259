"""`tibao audit export`: an archive that is whole or not there, and a checkpoint to keep apart."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend.cli import main
from backend.verify_export import check

# Killed while the chain is in the archive and its checkpoints are not.
KILLED = """
import os, signal
from backend.cli import main
from backend.services.base import checkpoints
checkpoints.until = lambda tx, seq: os.kill(os.getpid(), signal.SIGKILL)
main()
"""


pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody types."""
    monkeypatch.chdir(tmp_path)


def called(*words: str) -> Result:
    return CliRunner().invoke(main, ["audit", *words])


def test_an_archive_is_whole_or_not_there_and_each_is_a_link_of_the_chain(tmp_path: Path) -> None:
    words = [sys.executable, "-c", KILLED, "audit", "export", "--out", "a.zip"]
    assert subprocess.run(words, check=False, capture_output=True).returncode == -9
    assert not (tmp_path / "a.zip").exists()

    ended = called("export", "--out", "a.zip")
    assert (ended.exit_code, ended.stderr) == (0, "已导出 2 条到 a.zip\n")
    ends, best, faults = check("a.zip", ended.stdout.encode())
    assert (ends, best["seq"], faults) == (2, 2, [])
    saved = json.loads(ended.stdout)
    found = json.loads(called("verify", "--json").stdout)
    assert (found["entries"], found["head"]) == (saved["seq"], saved["hash"])

    ended = called("export", "--out", "a.zip")
    assert (ended.exit_code, "已存在" in ended.stderr) == (2, True)
    ended = called("export", "--out", "nowhere/a.zip")
    assert (ended.exit_code, ended.stderr.count("\n")) == (2, 1)
    assert json.loads(called("verify", "--json").stdout)["entries"] == saved["seq"]
