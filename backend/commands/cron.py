"""The process that knows the time."""

import click

from backend.config import load_settings
from backend.jobs.cron import run_cron
from backend.loading import load
from backend.store.schema import require


@click.command()
def cron() -> None:
    """运行定时任务进程。"""
    settings = load_settings()
    require(settings)
    load("backend.programs.sweeps").start(settings)
    run_cron()
