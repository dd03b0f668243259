"""Who hears of a case: from a role to the people who have it towards this purchase."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.local_time import local_date
from backend.domain.roles import CASE_OFFICERS, Role
from backend.services.base.context import Context
from backend.services.case.conflicts_of_interest import officers_so_far
from backend.services.case.facts import members_in_office
from backend.store.people import AccessGrant
from backend.store.purchases import Approval, Cosignature, Purchase
from backend.store.registry import Owner


def people_for(tx: Session, ctx: Context, purchase: Purchase, role: Role) -> list[UUID]:
    """The people to tell about this case in this role, each once, in a stable order.

    Owners are those who applied together, never everybody. At the centre the officer who handles
    the case hears of it; before there is one, all who may, except those who handle another part.
    """
    match role:
        case Role.OWNER:
            return _applying_owners(tx, purchase)
        case Role.COMMITTEE_MEMBER:
            today = local_date(ctx.clock())
            members = members_in_office(tx, purchase.estate_id, today)
            return sorted({m.person_id for m in members if m.person_id is not None})
        case Role.PROPERTY_MANAGER:
            return holders(tx, ctx, role, purchase.estate_id)
        case Role.INSURER:
            insurer_id = purchase.insurer_id
            return holders(tx, ctx, role, insurer_id) if insurer_id else []
        case Role.SYSTEM:
            return []
        case _:
            granted = holders(tx, ctx, role)
            return _on_the_case(tx, purchase, role, granted) if role in CASE_OFFICERS else granted


def people_to_act(
    tx: Session, ctx: Context, purchase: Purchase, kind: str, role: Role
) -> list[UUID]:
    """Those in this role who must still act within a limit of this kind.

    The committee's approval waits only for members who may answer and have not.
    """
    people = people_for(tx, ctx, purchase, role)
    if (kind, role) != ("approval", Role.COMMITTEE_MEMBER):
        return people
    answered = select(Approval.member_id).where(Approval.plan_id == purchase.plan_id)
    done = set(tx.scalars(answered))
    today = local_date(ctx.clock())
    members = members_in_office(tx, purchase.estate_id, today)
    asked = {m.person_id for m in members if not m.recused and m.id not in done}
    return [person for person in people if person in asked]


def holders(tx: Session, ctx: Context, role: Role, scope_id: UUID | None = None) -> list[UUID]:
    """People with a valid grant of `role` for this estate or insurer, or (None) the whole city."""
    rows = tx.scalars(
        select(AccessGrant.person_id)
        .where(
            AccessGrant.role == str(role),
            AccessGrant.scope_id.is_not_distinct_from(scope_id),
            AccessGrant.valid(ctx.clock()),
        )
        .distinct()
    )
    return sorted(rows)


def _on_the_case(
    tx: Session, purchase: Purchase, role: Role, granted: Sequence[UUID]
) -> list[UUID]:
    acted = officers_so_far(tx, purchase)
    own = acted.get(role, frozenset())
    others = {person for other, people in acted.items() if other != role for person in people}
    free = [person for person in granted if person not in others]
    return [person for person in free if person in own] or free


def _applying_owners(tx: Session, purchase: Purchase) -> list[UUID]:
    if purchase.applicant != "owners":
        return []
    cosigners = tx.scalars(
        select(Owner.person_id)
        .join(Cosignature, Cosignature.owner_id == Owner.id)
        .where(Cosignature.purchase_id == purchase.id)
    )
    return sorted({purchase.applied_by, *(person for person in cosigners if person is not None)})
