"""账号注销: the person becomes nobody; what the law wants kept stays, and no longer says who.

个人信息保护法 47: what is not needed any more is erased, but the records of a public
procedure (objections, co-signatures, approvals, the audit chain) stay. They point at a row
that has no name, no phone and no identity at the platform left. What was published by consent is
taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.verification import VerificationState
from backend.domain.wording import minute
from backend.services.base import audit
from backend.services.base.access import still_here
from backend.services.base.context import Actor, Context
from backend.services.messages import inbox
from backend.services.people.whoami import grants_of
from backend.services.public_notice.moderation import unpublish_all
from backend.store.desk import DeskAccount, DeskDraft, SavedFilter
from backend.store.messages import ChatTurn, Consent, Follow, Outbox
from backend.store.notices import Objection, Upload, UploadTry
from backend.store.people import (
    Departure,
    IdempotencyKey,
    Identity,
    LoginSession,
    OwnerVerification,
    Person,
    PhoneTry,
    RectificationRequest,
    SecondFactor,
)
from backend.store.registry import CommitteeMember, Owner
from backend.store.signatures import Approval, Cosignature
from backend.store.votes import Ballot

A_DAY = timedelta(days=1)
MESSAGE = "账号已注销：姓名、手机号和微信身份已删除，登录已结束。以后再来，就是新用户。"
LEFT = "账号已注销"
TRACES = (
    "操作记录（审计链，不含姓名和电话）",
    "您今天注销过（微信身份的加密摘要，一天后删除）",
    f"您在微信里发来的消息（加密保存，收到{inbox.KEPT.days}天后删除）",
)


@dataclass(frozen=True)
class AccountDeletion:
    """What happened, and which records stay, in words."""

    message: str
    kept: Sequence[str]


def delete_account(ctx: Context, actor: Actor) -> AccountDeletion:
    """Erase who the person is and end every session.

    Roster entries lose their binding, not their names: those are the estate's records. Raises
    Refused `holds_office` while a role is granted: the work must pass to somebody first;
    `left_today` for one who came back within a day of leaving; `session_invalid` for one who left
    already.
    """
    with ctx.sessions() as tx:
        person = still_here(tx, actor)
        if held := grants_of(tx, ctx, actor):
            roles = "、".join(sorted({grant.role_name for grant in held}))
            message = f"您现在担任{roles}，请先由中心取消授权、交接工作，再注销。"
            raise refuse("holds_office", message, kind="conflict")
        _once_a_day(tx, ctx, person.id)
        records = _stays(tx, person.id)
        erase(tx, ctx, person, person.id)
        tx.commit()
    return AccountDeletion(MESSAGE, records)


def _once_a_day(tx: Session, ctx: Context, person_id: UUID) -> None:
    """Whoever comes back is a new person to every limit, so they leave once a day."""
    mine = select(Identity.appid, Identity.openid).where(Identity.person_id == person_id)
    names = [f"{appid}/{openid}" for appid, openid in tx.execute(mine)]
    hashes = [every for name in names for every in ctx.cipher.digests("openid", name)]
    last = tx.scalar(select(func.max(Departure.left_at)).where(Departure.openid_hash.in_(hashes)))
    if last is not None and last > ctx.clock() - A_DAY:
        message = f"您今天注销过一次账号，请在{minute(last + A_DAY)}以后再来注销。"
        raise refuse("left_today", message, kind="conflict")
    tx.execute(delete(Departure).where(Departure.openid_hash.in_(hashes)))
    now = ctx.clock()
    for name in names:
        tx.add(Departure(openid_hash=ctx.cipher.digest("openid", name), left_at=now))


def erase(tx: Session, ctx: Context, person: Person, by: UUID | None) -> None:
    """Make a (locked) person nobody and end their sessions; `by` is None when nobody asked for it
    but the period was over. Does not commit."""
    now = ctx.clock()
    unpublish_all(tx, ctx, person.id)  # while it still shows whose objections they are
    _unbind(tx, ctx, person.id)
    for table in (LoginSession, SecondFactor, DeskAccount, DeskDraft):
        tx.execute(delete(table).where(table.person_id == person.id))
    # An office's filters are those of everybody who holds it.
    own = SavedFilter.person_id == person.id, SavedFilter.office.is_(None)
    tx.execute(delete(SavedFilter).where(*own))
    person.name_sealed = person.phone_sealed = person.phone_hash = None
    person.phone_verified_at = None
    person.left_at = now
    subject = ("person", person.id)
    audit.append(tx, now, by, AuditAction.PERSON_DELETE_ACCOUNT, subject, {})


def _stays(tx: Session, person_id: UUID) -> Sequence[str]:
    """What is kept by law, counted before the bindings go."""
    theirs = or_(Owner.person_id == person_id, Owner.former_person_id == person_id)
    owners = select(Owner.id).where(theirs)
    members = select(CommitteeMember.id).where(CommitteeMember.person_id == person_id)

    def count(which: ColumnElement[bool]) -> int:
        return tx.scalar(select(func.count()).where(which)) or 0

    objections = count(Objection.written_by(person_id))
    joined = count(Cosignature.owner_id.in_(owners))
    answers = count(Approval.member_id.in_(members))
    ballots = count(Ballot.owner_id.in_(owners) & Ballot.choice.is_not(None))
    verifications = count(OwnerVerification.person_id == person_id)
    files = count(Upload.person_id == person_id)
    sent = count(Outbox.person_id == person_id)
    words = (
        (objections, f"书面异议{objections}件（公示档案）"),
        (joined, f"联名申请{joined}次（申请档案）"),
        (answers, f"方案表决{answers}次（审议档案）"),
        (ballots, f"业主表决票{ballots}张（表决档案）"),
        (verifications, f"身份核验申请{verifications}件（核验档案，不含姓名）"),
        (files, f"上传的文件{files}个（办理依据）"),
        (sent, f"发给您的消息{sent}条（发送记录，不含姓名和电话）"),
    )
    return [*(word for number, word in words if number), *TRACES]


def _unbind(tx: Session, ctx: Context, person_id: UUID) -> None:
    """Everything that leads from the platform or the roster to this person."""
    tx.execute(
        update(Owner)
        .where(Owner.person_id == person_id)
        .values(person_id=None, verified_by=None, verified_at=None)
    )
    tx.execute(
        update(Owner).where(Owner.former_person_id == person_id).values(former_person_id=None)
    )
    tx.execute(
        update(CommitteeMember).where(CommitteeMember.person_id == person_id).values(person_id=None)
    )
    tx.execute(
        update(OwnerVerification)
        .where(
            OwnerVerification.person_id == person_id,
            OwnerVerification.state == VerificationState.OPEN,
        )
        .values(state=VerificationState.REJECTED, settled_at=ctx.clock(), reason=LEFT)
    )
    identities = select(Identity.id).where(Identity.person_id == person_id)
    tx.execute(delete(Consent).where(Consent.identity_id.in_(identities)))
    for table in (
        Identity,
        Follow,
        RectificationRequest,
        ChatTurn,
        IdempotencyKey,
        PhoneTry,
        UploadTry,
    ):
        tx.execute(delete(table).where(table.person_id == person_id))
