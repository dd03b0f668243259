"""看板: figures of the city, each of them the count of a list that can be opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.domain.ledger import SOURCE_KINDS
from backend.domain.roles import OFFICERS
from backend.domain.states import STATE_NAMES
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context
from backend.services.reads.rights import ENDS_SOON, IDLE
from backend.services.reads.rights import READERS as KEEPERS
from backend.store.queries import case_list, estate_list, rights, sources
from backend.store.queries.case_list import CaseFilter
from backend.store.queries.cases import Viewer, reach_of
from backend.store.queries.estate_list import EstateFilter
from backend.store.queries.rights import RightFilter

READERS = tuple(sorted(OFFICERS))
EVERYTHING = 10**9  # a figure is counted to its end


@dataclass(frozen=True)
class StateFigure:
    """How many cases stand in a state, and how many of them are late."""

    state: str
    name: str
    cases: int
    overdue: int


@dataclass(frozen=True)
class RightFigures:
    """Rights that are held, that end within thirty days, and whose holders were not here for
    ninety."""

    held: int
    ending: int
    idle: int


@dataclass(frozen=True)
class Dashboard:
    """All figures at a moment; `rights` only for those who may read the list of them. Money of the
    accounts that premiums may be paid from, in fen."""

    at: datetime
    states: Sequence[StateFigure]
    estates: int
    pooled_fen: int
    held_fen: int
    rights: RightFigures | None

    @property
    def cases(self) -> int:
        """Of all states."""
        return sum(each.cases for each in self.states)

    @property
    def overdue(self) -> int:
        """Of all states."""
        return sum(each.overdue for each in self.states)


def read_dashboard(ctx: Context, actor: Actor) -> Dashboard:
    """The figures for an officer; raises Refused `not_found` for others."""
    now = ctx.clock()
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        reach = reach_of(tx, Viewer.at(actor.person_id, now))
        cases = case_list.by_state(tx, reach, CaseFilter())
        late = case_list.by_state(tx, reach, CaseFilter(overdue_at=now))
        pooled, held = sources.money_of_kinds(tx, sorted(SOURCE_KINDS))
        keeps = bool(reach.offices.intersection(KEEPERS))
        return Dashboard(
            now,
            [
                StateFigure(state, name, cases[state], late.get(state, 0))
                for state, name in STATE_NAMES.items()
                if state in cases
            ],
            estate_list.count(tx, reach, EstateFilter(), EVERYTHING),
            pooled,
            held,
            _rights(ctx, tx) if keeps else None,
        )


def _rights(ctx: Context, tx: Session) -> RightFigures:
    now = ctx.clock()
    lists = (
        RightFilter(now),
        RightFilter(now, ends_before=now + ENDS_SOON),
        RightFilter(now, idle_since=now - IDLE),
    )
    return RightFigures(*(rights.count(tx, each, EVERYTHING) for each in lists))
