"""What open cases wait for, and who there is to do it: of all of them, by a few queries.

A case waits for the roles that must keep its running limits, and for the first role of what its
state awaits. Who has them is asked as when somebody is told of a case (`recipients`), but of many
cases at once, and without those who are kept out (停用) or have left.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from backend.domain.deadlines import DeadlineState
from backend.domain.local_time import local_date
from backend.domain.roles import CASE_OFFICERS, GRANT_SCOPES, OF_OWNERS, Role
from backend.domain.routes.catalogue import closed_states
from backend.domain.subject import PURCHASE
from backend.domain.table import Table
from backend.services.base.context import Context
from backend.services.case.case import table_for
from backend.services.case.committees import recusal
from backend.services.case.recipients import ACTED, TIED, chosen
from backend.store.messages import DeadlineRecord
from backend.store.people import AccessGrant, Lockout, Person
from backend.store.purchases import OfficerAct, Purchase, PurchaseUnit, Transition
from backend.store.registry import Committee, CommitteeMember, Estate, Household, Owner
from backend.store.signatures import Cosignature

# By kind of part (see `recipients`), the people who have it.
Found = dict[str, set[UUID]]


@dataclass(frozen=True)
class Waiting:
    """An open case that waits for this role (the applicant by their part), and who may act in it;
    or (None) something beside the cases that does.

    `due` is the first moment too late for them, if a limit runs.
    """

    purchase: Purchase | None
    estate: str
    role: Role
    people: frozenset[UUID]
    due: datetime | None


def waiting_cases(tx: Session, ctx: Context, *which: ColumnElement[bool]) -> list[Waiting]:
    """What the open cases that meet `which` (all, if none is named) wait for, the oldest first."""
    rows = tx.execute(
        select(Purchase, Estate.name)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(or_(Purchase.state.not_in(closed_states()), _owes()), *which)
        .order_by(Purchase.id)
    ).all()
    cases = [purchase for purchase, _ in rows]
    if not cases:
        return []
    tables: dict[tuple[str, str], Table] = {}
    for case in cases:
        tables.setdefault((case.route, case.profile_version), table_for(tx, ctx, case))
    ends, parts = _ends(tx, cases), _Parts(tx, ctx, cases)
    found: list[Waiting] = []
    for case, estate in rows:
        table = tables[case.route, case.profile_version]
        for role, due in _roles(table, case, ends[case.id]).items():
            on_record = case.applicant_role if role is Role.APPLICANT else role
            people = frozenset(chosen(case, role, parts.of(case)) & parts.here)
            found.append(Waiting(case, estate, on_record, people, due))
    return found


def _owes() -> ColumnElement[bool]:
    """A case that asks nothing of anybody, but that somebody must still decide on something in it
    within a limit, such as a refund while its cover runs."""
    return exists().where(
        DeadlineRecord.purchase_id == Purchase.id, DeadlineRecord.state == DeadlineState.OPEN
    )


def _roles(
    table: Table, case: Purchase, ends: Mapping[str, datetime]
) -> dict[Role, datetime | None]:
    """The roles that the case waits for, with the end of the first limit of each."""
    roles: dict[Role, datetime | None] = {}
    for limit, end in sorted(ends.items(), key=lambda each: each[1]):
        for role in table.answering(limit):
            roles.setdefault(role, end)
    awaited = table.awaited(case.state)
    row = table.row(case.state, awaited) if awaited else None
    if row is not None and row.roles[0] is not Role.SYSTEM:
        roles.setdefault(row.roles[0], None)
    return roles


def _ends(tx: Session, cases: Sequence[Purchase]) -> Mapping[UUID, dict[str, datetime]]:
    """When the running limits of each case end, by kind."""
    rows = tx.execute(
        select(DeadlineRecord.subject_id, DeadlineRecord.kind, func.min(DeadlineRecord.ends_before))
        .where(
            DeadlineRecord.subject_kind == PURCHASE,
            DeadlineRecord.subject_id.in_([case.id for case in cases]),
            DeadlineRecord.state == DeadlineState.OPEN,
        )
        .group_by(DeadlineRecord.subject_id, DeadlineRecord.kind)
    )
    ends: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    for case_id, kind, end in rows:
        ends[case_id][kind] = end
    return ends


class _Parts:
    """Who has which part in these cases."""

    def __init__(self, tx: Session, ctx: Context, cases: Sequence[Purchase]) -> None:
        ids = [case.id for case in cases]
        self.grants = self._grants(tx, ctx)
        self.seats = self._seats(tx, ctx, {case.estate_id for case in cases})
        self.districts = self._districts(tx, {case.estate_id for case in cases})
        self.signers = self._signers(tx, ids)
        self.acts = self._acts(tx, ids)
        officers = {
            person
            for (role, _), people in self.grants.items()
            if role in CASE_OFFICERS
            for person in people
        }
        self.owners = self._owners(tx, ids, officers)
        everybody = officers.union(*self.grants.values(), *self.signers.values())
        everybody |= {person for seats in self.seats.values() for person, _ in seats}
        gone = Person.left_at.is_not(None) | Lockout.keeps_out(Person.id)
        absent = select(Person.id).where(Person.id.in_(everybody), gone)
        self.here = everybody - set(tx.scalars(absent))

    def of(self, case: Purchase) -> Found:
        """Who has which part in this one; see `recipients.people_for_each`."""
        scopes = {
            "estate": case.estate_id,
            "district": self.districts.get(case.estate_id),
            "insurer": case.insurer_id,
            "city": None,
        }
        seats = self.seats.get(case.estate_id, [])
        found: Found = {
            str(role): self.grants.get((role, scopes[kind]), set())
            for role, kind in GRANT_SCOPES.items()
        }
        found[str(Role.COMMITTEE_MEMBER)] = {person for person, recused in seats if not recused}
        found[str(Role.OWNER)] = self.signers.get(case.id, set())
        found = {part: people & self.here for part, people in found.items()}
        found[TIED] = {person for person, _ in seats} | self.owners.get(case.id, set())
        return found | {f"{ACTED}{role}": who for role, who in self.acts.get(case.id, {}).items()}

    @staticmethod
    def _districts(tx: Session, estates: Collection[UUID]) -> Mapping[UUID, UUID]:
        rows = select(Estate.id, Estate.district_id).where(Estate.id.in_(estates))
        return dict(tx.execute(rows).all())

    @staticmethod
    def _grants(tx: Session, ctx: Context) -> dict[tuple[Role, UUID | None], set[UUID]]:
        found: dict[tuple[Role, UUID | None], set[UUID]] = defaultdict(set)
        rows = tx.execute(
            select(AccessGrant.role, AccessGrant.scope_id, AccessGrant.person_id).where(
                AccessGrant.valid(ctx.clock())
            )
        )
        for role, scope_id, person_id in rows:
            found[Role(role), scope_id].add(person_id)
        return found

    @staticmethod
    def _seats(
        tx: Session, ctx: Context, estates: Iterable[UUID]
    ) -> Mapping[UUID, list[tuple[UUID, bool]]]:
        now = ctx.clock()
        rows = tx.execute(
            select(Committee.estate_id, CommitteeMember.person_id, recusal(now))
            .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
            .where(
                Committee.estate_id.in_(estates),
                Committee.in_office(local_date(now)),
                CommitteeMember.sits(local_date(now)),
            )
        )
        seats: dict[UUID, list[tuple[UUID, bool]]] = defaultdict(list)
        for estate_id, person_id, recused in rows:
            if person_id is not None:
                seats[estate_id].append((person_id, recused))
        return seats

    @staticmethod
    def _signers(tx: Session, cases: Sequence[UUID]) -> Mapping[UUID, set[UUID]]:
        """Who applied, of the owners in the circle: alone or by a signature."""
        signed = exists().where(
            Cosignature.purchase_id == Purchase.id,
            Cosignature.owner_id == Owner.id,
            Cosignature.counts,
        )
        return _sets(
            tx.execute(
                select(Purchase.id, Owner.person_id)
                .join(PurchaseUnit, PurchaseUnit.purchase_id == Purchase.id)
                .join(Household, Household.unit_id == PurchaseUnit.unit_id)
                .join(Owner, Owner.household_id == Household.id)
                .where(
                    Purchase.id.in_(cases),
                    Purchase.applicant.in_(OF_OWNERS),
                    or_(signed, Owner.person_id == Purchase.applied_by),
                )
            )
        )

    @staticmethod
    def _owners(
        tx: Session, cases: Sequence[UUID], people: Iterable[UUID]
    ) -> Mapping[UUID, set[UUID]]:
        """Of these people the owners in the circle of each case."""
        return _sets(
            tx.execute(
                select(PurchaseUnit.purchase_id, Owner.person_id)
                .join(Household, Household.unit_id == PurchaseUnit.unit_id)
                .join(Owner, Owner.household_id == Household.id)
                .where(PurchaseUnit.purchase_id.in_(cases), Owner.person_id.in_(people))
            )
        )

    @staticmethod
    def _acts(tx: Session, cases: Sequence[UUID]) -> Mapping[UUID, dict[str, set[UUID]]]:
        office = [str(role) for role in CASE_OFFICERS]
        steps = select(Transition.subject_id, Transition.role, Transition.actor_id).where(
            Transition.subject_kind == PURCHASE,
            Transition.subject_id.in_(cases),
            Transition.role.in_(office),
        )
        besides = select(OfficerAct.subject_id, OfficerAct.role, OfficerAct.person_id).where(
            OfficerAct.subject_kind == PURCHASE, OfficerAct.subject_id.in_(cases)
        )
        acts: dict[UUID, dict[str, set[UUID]]] = defaultdict(lambda: defaultdict(set))
        for case_id, role, person_id in tx.execute(steps.union(besides)):
            if person_id is not None:
                acts[case_id][role].add(person_id)
        return acts


def _sets(rows: Iterable[Sequence[UUID | None]]) -> Mapping[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for case_id, person_id in rows:
        if case_id and person_id:
            found[case_id].add(person_id)
    return found
