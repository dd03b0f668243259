"""The whole product on this machine."""

import sys

import click

from backend.config import PLACES, given, load_settings, variable
from backend.local.run import run as run_stack


@click.command()
def run() -> None:
    """在本机启动全部程序和演示小区；Ctrl-C 停止。"""
    settings = given()
    movable = [name for name in PLACES if not settings.get(variable(name))]
    sys.exit(run_stack(load_settings(), movable))
