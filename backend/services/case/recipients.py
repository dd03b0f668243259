"""Who hears of a case: from a role to the people who have it towards this purchase."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, or_, select, union_all
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.roles import CASE_OFFICERS, GRANT_SCOPES, Role
from backend.services.base.context import Context
from backend.services.case.case import Case
from backend.services.case.committees import in_office, recusal
from backend.services.case.conflicts_of_interest import officer_acts, tied
from backend.store.people import AccessGrant, Lockout
from backend.store.purchases import Purchase
from backend.store.queries import area
from backend.store.registry import CommitteeMember, Owner
from backend.store.signatures import Approval, Cosignature

ACTED = "acted as "
TIED = "tied"


def people_for(case: Case, role: Role) -> Sequence[UUID]:
    """The people to tell about this case in this role, each once, in a stable order."""
    return people_for_each(case, [role])[role]


def people_for_each(case: Case, roles: Iterable[Role]) -> Mapping[Role, Sequence[UUID]]:
    """The people to tell about this case in each of these roles, by one query.

    The applicant is whoever acts for those who applied: owners who signed, never everybody; of the
    committee the member who applied, or the others once that one has left. At the centre the
    officer who handles the case hears of it; before there is one, all who may, except those who
    handle another part or have an interest of their own in it.
    """
    wanted = dict.fromkeys(roles)
    concrete = {case.on_record.get(role, role) for role in wanted}
    found: dict[str, set[UUID]] = {}
    if queries := _queries(case, concrete):
        for kind, person_id in case.tx.execute(union_all(*queries)):
            found.setdefault(kind, set()).add(person_id)
    return {role: sorted(chosen(case.purchase, role, found)) for role in wanted}


def people_to_act(case: Case, limit: str, role: Role) -> Sequence[UUID]:
    """Those in this role who must still act within a limit of this kind.

    Answers to a plan are waited for only from members who may answer and have not.
    """
    people = people_for(case, role)
    answers = case.table.limit_of(Action.ANSWER_PLAN)
    if (limit, role) != (answers, Role.COMMITTEE_MEMBER):
        return people
    answered = select(Approval.member_id).where(Approval.plan_id == case.purchase.plan_id)
    asked = in_office(case.purchase.estate_id, case.today).where(
        ~recusal(case.now), CommitteeMember.id.not_in(answered)
    )
    waiting = {member.person_id for member in case.tx.scalars(asked)}
    return [person for person in people if person in waiting]


def _queries(case: Case, roles: set[Role]) -> list[Any]:
    """Pairs of a kind and a person: a role that somebody has, or `ACTED` in it."""
    purchase = case.purchase
    queries: list[Any] = []
    if granted := roles & GRANT_SCOPES.keys():
        queries.append(_granted(case, granted))
    if Role.COMMITTEE_MEMBER in roles:
        members = in_office(purchase.estate_id, case.today).order_by(None)
        queries.append(
            members.with_only_columns(
                literal(str(Role.COMMITTEE_MEMBER)), CommitteeMember.person_id
            ).where(CommitteeMember.person_id.is_not(None))
        )
    if Role.OWNER in roles:
        mine = area.roll(area.circle(purchase.id)).order_by(None)
        signed = select(Cosignature.owner_id).where(
            Cosignature.purchase_id == purchase.id, Cosignature.counts
        )
        acting = or_(Owner.id.in_(signed), Owner.person_id == purchase.applied_by)
        queries.append(
            mine.with_only_columns(literal(str(Role.OWNER)), Owner.person_id).where(
                acting, Owner.person_id.is_not(None)
            )
        )
    if roles & CASE_OFFICERS:
        acts = officer_acts(purchase).subquery()
        acted = select(literal(ACTED) + acts.c.role, acts.c.actor_id)
        queries.append(acted.where(acts.c.actor_id.is_not(None)))
        office = _granted(case, roles & CASE_OFFICERS).with_only_columns(AccessGrant.person_id)
        people = tied(office, purchase, case.today).subquery()
        queries.append(select(literal(TIED), people.c[0]))
    return queries


def _granted(case: Case, roles: Iterable[Role]) -> Select[str, UUID]:
    """Valid grants of these roles for this estate or insurer, or for the whole city, of those who
    are not kept out (停用): others see to what was theirs."""
    scopes = {"estate": case.purchase.estate_id, "insurer": case.purchase.insurer_id, "city": None}
    in_scope = (
        (AccessGrant.role == str(role))
        & (AccessGrant.scope_kind == GRANT_SCOPES[role])
        & (AccessGrant.scope_id == scopes[GRANT_SCOPES[role]])  # None: IS NULL
        for role in sorted(roles)
    )
    return select(AccessGrant.role, AccessGrant.person_id).where(
        or_(*in_scope),
        AccessGrant.valid(case.now),
        ~Lockout.keeps_out(AccessGrant.person_id),
    )


def chosen(purchase: Purchase, role: Role, found: Mapping[str, set[UUID]]) -> set[UUID]:
    """Of the people that were found by the kind of their part, those who are told in this role."""
    on_record = purchase.applicant_role if role is Role.APPLICANT else role
    role = on_record if purchase.on_paper else role
    people = found.get(on_record, set())
    if role is Role.APPLICANT and purchase.applicant == "committee":
        return people & {purchase.applied_by} or people
    if role is Role.OWNER or (role is Role.APPLICANT and purchase.applicant == "owners"):
        return people if purchase.applicant == "owners" else set()
    if role not in CASE_OFFICERS:
        return people
    others = {other for other in CASE_OFFICERS if other is not role}
    busy = {person for other in others for person in found.get(f"{ACTED}{other}", ())}
    free = people - busy - found.get(TIED, set())
    return free & found.get(f"{ACTED}{role}", set()) or free


def holders(tx: Session, ctx: Context, role: Role, scope_id: UUID | None = None) -> list[UUID]:
    """People with a valid grant of `role` for this estate or insurer, or (None) the whole city."""
    rows = tx.scalars(
        select(AccessGrant.person_id)
        .where(
            AccessGrant.role == str(role),
            AccessGrant.scope_id == scope_id,  # None: IS NULL
            AccessGrant.valid(ctx.clock()),
        )
        .distinct()
    )
    return sorted(rows)
