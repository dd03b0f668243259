"""Every running time limit of every subject, for whoever holds an office."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.roles import OFFICERS
from backend.domain.subject import Subject
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context, Heading
from backend.store.messages import DeadlineRecord


@dataclass(frozen=True)
class ListedDeadline:
    """A time limit and what it is of. `ends_before` is the first moment too late, unless it stands
    still: since `paused_on`, for the reason in words, with `days_left` to run on afterwards. One
    that was over before stays open, and says since when and why nobody can act."""

    id: UUID
    subject_kind: str
    subject_id: UUID
    number: str
    estate: str
    kind: str
    task: str
    started_on: date
    ends_on: date
    ends_before: datetime
    provisional: bool
    state: str
    paused_on: date | None
    days_left: int | None
    pause_words: str | None


def list_deadlines(
    ctx: Context, actor: Actor, state: str | None, after: UUID | None, page_size: int
) -> Sequence[ListedDeadline]:
    """Time limits in the order they began, for anyone who holds an office."""
    query = select(DeadlineRecord).order_by(DeadlineRecord.id).limit(page_size)
    if state is not None:
        query = query.where(DeadlineRecord.state == state)
    if after is not None:
        query = query.where(DeadlineRecord.id > after)
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *sorted(OFFICERS))
        records = tx.scalars(query).all()
        headings = _headings(tx, ctx, [record.subject for record in records])
        return [_listed(ctx, record, headings[record.subject]) for record in records]


def _headings(tx: Session, ctx: Context, subjects: Sequence[Subject]) -> Mapping[Subject, Heading]:
    """One look for each kind, however many there are of it."""
    ids = defaultdict(set)
    for subject in subjects:
        ids[subject.kind].add(subject.id)
    return {
        Subject(kind, subject_id): heading
        for kind, some in ids.items()
        for subject_id, heading in ctx.kinds[kind].headings(tx, some).items()
    }


def _listed(ctx: Context, record: DeadlineRecord, heading: Heading) -> ListedDeadline:
    return ListedDeadline(
        id=record.id,
        subject_kind=record.subject_kind,
        subject_id=record.subject_id,
        number=heading.number,
        estate=heading.estate,
        kind=record.kind,
        task=ctx.kinds[record.subject_kind].title(record.kind),
        started_on=record.started_on,
        ends_on=record.ends_on,
        ends_before=record.ends_before,
        provisional=record.provisional,
        state=record.state,
        paused_on=record.paused_on,
        days_left=record.days_left,
        pause_words=record.pause_words,
    )
