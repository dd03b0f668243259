"""What people choose from before a case begins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.local_time import local_date
from backend.domain.roles import OFFICERS, Role
from backend.services.base.access import nothing_there, roles_in_estate
from backend.services.base.context import Actor, Context
from backend.store.queries.cases import Viewer
from backend.store.queries.estates import (
    EstateAccount,
    EstateLift,
    accounts_in,
    city_pools,
    estates_of,
    insurers,
    lifts_in,
)
from backend.store.registry import Estate

SEES_TOKENS = OFFICERS | {Role.PROPERTY_MANAGER}


@dataclass(frozen=True)
class InsurerChoice:
    """An insurer; `selected` says whether the city's selection covers today."""

    id: UUID
    name: str
    selected: bool
    selected_until: date | None


def list_estates(
    ctx: Context, actor: Actor, after: UUID | None, page_size: int
) -> Sequence[Estate]:
    """Estates towards which the person has a role, `page_size` of them after the id `after`."""
    with ctx.sessions() as tx:
        return estates_of(tx, Viewer.at(actor.person_id, ctx.clock()), after, page_size)


def list_lifts(ctx: Context, actor: Actor, estate_id: UUID) -> Sequence[EstateLift]:
    """An estate's lifts; the tokens of their QR codes only for those who print them."""
    with ctx.sessions() as tx:
        held = _roles(tx, ctx, actor, estate_id)
        lifts = lifts_in(tx, estate_id, local_date(ctx.clock()))
    if held & SEES_TOKENS:
        return lifts
    return [replace(lift, token=None) for lift in lifts]


def list_accounts(ctx: Context, actor: Actor, estate_id: UUID) -> Sequence[EstateAccount]:
    """An estate's pooled accounts and what each can spend; where the whole city has some, those."""
    with ctx.sessions() as tx:
        _roles(tx, ctx, actor, estate_id)
        return [*accounts_in(tx, estate_id), *city_pools(tx)]


def list_insurers(ctx: Context) -> Sequence[InsurerChoice]:
    """Every insurer of the city."""
    today = local_date(ctx.clock())
    with ctx.sessions() as tx:
        return [
            InsurerChoice(
                id=row.id,
                name=row.name,
                selected=row.selected(today),
                selected_until=row.selected_until,
            )
            for row in insurers(tx)
        ]


def _roles(tx: Session, ctx: Context, actor: Actor, estate_id: UUID) -> frozenset[Role]:
    held = roles_in_estate(tx, ctx, actor, estate_id)
    if not held or tx.get(Estate, estate_id) is None:
        raise nothing_there("小区")
    return held
