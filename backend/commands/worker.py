"""One worker: the program of one queue, which loads what that one needs and nothing else."""

import click

from backend.config import load_settings
from backend.jobs.names import QUEUES, QueueName
from backend.jobs.worker import run_worker
from backend.loading import load
from backend.store.schema import require

PROGRAMS = {
    QueueName.DELIVERIES: "backend.programs.deliveries",
    QueueName.CALLBACKS: "backend.programs.callbacks",
    QueueName.PRINTING: "backend.programs.printing",
}


@click.command()
@click.argument("queue", type=click.Choice([str(queue) for queue in QUEUES]))
def worker(queue: str) -> None:
    """运行一个队列的后台进程。"""
    settings = load_settings()
    require(settings)
    load(PROGRAMS[QueueName(queue)]).start(settings)
    run_worker(settings, QueueName(queue))
