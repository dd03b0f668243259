"""What is over goes some at a time, the oldest first and found by index; what is promised to be
kept is there until its last moment."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, func, select, update
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain.channels import TEMPLATE
from backend.services.base import batches
from backend.services.base.context import Actor, Context
from backend.services.files import unused
from backend.services.messages import inbox, outbox
from backend.services.messages.outbox import Message
from backend.services.people import idempotency, kept_too_long, retention, sessions
from backend.services.people.idempotency import Answer
from backend.services.people.retention import end_what_is_over
from backend.store.base import Base
from backend.store.messages import Inbox, InboxState, Outbox, OutboxState
from backend.store.people import IdempotencyKey, LoginSession, Person
from tests.build.village import Village


def rows(ctx: Context, table: type[Base]) -> int:
    with ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def received(ctx: Context, number: int, at: datetime, state: InboxState = InboxState.DONE) -> None:
    row_id = inbox.receive(ctx, "wx01", f"msg:{number}", "<xml/>")
    with ctx.sessions() as tx:
        of_row = update(Inbox).where(Inbox.id == row_id)
        tx.execute(of_row.values(received_at=at, try_at=at, state=state))
        tx.commit()


def test_whatever_has_piled_up_goes_a_few_at_a_time(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        received(ctx, number, system_clock() - timedelta(days=31, hours=number))
    received(ctx, 7, system_clock() - timedelta(days=29))
    received(ctx, 8, system_clock() - timedelta(days=400), InboxState.NEW)
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    monkeypatch.setattr(batches, "MOST_BATCHES", 3)
    inbox.forget_old(ctx)
    with ctx.sessions() as tx:
        left = tx.scalars(select(Inbox.dedupe_key).order_by(Inbox.received_at)).all()
    assert left == ["msg:8", "msg:0", "msg:7"], "the youngest of those that are over is left"
    inbox.forget_old(ctx)
    assert rows(ctx, Inbox) == 2


@pytest.mark.parametrize(
    "asked_at",
    [
        datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC),  # the last second of a month here
        datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC),  # and of a year
        datetime(2028, 2, 28, 16, 0, 0, tzinfo=UTC),  # a leap day begins
    ],
    ids=["month", "year", "leap day"],
)
def test_an_answer_is_kept_for_seven_days_over_the_end_of_a_month_and_of_a_year(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, asked_at: datetime
) -> None:
    person = a_person(ctx)
    done: list[datetime] = []

    def work(_: Context) -> Answer:
        done.append(system_clock())
        return Answer(201, "{}")

    def asked(now: datetime) -> None:
        monkeypatch.setattr(idempotency, "system_clock", lambda: now)
        idempotency.forget_old(ctx)
        idempotency.answer_once(ctx, Actor(person), "key-00000001", "request", work)

    last = asked_at + idempotency.KEPT
    for now in (asked_at, asked_at + timedelta(seconds=1), last):
        asked(now)
    assert len(done) == 1
    asked(last + timedelta(seconds=1))
    assert len(done) == 2


def a_person(ctx: Context) -> UUID:
    with ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=ctx.clock())
        tx.add(person)
        tx.commit()
        return person.id


def told(village: Village, key: str) -> UUID | None:
    """Tell the clerk something beside any case, and send it."""
    clerk = village.actor("clerk").person_id
    with village.ctx.sessions() as tx:
        words = {"task": "话"}
        message = Message(key, clerk, "clerk", TEMPLATE, "deadline_reminder", words)
        written = outbox.write(tx, village.clock(), message)
        tx.execute(update(Outbox).values(state=OutboxState.SENT, settled_at=village.clock()))
        tx.commit()
    return written


def keys(village: Village) -> Mapping[str, Any]:
    with village.ctx.sessions() as tx:
        return dict(tx.execute(select(Outbox.natural_key, Outbox.data)).all())


def test_a_message_goes_with_its_case_and_keeps_its_key_while_that_goes_on(
    village: Village,
) -> None:
    purchase, _ = village.posted()
    told(village, "unattended/clerk/2025-03-01/x")
    of_case = keys(village).keys() - {"unattended/clerk/2025-03-01/x"}
    assert of_case
    now = village.clock()
    village.clock.set(now.replace(year=now.year + 3))
    end_what_is_over(village.ctx)
    assert all(keys(village).values()), "kept to the day"
    village.clock.advance(days=1)
    end_what_is_over(village.ctx)
    assert keys(village) == {key: {} for key in of_case}
    village.manager.withdraws(purchase.id, "不办了")
    end_what_is_over(village.ctx)
    assert keys(village).keys().isdisjoint(of_case)
    assert keys(village), "what was told just now"


def test_a_message_that_was_not_sent_is_never_thrown_away(village: Village) -> None:
    purchase, _ = village.posted()
    waiting = len(keys(village))
    village.manager.withdraws(purchase.id, "不办了")
    with village.ctx.sessions() as tx:
        tx.execute(update(Outbox).values(state=OutboxState.CREATED))
        tx.commit()
    village.clock.advance(days=2000)
    end_what_is_over(village.ctx)
    assert len(keys(village)) >= waiting


def test_one_kind_that_fails_leaves_the_others_done(
    village: Village, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def _objections(*_: object) -> int:
        raise RuntimeError

    told(village, "unattended/clerk/2025-03-01/x")
    monkeypatch.setattr(retention, "_objections", _objections)
    village.clock.advance(days=2000)
    end_what_is_over(village.ctx)
    assert keys(village) == {}
    assert "does not end: _objections" in caplog.text


def test_what_takes_a_look_at_everybody_is_looked_for_once_a_day(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[datetime] = []

    def _accounts(*_: object) -> int:
        looks.append(village.clock())
        return 0

    monkeypatch.setattr(retention, "_accounts", _accounts)
    for hours in (0, 1, 24):
        village.clock.advance(hours=hours)
        end_what_is_over(village.ctx)
    assert len(looks) == 2


def test_readiness_names_what_should_be_gone(ctx: Context) -> None:
    person, now = a_person(ctx), system_clock()
    received(ctx, 1, now - inbox.KEPT - timedelta(days=1))
    with ctx.sessions() as tx:
        assert kept_too_long.kept_too_long(tx, ctx) == []
    received(ctx, 2, now - inbox.KEPT - timedelta(days=3))
    old = now - timedelta(days=30)
    with ctx.sessions() as tx:
        tx.add(LoginSession(token_hash=b"x", person_id=person, created_at=old, expires_at=old))
        tx.add(
            IdempotencyKey(person_id=person, key="k", request_hash=b"", created_at=old, id=uuid7())
        )
        tx.commit()
        late = kept_too_long.kept_too_long(tx, ctx)
    assert late == ["inbox", "idempotency_key", "login_session"]
    for forget in (inbox.forget_old, idempotency.forget_old, sessions.forget_ended):
        forget(ctx)
    with ctx.sessions() as tx:
        assert kept_too_long.kept_too_long(tx, ctx) == []


# With the years these have many rows.
GROWING = "outbox|inbox|objection|owner|idempotency_key|login_session|upload|transition|file"


@contextmanager
def planned(engine: Engine) -> Iterator[list[str]]:
    """The plans of all statements inside, made as if no table were small."""
    plans: list[str] = []

    def plan(_: object, cursor: Any, words: str, numbers: Any, *__: object) -> None:
        if re.match(r"(WITH|SELECT|UPDATE|DELETE)\b", words):
            with cursor.connection.cursor() as beside:
                beside.execute("SET LOCAL enable_seqscan = off")
                lines = beside.execute(f"EXPLAIN {words}", numbers)
                plans.append("\n".join(line for (line,) in lines))

    event.listen(engine, "before_cursor_execute", plan)
    yield plans
    event.remove(engine, "before_cursor_execute", plan)


def test_what_is_over_is_found_by_index(village: Village) -> None:
    ctx = village.ctx
    end_what_is_over(ctx)  # the look of today at everybody
    engine = ctx.sessions.kw["bind"]
    with planned(engine) as plans:
        end_what_is_over(ctx)
        for forget in (inbox.forget_old, idempotency.forget_old, sessions.forget_ended):
            forget(ctx)
        unused.forget_unused(ctx)
        with ctx.sessions() as tx:
            kept_too_long.kept_too_long(tx, ctx)
    assert len(plans) > 12
    read_whole = re.compile(rf"Seq Scan on ({GROWING})\b")
    assert [plan for plan in plans if read_whole.search(plan)] == []
