"""API and desk in one process: it ends when it is told to, whatever it does."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import requests

from backend.local.processes import LOOPBACK, free_port
from backend.local.stack import TIBAO
from tests.build.waiting import PATIENCE_SECONDS, eventually


@pytest.fixture
def ports(environment: None, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Where API and desk are to listen."""
    api, desk = free_port(), free_port()
    monkeypatch.setenv("TIBAO_API_PORT", str(api))
    monkeypatch.setenv("TIBAO_DESK_PORT", str(desk))
    return api, desk


@contextmanager
def web() -> Iterator["subprocess.Popen[bytes]"]:
    """The program, which is ended at the latest with the block."""
    with subprocess.Popen([TIBAO, "web"], env=os.environ, stderr=subprocess.PIPE) as program:
        yield program
        program.kill()


def test_it_ends_in_good_order_when_it_is_told_to(ports: tuple[int, int]) -> None:
    with web() as program:
        for port in ports:
            eventually(partial(answers, port))
        program.terminate()
        assert program.wait(PATIENCE_SECONDS) == 0
        assert program.stderr is not None
        assert b"web:" not in program.stderr.read()


def test_a_port_of_somebody_else_is_told_in_a_line(ports: tuple[int, int]) -> None:
    with socket.create_server((LOOPBACK, ports[0])), web() as program:
        assert program.wait(PATIENCE_SECONDS) == 1
        assert program.stderr is not None
        assert b"web: " in program.stderr.read()


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://{LOOPBACK}:{port}/healthz", timeout=1).ok
    except requests.RequestException:
        return False
