"""Villages at known stages, each walked to once per process and copied from then on.

A walk through the services takes hundreds of statements, a copy of the database it left takes
milliseconds. The rows, the papers, the time and what the walk answered are the same.
"""

import os
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.services.base.context import Context
from backend.store.base import Base
from backend.store.database import make_sessions
from backend.store.files import FileStore
from backend.store.notices import StoredFile
from tests.build.clock import MORNING, ManualClock
from tests.build.context import quiet_context
from tests.build.databases import MIGRATED, Database, Databases
from tests.build.village import Village, populate_village

SETTLED = "settled"


@dataclass(frozen=True)
class Snapshot:
    """A village when a walk was over: its database, its time, its papers, and the answer."""

    template: str
    moment: datetime
    papers: list[str]
    answer: Any


class Snapshots:
    """Every stage that a test of this process asked for. The papers of all lie in one folder."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        self._databases = databases
        self._papers = FileStore(folder)
        self._known: dict[Hashable, Snapshot] = {}

    def village(self, ctx: Context, clock: ManualClock, database: Database) -> Village:
        """The settled village in this database: a copy, if there is nothing in it yet."""
        settled = self._settled()
        untouched = not database.exists and database.template == MIGRATED
        if not untouched or clock() != settled.moment:
            return populate_village(ctx, clock)
        database.template = settled.template
        village: Village = settled.answer.copied(ctx, clock)
        village.copies = Copies(self, village, database)
        return village

    def reached(self, key: Hashable, walk: Callable[[Village], Any]) -> Snapshot:
        """The village as this walk leaves it."""
        if key not in self._known:
            self._known[key] = self._made(walk)
        return self._known[key]

    def hand_over(self, papers: list[str], files: FileStore) -> None:
        """Put papers into the files of a test."""
        for sha256 in papers:
            path = files.path(sha256)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                os.link(self._papers.path(sha256), path)

    def _settled(self) -> Snapshot:
        if SETTLED not in self._known:
            self._known[SETTLED] = self._made(lambda village: village)
        return self._known[SETTLED]

    def _made(self, walk: Callable[[Village], Any]) -> Snapshot:
        """Walk through the real services, from the nearest stage that is known."""
        database = self._databases.new()
        clock = ManualClock(MORNING)
        with database.engine() as engine:
            ctx = quiet_context(make_sessions(engine), clock, self._papers)
            known = SETTLED in self._known
            village = self.village(ctx, clock, database) if known else populate_village(ctx, clock)
            answer = walk(village)
            with ctx.sessions() as tx:
                papers = list(tx.scalars(select(StoredFile.sha256)))
        return Snapshot(database.name, clock(), papers, answer)


class Copies:
    """How a village gets to a stage: as a copy while nothing has happened in it, else on foot."""

    def __init__(self, snapshots: Snapshots, village: Village, database: Database) -> None:
        self._snapshots = snapshots
        self._database = database
        self._as_settled = village.copied(village.ctx, village.clock)
        self._moment = village.clock()

    def walk(self, village: Village, key: Hashable, on_foot: Callable[[Village], Any]) -> Any:
        """What the walk answers; its records are read anew."""
        if self._something_happened(village):
            return on_foot(village)
        snapshot = self._snapshots.reached(key, on_foot)
        self._database.template = snapshot.template
        self._snapshots.hand_over(snapshot.papers, village.ctx.files)
        village.clock.set(snapshot.moment)
        with village.ctx.sessions() as tx:
            return _read_anew(tx, snapshot.answer)

    def _something_happened(self, village: Village) -> bool:
        return (
            self._database.exists
            or village.clock() != self._moment
            or village.ctx.city != self._as_settled.ctx.city
            or not village.is_like(self._as_settled)
        )


def _read_anew(tx: Session, answer: Any) -> Any:
    if isinstance(answer, tuple):
        return tuple(_read_anew(tx, part) for part in answer)
    if isinstance(answer, Base):
        return tx.get_one(type(answer), answer.id)  # type: ignore[attr-defined]  # all have one
    return answer
