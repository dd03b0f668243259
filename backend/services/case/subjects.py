"""A subject at hand: what its time limits need to know of it, in one transaction.

A case is one (`case.Case`); of every other kind of subject it is made here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.city.schema import CityProfile
from backend.domain.holidays import WorkCalendar
from backend.domain.local_time import local_date
from backend.domain.subject import Subject
from backend.services.base.context import Context
from backend.services.case.calendars import work_calendar


class AtHand(Protocol):
    """A subject in one transaction, the city's rules that hold for it, and the working days."""

    @property
    def tx(self) -> Session:
        """The transaction."""
        ...

    @property
    def ctx(self) -> Context:
        """What services work with."""
        ...

    @property
    def subject(self) -> Subject:
        """Which one it is."""
        ...

    @property
    def profile(self) -> CityProfile:
        """The city's rules that hold for it."""
        ...

    @property
    def calendar(self) -> WorkCalendar:
        """The working days."""
        ...

    @property
    def now(self) -> datetime:
        """Business time, the same for the whole act."""
        ...

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        ...


@dataclass(frozen=True, eq=False)
class SubjectAtHand:
    """A subject of whatever kind; see `AtHand`."""

    tx: Session
    ctx: Context
    subject: Subject
    profile: CityProfile
    known_calendar: WorkCalendar | None

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The working days, read when they are first needed."""
        return self.known_calendar or work_calendar(self.tx, self.ctx)

    @cached_property
    def now(self) -> datetime:
        """Business time, the same for the whole act."""
        return self.ctx.clock()

    @cached_property
    def today(self) -> date:
        """The day in Shanghai."""
        return local_date(self.now)


def subject_at_hand(
    tx: Session, ctx: Context, subject: Subject, calendar: WorkCalendar | None = None
) -> SubjectAtHand:
    """The subject with the rules that its kind says; `calendar` if it was read before."""
    return subjects_at_hand(tx, ctx, [subject], calendar)[subject]


def subjects_at_hand(
    tx: Session, ctx: Context, subjects: Iterable[Subject], calendar: WorkCalendar | None
) -> Mapping[Subject, SubjectAtHand]:
    """The same of many; of each kind at once."""
    by_kind: dict[str, list[UUID]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, []).append(subject.id)
    return {
        (subject := Subject(kind, subject_id)): SubjectAtHand(tx, ctx, subject, rules, calendar)
        for kind, ids in by_kind.items()
        for subject_id, rules in ctx.kinds[kind].rules(tx, ctx, ids).items()
    }
