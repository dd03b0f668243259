"""What everyone may see: a lift after scanning its QR code, and a notice in the lobby."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.domain.local_time import local_date, midnight_after
from backend.domain.objection import OPEN
from backend.domain.public_notice import HANGING, NoticeState, open_to_objections
from backend.domain.tokens import is_token
from backend.services.base.access import nothing_there
from backend.services.base.context import Context
from backend.store.queries.lifts import (
    CoverRow,
    LiftRow,
    NoticeRow,
    NoticeText,
    ObjectionRow,
    PhotoRow,
    PlanRow,
    PoolRow,
    covers_of,
    lift_by_token,
    notice_by_number,
    notice_photo,
    notice_photos,
    notices_of,
    pool_of,
    public_objections,
)
from backend.store.queries.places import Place, place_behind_code

NUMBER = re.compile(r"[\w-]{1,40}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class PostedNotice:
    """A notice with the objections to it, and whether one more would still count."""

    row: NoticeRow
    open_to_objections: bool
    objections: Sequence[ObjectionRow]

    @property
    def waiting(self) -> int:
        """How many objections wait for an answer."""
        return sum(objection.status in OPEN for objection in self.objections)


@dataclass(frozen=True)
class PublicLift:
    """One lift as everyone may see it from `read_at` until `changes_at`, unless rows change.

    `notices` hang now, the oldest first; `past_…` are over, the latest first. `pool` is read only
    for a lift that nobody insures. `about` are the ids of all rows behind it but those of which a
    name is shown: the estate's, the maintainer's, the insurers'.
    """

    lift: LiftRow
    cover: CoverRow | None
    upcoming: CoverRow | None
    notices: Sequence[tuple[PostedNotice, PlanRow]]
    past_covers: Sequence[CoverRow]
    past_notices: Sequence[NoticeRow]
    pool: PoolRow | None
    about: frozenset[UUID]
    read_at: datetime
    changes_at: datetime

    @property
    def unpaid(self) -> CoverRow | None:
        """The coming cover, where the bank sent its premium back (退票)."""
        coming = self.upcoming
        return coming if coming and not coming.paid else None


@dataclass(frozen=True)
class NoticePage:
    """A notice with its whole text and its photos, true of what it is `about` as a `PublicLift` is;
    `gone` are the photos that were taken down (撤下)."""

    notice: PostedNotice
    text: NoticeText
    photos: Sequence[PhotoRow]
    gone: Sequence[PhotoRow]
    about: frozenset[UUID]
    read_at: datetime
    changes_at: datetime


def read_public_lift(ctx: Context, token: str) -> PublicLift | None:
    """The lift behind a QR token; None for unknown, revoked and malformed tokens alike."""
    if not is_token(token):
        return None
    now = ctx.clock()
    today = local_date(now)
    with ctx.sessions() as tx:
        lift = lift_by_token(tx, token)
        if lift is None:
            return None
        covers = covers_of(tx, lift.lift_id)
        cover = next((c for c in covers if c.covers(today)), None)
        coming = [c for c in covers if c is not cover and not c.is_over(today)]
        rows = notices_of(tx, lift.lift_id)
        hanging = [(row, plan) for row, plan in reversed(rows) if row.state in HANGING]
        objections = public_objections(tx, [row.notice_id for row, _ in hanging]) if hanging else []
        pool = pool_of(tx, lift) if not cover and not coming else None
    return PublicLift(
        lift=lift,
        cover=cover,
        upcoming=coming[-1] if coming else None,
        notices=[(_posted(row, objections, now), plan) for row, plan in hanging],
        past_covers=[c for c in covers if c.is_over(today)],
        past_notices=[row for row, _ in rows if row.state == NoticeState.ENDED],
        pool=pool,
        about=frozenset([lift.lift_id]).union(
            (cover.purchase_id for cover in covers),
            *(_ids(row) for row, _ in rows),
            [pool.account_id] if pool else [],
        ),
        read_at=now,
        changes_at=_changes_at(now, [row for row, _ in hanging]),
    )


def read_public_notice(ctx: Context, number: str) -> NoticePage | None:
    """The whole notice with this number, as long as it hangs and after it ended."""
    if not NUMBER.fullmatch(number):
        return None
    now = ctx.clock()
    with ctx.sessions() as tx:
        found = notice_by_number(tx, number)
        if found is None:
            return None
        row, text = found
        objections = public_objections(tx, [row.notice_id])
        photos = notice_photos(tx, row.notice_id)
    return NoticePage(
        _posted(row, objections, now),
        text,
        [photo for photo in photos if photo.taken_down is None],
        [photo for photo in photos if photo.taken_down is not None],
        frozenset(_ids(row)),
        now,
        _changes_at(now, [row]),
    )


def read_notice_photo(ctx: Context, number: str, sha256: str) -> tuple[str, bytes] | None:
    """Media type and bytes of a photo of a public notice; None for any other file."""
    if not NUMBER.fullmatch(number) or not SHA256.fullmatch(sha256):
        return None
    with ctx.sessions() as tx:
        media_type = notice_photo(tx, number, sha256)
    return (media_type, ctx.files.read(sha256)) if media_type else None


def _ids(row: NoticeRow) -> tuple[UUID, UUID]:
    """The notice's own, by which its objections and photos are told as well, and the purchase's."""
    return row.notice_id, row.purchase_id


def _posted(row: NoticeRow, objections: Sequence[ObjectionRow], now: datetime) -> PostedNotice:
    mine = [objection for objection in objections if objection.notice_id == row.notice_id]
    counts = open_to_objections(row.state, row.ends_before, now)
    return PostedNotice(row, counts, mine)


def _changes_at(now: datetime, rows: Sequence[NoticeRow]) -> datetime:
    """When time alone changes what is shown: at midnight, or when a notice ends."""
    ends = [row.ends_before for row in rows if now < row.ends_before]
    return min([midnight_after(local_date(now)), *ends])


def place_of_lift(ctx: Context, token: str) -> Place:
    """The unit behind the code in a cab, for whoever asks a flat there.

    Raises Refused `not_found` for codes that are unknown or revoked.
    """
    with ctx.sessions() as tx:
        place = place_behind_code(tx, token)
    if place is None:
        raise nothing_there("电梯")
    return place
