"""Which open cases a person has to see to, the most urgent first: what 待办 is about.

Cases near the person, of their estates or by their signature, are looked at each. Of an office,
whose cases are those of a city, the limits that it must keep are walked from the most urgent one
on, as far as they are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    any_,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session, with_expression

from backend.domain.deadlines import DeadlineState
from backend.domain.roles import Role
from backend.domain.routes.catalogue import closed_states, offered, table_of
from backend.domain.subject import PURCHASE
from backend.services.base.context import Context
from backend.services.case.profiles import profiles_in_use
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Purchase, Transition
from backend.store.queries.cases import Reach, applied, in_role, visible
from backend.store.queries.places import among, buildings_among, looked_up
from backend.store.registry import Estate

SHOWN = 30

# What tells which of many cases come first.
OF_A_CASE = (Purchase.id, Purchase.version, Purchase.updated_at)

# By role and limit, the states in which it is the role's turn to keep it.
Turns = Mapping[Role, Mapping[str, set[str]]]


@dataclass(frozen=True)
class ToSeeTo:
    """A case, and the action and reason of its last step."""

    purchase: Purchase
    estate: Estate
    action: str
    reason: str | None


def cases_to_see_to(tx: Session, ctx: Context, reach: Reach) -> Sequence[ToSeeTo]:
    """At most `SHOWN` cases, the most urgent first.

    Which ones is asked with as little of each as tells; then rows are read by their ids, whose
    neighbours lie on one page.
    """
    steps = {row.id: row for row in tx.execute(_chosen(tx, ctx, reach))}
    if not steps:
        return []
    ids = select(func.unnest(literal(list(steps), ARRAY(Uuid))))
    purchases = tx.scalars(
        select(Purchase)
        .where(Purchase.id.in_(steps))
        .options(with_expression(Purchase.buildings, buildings_among(ids)))
    ).all()
    estates = select(Estate).where(Estate.id.in_({each.estate_id for each in purchases}))
    by_id = {estate.id: estate for estate in tx.scalars(estates)}
    cases = {each.id: each for each in purchases}
    return [
        ToSeeTo(cases[case], by_id[cases[case].estate_id], row.action, row.reason)
        for case, row in steps.items()
    ]


def _chosen(tx: Session, ctx: Context, reach: Reach) -> Select[UUID, str, str | None]:
    """The ids of the cases in their order, each with its last step."""
    turns = _turns(tx, ctx)
    far = [role for role in turns if role in reach.offices or role is Role.INSURER]
    theirs = {Role.APPLICANT, *reach.scopes}
    near = {role: limits for role, limits in turns.items() if role in theirs and role not in far}
    concerned = visible(reach, (Role.PROPERTY_MANAGER, Role.COMMITTEE_MEMBER))
    nearby = select(*OF_A_CASE).where(
        or_(concerned, applied(reach), *_must_keep_a_limit(near, reach)),
        Purchase.state.not_in(closed_states()),
    )
    offices = [
        _most_urgent(reach, role, kind, states)
        for role in far
        if role in reach.offices or role in reach.scopes
        for kind, states in turns[role].items()
    ]
    found = union(nearby, *offices).cte("found").prefix_with("MATERIALIZED")
    limits = looked_up(
        "limits",
        select(
            DeadlineRecord.purchase_id, func.min(DeadlineRecord.ends_before).label("ends")
        ).group_by(DeadlineRecord.purchase_id),
        among(DeadlineRecord.purchase_id, select(found.c.id)),
        _open(),
    )
    order = limits.c.ends.nulls_last(), found.c.updated_at.desc()
    chosen = (
        select(found.c.id, found.c.version, limits.c.ends, found.c.updated_at)
        .outerjoin(limits, limits.c.purchase_id == found.c.id)
        .order_by(*order)
        .limit(SHOWN)
        .cte("chosen")
    )
    last = looked_up(
        "last",
        select(Transition.subject_id, Transition.seq, Transition.action, Transition.reason),
        Transition.subject_kind == PURCHASE,
        among(Transition.subject_id, select(chosen.c.id)),
        Transition.seq == any_(func.array(select(chosen.c.version).distinct().scalar_subquery())),
    )
    return (
        select(chosen.c.id, last.c.action, last.c.reason)
        .join(last, (last.c.subject_id == chosen.c.id) & (last.c.seq == chosen.c.version))
        .order_by(chosen.c.ends.nulls_last(), chosen.c.updated_at.desc())
    )


def _turns(tx: Session, ctx: Context) -> Turns:
    """By all tables that cases may go by."""
    turns: dict[Role, dict[str, set[str]]] = {}
    for city in profiles_in_use(tx, ctx):
        for route in offered(city):
            for role, limits in table_of(route, city).turns.items():
                for kind, states in limits.items():
                    turns.setdefault(role, {}).setdefault(kind, set()).update(states)
    return turns


def _must_keep_a_limit(turns: Turns, reach: Reach) -> list[ColumnElement[bool]]:
    """Cases with a running limit that the person must keep in one of these roles."""
    return [
        in_role(reach, role)
        & Purchase.state.in_(sorted(states))
        & exists().where(
            DeadlineRecord.purchase_id == Purchase.id, DeadlineRecord.kind == kind, _open()
        )
        for role, limits in turns.items()
        for kind, states in limits.items()
    ]


def _most_urgent(reach: Reach, role: Role, kind: str, states: set[str]) -> Select[object]:
    """The cases whose limit of this kind, which the role must keep, ends first."""
    first = (
        select(*OF_A_CASE)
        .select_from(DeadlineRecord)
        .join(Purchase, Purchase.id == DeadlineRecord.purchase_id)
        .where(
            DeadlineRecord.kind == kind,
            _open(),
            Purchase.state.in_(sorted(states)),
            in_role(reach, role),
        )
        .order_by(DeadlineRecord.ends_before)
        .limit(SHOWN)
        .subquery()
    )
    return select(first)


def _open() -> ColumnElement[bool]:
    return DeadlineRecord.state == DeadlineState.OPEN
