"""Objections by how the publication of their words stands; none of the words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from backend.domain.objection import Publication, Verdict
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Purchase
from backend.store.registry import Estate
from backend.store.rulings import Takedown


@dataclass(frozen=True)
class WordsRow:
    """One objection: `verdict` is the platform's (None: came on paper), `reason` why the words are
    held or refused, `published` what everybody reads unless it is taken down for `taken_down`."""

    id: UUID
    number: str
    notice: str
    purchase_id: UUID
    case: str
    estate: str
    kind: str
    status: str
    received_at: datetime
    publication: Publication
    verdict: Verdict | None
    reason: str | None
    published: str | None
    published_at: datetime | None
    taken_down: str | None


def count(tx: Session, which: Publication, most: int) -> int:
    """How many stand so, counted up to `most`."""
    some = select(Objection.id).where(Objection.publication == which).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def rows(tx: Session, which: Publication, skipped: int, most: int) -> Sequence[WordsRow]:
    """Those that stand so: what is held by the day it came, the rest with the latest first."""
    order: Sequence[ColumnElement[Any]] = (Objection.received_at.asc(), Objection.id.asc())
    if which is not Publication.HELD:
        order = (Objection.received_at.desc(), Objection.id.desc())
    page = select(Objection.id).where(Objection.publication == which).order_by(*order)
    ids = page.offset(skipped).limit(most).subquery()
    query = _whole().where(Objection.id.in_(select(ids.c.id))).order_by(*order)
    return [WordsRow(*row) for row in tx.execute(query)]


def one(tx: Session, objection_id: UUID) -> WordsRow | None:
    """This one."""
    row = tx.execute(_whole().where(Objection.id == objection_id)).one_or_none()
    return WordsRow(*row) if row else None


def next_held(tx: Session, after: UUID) -> UUID | None:
    """The held one that came after this objection, else the first of those before; or None."""
    held = select(Objection.id).where(
        Objection.publication == Publication.HELD, Objection.id != after
    )
    here = select(Objection.received_at, Objection.id).where(Objection.id == after)
    place = tuple_(Objection.received_at, Objection.id)
    order = (Objection.received_at, Objection.id)
    later = held.where(place > here.scalar_subquery()).order_by(*order).limit(1)
    return tx.scalar(later) or tx.scalar(held.order_by(*order).limit(1))


def _whole() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Objection.id,
            Objection.number,
            PublicNotice.number,
            Purchase.id,
            Purchase.number,
            Estate.name,
            Objection.kind,
            Objection.status,
            Objection.received_at,
            Objection.publication,
            Objection.moderation,
            Objection.publication_reason,
            Objection.published_text,
            Objection.published_at,
            Takedown.of_objection(),
        )
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
    )
