"""The WeChat emulator as a process."""

import logging
from urllib.parse import urlsplit

import click
from werkzeug.serving import WSGIRequestHandler, make_server

from backend.commands.one_line import BadArguments
from backend.config import load_settings
from backend.loading import load
from backend.local.processes import LOOPBACK


class KeepingAlive(WSGIRequestHandler):
    """A connection serves many calls, as the platform's do."""

    protocol_version = "HTTP/1.1"


@click.command()
def sandbox() -> None:
    """运行微信模拟器（仅限沙箱模式）。"""
    where = load_settings()
    port = urlsplit(where.wechat_url).port
    if not where.sandbox or port is None:
        raise BadArguments("模拟器只能在沙箱模式下、在 TIBAO_WECHAT_URL 写明的本机端口上运行")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # calls name tokens
    app = load("backend.wechat.sandbox.app").create_sandbox(where)
    make_server(LOOPBACK, port, app, threaded=True, request_handler=KeepingAlive).serve_forever()
