"""Public notice (公示): the frozen notice, its photos, and clearing (JS annex 二（一）4–5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.city.schema import PublicNoticeRules
from backend.domain.errors import refuse
from backend.domain.facts import StepFacts
from backend.domain.local_time import midnight_after
from backend.domain.public_notice import (
    FRAMINGS,
    NoticeState,
    check_evidence,
    check_photo,
    content_hash,
    days_late,
    photo_counts,
)
from backend.domain.purchase import step_from
from backend.domain.roles import OFFICERS, Role
from backend.domain.steps import EvidenceKind
from backend.domain.wording import until
from backend.services.base import audit
from backend.services.base.access import nothing_there, require
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import next_number
from backend.services.case.case import Case, act_as_officer, case_of_notice, open_case, see_case
from backend.services.case.live_notice import notice_with, required_places
from backend.services.case.steps import advance, take_step
from backend.services.public_notice import photos
from backend.services.public_notice.notice_text import notice_content
from backend.store.notices import PublicNotice, PublicNoticePhoto
from backend.store.posters import Poster
from backend.store.purchases import Plan, Purchase
from backend.store.queries import area
from backend.store.queries.sources import lock_source

SHOWS = {"wide": "看得出张贴的位置", "close": "看得清公示全文和二维码"}


@dataclass(frozen=True)
class SubmittedPhoto:
    """A photo of the posted notice: where, `start` or `end`, `wide` or `close`, and when taken.

    What the camera wrote counts more than `captured_at`. `poster_sha256` is the printed notice
    that it shows, if the person says so.
    """

    unit_id: UUID
    moment: str
    framing: str
    file_sha256: str
    captured_at: datetime | None = None
    poster_sha256: str | None = None


@dataclass(frozen=True)
class HandedIn:
    """The case after a photo, and what might be better about the photo."""

    purchase: Purchase
    warnings: Sequence[photos.Hint]


@dataclass(frozen=True)
class PlacePosted:
    """A place of the notice and the photos that count there, by `start`/`end` and framing."""

    unit_id: UUID
    name: str
    photos: Mapping[tuple[str, str], PublicNoticePhoto]


@dataclass(frozen=True)
class PostingGuide:
    """What whoever posts a notice needs to know: its posters, places, and the photos so far.

    `framings` are the photos that each place needs at the start and at the end.
    """

    notice: PublicNotice
    how_long: str
    framings: Sequence[str]
    hint: str
    posters: Sequence[Poster]
    places: Sequence[PlacePosted]


def draft_notice(ctx: Context, actor: Actor, purchase_id: UUID) -> PublicNotice:
    """Freeze the plan's notice and its places for posting; drafting again gives the same one.

    The premium is held, so that what the notice says is left stays true, and the lifts are kept
    free, so that no other case posts them as well. Raises Refused:
    not_found, role_required, not_the_applicant, premium_above_available, lift_already_covered, and
    what else the step may refuse.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        purchase = case.purchase
        _check_poster(case, Action.DRAFT_NOTICE)
        if live := case.live_notice:
            return live
        step_from(case.table, case.state, Action.DRAFT_NOTICE)
        lock_source(tx, purchase.id)  # what the notice says is left is what the hold leaves
        plan = tx.get_one(Plan, purchase.plan_id)
        places = area.units_of(tx, purchase.id)
        content = notice_content(case, plan, [name for _, name in places])
        notice = PublicNotice(
            number=next_number(tx, "notice", case.today),
            purchase_id=purchase.id,
            plan_id=plan.id,
            content=content,
            content_hash=content_hash(content),
            places=[{"unit_id": str(unit_id), "name": name} for unit_id, name in places],
            state=NoticeState.POSTING,
            drafted_at=case.now,
            provisional=False,
            explanation=[],
        )
        tx.add(notice)
        tx.flush()
        audit.append(
            tx,
            case.now,
            actor.person_id,
            AuditAction.PUBLIC_NOTICE_DRAFT,
            ("notice", notice.id),
            {"number": notice.number, "content_hash": notice.content_hash},
        )
        advance(case, Action.DRAFT_NOTICE)
        tx.commit()
        return notice


def undo_draft(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """撤回待张贴的公示: it was drafted by mistake or nobody posts it; the premium and the lifts are
    free again, and the notice can be drafted anew.

    Raises Refused: notice_not_drafted, objection_open, and what any step may refuse.
    """
    return take_step(ctx, actor, purchase_id, Action.UNDO_DRAFT_NOTICE, reason=reason)


def add_photo(ctx: Context, actor: Actor, notice_id: UUID, photo: SubmittedPhoto) -> HandedIn:
    """Hand in one photo. With the last start photo the notice begins.

    Repeating a photo changes nothing. Who may not hand it in is told before any picture is
    decoded. Raises Refused: not_found, role_required, file_unknown, photo_not_a_picture,
    photo_too_small, photo_shows_nothing, place_not_in_notice, photo_time_invalid, photo_too_early,
    photo_not_possible, poster_unknown, poster_of_other_place, photo_is_a_double, and
    what `post_notice` may refuse.
    """
    with ctx.sessions() as tx:
        _check_poster(
            see_case(tx, ctx, actor, case_of_notice(notice_id), "公示"), Action.PHOTOGRAPH
        )
        picture = photos.picture_of(tx, actor, photo.file_sha256, "file_sha256")
    check_evidence(picture.width, picture.height, flat=picture.fingerprint is None)
    close = photo.framing == "close"
    printed = photos.codes_in(ctx, photo.file_sha256) if close else None
    hints = [] if printed or not close else [photos.CODE_NOT_SEEN]
    taken_at, by_camera = picture.captured_at(photo.captured_at)
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, case_of_notice(notice_id), "公示")
        _check_poster(case, Action.PHOTOGRAPH)
        live = case.live_notice
        notice = live if live and live.id == notice_id else tx.get_one(PublicNotice, notice_id)
        if photo.unit_id not in {unit_id for unit_id, _ in required_places(notice)}:
            message = "该单元不在本次公示范围内，请重新选择。"
            raise refuse("place_not_in_notice", message, "unit_id")
        check_photo(
            photo.moment, taken_at, case.now, notice.state, notice.drafted_at, notice.ends_on
        )
        shown = photos.shown_in(tx, notice)
        place = (photo.unit_id, photo.moment, photo.framing)
        if (place, picture.sha256) not in {(s.place, s.photo.file_sha256) for s in shown}:
            if photo.poster_sha256 is not None:
                photos.check_poster(tx, notice, photo.unit_id, photo.poster_sha256)
            if printed is not None:
                photos.check_place(tx, notice, photo.unit_id, printed)
            photos.check_no_double(shown, picture, place)
            row = _keep(case, actor, notice, photo, taken_at)
            shown.append(photos.Shown(row, picture.fingerprint))
        if printed is not None and photos.shows_revoked_code(tx, printed):
            hints.append(photos.CODE_REVOKED)
        if photo.moment == "end" and notice.ends_on is not None:
            late = days_late(case.profile.public_notice, taken_at, notice.ends_on)
            hints += [photos.taken_late(late)] if late else []
        hangs = notice_with(case.profile, notice, [each.photo for each in shown])
        if notice.state == NoticeState.POSTING and not hangs.missing_start:
            advance(case, Action.POST_NOTICE, known=case.facts.having(notice=hangs))
        tx.commit()
    return HandedIn(case.purchase, hints if by_camera else [*hints, photos.TIME_NOT_SEEN])


def read_posting(ctx: Context, actor: Actor, notice_id: UUID) -> PostingGuide:
    """How far the posting of a notice is, for those who may post it.

    Raises Refused: not_found, role_required.
    """
    with ctx.sessions() as tx:
        notice = tx.get(PublicNotice, notice_id)
        if notice is None:
            raise nothing_there("公示")
        case = see_case(tx, ctx, actor, notice.purchase_id, "公示")
        if Role.APPLICANT not in case.held:
            require(case.held, (Role.PROPERTY_MANAGER, *sorted(OFFICERS)))
        posters = tx.scalars(
            select(Poster).where(Poster.notice_id == notice.id).order_by(Poster.made_at)
        ).all()
        rules = case.profile.public_notice
        return PostingGuide(
            notice,
            _how_long(notice, rules),
            rules.photos.value,
            photo_hint(rules),
            posters,
            _places(tx, notice),
        )


def photo_hint(rules: PublicNoticeRules) -> str:
    """How to take the photos that the city asks for."""
    shown = "，".join(f"{FRAMINGS[framing]}{SHOWS[framing]}" for framing in rules.photos.value)
    count = {1: "一张", 2: "两张"}[len(rules.photos.value)]
    return (
        f"每个单元在公示开始和结束时各拍{count}：{shown}。"
        "请用手机相机现场拍摄，不要拍到人脸和门牌号。"
    )


def _how_long(notice: PublicNotice, rules: PublicNoticeRules) -> str:
    """When the notice begins or ends, for whoever takes its photos."""
    if notice.state == NoticeState.VOID:
        return "本次公示已作废，贴出的海报请收下来。还要公示的，到办理页面重新生成。"
    if notice.ends_on is None:
        return f"全部单元的开始照片到齐当日起公示，公示期{notice.content['days']}天。"
    last = until(midnight_after(notice.ends_on))
    within = rules.end_photo_days
    when = "最后一日或之后" if within is None else f"最后一日起{within.value}天内"
    return {
        NoticeState.OPEN: f"公示至{last}，请在{when}拍摄结束照片。",
        NoticeState.SUSPENDED: "已有书面异议，暂缓实施；恢复后公示接着余下的天数继续。",
        NoticeState.ENDED: f"公示已于{last}结束。",
    }[notice.state]


def _places(tx: Session, notice: PublicNotice) -> Sequence[PlacePosted]:
    """The latest photo of each kind that counts in each place."""
    rows = tx.scalars(
        select(PublicNoticePhoto)
        .where(PublicNoticePhoto.notice_id == notice.id)
        .order_by(PublicNoticePhoto.id)
    )
    given: dict[UUID, dict[tuple[str, str], PublicNoticePhoto]] = {}
    for photo in rows:
        if photo_counts(photo.moment, photo.captured_at, notice.ends_on):
            given.setdefault(photo.unit_id, {})[photo.moment, photo.framing] = photo
    return [
        PlacePosted(unit_id, name, given.get(unit_id, {}))
        for unit_id, name in required_places(notice)
    ]


def _check_poster(case: Case, action: Action) -> None:
    """The property manager and the clerk post any notice, others the one they applied for.

    A clerk who posts for the centre has worked on the case and cannot register or pay it.
    """
    if case.require_role(action) is Role.CLERK:
        act_as_officer(case, Role.CLERK)


def _keep(
    case: Case, actor: Actor, notice: PublicNotice, photo: SubmittedPhoto, taken_at: datetime
) -> PublicNoticePhoto:
    row = PublicNoticePhoto(
        notice_id=notice.id,
        unit_id=photo.unit_id,
        moment=photo.moment,
        framing=photo.framing,
        file_sha256=photo.file_sha256,
        captured_at=taken_at,
        received_at=case.now,
        given_by=actor.person_id,
        poster_sha256=photo.poster_sha256,
    )
    case.tx.add(row)
    case.tx.flush()
    facts: dict[str, Any] = {
        "unit_id": str(photo.unit_id),
        "moment": photo.moment,
        "framing": photo.framing,
        "sha256": photo.file_sha256,
        "poster_sha256": photo.poster_sha256,
    }
    audit.append(
        case.tx,
        case.now,
        actor.person_id,
        AuditAction.PUBLIC_NOTICE_ADD_PHOTO,
        ("notice", notice.id),
        facts,
    )
    return row


def clear(
    ctx: Context, actor: Actor, purchase_id: UUID, statement: str, late_photos: str | None = None
) -> Purchase:
    """公示无异议: the period is over, nothing is open, and none came on paper (the statement).

    `late_photos` says what makes it certain that the notice hung to its end where the photos of
    that are late.
    """
    statements = {EvidenceKind.NO_PAPER_OBJECTION: statement}
    if late_photos is not None:
        statements[EvidenceKind.LATE_PHOTOS] = late_photos
    given = StepFacts(late_photos_explained=late_photos is not None)
    return take_step(ctx, actor, purchase_id, Action.CLEAR, given, handed_in=statements)


def undo_clear(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """撤销公示无异议: cleared by mistake; the reviewer says why, and the clerk looks again."""
    return take_step(ctx, actor, purchase_id, Action.UNDO_CLEAR, reason=reason)
