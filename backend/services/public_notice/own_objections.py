"""What a person objected to, as the author reads it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.deadlines import RUNNING
from backend.domain.objection import (
    KINDS,
    MOST_PHONE_WITHDRAWALS,
    ON_PAPER_NOW,
    PUBLICATION_NAMES,
    STATUS_NAMES,
    UNSETTLED,
    ObjectionStatus,
    Publication,
    answer_in_full,
    what_next,
)
from backend.services.base.context import Actor, Context
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.queries.cases import photos_of
from backend.store.rulings import Dismissal, Takedown

TAKEN_DOWN = "原文公布过，已由中心撤下"


@dataclass(frozen=True)
class OwnObjection:
    """An objection as its author reads it; `photos` are SHA-256 of the author's uploads.

    `answer_before` is when the centre's answer is due, None when none is owed.
    """

    id: UUID
    number: str
    notice_id: UUID
    notice_number: str
    kind: str
    kind_name: str
    status: str
    status_name: str
    next: str
    answer_before: datetime | None
    answer: str | None
    answered_at: datetime | None
    text: str
    publication: str
    publication_name: str
    publication_reason: str | None
    published_text: str | None
    photos: Sequence[str]
    received_at: datetime
    can_withdraw: bool


def my_objections(ctx: Context, actor: Actor, most: int = 100) -> Sequence[OwnObjection]:
    """What this person objected to, the latest first, with the own words."""
    with ctx.sessions() as tx:
        return objections_by(tx, ctx, actor.person_id, most)


def objections_by(
    tx: Session, ctx: Context, person_id: UUID, most: int | None = None
) -> Sequence[OwnObjection]:
    """The objections that this person wrote, the latest first; all of them without a `most`."""
    rows = tx.execute(
        select(Objection, PublicNotice.number, Dismissal.in_effect(), Takedown.of_objection())
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .where(Objection.written_by(person_id))
        .order_by(Objection.id.desc())
        .limit(most)
    ).all()
    gone = Counter(
        row.notice_id
        for row, *_ in rows
        if row.status == ObjectionStatus.WITHDRAWN and row.settled_by == person_id
    )
    photos = photos_of(tx, [row.id for row, *_ in rows])
    due = _answers_due(tx, [row.id for row, *_ in rows if row.answer is None])
    return [
        _own(
            ctx,
            (row, number, dismissal, taken_down),
            photos.get(row.id, ()),
            due.get(row.id),
            on_phone=gone[row.notice_id] < MOST_PHONE_WITHDRAWALS,
        )
        for row, number, dismissal, taken_down in rows
    ]


def _answers_due(tx: Session, objections: Sequence[UUID]) -> dict[UUID | None, datetime]:
    """When the answer to each is due, as long as its limit runs."""
    rows = tx.execute(
        select(DeadlineRecord.about_id, DeadlineRecord.ends_before).where(
            DeadlineRecord.kind == "objection_answer",
            DeadlineRecord.about_id.in_(objections),
            DeadlineRecord.state.in_(RUNNING),
        )
    )
    return {row.about_id: row.ends_before for row in rows}


def _own(
    ctx: Context,
    found: tuple[Objection, str, str | None, str | None],
    photos: Sequence[str],
    due: datetime | None,
    *,
    on_phone: bool,
) -> OwnObjection:
    """`found`: the objection, its notice's number, why it was dismissed, why it was taken down."""
    row, notice, dismissal, taken_down = found
    live = row.status in UNSETTLED
    shown_no_more = taken_down is not None and row.publication == Publication.PUBLISHED
    paper = "" if on_phone or not live else ON_PAPER_NOW
    return OwnObjection(
        id=row.id,
        number=row.number,
        notice_id=row.notice_id,
        notice_number=notice,
        kind=row.kind,
        kind_name=KINDS[row.kind],
        status=row.status,
        status_name=STATUS_NAMES[row.status],
        next=what_next(row.status, ctx.city.objection, row.answer is not None, due) + paper,
        answer_before=due,
        answer=answer_in_full(row.answer, dismissal),
        answered_at=row.answered_at,
        text=ctx.cipher.open(Objection.text_sealed, row.id, row.text_sealed),
        publication=row.publication,
        publication_name=TAKEN_DOWN if shown_no_more else PUBLICATION_NAMES[row.publication],
        publication_reason=taken_down if shown_no_more else row.publication_reason,
        published_text=row.published_text,
        photos=photos,
        received_at=row.received_at,
        can_withdraw=live and on_phone,
    )
