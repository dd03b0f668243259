"""What the supervisor promises: it restarts the dead, names the failing, leaves nobody behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from backend.local.processes import LOOPBACK, LocalError, free_port
from backend.local.supervisor import Process, Program, Supervisor, supervised
from tests.build.waiting import eventually

SLEEP = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(600)"]
# Starts a child in a process group of its own, as some workers do for each job.
PARENT_OF_ANOTHER_GROUP = [
    sys.executable,
    "-c",
    "import subprocess, sys, time;"
    "child = [sys.executable, '-c', 'import time; time.sleep(600)'];"
    "print(subprocess.Popen(child, start_new_session=True).pid, flush=True); time.sleep(600)",
]


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_killed_program_is_started_again(tmp_path: Path) -> None:
    program = Program("sleeper", "app", SLEEP)
    with supervised([program], tmp_path, os.environ) as supervisor:
        supervisor.start([program], lambda: supervisor.log("sleeper").exists())
        first = supervisor.processes()["sleeper"].pid
        os.kill(first, signal.SIGKILL)
        eventually(lambda: supervisor.processes()["sleeper"].pid not in (0, first))
        second = supervisor.processes()["sleeper"].pid
    assert not alive(second)


def test_logs_and_what_programs_write_are_for_their_owner_alone(tmp_path: Path) -> None:
    written = tmp_path / "written"
    words = [sys.executable, "-c", f"open({str(written)!r}, 'w'); print('done', flush=True)"]
    program = Program("writer", "setup", words, once=True)
    logs = tmp_path / "logs"
    logs.mkdir(mode=0o755)
    with supervised([program], logs, os.environ) as supervisor:
        supervisor.run_once(program)
        made = [logs, supervisor.log("writer"), logs / "supervisord.log", written]
        assert {path.name: path.stat().st_mode & 0o077 for path in made} == dict.fromkeys(
            [path.name for path in made], 0
        )


def test_a_child_that_escaped_its_killed_parent_is_ended_too(tmp_path: Path) -> None:
    program = Program("parent", "app", PARENT_OF_ANOTHER_GROUP)
    with supervised([program], tmp_path, os.environ) as supervisor:
        log = supervisor.log("parent")
        supervisor.start([program], lambda: log.exists() and log.read_text().endswith("\n"))
        child = int(log.read_text().split()[0])
        os.kill(supervisor.processes()["parent"].pid, signal.SIGKILL)
        assert alive(child)
    assert not alive(child)


def test_a_program_that_cannot_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    program = Program("broken", "app", [sys.executable, "-c", "raise SystemExit('no such lift')"])
    wrong = pytest.raises(LocalError, match=r"broken .*no such lift")
    with supervised([program], tmp_path, os.environ) as supervisor, wrong:
        supervisor.start([program], lambda: False)


def test_a_program_that_dies_late_is_named_although_it_was_started_again_at_once(
    tmp_path: Path,
) -> None:
    """Figure before: who lost its port after six seconds was looked at between two deaths only."""
    program = Program("broken", "app", SLEEP)
    (tmp_path / "broken.log").write_text("no such port\n")

    class Again(Supervisor):
        looks = 0

        def processes(self) -> dict[str, Process]:
            self.looks += 1
            assert self.looks < 9, "nobody noticed"
            return {"broken": Process("RUNNING", 100 + self.looks // 3, 0)}

    stack = Again(subprocess.Popen(["true"]), tmp_path / "socket", tmp_path)
    with stack.process, pytest.raises(LocalError, match=r"broken .*no such port"):
        stack.wait_for([program], lambda: False)


def test_a_socket_that_nobody_listens_at_yet_does_not_answer(tmp_path: Path) -> None:
    """Figure before: supervisord links its socket first and listens a moment later; on a busy
    machine the first question came between and ended four tests."""
    supervisor = Supervisor(subprocess.Popen(["true"]), tmp_path / "socket", tmp_path)
    with supervisor.process, socket.socket(socket.AF_UNIX) as server:
        assert not supervisor.answers()
        server.bind(str(supervisor.address))
        assert not supervisor.answers()
        server.listen()
        assert supervisor.answers()


def test_only_the_program_itself_listens_where_it_listens(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        free = free_port()
        words = [sys.executable, "-m", "http.server", "--bind", LOOPBACK, str(free)]
        web = Program("web", "app", words)
        with supervised([web], tmp_path, os.environ) as supervisor:
            supervisor.start([web], lambda: supervisor.listens("web", free))
            assert not supervisor.listens("web", taken)


def test_a_failed_step_stops_the_start(tmp_path: Path) -> None:
    good = Program("good", "setup", [sys.executable, "-c", "print('100% done')"], once=True)
    bad = Program("bad", "setup", [sys.executable, "-c", "raise SystemExit('bad row')"], once=True)
    with supervised([good, bad], tmp_path, os.environ) as supervisor:
        supervisor.run_once(good)
        assert supervisor.log("good").read_text() == "100% done\n"
        with pytest.raises(LocalError, match=r"bad .*bad row"):
            supervisor.run_once(bad)


def test_paths_with_spaces_and_percent_signs_are_fine(tmp_path: Path) -> None:
    logs = tmp_path / "梯保 100%"
    program = Program("speaker", "setup", [sys.executable, "-c", "print('%(x)s ; #')"], once=True)
    with supervised([program], logs, os.environ) as supervisor:
        supervisor.run_once(program)
    assert (logs / "speaker.log").read_text() == "%(x)s ; #\n"
