"""The WeChat emulator as a process."""

from urllib.parse import urlsplit

import click
from granian.constants import Interfaces
from granian.server import Server

from backend.commands.one_line import BadArguments
from backend.config import load_settings
from backend.wechat.sandbox.memory.threads import THREADS


@click.command()
def sandbox() -> None:
    """运行微信模拟器（仅限沙箱模式）。"""
    where = load_settings()
    port = urlsplit(where.wechat_url).port
    if not where.sandbox or port is None:
        raise BadArguments("模拟器只能在沙箱模式下、在 TIBAO_WECHAT_URL 写明的本机端口上运行")
    Server(
        "backend.wechat.sandbox.app:from_environment",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        blocking_threads=THREADS,
        log_access=False,
    ).serve()
