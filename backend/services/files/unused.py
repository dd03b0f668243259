"""Files that were handed in and then used for nothing are not kept for ever, nor are files of which
no row knows: a process was killed after it had stored them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import delete, select

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.services.base import audit
from backend.services.base.context import Context
from backend.store.notices import Upload
from backend.store.queries.files import begins_with, known_files, lock_file, unused_since

# 个人信息保护法 19: no longer than what it is for needs. A draft is taken up again within a month.
KEPT = timedelta(days=30)
AT_ONCE = 500
# Whoever looks every hour finds here what a month has just passed over; what was used then and is
# not now, or was missed, is found when its part comes up: one in 256 each hour, all within 11 days.
JUST_NOW = timedelta(days=7)
PARTS = 256
# Nothing is being written for so long, and no transaction lasts it.
UNFINISHED_SECONDS = 24 * 3600


def forget_unused(ctx: Context, part: str | None = None) -> None:
    """Drop what was handed in a month ago and is used for nothing, pieces of what was never stored,
    and files that no row names. What has lain here for long is looked at by parts: those whose hash
    begins with `part`, by default the one of this hour of real time.

    Of a file stays its hash, with which it would be found again, and what the audit chain says.
    """
    before = ctx.clock() - KEPT
    part = part or part_of(int(system_clock().timestamp()) // 3600)
    with ctx.sessions() as tx:
        unused = {
            *unused_since(tx, before, Upload.uploaded_at >= before - JUST_NOW, most=AT_ONCE),
            *unused_since(tx, before, begins_with(part), most=AT_ONCE),
        }
    for sha256 in sorted(unused):
        _forget(ctx, sha256, before)
    ctx.files.forget_unfinished(UNFINISHED_SECONDS)
    old = ctx.files.older_than(UNFINISHED_SECONDS, part)
    while some := list(islice(old, AT_ONCE)):
        _forget_nameless(ctx, some)


def part_of(hour: int) -> str:
    """How the hashes begin that are looked at in this hour."""
    return f"{hour % PARTS:02x}"


def _forget(ctx: Context, sha256: str, before: datetime) -> None:
    """Unless somebody hands it in again or uses it at this moment: they hold its rows."""
    with ctx.sessions() as tx:
        lock_file(tx, sha256)
        theirs = Upload.file_sha256 == sha256
        tx.execute(select(Upload.person_id).where(theirs).with_for_update())
        if not unused_since(tx, before, theirs):
            return
        tx.execute(delete(Upload).where(theirs))
        audit.append(tx, ctx.clock(), None, AuditAction.FILE_FORGET, ("file", sha256), {})
        ctx.files.forget(sha256)
        tx.commit()


def _forget_nameless(ctx: Context, hashes: Sequence[str]) -> None:
    """Of these files those that no row names. Nobody was told of them, so that nobody need be told
    that they go. Whoever stores the same bytes at this moment holds the file's lock."""
    with ctx.sessions() as tx:
        nameless = set(hashes) - known_files(tx, hashes)
    for sha256 in sorted(nameless):
        with ctx.sessions() as tx:
            lock_file(tx, sha256)
            if not known_files(tx, [sha256]):
                ctx.files.forget_older(sha256, UNFINISHED_SECONDS)
            tx.commit()
