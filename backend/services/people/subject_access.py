"""What is kept about a person, in words, for that person alone (个人信息保护法 44, 45)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.approval import ANSWER_NAMES
from backend.domain.local_time import SHANGHAI
from backend.domain.objection import KINDS, STATUS_NAMES
from backend.domain.verification import RECTIFICATION_NAMES, VERIFICATION_NAMES
from backend.domain.voting import CHOICE_NAMES
from backend.domain.wording import minute
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of, phone_of
from backend.services.messages import consents
from backend.services.messages.follows import SUBSCRIPTIONS, follows_of
from backend.services.people import rectification_requests
from backend.services.people.whoami import grants_of, homes_of, seats_of
from backend.store.desk import DeskDraft
from backend.store.messages import Outbox
from backend.store.notices import Objection, Upload
from backend.store.people import (
    Identity,
    Lockout,
    LoginSession,
    OwnerVerification,
    Person,
    SecondFactor,
)
from backend.store.purchases import Plan, Purchase
from backend.store.queries.places import places_of
from backend.store.registry import CommitteeMember, Owner
from backend.store.signatures import Approval, Cosignature
from backend.store.votes import Ballot, Vote

APPS = {"mini_program": "小程序", "service_account": "服务号"}


@dataclass(frozen=True)
class Item:
    """One thing that is kept, and what it says."""

    label: str
    value: str


@dataclass(frozen=True)
class Section:
    """Things of one kind."""

    title: str
    items: Sequence[Item]


def everything(ctx: Context, actor: Actor) -> Sequence[Section]:
    """All that is kept about the person; a section without items is there too, and empty."""
    with ctx.sessions() as tx:
        found: dict[str, Iterable[Item]] = {
            "基本信息": _who(tx, ctx, actor),
            "房屋、席位与授权": _parts(tx, ctx, actor),
            "身份核验申请": _verifications(tx, actor),
            "联名与表决": _said(tx, actor),
            "异议": _objections(tx, ctx, actor),
            "订阅与关注": _subscriptions(tx, ctx, actor),
            "文件、消息与登录": _traces(tx, ctx, actor),
            "更正请求": _rectification_requests(tx, ctx, actor),
        }
        return [Section(title, list(items)) for title, items in found.items()]


def export(ctx: Context, actor: Actor) -> dict[str, Any]:
    """The same to take along (个人信息保护法 45), with the person's id and the time."""
    return {
        "exported_at": ctx.clock().astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "person_id": str(actor.person_id),
        "sections": [
            {
                "title": section.title,
                "items": [{"label": item.label, "value": item.value} for item in section.items],
            }
            for section in everything(ctx, actor)
        ],
    }


def _who(tx: Session, ctx: Context, actor: Actor) -> Iterable[Item]:
    person = tx.get_one(Person, actor.person_id)
    if name := name_of(ctx.cipher, person):
        yield Item("姓名", name)
    if phone := phone_of(ctx.cipher, person):
        source = "微信核验" if person.phone_verified_at else "本人填写"
        yield Item("手机号", f"{phone}（{source}）")
    yield Item("首次使用", minute(person.created_at))
    identities = select(Identity).where(Identity.person_id == person.id).order_by(Identity.id)
    for identity in tx.scalars(identities):
        app = APPS[identity.platform]
        yield Item(f"微信标识（{app}）", f"{identity.openid}，最近 {minute(identity.seen_at)}")


def _parts(tx: Session, ctx: Context, actor: Actor) -> Iterable[Item]:
    for home in homes_of(tx, actor):
        yield Item("房屋", f"{home.estate}{home.building}{home.unit}{home.room}")
    for seat in seats_of(tx, ctx, actor):
        yield Item("业委会席位", f"{seat.estate}{seat.position}")
    for grant in grants_of(tx, ctx, actor):
        yield Item("授权", grant.role_name)


def _verifications(tx: Session, actor: Actor) -> Iterable[Item]:
    verifications = tx.scalars(
        select(OwnerVerification)
        .where(OwnerVerification.person_id == actor.person_id)
        .order_by(OwnerVerification.id)
    ).all()
    places = places_of(tx, [verification.subject_id for verification in verifications])
    for verification in verifications:
        reason = f"（{verification.reason}）" if verification.reason else ""
        value = (
            f"{minute(verification.made_at)} 提交，{VERIFICATION_NAMES[verification.state]}{reason}"
        )
        yield Item(places[verification.subject_id], value)


def _said(tx: Session, actor: Actor) -> Iterable[Item]:
    joined = tx.execute(
        select(Purchase.number, Cosignature)
        .join(Cosignature, Cosignature.purchase_id == Purchase.id)
        .join(Owner, Owner.id == Cosignature.owner_id)
        .where(or_(Owner.person_id == actor.person_id, Owner.former_person_id == actor.person_id))
        .order_by(Cosignature.signed_at)
    )
    for number, signed in joined:
        how = "，由中心按纸质联名录入" if signed.entered_by else ""
        gone = f"，{minute(signed.withdrawn_at)} 撤回" if signed.withdrawn_at else ""
        yield Item("联名申请", f"{number}，{minute(signed.signed_at)}{how}{gone}")
    answers = tx.execute(
        select(Purchase.number, Plan.revision, Approval)
        .join(Plan, Plan.purchase_id == Purchase.id)
        .join(Approval, Approval.plan_id == Plan.id)
        .join(CommitteeMember, CommitteeMember.id == Approval.member_id)
        .where(CommitteeMember.person_id == actor.person_id)
        .order_by(Approval.id)
    )
    for number, revision, approval in answers:
        reason = f"，理由：{approval.reason}" if approval.reason else ""
        words = f"{ANSWER_NAMES[approval.answer]}，{minute(approval.answered_at)}{reason}"
        yield Item(f"表决方案 {number}-{revision}", words)
    yield from _cast(tx, actor)


def _cast(tx: Session, actor: Actor) -> Iterable[Item]:
    rows = tx.execute(
        select(Purchase.number, Ballot)
        .join(Vote, Vote.purchase_id == Purchase.id)
        .join(Ballot, Ballot.vote_id == Vote.id)
        .join(Owner, Owner.id == Ballot.owner_id)
        .where(
            or_(Owner.person_id == actor.person_id, Owner.former_person_id == actor.person_id),
            Ballot.choice.is_not(None),
        )
        .order_by(Ballot.id)
    )
    for number, ballot in rows:
        assert ballot.choice is not None
        how = "，由中心按纸质票录入" if ballot.file_sha256 else ""
        words = f"{CHOICE_NAMES[ballot.choice]}，{minute(ballot.cast_at)}{how}"
        yield Item(f"业主表决 {number}", words)


def _objections(tx: Session, ctx: Context, actor: Actor) -> Iterable[Item]:
    rows = tx.scalars(
        select(Objection).where(Objection.written_by(actor.person_id)).order_by(Objection.id)
    )
    for objection in rows:
        words = ctx.cipher.open(Objection.text_sealed, objection.id, objection.text_sealed)
        stands = f"{KINDS[objection.kind]}，{STATUS_NAMES[objection.status]}"
        yield Item(
            f"异议 {objection.number}", f"{minute(objection.received_at)}，{stands}。原文：{words}"
        )


def _subscriptions(tx: Session, ctx: Context, actor: Actor) -> Iterable[Item]:
    for key, quota in consents.left(tx, ctx, actor.person_id).items():
        yield Item(SUBSCRIPTIONS[key].title, f"同意接收，剩余{quota}次")
    for followed in follows_of(tx, actor.person_id):
        yield Item("关注", followed.title)


def _traces(tx: Session, ctx: Context, actor: Actor) -> Iterable[Item]:
    uploads = select(func.count()).where(Upload.person_id == actor.person_id)
    yield Item("上传的文件", f"{tx.scalar(uploads)}个")
    sent = select(func.count()).where(Outbox.person_id == actor.person_id)
    yield Item("发给您的消息", f"{tx.scalar(sent)}条")
    sessions = select(func.count()).where(
        LoginSession.person_id == actor.person_id, LoginSession.expires_at > system_clock()
    )
    yield Item("有效的登录", f"{tx.scalar(sessions)}处")
    enrolled = select(SecondFactor.enrolled_at).where(SecondFactor.person_id == actor.person_id)
    if enrolled_at := tx.scalar(enrolled):
        yield Item("工作台的验证器", f"{minute(enrolled_at)} 绑定")
    drafts = select(func.count()).where(DeskDraft.person_id == actor.person_id)
    if count := tx.scalar(drafts):
        yield Item("工作台上没有提交成的内容", f"{count}份，保存一天")
    lockouts = select(Lockout).where(Lockout.person_id == actor.person_id).order_by(Lockout.id)
    for lockout in tx.scalars(lockouts):
        lifted = f"，{minute(lockout.lifted_at)} 恢复" if lockout.lifted_at else ""
        reason = ctx.cipher.open(Lockout.reason_sealed, lockout.id, lockout.reason_sealed)
        yield Item("账号停用", f"{minute(lockout.locked_at)} 停用{lifted}。理由：{reason}")


def _rectification_requests(tx: Session, ctx: Context, actor: Actor) -> Iterable[Item]:
    for asked in rectification_requests.of_person(tx, actor.person_id):
        answer = f"，答复：{asked.answer}" if asked.answer else ""
        words = rectification_requests.text_of(ctx.cipher, asked)
        state = RECTIFICATION_NAMES[asked.state]
        yield Item(f"更正：{asked.what}", f"{minute(asked.made_at)}，{state}。{words}{answer}")
