"""All workers and the cron in one process, for one machine; a town's servers have one for each."""

import click

from backend.commands.one_line import migrating_option
from backend.config import load_settings
from backend.jobs.worker import run_everything
from backend.loading import load
from backend.store.schema import require


@click.command()
@migrating_option
def workers(migrating: bool) -> None:
    """在一个进程里运行全部队列和定时任务（单机试用）。"""
    settings = load_settings()
    require(settings, migrating)
    load("backend.programs.everything").start(settings)
    run_everything(settings)
