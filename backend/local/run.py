"""`tibao run`: the stack in the foreground, until Ctrl-C or SIGTERM."""

import errno
import os
import re
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path
from types import FrameType

import click

from backend.config import Settings, address
from backend.local.places import DISK_FULL, in_words
from backend.local.processes import LocalError
from backend.local.stack import Stack, local_stack
from backend.local.supervisor import ENDING_SIGNALS, Process

API_DOCS = "/openapi/swagger"
NO_SPACE = os.strerror(errno.ENOSPC)  # as every program of the stack says it
NOTEWORTHY = re.compile(r"\b(WARNING|ERROR|CRITICAL|Traceback)\b")


def run(settings: Settings, movable: Collection[str]) -> int:
    """Start everything, say what is where, and stay until told to end. Returns the exit status.

    `movable` settings were not given: where their ports are busy, others are taken.
    """
    for number in ENDING_SIGNALS:
        signal.signal(number, _leave)
    try:
        with local_stack(settings, say=_say, movable=movable) as stack:
            click.echo(_summary(stack))
            _watch(stack)
    except LocalError as problem:
        full = NO_SPACE in str(problem)
        click.echo(f"tibao run: {DISK_FULL if full else problem}", err=True)
        return 1
    except OSError as problem:
        click.echo(f"tibao run: {in_words(problem, settings.data_dir)}", err=True)
        return 1
    except _Leave:
        click.echo("已停止 / stopped")
    return 0


class _Leave(BaseException):
    """Told to end; not an Exception, so that nothing on the way takes it for an error."""


def _leave(_number: int, _frame: FrameType | None) -> None:
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # told once is enough
    raise _Leave


def _say(line: str) -> None:
    click.echo(f"==> {line}")
    sys.stdout.flush()


def _summary(stack: Stack) -> str:
    settings = stack.settings
    rows = [
        ("接口 / API", settings.public_url),
        ("接口文档 / API docs", settings.public_url + API_DOCS),
        ("工作台 / officers' desk", f"{address(settings.desk_port)}/desk/"),
        ("微信模拟器 / WeChat emulator", settings.wechat_url),
        ("小程序 / mini-program", f"{settings.wechat_url}/mini/"),
        ("数据库 / PostgreSQL", settings.database_url),
        ("队列 / Redis", settings.redis_url),
        ("数据 / data", str(settings.data_dir)),
        ("日志 / logs", str(stack.supervisor.logs)),
    ]
    lines = [f"  {label}: {value}" for label, value in rows]
    return "\n".join(["", *lines, "", "梯保已就绪，按 Ctrl-C 停止 / ready, Ctrl-C stops it"])


def _watch(stack: Stack) -> None:
    """Tell of restarts and of warnings in the logs, once a second, for ever.

    Raises LocalError when the supervisor is gone.
    """
    before = stack.supervisor.processes()
    logs = {
        name: _Tail(stack.supervisor.log(name))
        for name in before
        if name not in ("postgres", "valkey", "migrate", "demo-seed")
    }
    while True:
        time.sleep(1)
        now = stack.supervisor.processes()
        for name in sorted(now):
            _print_change(name, before[name], now[name])
        before = now
        for name, tail in logs.items():
            for line in tail.new_lines():
                if NOTEWORTHY.search(line):
                    click.echo(f"[{name}] {line}")


def _print_change(name: str, before: Process, now: Process) -> None:
    if now.pid == before.pid:
        return
    if now.pid:
        click.echo(f"[{name}] 已重新启动 / was restarted (pid {now.pid})")
    else:
        click.echo(f"[{name}] 已退出，状态 {now.state} / stopped")


class _Tail:
    """Reads what was added to a log file since the last time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_to = path.stat().st_size if path.exists() else 0

    def new_lines(self) -> list[str]:
        """Whole lines added since; begins anew when the file was rotated."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as log:
            if log.seek(0, 2) < self._read_to:
                self._read_to = 0
            log.seek(self._read_to)
            added = log.read()
        whole = added[: added.rfind(b"\n") + 1]
        self._read_to += len(whole)
        return whole.decode(errors="replace").splitlines()
