"""小区与电梯 for an office: the list of estates, and one of them with all that stands there."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.domain.local_time import local_date
from backend.services.base.access import nothing_there, roles_in_estate
from backend.services.base.context import Actor, Context
from backend.services.base.paging import MOST_COUNTED, MOST_PAGES, ROWS, whole
from backend.store.queries import estate_list
from backend.store.queries.cases import Viewer, reach_of
from backend.store.queries.estate_list import (
    CommitteeRow,
    EstateFilter,
    EstateRow,
    MandateRow,
    UnitRow,
)
from backend.store.queries.estates import EstateAccount, EstateLift, accounts_in, lifts_in
from backend.store.registry import Estate, PropertyCompany


@dataclass(frozen=True)
class EstatesPage:
    """A page of the list; `more` where there are more than can be counted."""

    rows: Sequence[EstateRow]
    total: int
    more: bool
    page: int
    pages: int


@dataclass(frozen=True)
class EstatePage:
    """One estate: places with counts, lifts, who manages and decides, and the money of each
    account that can be spent."""

    estate: Estate
    company: str | None
    units: Sequence[UnitRow]
    lifts: Sequence[EstateLift]
    committees: Sequence[CommitteeRow]
    mandates: Sequence[MandateRow]
    accounts: Sequence[EstateAccount]


def page_of_estates(ctx: Context, actor: Actor, chosen: EstateFilter, page: int) -> EstatesPage:
    """Estates towards which the person has a role, by name, fifty a page."""
    with ctx.sessions() as tx:
        reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
        total = estate_list.count(tx, reach, chosen, MOST_COUNTED)
        pages = max(1, min(MOST_PAGES, -(-total // ROWS)))
        page = min(max(page, 1), pages)
        span = (page - 1) * ROWS, ROWS
        rows = estate_list.rows(tx, reach, chosen, local_date(ctx.clock()), span)
    return EstatesPage(rows, total, total == MOST_COUNTED, page, pages)


def whole_estates(
    ctx: Context, actor: Actor, chosen: EstateFilter, most: int | None = None
) -> Sequence[EstateRow]:
    """Every line, `most` at most; raises Refused `export_too_long`."""
    with ctx.sessions() as tx:
        reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
        today = local_date(ctx.clock())
        return whole(lambda *span: estate_list.rows(tx, reach, chosen, today, span), most)


def read_estate(ctx: Context, actor: Actor, estate_id: UUID) -> EstatePage:
    """One estate, for whoever has a role there; raises Refused `not_found` for others."""
    today = local_date(ctx.clock())
    with ctx.sessions() as tx:
        held = roles_in_estate(tx, ctx, actor, estate_id)
        estate = tx.get(Estate, estate_id)
        if not held or estate is None:
            raise nothing_there("小区")
        company = estate.property_company_id and tx.get_one(
            PropertyCompany, estate.property_company_id
        )
        return EstatePage(
            estate,
            company.name if company else None,
            estate_list.units_of(tx, estate_id),
            lifts_in(tx, estate_id, today),
            estate_list.committees_of(tx, estate_id, today),
            estate_list.mandates_of(tx, estate_id, today),
            accounts_in(tx, estate_id),
        )
