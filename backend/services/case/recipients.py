"""Who hears of a case: from a role to the people who have it towards this purchase."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, literal, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.domain.actions import Action
from backend.domain.local_time import local_date
from backend.domain.roles import CASE_OFFICERS, GRANT_SCOPES, OF_OWNERS, Role
from backend.services.base.context import Context
from backend.services.case.case import Case
from backend.services.case.committees import members_of, recusal
from backend.services.case.conflicts_of_interest import officer_acts, tied
from backend.store.people import AccessGrant, Lockout
from backend.store.purchases import Purchase, PurchaseUnit
from backend.store.queries import area
from backend.store.queries.places import among, looked_up
from backend.store.registry import CommitteeMember, Estate, Owner
from backend.store.signatures import Approval, Cosignature

ACTED = "acted as "
TIED = "tied"


def people_for_each(case: Case, roles: Iterable[Role]) -> Mapping[Role, Sequence[UUID]]:
    """The people to tell about this case in each of these roles, each once, in a stable order, by
    one query.

    The applicant is whoever acts for those who applied: owners who signed, never everybody; of the
    committee the member who applied, or the others once that one has left. At the centre the
    officer who handles the case hears of it; before there is one, all who may, except those who
    handle another part or have an interest of their own in it.
    """
    return _people_for_all([case], roles)[case.purchase.id]


def people_to_act(case: Case, limit: str, role: Role) -> Sequence[UUID]:
    """Those in this role who must still act within a limit of this kind.

    Answers to a plan are waited for only from members who may answer and have not.
    """
    return people_to_act_in([(case, limit, role)])[0]


def people_to_act_in(limits: Sequence[tuple[Case, str, Role]]) -> list[Sequence[UUID]]:
    """`people_to_act` for each of these, however many they are by two queries at most."""
    if not limits:
        return []
    cases = list({case.purchase.id: case for case, *_ in limits}.values())
    people = _people_for_all(cases, (role for *_, role in limits))
    answers = [_is_answer_to_plan(*each) for each in limits]
    waiting = _members_to_answer(cases) if any(answers) else {}
    return [
        [
            person_id
            for person_id in people[case.purchase.id][role]
            if not is_answer or person_id in waiting.get(case.purchase.id, ())
        ]
        for (case, _, role), is_answer in zip(limits, answers, strict=True)
    ]


def _is_answer_to_plan(case: Case, limit: str, role: Role) -> bool:
    answers = case.table.limit_of(Action.ANSWER_PLAN)
    return (limit, role) == (answers, Role.COMMITTEE_MEMBER)


def _members_to_answer(cases: Sequence[Case]) -> Mapping[UUID, set[UUID]]:
    answered = exists().where(
        Approval.plan_id == Purchase.plan_id, Approval.member_id == CommitteeMember.id
    )
    asked = members_of([case.purchase.id for case in cases], cases[0].today).where(
        ~recusal(cases[0].now), ~answered.correlate(Purchase, CommitteeMember)
    )
    waiting: dict[UUID, set[UUID]] = {}
    for case_id, person_id in cases[0].tx.execute(asked):
        if person_id is not None:
            waiting.setdefault(case_id, set()).add(person_id)
    return waiting


def _people_for_all(
    cases: Sequence[Case], roles: Iterable[Role]
) -> Mapping[UUID, Mapping[Role, Sequence[UUID]]]:
    """`people_for_each` of each of these cases, by one query for all of them."""
    wanted = dict.fromkeys(roles)
    concrete = {case.on_record.get(role, role) for role in wanted for case in cases}
    found: dict[UUID, dict[str, set[UUID]]] = {case.purchase.id: {} for case in cases}
    ids, one = list(found), cases[0]
    if queries := _queries(ids, concrete, one.now):
        for case_id, kind, person_id in one.tx.execute(union_all(*queries)):
            found[case_id].setdefault(kind, set()).add(person_id)
    return {
        case.purchase.id: {
            role: sorted(chosen(case.purchase, role, found[case.purchase.id])) for role in wanted
        }
        for case in cases
    }


def _queries(cases: Sequence[UUID], roles: set[Role], now: datetime) -> list[Any]:
    """The case, a kind and a person: a role that somebody has there, or `ACTED` in it."""
    today = local_date(now)
    queries: list[Any] = _granted(cases, roles, now)
    if Role.COMMITTEE_MEMBER in roles:
        members = members_of(cases, today).where(CommitteeMember.person_id.is_not(None))
        queries.append(_as_kind(members, str(Role.COMMITTEE_MEMBER)))
    if Role.OWNER in roles:
        owners = area.owners_concerned(cases).where(Owner.person_id.is_not(None))
        signed = owners.join(
            Cosignature,
            (Cosignature.purchase_id == PurchaseUnit.purchase_id)
            & (Cosignature.owner_id == Owner.id)
            & Cosignature.counts,
        )
        applied = owners.join(
            Purchase,
            (Purchase.id == PurchaseUnit.purchase_id) & (Purchase.applied_by == Owner.person_id),
        )
        queries += [_as_kind(each, str(Role.OWNER)) for each in (signed, applied)]
    if office := roles & CASE_OFFICERS:
        acts = officer_acts(cases).subquery()
        queries.append(select(acts.c.subject_id, literal(ACTED) + acts.c.role, acts.c.actor_id))
        people = _of_the_office(office, now)
        queries += [_as_kind(each, TIED) for each in tied(cases, people, today)]
    return queries


def _as_kind(pairs: Select[UUID, UUID | None], kind: str) -> Select[Any]:
    """Pairs of a case and a person, with what the person is there."""
    case_id, person_id = pairs.selected_columns
    return pairs.with_only_columns(case_id, literal(kind), person_id)


def _granted(cases: Sequence[UUID], roles: set[Role], now: datetime) -> list[Any]:
    """Valid grants of these roles for the estates, districts or insurers of the cases, or the whole
    city."""
    scopes = {
        "estate": Purchase.estate_id,
        "district": Estate.district_id,
        "insurer": Purchase.insurer_id,
        "city": None,
    }
    return [
        _granted_in(scope, cases, and_(AccessGrant.scope_kind == kind, _holds(of_kind, now)))
        for kind, scope in scopes.items()
        if (of_kind := {role for role in roles if GRANT_SCOPES.get(role) == kind})
    ]


def _granted_in(
    scope: InstrumentedAttribute[Any] | None, cases: Sequence[UUID], which: ColumnElement[bool]
) -> Select[Any]:
    """Of each case who has such a grant for its scope; grants of all these scopes are looked up
    together."""
    found = select(AccessGrant.role, AccessGrant.person_id, AccessGrant.scope_id)
    ours = Purchase.id.in_(cases)
    if scope is None:
        citys = found.where(AccessGrant.scope_id.is_(None), which).subquery()
        return select(Purchase.id, citys.c.role, citys.c.person_id).join(citys, true()).where(ours)
    each = select(Purchase.id, scope.label("scope_id"))
    if scope.class_ is Estate:
        each = each.join(Estate, Estate.id == Purchase.estate_id)
    scopes = looked_up(f"each_{scope.key}", each, ours)
    theirs = among(AccessGrant.scope_id, select(scopes.c.scope_id))
    grants = looked_up(f"of_{scope.key}", found, theirs, which)
    columns = select(scopes.c.id, grants.c.role, grants.c.person_id)
    return columns.join(grants, grants.c.scope_id == scopes.c.scope_id)


def _of_the_office(roles: set[Role], now: datetime) -> Select[UUID]:
    return select(AccessGrant.person_id).where(AccessGrant.scope_id.is_(None), _holds(roles, now))


def _holds(roles: set[Role], now: datetime) -> ColumnElement[bool]:
    """Valid grants of these roles, of those who are not kept out (停用): others see to what was
    theirs."""
    return and_(
        AccessGrant.role.in_(sorted(map(str, roles))),
        AccessGrant.valid(now),
        ~Lockout.keeps_out(AccessGrant.person_id),
    )


def chosen(purchase: Purchase, role: Role, found: Mapping[str, set[UUID]]) -> set[UUID]:
    """Of the people that were found by the kind of their part, those who are told in this role."""
    on_record = purchase.applicant_role if role is Role.APPLICANT else role
    role = on_record if purchase.on_paper else role
    people = found.get(on_record, set())
    if role is Role.APPLICANT and purchase.applicant == "committee":
        return people & {purchase.applied_by} or people
    of_owners = purchase.applicant in OF_OWNERS
    if role is Role.OWNER or (role is Role.APPLICANT and of_owners):
        return people if of_owners else set()
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


def holders_of(tx: Session, ctx: Context, roles: Iterable[Role]) -> Mapping[Role, set[UUID]]:
    """People with a valid grant for the whole city, by each of these roles, in one statement."""
    of_city = AccessGrant.scope_id.is_(None), AccessGrant.valid(ctx.clock())
    found: dict[Role, set[UUID]] = {role: set() for role in roles}
    rows = select(AccessGrant.role, AccessGrant.person_id)
    for role, person_id in tx.execute(rows.where(AccessGrant.role.in_(found), *of_city)):
        found[Role(role)].add(person_id)
    return found
