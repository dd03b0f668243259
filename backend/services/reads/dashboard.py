"""看板: figures of the city, each of them the count of a list that can be opened; sums of money."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from backend.domain.ledger import SOURCE_KINDS
from backend.domain.local_time import local_date, midnight_after
from backend.domain.objection import OWED_NAMES
from backend.domain.roles import OFFICERS, Role
from backend.domain.routes.catalogue import known_limits, limit_title, state_name
from backend.domain.states import STATE_NAMES
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.reads.message_pages import READERS as MESSAGE_READERS
from backend.services.reads.rights import ENDS_SOON, IDLE
from backend.services.reads.rights import READERS as KEEPERS
from backend.store.database import at_one_moment
from backend.store.queries import (
    case_list,
    estate_list,
    message_list,
    objection_list,
    rights,
    sources,
)
from backend.store.queries.case_list import CaseFigure
from backend.store.queries.cases import Reach, Viewer, reach_of
from backend.store.queries.estate_list import EstateFilter
from backend.store.queries.objection_list import ObjectionFilter
from backend.store.queries.rights import RightFilter

READERS = tuple(sorted(OFFICERS))
EVERYTHING = 10**9  # a figure is counted to its end
STILL_DAYS = (7, 30, 90)
MESSAGE_DAYS = timedelta(days=6)  # and today


@dataclass(frozen=True)
class Figure:
    """How many there are of what the `key` stands for, and how many of them are late."""

    key: str
    name: str
    number: int
    overdue: int = 0


@dataclass(frozen=True)
class RightFigures:
    """Rights that are held, that end within thirty days, and whose holders were not here for
    ninety."""

    held: int
    ending: int
    idle: int


@dataclass(frozen=True)
class MessageFigures:
    """Messages of these days that did not arrive, and of which nobody knows."""

    first: date
    last: date
    failed: int
    unknown: int


@dataclass(frozen=True)
class Dashboard:
    """All figures at a moment; of rights and messages only for those who may read their lists.
    Money in fen: of the accounts that premiums may be paid from, and what was paid of premiums.
    `still` are cases at work by the days in which nothing went on."""

    at: datetime
    states: Sequence[Figure]
    districts: Sequence[Figure]
    insurers: Sequence[Figure]
    limits: Sequence[Figure]
    still: Sequence[Figure]
    objections: Sequence[Figure]
    messages: MessageFigures | None
    estates: int
    pooled_fen: int
    held_fen: int
    paid_fen: int
    rights: RightFigures | None

    @property
    def cases(self) -> int:
        """Of all states."""
        return sum(each.number for each in self.states)

    @property
    def overdue(self) -> int:
        """Of all states."""
        return sum(each.overdue for each in self.states)


def read_dashboard(ctx: Context, actor: Actor) -> Dashboard:
    """The figures for an officer; raises Refused `not_found` for others."""
    now = ctx.clock()
    with ctx.sessions() as tx:
        at_one_moment(tx)
        reach = reach_of(tx, Viewer.at(actor.person_id, now))
        if not reach.offices & OFFICERS:
            raise nothing_there()
        cases = case_list.figures(tx, reach, now, [now - timedelta(each) for each in STILL_DAYS])
        states = _counted(cases, lambda each: each.state)
        districts = _counted(cases, lambda each: each.district)
        insurers = _counted(cases, lambda each: each.insurer)
        pooled, held = sources.money_of_kinds(tx, sorted(SOURCE_KINDS))
        return Dashboard(
            at=now,
            states=[
                Figure(state, state_name(state), *states[state])
                for state in sorted(states, key=_order_of)
            ],
            districts=[Figure(name, name, *districts[name]) for name in sorted(districts)],
            insurers=[Figure(name, name, *insurers[name]) for name in sorted(insurers)],
            limits=[
                Figure(kind, limit_title(kind), running, late)
                for kind, running, late in case_list.by_limit(tx, reach, now)
                if kind in known_limits()
            ],
            still=[
                Figure(str(days), f"{days}天没有进展", sum(each.still[nth] for each in cases))
                for nth, days in enumerate(STILL_DAYS)
            ],
            objections=_objections(tx, reach, now),
            messages=_messages(tx, now) if _reads(reach, MESSAGE_READERS) else None,
            estates=estate_list.count(tx, reach, EstateFilter(), EVERYTHING),
            pooled_fen=pooled,
            held_fen=held,
            paid_fen=sources.premiums_paid(tx),
            rights=_rights(tx, now) if _reads(reach, KEEPERS) else None,
        )


def _counted(
    cases: Sequence[CaseFigure], key: Callable[[CaseFigure], str | None]
) -> Mapping[str, tuple[int, int]]:
    """Cases, and late ones, by something that is said of them; without those without it."""
    number, overdue = Counter[str](), Counter[str]()
    for each in cases:
        if name := key(each):
            number[name] += each.cases
            overdue[name] += each.overdue
    return {name: (number[name], overdue[name]) for name in number}


def _order_of(state: str) -> tuple[int, str]:
    """States as a case goes through them; those of other routes last."""
    known = list(STATE_NAMES)
    return (known.index(state) if state in known else len(known)), state


def _objections(tx: Session, reach: Reach, now: datetime) -> Sequence[Figure]:
    found = objection_list.by_owed(tx, reach, ObjectionFilter(), now)
    return [
        Figure(owed, f"要{name}", *found[owed])
        for owed, name in OWED_NAMES.items()
        if owed in found
    ]


def _messages(tx: Session, now: datetime) -> MessageFigures:
    today = local_date(now)
    first = today - MESSAGE_DAYS
    since, until = midnight_after(first - timedelta(days=1)), midnight_after(today)
    return MessageFigures(first, today, *message_list.undelivered(tx, since, until))


def _rights(tx: Session, now: datetime) -> RightFigures:
    lists = (
        RightFilter(now),
        RightFilter(now, ends_before=now + ENDS_SOON),
        RightFilter(now, idle_since=now - IDLE),
    )
    return RightFigures(*rights.counts(tx, lists))


def _reads(reach: Reach, roles: Sequence[Role]) -> bool:
    return bool(reach.offices.intersection(roles))
