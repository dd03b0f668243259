"""The queues by name."""

from enum import StrEnum


class QueueName(StrEnum):
    """Each has its own worker process: a worker killed with one queue loses no job, with two it
    may."""

    DELIVERIES = "deliveries"
    CALLBACKS = "callbacks"
    SWEEPS = "sweeps"
    PRINTING = "printing"


QUEUES = tuple(QueueName)
