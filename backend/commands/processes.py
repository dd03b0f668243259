"""The programs of the house: all of them on one machine, or one by one."""

import sys

import click

from backend import wiring
from backend.commands.one_line import BadArguments
from backend.commands.runtime import open_runtime
from backend.config import load_settings
from backend.jobs.queues import QUEUES
from backend.jobs.worker import run_cron, run_worker
from backend.local.run import run as run_stack
from backend.store import migrate as migrations


@click.command()
def run() -> None:
    """在本机启动全部程序和演示小区；Ctrl-C 停止。"""
    sys.exit(run_stack(load_settings(), QUEUES))


@click.command()
def migrate() -> None:
    """把数据库的表升级到当前版本。"""
    try:
        migrations.upgrade(open_runtime().settings.database_url)
    except migrations.TablesBusy:
        raise BadArguments(
            "数据库的表正被占用，升级没有开始，数据没有改变：请停止 API 和后台进程后再运行一次。"
        ) from None
    click.echo(f"数据库已是最新版本：{migrations.head()}")


@click.command()
@click.argument("queue", type=click.Choice([queue.value for queue in QUEUES]))
def worker(queue: str) -> None:
    """运行一个队列的后台进程。"""
    runtime = wiring.build(load_settings())
    run_worker(runtime.settings, queue, wiring.job_parts(runtime))


@click.command()
def cron() -> None:
    """运行定时任务进程。"""
    run_cron(load_settings())
