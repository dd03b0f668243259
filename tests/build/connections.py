"""How many database connections are in use: none, once a service or a request is done."""

from sqlalchemy import Engine, QueuePool


def in_use(engine: Engine) -> int:
    """The connections that nobody has given back yet."""
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()
