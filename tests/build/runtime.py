"""The house as it is wired in production, on the database of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Engine

from backend import wiring
from backend.config import Settings
from backend.runtime import Runtime
from backend.store.database import make_sessions
from tests.build.clock import ManualClock


@contextmanager
def runtime_at(settings: Settings, engine: Engine, clock: ManualClock) -> Iterator[Runtime]:
    """Everything wired, for as long as the block runs; business time is that of `clock`."""
    runtime = wiring.build(settings)
    ctx = replace(runtime.ctx, sessions=make_sessions(engine), clock=clock)
    yield replace(runtime, engine=engine, ctx=ctx)
