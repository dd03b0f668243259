"""Callbacks are stored once, worked on one by one, and given up only after many tries."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.domain.errors import refuse
from backend.services.base.context import Context
from backend.services.messages import inbox
from backend.services.messages.inbox import MAX_ATTEMPTS, Callback, NotYet
from backend.store.database import make_engine
from backend.store.messages import Inbox, UnreadableCallback
from backend.store.people import Identity, Person
from tests.build.databases import Database


def received(ctx: Context, key: str, body: str = "<xml/>") -> UUID:
    row_id = inbox.receive(ctx, "wx01", key, body)
    assert row_id is not None
    return row_id


def row(ctx: Context, row_id: UUID) -> Inbox:
    with ctx.sessions() as tx:
        return tx.get_one(Inbox, row_id)


def let_time_pass(ctx: Context, **units: float) -> None:
    with ctx.sessions() as tx:
        by = timedelta(**units)
        tx.execute(
            update(Inbox).values(received_at=Inbox.received_at - by, try_at=Inbox.try_at - by)
        )
        tx.commit()


def test_a_repeated_callback_is_stored_once(ctx: Context) -> None:
    received(ctx, "msg:1")
    assert inbox.receive(ctx, "wx01", "msg:1", "<xml/>") is None
    assert inbox.receive(ctx, "wx02", "msg:1", "<xml/>") is not None


def test_the_body_is_sealed_in_the_database_and_open_for_the_handler(ctx: Context) -> None:
    row_id = received(ctx, "msg:1", "保费偏高")
    assert "保费偏高".encode() not in row(ctx, row_id).body_sealed
    seen: list[Callback] = []
    inbox.process(ctx, [row_id], lambda _, callback: seen.append(callback))
    assert [callback.body for callback in seen] == ["保费偏高"]


def test_a_callback_is_worked_on_once(ctx: Context) -> None:
    ids = [received(ctx, "msg:1"), received(ctx, "msg:2")]
    seen: list[UUID] = []
    for _ in range(2):
        inbox.process(ctx, ids, lambda _, callback: seen.append(callback.id))
    assert seen == ids
    assert row(ctx, ids[0]).state == "done"


def test_settled_callbacks_are_forgotten_after_a_month(ctx: Context, database: Database) -> None:
    done, waiting = received(ctx, "msg:1"), received(ctx, "msg:2")
    inbox.process(ctx, [done], lambda _tx, _callback: None)
    inbox.keep_unreadable_callback(ctx, "wx01", "<", "not XML")
    inbox.forget_old(ctx)
    assert row(ctx, done).state == "done"
    let_time_pass(ctx, days=30)
    as_owner = make_engine(database.owner_url)
    with as_owner.begin() as owner:
        owner.execute(
            update(UnreadableCallback).values(
                received_at=UnreadableCallback.received_at - inbox.KEPT
            )
        )
    as_owner.dispose()
    inbox.forget_old(ctx)
    with ctx.sessions() as tx:
        assert tx.scalars(select(Inbox.id)).all() == [waiting]
        assert tx.scalars(select(UnreadableCallback.id)).all() == []


def test_what_the_handler_writes_is_committed_with_it(ctx: Context) -> None:
    def handle(tx: Session, callback: Callback) -> None:
        tx.add(Person(name_sealed=None, created_at=callback.received_at))
        if callback.body == "bad":
            raise RuntimeError("after writing")

    ids = [received(ctx, "msg:1", "bad"), received(ctx, "msg:2", "good")]
    inbox.process(ctx, ids, handle)
    with ctx.sessions() as tx:
        assert len(tx.scalars(select(Person)).all()) == 1
    assert [row(ctx, row_id).state for row_id in ids] == ["new", "done"]


def test_a_failure_is_counted_and_keeps_no_words(ctx: Context) -> None:
    def handle(tx: Session, callback: Callback) -> None:
        raise RuntimeError(callback.body)

    row_id = received(ctx, "msg:1", "张三说")
    inbox.process(ctx, [row_id], handle)
    assert (row(ctx, row_id).attempts, row(ctx, row_id).error) == (1, "RuntimeError")


def test_a_callback_that_nobody_was_woken_for_is_found(ctx: Context) -> None:
    row_id = received(ctx, "msg:1")
    assert inbox.due_ids(ctx) == []
    let_time_pass(ctx, seconds=2)
    assert inbox.due_ids(ctx) == [row_id]


def test_tries_are_spread_and_end(ctx: Context, caplog: pytest.LogCaptureFixture) -> None:
    def handle(tx: Session, callback: Callback) -> None:
        raise NotYet

    row_id = received(ctx, "msg:1")
    for pause in (8, 32, 128, 512, 2048, 8192):
        inbox.process(ctx, [row_id], handle)
        assert row(ctx, row_id).state == "new"
        let_time_pass(ctx, seconds=pause / 2)
        assert inbox.due_ids(ctx) == []
        let_time_pass(ctx, seconds=pause / 2 + 2)
        assert inbox.due_ids(ctx) == [row_id]
    inbox.process(ctx, [row_id], handle)
    let_time_pass(ctx, days=1)
    assert inbox.due_ids(ctx) == []
    assert row(ctx, row_id).state == "dead"
    assert "given up" in caplog.text


def test_however_often_somebody_is_woken_the_pause_holds(ctx: Context) -> None:
    """A short fault while wake-ups pile up must not use up the tries."""
    tries: list[UUID] = []

    def handle(tx: Session, callback: Callback) -> None:
        tries.append(callback.id)
        raise RuntimeError

    row_id = received(ctx, "msg:1")
    for _ in range(MAX_ATTEMPTS):
        inbox.process(ctx, [row_id, row_id], handle)
    assert tries == [row_id]
    assert (row(ctx, row_id).state, row(ctx, row_id).attempts) == ("new", 1)


def test_while_the_platform_cannot_be_asked_a_callback_waits_and_is_never_given_up(
    ctx: Context,
) -> None:
    def handle(tx: Session, callback: Callback) -> None:
        raise refuse("platform_unavailable", "微信暂时没有响应", kind="unavailable")

    row_id = received(ctx, "msg:1")
    for _ in range(2 * MAX_ATTEMPTS):
        inbox.process(ctx, [row_id], handle)
        let_time_pass(ctx, days=1)
    assert row(ctx, row_id).state == "new"
    inbox.process(ctx, [row_id], lambda _tx, _callback: None)
    assert row(ctx, row_id).state == "done"


def test_a_callback_that_another_worker_holds_is_left_to_it(ctx: Context) -> None:
    row_id = received(ctx, "msg:1")
    with ctx.sessions() as tx:
        tx.execute(select(Inbox).where(Inbox.id == row_id).with_for_update())
        seen: list[UUID] = []
        inbox.process(ctx, [row_id], lambda _, callback: seen.append(callback.id))
    assert seen == []
    assert row(ctx, row_id).attempts == 0


def test_the_log_of_a_failure_quotes_nobody(ctx: Context, caplog: pytest.LogCaptureFixture) -> None:
    """PostgreSQL names the values of a broken key; two callbacks of a new follower may break it."""

    def meet_twice(tx: Session, _callback: Callback) -> None:
        person = Person(name_sealed=None, created_at=ctx.clock())
        tx.add(person)
        tx.flush()
        for _ in range(2):
            tx.add(
                Identity(
                    person_id=person.id,
                    platform="service_account",
                    appid="wx01",
                    openid="o-of-somebody",
                    reachable=True,
                    seen_at=ctx.clock(),
                )
            )
            tx.flush()

    inbox.process(ctx, [received(ctx, "msg:1")], meet_twice)
    assert "uq_identity_appid_openid" in caplog.text
    assert "o-of-somebody" not in caplog.text


def test_a_unreadable_callback_keeps_the_body_sealed(ctx: Context) -> None:
    inbox.keep_unreadable_callback(ctx, "wx01", "<xml>half", "not XML")
    with ctx.sessions() as tx:
        callback = tx.scalars(select(UnreadableCallback)).one()
    column = UnreadableCallback.body_sealed
    assert ctx.cipher.open(column, callback.id, callback.body_sealed) == "<xml>half"
    assert callback.error == "not XML"
