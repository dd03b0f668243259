"""A person's phone: shown by the platform it is proof, typed it is only a way to reach somebody.

A number that the platform vouches for binds the owner entries that have the same number, so that
an owner need not wait for the centre; a seat on a committee it binds with a name alone (`seats`).
One number may stand beside several names on the roster, an elderly couple's for instance: then
nobody is bound by it, and the centre decides by the name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused, refuse
from backend.domain.normal import normal_phone
from backend.domain.personal import masked_phone
from backend.domain.roles import Role
from backend.domain.verification import VerificationState
from backend.services.base import audit
from backend.services.base.access import still_here
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import keep_name, keep_phone, name_of, normal_name_of
from backend.services.case.handover import tell_successor
from backend.services.people.seats import bind_filed_seats
from backend.services.people.whoami import Home, Seat, homes_of, seats_of
from backend.store.people import OwnerVerification, Person, PhoneTry
from backend.store.registry import CommitteeMember, Owner

UNIQUE = "uq_person_phone_verified"
MOST_TRIES, TRIES_WITHIN = 5, timedelta(hours=1)

NOT_ON_ROSTER = "手机号已核验，但业主名册里没有登记这个号码。请提交姓名核验，由中心办理。"
SEVERAL_NAMES = "手机号已核验，但名册里有几位业主登记了这个号码。请提交姓名核验，由中心办理。"
OTHER_NAME = "手机号已核验，但名册里登记这个号码的姓名与您提交的不同。请联系中心核实。"
TAKEN_ENTRY = "手机号已核验，但名册里的这一位已绑定另一位用户。请联系中心核实。"
MATCHED = "手机号与名册一致"
TYPED = "已保存为联系电话。手工填写的号码不能证明身份；要核验身份，请用微信手机号或提交姓名核验。"


@dataclass(frozen=True)
class PhoneKept:
    """The number as it is kept now, what the person may act as, and what that means in words."""

    phone_masked: str
    verified: bool
    homes: Sequence[Home]
    seats: Sequence[Seat]
    message: str


def shown_number(ctx: Context, actor: Actor, code: str) -> str:
    """The number behind a phone code, in its normal form, as the platform shows it once.

    Raises Refused: `phone_code_invalid`, `platform_unavailable`, `phone_invalid` for what
    is no number that can be dialled, `phone_tries_used_up` for more codes than the city pays for.
    """
    _count_try(ctx, actor)
    return _normal(ctx.platform.phone_number(code), "code")


def keep_shown(ctx: Context, actor: Actor, number: str) -> PhoneKept:
    """Keep a number that the platform has shown (`shown_number`), and bind the roster entries that
    have it. Raises Refused `phone_taken` when another person has proved to have it."""
    digests = ctx.cipher.digests("phone", number)
    try:
        with ctx.sessions() as tx:
            person = still_here(tx, actor)
            taken = select(Person.id).where(
                Person.phone_hash.in_(digests),
                Person.phone_verified_at.is_not(None),
                Person.id != person.id,
            )
            if tx.scalar(taken):
                raise _taken()
            keep_phone(ctx.cipher, person, number)
            person.phone_verified_at = ctx.clock()
            tx.flush()
            bound, message = _bind(tx, ctx, person, digests)
            facts = {"bound": [str(entry_id) for entry_id in bound]}
            audit.append(
                tx, ctx.clock(), person.id, AuditAction.PHONE_VERIFY, ("person", person.id), facts
            )
            tx.flush()
            result = _kept(tx, ctx, actor, number, True, message)
            tx.commit()
            return result
    except IntegrityError as error:
        if UNIQUE in str(error.orig):
            raise _taken() from None  # both showed the same number at once
        raise


def type_phone(ctx: Context, actor: Actor, phone: str) -> PhoneKept:
    """Keep a number that was typed: never proof, nor in place of one that was proved.

    Raises Refused: `phone_invalid`, `phone_verified_stays`.
    """
    phone = _normal(phone, "phone")
    with ctx.sessions() as tx:
        person = still_here(tx, actor)
        if person.phone_verified_at is None:
            keep_phone(ctx.cipher, person, phone)
        elif person.phone_hash not in ctx.cipher.digests("phone", phone):
            message = "您已有微信核验的手机号，手工填写的不能代替它。要换号码，请用微信手机号核验。"
            raise refuse("phone_verified_stays", message, "phone", kind="conflict")
        audit.append(tx, ctx.clock(), person.id, AuditAction.PHONE_TYPE, ("person", person.id), {})
        result = _kept(tx, ctx, actor, phone, person.phone_verified_at is not None, TYPED)
        tx.commit()
        return result


def _count_try(ctx: Context, actor: Actor) -> None:
    """One more code for the platform, which wants money for each; a sliding hour of real time."""
    now = system_clock()
    with ctx.sessions() as tx:
        person = still_here(tx, actor)
        tx.execute(
            delete(PhoneTry).where(
                PhoneTry.person_id == person.id, PhoneTry.tried_at <= now - TRIES_WITHIN
            )
        )
        tries = tx.scalar(select(func.count()).where(PhoneTry.person_id == person.id)) or 0
        if tries >= MOST_TRIES:
            message = "一小时内核验手机号的次数已用完，请稍后再试，或提交姓名核验，由中心办理。"
            raise refuse("phone_tries_used_up", message, "code", kind="too_many")
        tx.add(PhoneTry(person_id=person.id, tried_at=now))
        tx.commit()


def _normal(phone: str, field: str) -> str:
    normal = normal_phone(phone)
    if normal is None:
        message = "请填写 11 位手机号，或带区号的固定电话；其他地区的号码请写明区号，如 +852。"
        raise refuse("phone_invalid", message, field)
    return normal


def _taken() -> Refused:
    message = "这个手机号已由另一位微信用户核验。如是您本人的号码，请联系中心核实。"
    return refuse("phone_taken", message, "code", kind="conflict")


def _bind(
    tx: Session, ctx: Context, person: Person, digests: Sequence[bytes]
) -> tuple[Sequence[UUID], str]:
    """Bind what may be bound; the ids of those entries, and what to tell the person."""
    seats = bind_filed_seats(tx, ctx, person)
    homes, free, why_not = _bind_homes(tx, ctx, person, digests)
    if not seats and not homes:
        return [], why_not
    places = [f"{len(homes)}处房屋"] if homes else []
    if seats:
        places.append(f"{len(seats)}个业委会席位")
    bound = [*(entry.id for entry in free), *(seat.id for seat in seats)]
    return bound, f"手机号与名册一致，已为您绑定{'、'.join(places)}。"


def _bind_homes(
    tx: Session, ctx: Context, person: Person, digests: Sequence[bytes]
) -> tuple[Sequence[Owner], Sequence[Owner], str]:
    """Owner entries with this number that are the person's now, those that were not yet, or why
    there are none."""
    found = tx.scalars(
        select(Owner)
        .where(Owner.phone_hash.in_(digests), Owner.ended_at.is_(None))
        .order_by(Owner.id)
        .with_for_update()
    ).all()
    if not found:
        return [], [], NOT_ON_ROSTER
    names = {normal_name_of(ctx.cipher, entry) for entry in found}
    if len(names) > 1:
        return [], [], SEVERAL_NAMES
    known = _fixed_name(tx, ctx, person)
    if known is not None and known not in names:
        return [], [], OTHER_NAME
    free = [entry for entry in found if entry.person_id is None]
    for entry in free:
        entry.person_id = person.id
        entry.verified_at = ctx.clock()  # by the platform's word, hence by nobody of the centre
    tx.flush()
    if free:
        tell_successor(tx, ctx, person.id, Role.OWNER, str(free[0].id))
    mine = [entry for entry in found if entry.person_id == person.id]
    if not mine:
        return [], [], TAKEN_ENTRY
    if not known:
        keep_name(ctx.cipher, person, name_of(ctx.cipher, mine[0]))
    _close_verifications(tx, ctx, person, mine)
    return mine, free, ""


def _close_verifications(
    tx: Session, ctx: Context, person: Person, entries: Sequence[Owner]
) -> None:
    """What the person asked the centre to verify is verified now."""
    tx.execute(
        update(OwnerVerification)
        .where(
            OwnerVerification.person_id == person.id,
            OwnerVerification.state == VerificationState.OPEN,
            OwnerVerification.subject_id.in_([entry.household_id for entry in entries]),
        )
        .values(state=VerificationState.VERIFIED, settled_at=ctx.clock(), reason=MATCHED)
    )


def _fixed_name(tx: Session, ctx: Context, person: Person) -> str | None:
    """The name, in its normal form, when it stands still: somebody is bound by it, or a
    verification is open."""
    if person.name_sealed is None:
        return None
    verification = select(OwnerVerification.id).where(
        OwnerVerification.person_id == person.id, OwnerVerification.state == VerificationState.OPEN
    )
    owner = select(Owner.id).where(Owner.person_id == person.id)
    member = select(CommitteeMember.id).where(CommitteeMember.person_id == person.id)
    if not any(tx.scalar(settled.limit(1)) for settled in (verification, owner, member)):
        return None
    return normal_name_of(ctx.cipher, person)


def _kept(
    tx: Session, ctx: Context, actor: Actor, phone: str, verified: bool, message: str
) -> PhoneKept:
    homes, seats = homes_of(tx, actor), seats_of(tx, ctx, actor)
    return PhoneKept(masked_phone(phone), verified, homes, seats, message)
