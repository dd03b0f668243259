"""Whether what should be gone is still there: nobody sweeps, or a sweep fails each time."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.desk import DRAFTS_LAST
from backend.domain.ordered import KEPT
from backend.services.base.context import Context
from backend.services.messages import inbox
from backend.services.people import idempotency
from backend.services.people.retention import objections_over
from backend.store.notices import Objection
from backend.store.ordered import OrderedFile
from backend.store.people import IdempotencyKey, LoginSession

# The sweep comes every hour; who is late by so much did not come, or did not get through.
LATE = timedelta(days=2)


def kept_too_long(tx: Session, ctx: Context) -> Sequence[str]:
    """The tables that hold rows which are over for two days and more; each is asked by index."""
    late = system_clock() - LATE
    words = objections_over(ctx, ctx.clock() - LATE).with_only_columns(Objection.id)
    over: dict[str, ColumnElement[bool]] = {
        "inbox": exists().where(*inbox.settled_before(late - inbox.KEPT)),
        "idempotency_key": exists().where(IdempotencyKey.created_at < late - idempotency.KEPT),
        "login_session": exists().where(LoginSession.expires_at < late - DRAFTS_LAST),
        "objection": words.exists(),
        "ordered_file": exists().where(OrderedFile.ordered_at < ctx.clock() - KEPT - LATE),
    }
    found = tx.execute(select(*over.values())).one()
    return [table for table, is_there in zip(over, found, strict=True) if is_there]
