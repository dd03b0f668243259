"""The queues by name."""

from enum import StrEnum


class QueueName(StrEnum):
    """Each has its own worker process."""

    DELIVERIES = "deliveries"
    CALLBACKS = "callbacks"
    PRINTING = "printing"


QUEUES = tuple(QueueName)
