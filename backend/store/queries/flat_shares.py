"""What flats get of a year, as pages and lists: in the order of their keys, with their places."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from backend.domain.households import HouseholdShare as Share
from backend.domain.households import IncomeMode, PartOfYear
from backend.store.households import HouseholdShare
from backend.store.income import YearClose
from backend.store.queries.places import places_of
from backend.store.queries.searches import named_like
from backend.store.registry import Building, Estate, Household, Unit

Shares = Select[HouseholdShare, YearClose]


def page_of_flat_shares(
    tx: Session, close_id: UUID, after: UUID | None, page_size: int
) -> Sequence[Share]:
    """`page_size` of them after this flat."""
    query = _shares(close_id)
    return _read(
        tx, query.where(HouseholdShare.household_id > after) if after else query, page_size
    )


def count_flat_shares(tx: Session, close_id: UUID, words: str, most: int) -> int:
    """How many, counted up to `most`; `words` are of the estate's name or code."""
    some = _named(_shares(close_id), words).limit(most).order_by(None).subquery()
    return tx.scalar(select(func.count()).select_from(some)) or 0


def flat_share_rows(
    tx: Session, close_id: UUID, words: str, skipped: int, most: int
) -> Sequence[Share]:
    """`most` after the first `skipped`."""
    return _read(tx, _named(_shares(close_id), words).offset(skipped), most)


def _shares(close_id: UUID) -> Shares:
    return (
        select(HouseholdShare, YearClose)
        .join(YearClose, YearClose.id == HouseholdShare.close_id)
        .where(HouseholdShare.close_id == close_id)
        .order_by(HouseholdShare.household_id)
    )


def _named(query: Shares, words: str) -> Shares:
    if not words:
        return query
    like = named_like(words)
    of_estates = (
        select(Household.id)
        .join(Unit, Unit.id == Household.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(or_(Estate.name.ilike(like), Estate.code.ilike(like)))
    )
    return query.where(HouseholdShare.household_id.in_(of_estates))


def _read(tx: Session, query: Shares, most: int) -> Sequence[Share]:
    found = tx.execute(query.limit(most)).all()
    places = places_of(tx, [share.household_id for share, _ in found])
    return [_share(share, close, places[share.household_id]) for share, close in found]


def _share(share: HouseholdShare, close: YearClose, place: str) -> Share:
    theirs = close.total_fen if close.mode is IncomeMode.HOUSEHOLD else 0
    return Share(
        share.household_id,
        place,
        int(share.weight),
        int(close.weight),
        PartOfYear(
            close.statutory_fen,
            share.statutory_extra,
            share.statutory_fen,
            share.statutory_before_fen,
        ),
        PartOfYear(
            theirs,
            share.value_added_extra,
            share.value_added_fen,
            share.value_added_before_fen,
        ),
    )
