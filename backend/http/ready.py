"""`/readyz`: whether this process can do its work now, and what waits for the operator."""

import json
from collections.abc import Iterator

from flask import Response
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from backend.http.parts import parts
from backend.services.messages import channel_states, delivery_results
from backend.services.people.kept_too_long import kept_too_long
from backend.store import keys, schema


def readyz() -> Response:
    """200 when all that requests need is there, else 503; `failing` names what is not.

    Redis is named and does no harm: it only makes things quick. So are tables whose old rows should
    be gone (`kept_too_long`): the clock's work is not done; and the channels that are closed, with
    the reason, since messages wait for these.
    """
    failing: list[str] = []
    waiting, late, closed = {}, list[str](), dict[str, str | None]()
    try:
        with parts().ctx.sessions() as tx:
            failing += _wrong_in(tx)
            if not failing:
                waiting = dict(delivery_results.waiting(tx))
                closed = {one.channel: one.reason for one in channel_states.closed(tx).values()}
                late = list(kept_too_long(tx, parts().ctx))
    except (OperationalError, PoolTimeout):
        failing.append("database")
    if not parts().ctx.files.can_keep():
        failing.append("files")
    ready = not failing
    if not parts().guesses.answers():
        failing.append("redis")
    found = {
        "status": "ok" if ready else "not_ready",
        "failing": failing,
        "waiting_for_operator": waiting,
        "kept_too_long": late,
        "closed_channels": closed,
    }
    body = json.dumps(found, separators=(",", ":"))
    return Response(body, 200 if ready else 503, mimetype="application/json")


def _wrong_in(tx: Session) -> Iterator[str]:
    try:
        found = tx.scalar(text(schema.CURRENT))
    except ProgrammingError:  # no such table
        found = None
    # On newer tables the programs of before work on, until those that made them take over.
    if found is None or found < schema.head():
        yield "schema"
        return
    # A program that was forgotten when the key was changed cannot open what the others seal.
    noted = [bytes(key) for key in tx.scalars(text(keys.NOTED))]
    if keys.fault(parts().ctx.cipher, noted):
        yield "key"
