"""Who somebody is on the roster: the person says it, the centre checks it (身份核验).

Only the centre binds a person to the roster by a name, never the property office, which may be the
applicant; a seat that the committee's filing brought also by the phone that stands there (`seats`).
Whoever asks learns nothing of what the roster says: right or wrong, the verification waits. It
keeps the household or committee it is about. The name is the person's own, so it stands still while
a verification is open or a binding exists.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.names import NameFault, name_fault
from backend.domain.normal import normal_code, normal_name, seen
from backend.domain.personal import masked_name
from backend.domain.roles import Role
from backend.domain.texts import REASON_LIMIT, required
from backend.domain.verification import VerificationKind, VerificationState
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer, still_here
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import keep_name, name_of, phone_of
from backend.services.base.proof import require_recent_proof
from backend.services.case.handover import tell_successor
from backend.services.people.seats import bind_filed_seats, check_does_not_manage, tell_newcomer
from backend.store.people import OwnerVerification, Person
from backend.store.queries.places import household_at, places_of
from backend.store.registry import (
    Committee,
    CommitteeMember,
    Estate,
    Owner,
)

MAX_OPEN = 10
_WHOLE_NAME = "请填写与产权证或名册一致的完整姓名。"
_NO_NAME = {
    NameFault.NOBODY: _WHOLE_NAME,
    NameFault.PARTIAL: _WHOLE_NAME,
    NameFault.REMARK: "请只写姓名，与产权证或名册一致，不带称呼、备注、数字和符号。",
    NameFault.SEVERAL: "请只填您本人的姓名；其他共有人请各自核验。",
}


@dataclass(frozen=True)
class OpenVerification:
    """A verification as the clerk sees it; the name is masked until it is unmasked.

    `on_roster`: the name stands there; `taken`: that entry is bound to somebody already.
    """

    id: UUID
    kind: str
    place: str
    masked_name: str
    made_at: datetime
    on_roster: bool
    taken: bool


@dataclass(frozen=True)
class UnmaskedVerification:
    """The full name given, and the phone the roster has for it, for checking papers against."""

    name: str
    roster_phone: str | None


def open_owner_verification(
    ctx: Context, actor: Actor, estate_code: str, building: str, unit: str, room: str, name: str
) -> UUID:
    """Say that one owns a flat; returns the verification's id. The same again is the same.

    Raises Refused: `name_invalid`, `place_unknown`, `name_differs`, `already_verified`,
    `too_many_verifications`.
    """
    with ctx.sessions() as tx:
        household_id = household_at(tx, estate_code, building, unit, room)
        if household_id is None:
            message = "没有找到该房屋，请核对小区、楼栋、单元和房号。"
            raise refuse("place_unknown", message, "room", kind="missing")
        return _open(tx, ctx, actor, VerificationKind.OWNER, household_id, name)


def open_member_verification(ctx: Context, actor: Actor, estate_code: str, name: str) -> UUID:
    """Say that one sits on an estate's committee; returns the verification's id. Again is the same.

    Raises Refused like `open_owner_verification`; `place_unknown` when no term of office runs or
    is to come.
    """
    today = local_date(ctx.clock())
    with ctx.sessions() as tx:
        committee_id = tx.scalar(
            select(Committee.id)
            .join(Estate, Estate.id == Committee.estate_id)
            .where(Estate.code == normal_code(estate_code), ~Committee.term_over(today))
            .order_by(Committee.term_from)
            .limit(1)
        )
        if committee_id is None:
            message = "没有找到该小区在任的业委会，请核对小区，或联系中心登记。"
            raise refuse("place_unknown", message, "estate_code", kind="missing")
        return _open(tx, ctx, actor, VerificationKind.COMMITTEE_MEMBER, committee_id, name)


def open_verifications(
    ctx: Context, actor: Actor, after: UUID | None = None, page_size: int = 50
) -> Sequence[OpenVerification]:
    """Verifications that wait for the centre, oldest first, `page_size` of them after `after`.

    Raises Refused `not_found`, `role_required` for anyone but a clerk.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CLERK)
        query = (
            select(OwnerVerification)
            .where(OwnerVerification.state == VerificationState.OPEN)
            .order_by(OwnerVerification.id)
            .limit(page_size)
        )
        if after:
            query = query.where(OwnerVerification.id > after)
        verifications = tx.scalars(query).all()
        subjects = [verification.subject_id for verification in verifications]
        places, bound = places_of(tx, subjects), _bound(tx, subjects, local_date(ctx.clock()))
        people = tx.scalars(
            select(Person).where(Person.id.in_({c.person_id for c in verifications}))
        )
        names = {person.id: name_of(ctx.cipher, person) for person in people}
        return [
            _view(
                ctx,
                verification,
                names[verification.person_id],
                places[verification.subject_id],
                bound,
            )
            for verification in verifications
        ]


def unmask(ctx: Context, actor: Actor, verification_id: UUID, reason: str) -> UnmaskedVerification:
    """The full name in an open verification, for a clerk who says why; the chain keeps the look.

    Raises Refused `not_found`, `role_required`, `text_required`.
    """
    reason = required(reason, REASON_LIMIT, "reason", "理由")
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CLERK)
        verification = tx.get(OwnerVerification, verification_id)
        if verification is None or verification.state != VerificationState.OPEN:
            raise nothing_there("核验申请")
        name = name_of(ctx.cipher, tx.get_one(Person, verification.person_id))
        entries = _entries(tx, ctx, verification, name)
        phone = phone_of(ctx.cipher, entries[0]) if len(entries) == 1 else None
        audit.append(
            tx,
            ctx.clock(),
            actor.person_id,
            AuditAction.OWNER_VERIFICATION_UNMASK,
            ("owner_verification", verification.id),
            {"reason": reason},
        )
        tx.commit()
        return UnmaskedVerification(name, phone)


def close_verification(
    ctx: Context, actor: Actor, verification_id: UUID, verified: bool, reason: str
) -> None:
    """A clerk binds the person to the roster entry, or turns them down; `reason` says on what.

    Raises Refused: `not_found`, `role_required`, `text_required`, `own_verification`,
    `verification_closed`, `name_not_on_roster`, `name_of_several`, `already_bound`,
    `manager_and_member`, and as `require_recent_proof`.
    """
    reason = required(reason, REASON_LIMIT, "reason", "理由")
    now = ctx.clock()
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.CLERK)
        require_recent_proof(actor)
        verification = tx.get(OwnerVerification, verification_id)
        if verification is None:
            raise nothing_there("核验申请")
        # First the person, as whoever binds by a phone and whoever grants a right does.
        tx.get_one(Person, verification.person_id, with_for_update=True)
        tx.refresh(verification, with_for_update=True)
        if verification.person_id == actor.person_id:
            message = "不能核验自己的身份，请由其他经办人员办理。"
            raise refuse("own_verification", message, kind="forbidden")
        if verification.state != VerificationState.OPEN:
            raise refuse("verification_closed", "该核验申请已经办结，请刷新列表。", kind="conflict")
        if verified:
            _bind(tx, ctx, actor, verification)
        verification.state = VerificationState.VERIFIED if verified else VerificationState.REJECTED
        verification.settled_by, verification.settled_at, verification.reason = (
            actor.person_id,
            now,
            reason,
        )
        tx.flush()
        facts = {"person_id": str(verification.person_id), "state": verification.state}
        audit.append(
            tx,
            now,
            actor.person_id,
            AuditAction.OWNER_VERIFICATION_CLOSE,
            ("owner_verification", verification.id),
            facts,
        )
        tx.commit()


def _open(
    tx: Session, ctx: Context, actor: Actor, kind: VerificationKind, subject_id: UUID, name: str
) -> UUID:
    """Open a verification about a household or committee, whatever the roster says of the name."""
    name = " ".join(seen(name).split())
    if fault := name_fault(name):
        raise refuse("name_invalid", _NO_NAME[fault], "name")
    # The lock lets two verifications of one person pass one after the other.
    person = still_here(tx, actor)
    _check_not_bound(tx, actor, kind, subject_id)
    open_before = tx.scalars(
        select(OwnerVerification).where(
            OwnerVerification.person_id == person.id,
            OwnerVerification.state == VerificationState.OPEN,
        )
    ).all()
    known = name_of(ctx.cipher, person)
    settled = open_before or _is_bound(tx, person.id)
    if known and settled and normal_name(known) != normal_name(name):
        message = "您已用另一个姓名提交过身份核验，请使用同一姓名，或联系中心更正。"
        raise refuse("name_differs", message, "name", kind="conflict")
    for verification in open_before:
        if (verification.kind, verification.subject_id) == (kind, subject_id):
            return verification.id
    if len(open_before) >= MAX_OPEN:
        message = f"您有 {MAX_OPEN} 项身份核验还未办结，请等待中心核验后再提交。"
        raise refuse("too_many_verifications", message, kind="conflict")
    keep_name(ctx.cipher, person, name)
    now = ctx.clock()
    verification = OwnerVerification(
        person_id=person.id,
        kind=kind,
        subject_id=subject_id,
        state=VerificationState.OPEN,
        made_at=now,
    )
    tx.add(verification)
    tx.flush()
    facts = {"kind": kind, "subject_id": str(subject_id)}
    audit.append(
        tx,
        now,
        person.id,
        AuditAction.OWNER_VERIFICATION_OPEN,
        ("owner_verification", verification.id),
        facts,
    )
    if kind == VerificationKind.COMMITTEE_MEMBER:
        bind_filed_seats(tx, ctx, person)
    tx.commit()
    return verification.id


def _check_not_bound(tx: Session, actor: Actor, kind: VerificationKind, subject_id: UUID) -> None:
    bound = (
        select(Owner.id).where(Owner.household_id == subject_id, Owner.person_id == actor.person_id)
        if kind == VerificationKind.OWNER
        else select(CommitteeMember.id).where(
            CommitteeMember.committee_id == subject_id,
            CommitteeMember.person_id == actor.person_id,
        )
    )
    if tx.scalar(bound.limit(1)):
        message = "您的身份已经核验通过，无需再次提交。"
        raise refuse("already_verified", message, kind="conflict")


def _is_bound(tx: Session, person_id: UUID) -> bool:
    owner = select(Owner.id).where(Owner.person_id == person_id).exists()
    member = select(CommitteeMember.id).where(CommitteeMember.person_id == person_id).exists()
    return bool(tx.scalar(select(or_(owner, member))))


def _bind(tx: Session, ctx: Context, actor: Actor, verification: OwnerVerification) -> None:
    person = tx.get_one(Person, verification.person_id)
    entries = _entries(tx, ctx, verification, name_of(ctx.cipher, person), lock=True)
    if not entries:
        message = "名册中没有该姓名，或已离任、任期已满。请先核对并更新名册，或不予通过。"
        raise refuse("name_not_on_roster", message, "verified", kind="conflict")
    if len(entries) > 1:  # two members of one name, whom their phones tell apart
        proved = phone_of(ctx.cipher, person) if person.phone_verified_at else None
        entries = [e for e in entries if proved and phone_of(ctx.cipher, e) == proved]
        if not entries:
            message = "名册中有同名的两位委员，请当事人先在小程序核验手机号，再办理。"
            raise refuse("name_of_several", message, "verified", kind="conflict")
    (entry,) = entries
    if entry.person_id not in (None, verification.person_id):
        message = "名册中的该条目已绑定另一位用户，一个条目只能绑定一人，请先核实后不予通过。"
        raise refuse("already_bound", message, "verified", kind="conflict")
    if isinstance(entry, CommitteeMember):
        check_does_not_manage(tx, ctx, entry, verification.person_id)
    entry.person_id = verification.person_id
    if isinstance(entry, Owner):
        entry.verified_by, entry.verified_at = actor.person_id, ctx.clock()
        tx.flush()
        tell_successor(tx, ctx, verification.person_id, Role.OWNER, str(entry.id))
    else:
        tell_newcomer(tx, ctx, entry)


def _entries(
    tx: Session, ctx: Context, verification: OwnerVerification, name: str, lock: bool = False
) -> Sequence[Owner | CommitteeMember]:
    """The roster entries with the claimed name in the claimed household or committee.

    A household has one of a name at most; a committee may have two, with different phones. Who sold
    the flat or left the seat stands there no more, nor a committee whose term is over.
    """
    digests = ctx.cipher.digests("name", normal_name(name))
    found: Select[Owner] | Select[CommitteeMember]
    if verification.kind == VerificationKind.OWNER:
        found = select(Owner).where(
            Owner.household_id == verification.subject_id,
            Owner.name_hash.in_(digests),
            Owner.ended_at.is_(None),
        )
    else:
        found = select(CommitteeMember).where(
            CommitteeMember.committee_id == verification.subject_id,
            CommitteeMember.name_hash.in_(digests),
            _may_be_taken(local_date(ctx.clock())),
        )
    return tx.scalars(found.with_for_update() if lock else found).all()


def _may_be_taken(today: date) -> ColumnElement[bool]:
    """Of `CommitteeMember` in a query: whether the seat is one today or will be."""
    over = exists().where(Committee.id == CommitteeMember.committee_id, Committee.term_over(today))
    return and_(CommitteeMember.sits(today), ~over.correlate(CommitteeMember))


def _bound(
    tx: Session, subjects: Sequence[UUID], today: date
) -> dict[tuple[UUID, bytes], list[UUID | None]]:
    """The roster entries of these households and committees: whom they are bound to, by name."""
    owners = tx.execute(
        select(Owner.household_id, Owner.name_hash, Owner.person_id).where(
            Owner.household_id.in_(subjects), Owner.ended_at.is_(None)
        )
    )
    members = tx.execute(
        select(
            CommitteeMember.committee_id, CommitteeMember.name_hash, CommitteeMember.person_id
        ).where(CommitteeMember.committee_id.in_(subjects), _may_be_taken(today))
    )
    bound: dict[tuple[UUID, bytes], list[UUID | None]] = defaultdict(list)
    for subject, name_hash, person_id in [*owners, *members]:
        bound[subject, name_hash].append(person_id)
    return dict(bound)


def _view(
    ctx: Context,
    verification: OwnerVerification,
    name: str,
    place: str,
    bound: Mapping[tuple[UUID, bytes], Sequence[UUID | None]],
) -> OpenVerification:
    digests = ctx.cipher.digests("name", normal_name(name))
    entries = [bound.get((verification.subject_id, digest), ()) for digest in digests]
    holders = [person_id for entry in entries for person_id in entry]
    return OpenVerification(
        id=verification.id,
        kind=verification.kind,
        place=place,
        masked_name=masked_name(name),
        made_at=verification.made_at,
        on_roster=bool(holders),
        taken=bool(holders) and not {None, verification.person_id} & set(holders),
    )
