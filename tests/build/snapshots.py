"""Villages at known stages, each walked to once per process and copied from then on.

A walk through the services takes hundreds of statements, a copy of the database it left takes
milliseconds. The rows, the papers, the time and what the walk answered are the same.
"""

import os
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from backend.services.base.context import Context
from backend.store.database import make_sessions
from backend.store.files import FileStore
from backend.store.notices import StoredFile
from tests.build.clock import MORNING, ManualClock
from tests.build.context import quiet_context
from tests.build.databases import MIGRATED, Database, Databases
from tests.build.village import Village, populate_village

Walk = Callable[[Village], Any]


@dataclass(frozen=True)
class Snapshot:
    """How a walk left things: the database, the village at its time, its papers, the answer."""

    template: str
    village: Village
    papers: list[str]
    answer: Any


class Snapshots:
    """Every stage that a test of this process asked for. The papers of all lie in one folder."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        self._databases = databases
        self._papers = FileStore(folder)
        self._settled: Snapshot | None = None
        self._known: dict[Hashable, Snapshot] = {}

    def village(self, ctx: Context, clock: ManualClock, database: Database) -> Village:
        """The settled village in this database: a copy, if there is nothing in it yet."""
        if database.exists or database.template != MIGRATED or clock() != MORNING:
            return populate_village(ctx, clock)
        if self._settled is None:
            self._settled = self._walked(None, lambda village: None)
        village = self._settled.village.copied(ctx, clock)
        village.copies = Copies(self, self._settled, database)
        return village

    def reached(self, here: Snapshot, key: Hashable, walk: Walk) -> Snapshot:
        """How this walk leaves a village that stands `here`."""
        if (here.template, key) not in self._known:
            self._known[here.template, key] = self._walked(here, walk)
        return self._known[here.template, key]

    def hand_over(self, papers: list[str], files: FileStore) -> None:
        """Put papers into the files of a test."""
        for sha256 in papers:
            path = files.path(sha256)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                os.link(self._papers.path(sha256), path)

    def _walked(self, start: Snapshot | None, walk: Walk) -> Snapshot:
        """Walk through the real services; what the walk begins with may be a copy again."""
        database = self._databases.new()
        with database.engine() as engine:
            clock = ManualClock(MORNING)
            ctx = quiet_context(make_sessions(engine), clock, self._papers)
            if start is None:
                village = populate_village(ctx, clock)
            else:
                village = start.village.copied(ctx, clock)
                village.copies = Copies(self, start, database)
                clock.set(start.village.clock())
            answer = walk(village)
            with ctx.sessions() as tx:
                papers = list(tx.scalars(select(StoredFile.sha256)))
        return Snapshot(database.name, village.copied(ctx, clock), papers, answer)


class Copies:
    """How a village gets to a stage: as a copy while nothing has happened in it, else on foot.

    Nothing has happened as long as its database does not exist and its time, its city and its
    people are those of the stage where it stands.
    """

    def __init__(self, snapshots: Snapshots, here: Snapshot, database: Database) -> None:
        self._snapshots = snapshots
        self._here = here
        self._database = database
        self._database.template = here.template

    def walk(self, village: Village, key: Hashable, on_foot: Walk) -> Any:
        """What the walk answers."""
        if self._database.exists or not village.is_like(self._here.village):
            return on_foot(village)
        self._here = self._snapshots.reached(self._here, key, on_foot)
        self._database.template = self._here.template
        self._snapshots.hand_over(self._here.papers, village.ctx.files)
        village.become_like(self._here.village)
        return self._here.answer
