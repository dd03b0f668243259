"""Filters by name: what narrows a list of the desk, one's own or an office's.

Nothing is remembered that nobody saved. An office's filter is kept by everybody who holds the
office: whoever saved it may be gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.errors import refuse
from backend.domain.roles import GRANT_SCOPES, ROLE_NAMES, Role
from backend.domain.texts import required
from backend.services.base.access import granted_roles, grants_of, nothing_there
from backend.services.base.context import Actor, Context
from backend.services.lists.desk_list import Address
from backend.services.lists.every import LISTS
from backend.store.desk import SavedFilter

MOST = 20  # of one list, of a person or an office
NAME_LIMIT = 30


@dataclass(frozen=True)
class ShownFilter:
    """A filter of a list: its name, the address that it stands for, and whose it is (an office's
    name; None: one's own)."""

    id: UUID
    list_name: str
    name: str
    address: Address
    office: str | None


def filters_of(ctx: Context, actor: Actor, list_name: str) -> Sequence[ShownFilter]:
    """This person's filters of a list, and their offices', by name."""
    with ctx.sessions() as tx:
        found = tx.scalars(
            select(SavedFilter)
            .where(SavedFilter.list_name == list_name, _theirs(ctx, actor))
            .order_by(SavedFilter.office.is_not(None), SavedFilter.name, SavedFilter.id)
        ).all()
    return [
        ShownFilter(
            each.id,
            each.list_name,
            each.name,
            each.address,
            ROLE_NAMES[Role(each.office)] if each.office else None,
        )
        for each in found
    ]


def save(
    ctx: Context, actor: Actor, list_name: str, name: str, office: str, address: Address
) -> None:
    """Keep what narrows a list under a name, in place of what had it; `office` is empty for
    oneself.

    Raises Refused `not_found`, `text_required`, `text_too_long`, `role_required`,
    `filters_too_many`.
    """
    if list_name not in LISTS:
        raise nothing_there("清单")
    name = required(name, NAME_LIMIT, "name", "名称")
    narrowed = LISTS[list_name].narrowed(ctx, actor, address).address
    with ctx.sessions() as tx:
        if office and office not in _offices(tx, ctx, actor):
            message = "只能保存给自己的岗位，请重新选择。"
            raise refuse("role_required", message, "office", "forbidden")
        whose = _of_office(office) if office else _own(actor)
        here = whose, SavedFilter.list_name == list_name
        tx.execute(delete(SavedFilter).where(*here, SavedFilter.name == name))
        if (tx.scalar(select(func.count()).where(*here)) or 0) >= MOST:
            message = f"这个清单已经保存了{MOST}个条件，请先删除不用的。"
            raise refuse("filters_too_many", message, "name", "conflict")
        row = {
            "id": uuid7(),
            "list_name": list_name,
            "name": name,
            "address": dict(narrowed),
            "person_id": actor.person_id,
            "office": office or None,
            "saved_at": ctx.clock(),
        }
        tx.execute(insert(SavedFilter).values(row).on_conflict_do_nothing())
        tx.commit()


def drop(ctx: Context, actor: Actor, filter_id: UUID) -> str:
    """Forget a filter; the list that it was of. Raises Refused `not_found` for others'."""
    with ctx.sessions() as tx:
        one = SavedFilter.id == filter_id, _theirs(ctx, actor)
        gone: str | None = tx.scalar(
            delete(SavedFilter).where(*one).returning(SavedFilter.list_name)
        )
        if gone is None:
            raise nothing_there("保存的条件")
        tx.commit()
    return gone


def offices_of(ctx: Context, actor: Actor) -> Sequence[tuple[str, str]]:
    """The offices for which this person may save one, and what they are called."""
    with ctx.sessions() as tx:
        return [(str(role), ROLE_NAMES[role]) for role in sorted(_offices(tx, ctx, actor))]


def _offices(tx: Session, ctx: Context, actor: Actor) -> Sequence[Role]:
    """Offices of the centre: companies share nothing with one another."""
    held = granted_roles(tx, ctx, actor, None, None)
    return [role for role in held if GRANT_SCOPES.get(role) == "city"]


def _own(actor: Actor) -> ColumnElement[bool]:
    return (SavedFilter.person_id == actor.person_id) & SavedFilter.office.is_(None)


def _of_office(office: str) -> ColumnElement[bool]:
    return SavedFilter.office == office


def _theirs(ctx: Context, actor: Actor) -> ColumnElement[bool]:
    held = grants_of(ctx, actor.person_id, None, None)
    return or_(_own(actor), SavedFilter.office.in_(held))
