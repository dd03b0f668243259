"""The notice (公示): what it carries and which photos prove it (JS annex 二（一）4, 7)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from backend.domain.city.schema import PublicNoticeRules
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.wording import minute


class NoticeState(StrEnum):
    """`posting` waits for the last start photo, `open` runs, `suspended` waits for an objection,
    `ended` was cleared, `void` was replaced."""

    POSTING = "posting"
    OPEN = "open"
    SUSPENDED = "suspended"
    ENDED = "ended"
    VOID = "void"


NOTICE_STATE_NAMES = {
    NoticeState.POSTING: "等开始照片",
    NoticeState.OPEN: "正在公示",
    NoticeState.SUSPENDED: "因异议暂停",
    NoticeState.ENDED: "已结束",
    NoticeState.VOID: "已作废",
}
# On the wall; for everyone to read, also afterwards; to be printed; of the plan that counts.
HANGING = (NoticeState.OPEN, NoticeState.SUSPENDED)
FOR_EVERYONE = (*HANGING, NoticeState.ENDED)
TO_BE_PRINTED = (NoticeState.POSTING, *HANGING)
LIVE = (*TO_BE_PRINTED, NoticeState.ENDED)

MOMENTS = {"start": "公示开始", "end": "公示结束"}
FRAMINGS = {"wide": "远景", "close": "近景"}
PLACES = {"building_entrance": "楼栋门口", "unit_lobby": "单元门厅", "lift_cab": "电梯轿厢"}
# A photo proves what can be read on it: with fewer pixels across, the notice's text, a few
# millimetres high on a sheet 210 mm wide, is a blur. Chat apps send 1,080 across.
LEAST_PHOTO_SIDE = 600
LEAST_PICTURE_SIDE = 320  # of what is added to words: smaller than any phone makes, even shrunk
# Frozen texts are never rewritten: their hash is printed and in the audit chain. Those from before
# migration 0016 call three of the terms otherwise.
OLD_TERMS = {
    "limit_fen": "sum_insured_fen",
    "coverage": "scope_of_cover",
    "promises": "service_commitments",
}


def readable(content: Mapping[str, Any]) -> dict[str, Any]:
    """The frozen text with today's names for its parts, to be shown; never to be hashed."""
    cover = {OLD_TERMS.get(key, key): value for key, value in content.get("cover", {}).items()}
    return {**content, "cover": cover} if cover else dict(content)


def missing_photos(
    rules: PublicNoticeRules,
    places: Iterable[tuple[UUID, str]],
    given: Iterable[tuple[UUID, str, str]],
    moment: str,
) -> tuple[str, ...]:
    """Which photos due at `moment` are missing, in words: per unit one of each framing that the
    city asks for [D]. With the last one due at the start the notice begins."""
    have = set(given)
    return tuple(
        f"{name}{MOMENTS[moment]}{FRAMINGS[framing]}"
        for unit_id, name in places
        for framing in rules.photos.value
        if (unit_id, moment, framing) not in have
    )


def photo_counts(moment: str, captured_at: datetime, ends_on: date | None) -> bool:
    """Whether a photo proves what it should: a start photo does, an end photo if it was taken on
    the last day or later, as that day now stands (JS annex 二（一）7).

    When the end moves on, the photos of the earlier end prove nothing any more.
    """
    return moment == "start" or (ends_on is not None and local_date(captured_at) >= ends_on)


def days_late(rules: PublicNoticeRules, captured_at: datetime, ends_on: date) -> int:
    """How many days after the last one an end photo was taken, if that is more than the city allows
    [D]; else 0. It shows that the notice hangs, not that it hung all the time."""
    late = (local_date(captured_at) - ends_on).days
    allowed = rules.end_photo_days
    return late if allowed is not None and late > allowed.value else 0


def late_photos(
    rules: PublicNoticeRules,
    places: Iterable[tuple[UUID, str]],
    given: Iterable[tuple[UUID, str, datetime]],
    ends_on: date | None,
) -> tuple[str, ...]:
    """Which end photos exist only as late ones, in words; `given` are those that count: unit,
    framing, when."""
    if ends_on is None:
        return ()
    least: dict[tuple[UUID, str], int] = {}
    for unit_id, framing, captured_at in given:
        late = days_late(rules, captured_at, ends_on)
        least[unit_id, framing] = min(late, least.get((unit_id, framing), late))
    return tuple(
        f"{name}{MOMENTS['end']}{FRAMINGS[framing]}（晚了{days}天）"
        for unit_id, name in places
        for framing in rules.photos.value
        if (days := least.get((unit_id, framing), 0))
    )


def check_photo(
    moment: str,
    taken_at: datetime,
    now: datetime,
    state: NoticeState,
    drafted_at: datetime,
    ends_on: date | None,
) -> None:
    """Whether a photo may be handed in now: of the posted notice, hence taken after it was drafted;
    start photos until the notice is suspended or over, end photos of its last day or later.

    Raises Refused: `photo_time_invalid`, `photo_not_possible` (conflict), `photo_too_early`.
    """
    # A camera counts whole seconds.
    if not drafted_at.replace(microsecond=0) <= taken_at <= now:
        message = (
            f"照片的拍摄时间是{minute(taken_at)}，应在公示生成之后、上传之前，"
            "请核对手机时间后重新拍摄。"
        )
        raise refuse("photo_time_invalid", message, "captured_at")
    if moment == "start":
        if state not in (NoticeState.POSTING, NoticeState.OPEN):
            message = "公示已暂停或结束，不再接收开始照片。"
            raise refuse("photo_not_possible", message, "moment", "conflict")
        return
    if state != NoticeState.OPEN:
        message = "公示不在进行中，请稍后再传结束照片。"
        raise refuse("photo_not_possible", message, "moment", "conflict")
    if not photo_counts(moment, taken_at, ends_on):
        raise refuse("photo_too_early", "结束照片应在公示最后一日或之后拍摄。", "captured_at")


def check_size(width: int, height: int, least: int, field: str) -> None:
    """Whether a picture of so many pixels shows something. Raises Refused `photo_too_small`."""
    if min(width, height) < least:
        message = (
            f"照片太小（{width}×{height}像素），看不清内容，短边至少要{least}像素。"
            "请用手机相机拍摄后上传，不要用缩略图。"
        )
        raise refuse("photo_too_small", message, field)


def check_evidence(width: int, height: int, flat: bool) -> None:
    """Whether a photo can prove anything: large enough (pixels), and not `flat`, which is to say
    hardly anything but one shade. Raises Refused: `photo_too_small`, `photo_shows_nothing`."""
    check_size(width, height, LEAST_PHOTO_SIDE, "file_sha256")
    if flat:
        message = "照片里几乎只有一种颜色，看不出公示。请开灯或打开闪光灯，对准公示重新拍摄。"
        raise refuse("photo_shows_nothing", message, "file_sha256")


def open_to_objections(state: NoticeState, ends_before: datetime | None, now: datetime) -> bool:
    """Whether one more objection still counts; while the notice is suspended its time does not run,
    so that none comes too late (JS annex 二（一）4)."""
    if state == NoticeState.SUSPENDED:
        return True
    return state == NoticeState.OPEN and ends_before is not None and now < ends_before


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the frozen text: its canonical JSON in UTF-8."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
