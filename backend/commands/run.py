"""The whole product on this machine."""

import sys

import click

from backend.config import load_settings
from backend.jobs.names import QUEUES
from backend.local.run import run as run_stack


@click.command()
def run() -> None:
    """在本机启动全部程序和演示小区；Ctrl-C 停止。"""
    sys.exit(run_stack(load_settings(), QUEUES))
