"""What a resident sees after scanning a lift's QR code, without signing in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.domain.calendar import local_date, midnight_after
from backend.domain.tokens import ALPHABET, TOKEN_LENGTH
from backend.services.context import Context
from backend.store.queries.lifts import (
    CoverRow,
    LiftRow,
    NoticeRow,
    ObjectionRow,
    PlanRow,
    cover_on,
    current_notices,
    lift_by_token,
    notice_by_number,
    public_objections,
)

TOKEN = re.compile(f"[{ALPHABET}]{{{TOKEN_LENGTH}}}")
NUMBER = re.compile(r"[\w-]{1,40}")


@dataclass(frozen=True)
class PostedNotice:
    """A notice with the objections to it, and whether one more would still count."""

    row: NoticeRow
    open_to_objections: bool
    objections: Sequence[ObjectionRow]


@dataclass(frozen=True)
class PublicLift:
    """One lift as everyone may see it from `read_at` until `changes_at`, unless rows change."""

    lift: LiftRow
    cover: CoverRow | None
    notices: Sequence[tuple[PostedNotice, PlanRow]]
    read_at: datetime
    changes_at: datetime


def read_public_lift(ctx: Context, token: str) -> PublicLift | None:
    """The lift behind a QR token; None for unknown, revoked and malformed tokens alike."""
    if not TOKEN.fullmatch(token):
        return None
    now = ctx.clock()
    today = local_date(now)
    with ctx.sessions() as tx:
        lift = lift_by_token(tx, token)
        if lift is None:
            return None
        cover = cover_on(tx, lift.lift_id, today)
        rows = current_notices(tx, lift.lift_id)
        objections = public_objections(tx, [row.notice_id for row, _ in rows]) if rows else []
    notices = [(_posted(row, objections, now), plan) for row, plan in rows]
    ends = [row.ends_before for row, _ in rows if now < row.ends_before]
    return PublicLift(lift, cover, notices, now, min([midnight_after(today), *ends]))


def read_public_notice(ctx: Context, number: str) -> PostedNotice | None:
    """The whole notice with this number, as long as it hangs and after it ended."""
    if not NUMBER.fullmatch(number):
        return None
    with ctx.sessions() as tx:
        row = notice_by_number(tx, number)
        if row is None:
            return None
        return _posted(row, public_objections(tx, [row.notice_id]), ctx.clock())


def _posted(row: NoticeRow, objections: Sequence[ObjectionRow], now: datetime) -> PostedNotice:
    mine = [objection for objection in objections if objection.notice_id == row.notice_id]
    # While it is suspended the time does not run, so no objection comes too late.
    counts = row.state == "suspended" or (row.state == "open" and now < row.ends_before)
    return PostedNotice(row, counts, mine)
