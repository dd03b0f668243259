"""What supervisord starts of ours is a fork of it, and is the program all the same."""

import os
import sys
from pathlib import Path

import psutil
import pytest

from backend.config import Settings, environment
from backend.local.processes import LocalError
from backend.local.stack import TIBAO
from backend.local.supervisor import NURSERY, Program, supervised
from tests.build.waiting import eventually


def test_a_fork_ends_as_the_program_would_and_says_the_same(tmp_path: Path) -> None:
    words = {
        "good": [TIBAO, "explain", "--help"],
        "bad": [TIBAO, "no-such-command"],
        "other": [sys.executable, "-c", "import sys; print('backend' in sys.modules)"],
    }
    programs = {name: Program(name, "setup", line, once=True) for name, line in words.items()}
    with supervised(list(programs.values()), tmp_path, os.environ) as supervisor:
        supervisor.run_once(programs["good"])
        with pytest.raises(LocalError, match="no-such-command"):
            supervisor.run_once(programs["bad"])
        supervisor.run_once(programs["other"])
        ended = supervisor.processes()
        assert [ended[name].exit_status for name in words] == [0, 2, 0]
        assert "explain" in supervisor.log("good").read_text("utf-8")
        assert supervisor.log("other").read_text("utf-8") == "False\n"


def test_a_fork_stays_until_it_is_told_to_end_and_goes_by_its_name(
    tmp_path: Path, database_url: str
) -> None:
    """The cron needs nothing but a database that answers."""
    cron = Program("cron", "app", [TIBAO, "cron"])
    settings = environment(Settings(database_url=database_url, data_dir=tmp_path))
    with supervised([cron], tmp_path / "logs", settings) as supervisor:
        supervisor.start([cron], lambda: supervisor.processes()["cron"].state == "RUNNING")
        process = psutil.Process(supervisor.pid("cron"))
        eventually(lambda: process.name() == "cron")
        assert NURSERY in process.cmdline()
        assert process.ppid() == supervisor.process.pid
        process.terminate()
        eventually(lambda: supervisor.pid("cron") not in (0, process.pid))
        again = psutil.Process(supervisor.pid("cron"))
        supervisor.process.kill()  # as a system does that has no memory left
        eventually(lambda: not again.is_running() or again.status() == psutil.STATUS_ZOMBIE)
