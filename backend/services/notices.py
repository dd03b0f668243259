"""Publicity (公示): the frozen notice, its photos, and clearing (JS annex 二（一）4–5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.calendar import local_date
from backend.domain.errors import refuse
from backend.domain.publicity import content_hash
from backend.domain.roles import Role
from backend.domain.routes import APPLICANTS
from backend.domain.states import State
from backend.domain.steps import Evidence
from backend.services import audit
from backend.services.access import nothing_there, require
from backend.services.case_facts import (
    live_notice,
    notice_fact,
    required_places,
    units_behind,
)
from backend.services.context import Actor, Context
from backend.services.notice_text import notice_content
from backend.services.numbers import next_number
from backend.services.parties import act_as_clerk, is_applicant
from backend.services.purchases import (
    advance,
    check_upload,
    lock_visible,
    require_applicant,
    take_step,
)
from backend.store.ledger import Account
from backend.store.notices import Notice, NoticePhoto
from backend.store.purchases import Plan, Purchase

POSTERS = (*APPLICANTS, Role.CLERK)


@dataclass(frozen=True)
class Photo:
    """A photo of the posted notice: where, `start` or `end`, `wide` or `close`, and when taken."""

    unit_id: UUID
    moment: str
    framing: str
    file_sha256: str
    captured_at: datetime


def draft_notice(ctx: Context, actor: Actor, purchase_id: UUID) -> Notice:
    """Freeze the plan's notice and its places for posting; drafting again gives the same one.

    Raises Refused: not_found, role_required, not_the_applicant, notice_not_possible.
    """
    with ctx.sessions() as tx:
        purchase, held = lock_visible(tx, ctx, actor, purchase_id)
        _check_poster(tx, ctx, actor, purchase, held)
        if purchase.state != State.APPROVED:
            raise refuse(
                "notice_not_possible", "审议通过后才能生成公示，请刷新后重试。", kind="conflict"
            )
        drafted = live_notice(tx, purchase)
        if drafted is not None:
            return drafted
        now = ctx.clock()
        plan = tx.get_one(Plan, purchase.plan_id)
        places = units_behind(tx, tx.get_one(Account, purchase.account_id))
        content = notice_content(tx, ctx, purchase, plan, [name for _, name in places])
        notice = Notice(
            number=next_number(tx, "notice", local_date(now)),
            purchase_id=purchase.id,
            plan_id=plan.id,
            content=content,
            content_hash=content_hash(content),
            places=[{"unit_id": str(unit_id), "name": name} for unit_id, name in places],
            state="posting",
            drafted_at=now,
            provisional=False,
            explanation=[],
        )
        tx.add(notice)
        tx.flush()
        audit.append(
            tx,
            now,
            actor.person_id,
            "draft_notice",
            ("notice", notice.id),
            {"number": notice.number, "content_hash": notice.content_hash},
        )
        tx.commit()
        return notice


def add_photo(ctx: Context, actor: Actor, notice_id: UUID, photo: Photo) -> Purchase:
    """Hand in one photo. With the last start photo the notice begins, and the premium is held.

    Repeating a photo changes nothing. Raises Refused: not_found, role_required, file_unknown,
    place_unknown, photo_time_invalid, photo_too_early, photo_not_possible, and what `publicise`
    may refuse.
    """
    with ctx.sessions() as tx:
        notice = tx.get(Notice, notice_id)
        if notice is None:
            raise nothing_there("公示")
        purchase, held = lock_visible(tx, ctx, actor, notice.purchase_id, "公示")
        _check_poster(tx, ctx, actor, purchase, held)
        tx.refresh(notice)
        _check_photo(tx, ctx, actor, notice, photo)
        if not _known(tx, notice, photo):
            _keep(tx, ctx, actor, notice, photo)
        if notice.state == "posting" and not notice_fact(tx, notice).missing_start:
            advance(tx, ctx, purchase, "publicise", actor.person_id, held)
        tx.commit()
        return purchase


def _check_poster(
    tx: Session, ctx: Context, actor: Actor, purchase: Purchase, held: frozenset[Role]
) -> None:
    """The property manager and the clerk post any notice, others the one they applied for.

    A clerk who posts for the centre has worked on the case and cannot register or pay it.
    """
    require(held, POSTERS)
    if Role.PROPERTY_MANAGER in held or is_applicant(tx, ctx, purchase, actor.person_id, held):
        return
    if Role.CLERK not in held:
        require_applicant(tx, ctx, purchase, actor, held)
    act_as_clerk(tx, ctx, purchase, actor, held)


def _check_photo(tx: Session, ctx: Context, actor: Actor, notice: Notice, photo: Photo) -> None:
    check_upload(tx, actor, photo.file_sha256, "file_sha256")
    now = ctx.clock()
    if photo.unit_id not in {unit_id for unit_id, _ in required_places(notice)}:
        raise refuse("place_unknown", "该单元不在本次公示范围内，请重新选择。", "unit_id")
    if not notice.drafted_at <= photo.captured_at <= now:
        raise refuse(
            "photo_time_invalid", "拍摄时间应在公示生成之后、上传之前，请核对。", "captured_at"
        )
    if photo.moment == "start" and notice.state not in ("posting", "open"):
        raise refuse(
            "photo_not_possible", "公示已暂停或结束，不再接收开始照片。", "moment", "conflict"
        )
    if photo.moment == "end":
        if notice.state != "open" or notice.ends_on is None:
            raise refuse(
                "photo_not_possible", "公示不在进行中，请稍后再传结束照片。", "moment", "conflict"
            )
        if local_date(photo.captured_at) < notice.ends_on:
            raise refuse("photo_too_early", "结束照片应在公示最后一日或之后拍摄。", "captured_at")


def _known(tx: Session, notice: Notice, photo: Photo) -> bool:
    return bool(
        tx.scalar(
            select(NoticePhoto.id).where(
                NoticePhoto.notice_id == notice.id,
                NoticePhoto.unit_id == photo.unit_id,
                NoticePhoto.moment == photo.moment,
                NoticePhoto.framing == photo.framing,
                NoticePhoto.file_sha256 == photo.file_sha256,
            )
        )
    )


def _keep(tx: Session, ctx: Context, actor: Actor, notice: Notice, photo: Photo) -> None:
    now = ctx.clock()
    tx.add(
        NoticePhoto(
            notice_id=notice.id,
            unit_id=photo.unit_id,
            moment=photo.moment,
            framing=photo.framing,
            file_sha256=photo.file_sha256,
            captured_at=photo.captured_at,
            received_at=now,
            given_by=actor.person_id,
        )
    )
    tx.flush()
    facts: dict[str, Any] = {
        "unit_id": str(photo.unit_id),
        "moment": photo.moment,
        "framing": photo.framing,
        "sha256": photo.file_sha256,
    }
    audit.append(tx, now, actor.person_id, "notice_photo", ("notice", notice.id), facts)


def clear(ctx: Context, actor: Actor, purchase_id: UUID, statement: str) -> Purchase:
    """公示无异议: the period is over, nothing is open, and none came on paper (the statement)."""
    return take_step(
        ctx, actor, purchase_id, "clear", statements={Evidence.NO_PAPER_OBJECTION: statement}
    )
