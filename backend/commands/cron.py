"""The process that knows the time."""

import click

from backend.config import load_settings
from backend.jobs.cron import run_cron


@click.command()
def cron() -> None:
    """运行定时任务进程。"""
    run_cron(load_settings())
