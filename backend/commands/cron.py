"""The process that knows the time."""

import click

from backend.config import load_settings
from backend.jobs.cron import run_cron
from backend.loading import load


@click.command()
def cron() -> None:
    """运行定时任务进程。"""
    load("backend.programs.sweeps").start(load_settings())
    run_cron()
