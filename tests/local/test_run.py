"""`tibao run` as a person uses it: starts, says where, restarts its dead, leaves nothing behind."""

import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import pytest
import requests

from backend.config import Settings, environment
from backend.local.processes import port_is_free
from backend.local.run import API_DOCS
from backend.local.stack import TIBAO, on_free_ports
from tests.build.waiting import PATIENCE_SECONDS, eventually

pytestmark = [pytest.mark.deep, pytest.mark.stack]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return on_free_ports(Settings(), tmp_path / "var")


class Run:
    """A `tibao run` in a process group of its own, as a terminal would start it."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.mark = str(uuid4())
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [TIBAO, "run"],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**environment(settings), "TIBAO_TEST_MARK": self.mark},
            )

    def wait_for(self, words: str) -> None:
        def ended() -> bool:
            return self.process.poll() is not None

        eventually(lambda: words in self.log.read_text() or ended(), self.log.read_text)
        assert not ended(), self.log.read_text()

    def processes(self) -> list[psutil.Process]:
        """Everything that this run started and that still lives."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return (
                process.environ().get("TIBAO_TEST_MARK") == self.mark
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.Error:
            return False


@contextmanager
def running(settings: Settings, tmp_path: Path) -> Iterator[Run]:
    run = Run(settings, tmp_path / "run.log")
    try:
        yield run
    finally:
        for process in run.processes():
            process.kill()
        run.process.wait(PATIENCE_SECONDS)


def status(url: str, path: str) -> int:
    connection = http.client.HTTPConnection(str(urlsplit(url).netloc), timeout=PATIENCE_SECONDS)
    connection.request("GET", path)
    answer = connection.getresponse().status
    connection.close()
    return answer


def told_by(settings: Settings, codes: list[dict[str, str]], note: str) -> Any:
    """What a scan of the wall's code with this note tells."""
    (token,) = [code["text"].rpartition("/")[2] for code in codes if code["note"] == note]
    return requests.get(
        f"{settings.public_url}/api/v1/public/lifts/{token}", timeout=PATIENCE_SECONDS
    ).json()


def test_it_restarts_a_killed_worker_and_ctrl_c_leaves_no_process_and_no_port(
    settings: Settings, tmp_path: Path
) -> None:
    with running(settings, tmp_path) as run:
        run.wait_for("ready")
        assert status(settings.public_url, API_DOCS) == 200
        assert status(settings.wechat_url, "/") == 200
        codes = requests.get(
            f"{settings.wechat_url}/sandbox/wall", timeout=PATIENCE_SECONDS
        ).json()["codes"]
        assert told_by(settings, codes, "已有保障")["covered"]
        (notice,) = told_by(settings, codes, "正在公示")["notices"]
        assert notice["open_to_objections"]

        next(p for p in run.processes() if p.cmdline()[-2:-1] == ["worker"]).kill()
        run.wait_for("was restarted")

        os.killpg(run.process.pid, signal.SIGINT)
        assert run.process.wait(PATIENCE_SECONDS) == 0
        assert run.processes() == []

    with running(settings, tmp_path) as again:  # on the data that the first left
        again.wait_for("ready")
        again.process.terminate()
        assert again.process.wait(PATIENCE_SECONDS) == 0
        assert again.processes() == []
    for port in (settings.api_port, urlsplit(settings.wechat_url).port):
        assert port is not None
        assert port_is_free(port)


@pytest.mark.parametrize("doing", ["", "preparing the databases", "starting the services"])
def test_ending_it_while_it_starts_leaves_no_process(
    settings: Settings, tmp_path: Path, doing: str
) -> None:
    with running(settings, tmp_path) as run:
        run.wait_for(doing)
        run.process.terminate()
        run.process.wait(PATIENCE_SECONDS)
        assert run.processes() == []


def test_a_busy_port_is_named_in_one_line(settings: Settings, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", settings.api_port)):
        done = subprocess.run(
            [TIBAO, "run"],
            env=environment(settings),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert str(settings.api_port) in line
    assert "TIBAO_API_PORT" in line
