"""What somebody typed into a form of the desk that could not be done, kept for them alone.

A session ends while a long text is typed; the text comes with a form that proves who it was made
for, lies sealed for a day, and stands in the same form when the same person opens it again. Real
time, as sessions.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain.desk import DRAFTS_LAST
from backend.domain.errors import Refused
from backend.services.base.access import still_here
from backend.services.base.context import Actor, Context
from backend.store.desk import DeskDraft

MOST = 20  # of one person; who has as many keeps no more


@dataclass(frozen=True)
class Draft:
    """What was typed, by the names of its fields, and when; empty where there is none."""

    words: Mapping[str, str] = field(default_factory=dict)
    kept_at: datetime | None = None


def keep(ctx: Context, author: Actor, address: str, words: Mapping[str, str]) -> bool:
    """Keep what was typed at this page of the desk, in place of what was kept there before; whether
    it is kept: nothing is of who has left, or has too many."""
    now, draft_id = system_clock(), uuid7()
    with ctx.sessions() as tx:
        try:
            still_here(tx, author)
        except Refused:
            return False
        mine = DeskDraft.person_id == author.person_id
        tx.execute(delete(DeskDraft).where(mine, DeskDraft.address == address))
        if (tx.scalar(select(func.count()).where(mine)) or 0) >= MOST:
            return False
        row = insert(DeskDraft).values(
            id=draft_id,
            person_id=author.person_id,
            address=address,
            words_sealed=ctx.cipher.seal(
                DeskDraft.words_sealed, draft_id, json.dumps(words, ensure_ascii=False)
            ),
            kept_at=now,
        )
        tx.execute(row)
        tx.commit()
    return True


def draft_at(ctx: Context, actor: Actor, address: str) -> Draft:
    """What this person typed at this page before."""
    with ctx.sessions() as tx:
        row = tx.scalar(
            select(DeskDraft).where(
                DeskDraft.person_id == actor.person_id,
                DeskDraft.address == address,
                DeskDraft.kept_at > system_clock() - DRAFTS_LAST,
            )
        )
        if row is None:
            return Draft()
        words = json.loads(ctx.cipher.open(DeskDraft.words_sealed, row.id, row.words_sealed))
        return Draft(words, row.kept_at)


def drop(ctx: Context, actor: Actor, address: str) -> None:
    """What was typed there was done."""
    with ctx.sessions() as tx:
        mine = DeskDraft.person_id == actor.person_id, DeskDraft.address == address
        tx.execute(delete(DeskDraft).where(*mine))
        tx.commit()


def forget_old(ctx: Context) -> None:
    """Drop what nobody came back for."""
    with ctx.sessions() as tx:
        tx.execute(delete(DeskDraft).where(DeskDraft.kept_at < system_clock() - DRAFTS_LAST))
        tx.commit()
