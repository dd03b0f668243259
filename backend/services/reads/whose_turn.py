"""Which open cases a person has to see to, the most urgent first: what 待办 is about.

Cases near the person, of their estates or by their signature, are looked at each. Of an office,
whose cases are those of a city, the limits that it must keep are walked from the most urgent one
on, as far as they are shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, exists, func, or_, select, union
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
from backend.store.queries.places import buildings_among
from backend.store.registry import Estate

SHOWN = 30

# By role and limit, the states in which it is the role's turn to keep it.
Turns = Mapping[Role, Mapping[str, set[str]]]


def cases_to_see_to(
    tx: Session, ctx: Context, reach: Reach
) -> Sequence[Row[Purchase, Estate, str, str | None]]:
    """At most `SHOWN` cases with their estates, and the action and reason of their last step."""
    turns = _turns(tx, ctx)
    far = [role for role in turns if role in reach.offices or role is Role.INSURER]
    near = {role: limits for role, limits in turns.items() if role not in far}
    concerned = visible(reach, (Role.PROPERTY_MANAGER, Role.COMMITTEE_MEMBER))
    nearby = select(Purchase.id).where(
        or_(concerned, applied(reach), *_must_keep_a_limit(near, reach)),
        Purchase.state.not_in(closed_states()),
    )
    offices = [
        _most_urgent(reach, role, kind, states)
        for role in far
        if role in reach.offices or role in reach.scopes
        for kind, states in turns[role].items()
    ]
    ends, moved = _first_end().label("ends"), Purchase.updated_at.label("moved")
    chosen = (
        select(Purchase.id, ends, moved)
        .where(Purchase.id.in_(union(nearby, *offices)))
        .order_by(ends.nulls_last(), moved.desc())
        .limit(SHOWN)
        .cte("chosen")
    )
    return tx.execute(
        select(Purchase, Estate, Transition.action, Transition.reason)
        .join(chosen, chosen.c.id == Purchase.id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .join(Transition, _last_step())
        .options(with_expression(Purchase.buildings, buildings_among(select(chosen.c.id))))
        .order_by(chosen.c.ends.nulls_last(), chosen.c.moved.desc())
    ).all()


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
        select(DeadlineRecord.purchase_id)
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


def _last_step() -> ColumnElement[bool]:
    """The step that brought the row's case where it stands."""
    return (
        (Transition.subject_kind == PURCHASE)
        & (Transition.subject_id == Purchase.id)
        & (Transition.seq == Purchase.version)
    )


def _first_end() -> ScalarSelect[datetime]:
    """When the most urgent limit of the row's case ends."""
    return (
        select(func.min(DeadlineRecord.ends_before))
        .where(DeadlineRecord.purchase_id == Purchase.id, _open())
        .scalar_subquery()
    )


def _open() -> ColumnElement[bool]:
    return DeadlineRecord.state == DeadlineState.OPEN
