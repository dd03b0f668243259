"""A batch of messages is sent side by side; what one sender does wrong holds up no other."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from backend.clock import system_clock
from backend.domain.outages import OF_USE, Closing, Urgency
from backend.services.base.context import Context
from backend.services.messages import channel_states, delivery_results, leases, sending
from backend.services.messages.delivery_results import INTERNAL_ERROR, Outcome
from backend.services.messages.leases import LEASE, Delivery
from backend.services.messages.pieces import Pieces
from backend.store.messages import Outbox
from tests.build.followers import (
    Follower,
    known_follower,
    row,
    try_closed_channels,
    write_chat,
    write_reminder,
)
from tests.build.machine_clock import machine_clock
from tests.build.waiting import at_once

SENT = Outcome("sent", "accepted")


def written(ctx: Context, write: Callable[..., UUID], *people: Follower) -> list[UUID]:
    with ctx.sessions() as tx:
        rows = [write(tx, ctx, each.person_id) for each in people]
        tx.commit()
    return rows


def states(ctx: Context, rows: list[UUID]) -> list[tuple[str, str | None]]:
    return [(each.state, each.outcome) for each in (row(ctx, one) for one in rows)]


def test_one_that_cannot_be_sent_holds_up_no_other(ctx: Context) -> None:
    anna = known_follower(ctx, "甲", "a")
    gone = known_follower(ctx, "乙", "b", reachable=False)
    rows = written(ctx, write_reminder, anna, anna, gone)
    called: list[UUID] = []

    def send(delivery: Delivery) -> Outcome:
        called.append(delivery.id)
        if delivery.id == rows[0]:
            raise ValueError(delivery.template)
        return SENT

    sending.deliver(ctx, rows, send)
    assert states(ctx, rows) == [
        ("failed", INTERNAL_ERROR),
        ("sent", "accepted"),
        ("failed", "unreachable"),
    ]
    assert {*called} == {*rows[:2]}, "nobody calls the platform for who has no address"
    sending.deliver(ctx, rows, send)
    assert len(called) == 2, "again nothing is sent"


def test_while_the_threads_are_busy_what_else_is_due_goes_along(ctx: Context) -> None:
    anna = known_follower(ctx, "甲", "a")
    rows = written(ctx, write_reminder, *[anna] * 4)
    sending.deliver(ctx, rows[:1], lambda _: SENT, threads=2)
    assert [state for state, _ in states(ctx, rows)] == ["sent", "created", "created", "created"]
    sending.deliver(ctx, rows[1:3], lambda _: SENT, threads=2)
    assert {state for state, _ in states(ctx, rows)} == {"sent"}


def test_what_one_person_reads_in_a_chat_comes_in_its_order(ctx: Context) -> None:
    people = [known_follower(ctx, name, name) for name in ("甲", "乙")]
    rows = written(ctx, write_chat, *people * 5)
    told: dict[UUID, list[UUID]] = {each.person_id: [] for each in people}

    def send(delivery: Delivery) -> Outcome:
        told[delivery.person_id].append(delivery.id)
        return SENT

    sending.deliver(ctx, rows, send, threads=8)
    assert [told[each.person_id] for each in people] == [rows[::2], rows[1::2]]


def test_what_waited_for_a_closed_chat_comes_before_what_was_written_meanwhile(
    ctx: Context,
) -> None:
    anna = known_follower(ctx, "甲", "a")
    closes = Outcome("later", "not_reached", closes=Closing("not_reached"))
    first = written(ctx, write_chat, anna)
    sending.deliver(ctx, first, lambda _: closes)
    second = written(ctx, write_chat, anna)
    told: list[UUID] = []

    def send(delivery: Delivery) -> Outcome:
        told.append(delivery.id)
        return SENT

    try_closed_channels(ctx)
    for _ in range(2):
        sending.deliver(ctx, leases.due_ids(ctx), send)
    assert told == [*first, *second]


def test_how_sends_ended_is_written_down_though_the_database_goes_away_for_a_moment(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = written(ctx, write_chat, known_follower(ctx, "甲", "a"))
    tries: list[int] = []
    record = delivery_results.record_outcomes

    def away_at_first(*args: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("", {}, Exception("gone"))
        record(*args)

    monkeypatch.setattr(sending, "SETTLE_AGAIN", (0, 0))
    monkeypatch.setattr(delivery_results, "record_outcomes", away_at_first)
    sending.deliver(ctx, [one], lambda _: SENT)
    assert states(ctx, [one]) == [("sent", "accepted")]


def test_what_cannot_be_said_to_be_begun_is_not_sent_and_waits(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = written(ctx, write_chat, known_follower(ctx, "甲", "a"))

    def away(*_: object) -> Any:
        raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(leases, "begin", away)
    sending.deliver(ctx, [one], lambda _: pytest.fail("sent"))
    assert row(ctx, one).first_tried_at is None


def test_a_closed_channel_keeps_its_messages_and_others_go_out(ctx: Context) -> None:
    anna = known_follower(ctx, "甲", "a")
    reminders = written(ctx, write_reminder, *[anna] * 3)
    chats = written(ctx, write_chat, *[anna] * 2)
    called: list[UUID] = []

    def away(delivery: Delivery) -> Outcome:
        called.append(delivery.id)
        if delivery.channel == "chat":
            return SENT
        return Outcome("later", "not_reached", closes=Closing("not_reached"))

    sending.deliver(ctx, [*reminders, *chats], away, threads=1)
    assert {*called} == {*chats, reminders[0]}, "the first verdict is every message's"
    assert {state for state, _ in states(ctx, chats)} == {"sent"}
    assert states(ctx, reminders) == [("created", "not_reached")] * 3
    assert leases.due_ids(ctx) == []
    assert leases.take(ctx, reminders) == []
    try_closed_channels(ctx)
    sending.deliver(ctx, leases.due_ids(ctx), away)
    assert len(called) == 4, "one tries"
    try_closed_channels(ctx)
    sending.deliver(ctx, leases.due_ids(ctx), lambda _: SENT)
    sending.deliver(ctx, leases.due_ids(ctx), lambda _: SENT)
    assert {state for state, _ in states(ctx, reminders)} == {"sent"}


def test_whether_a_channel_is_closed_may_not_be_written_down_and_sending_goes_on(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = written(ctx, write_reminder, *[known_follower(ctx, "甲", "a")] * 2)

    def away(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(channel_states, "close", away)
    closes = Outcome("later", "not_reached", closes=Closing("not_reached"))
    sending.deliver(ctx, rows, lambda _: closes, threads=1)
    assert states(ctx, rows) == [("created", "not_reached")] * 2


def test_a_channel_that_another_process_opened_is_open_for_what_is_taken_since(
    ctx: Context,
) -> None:
    first, second = written(ctx, write_reminder, *[known_follower(ctx, "甲", "a")] * 2)
    outcomes = iter([Outcome("later", "-1", closes=Closing("-1", -1)), SENT])
    one = sending.Sending(ctx, lambda _: next(outcomes))
    (before,) = leases.take(ctx, [first])
    assert one(before).kind == "later"
    channel_states.open_again(ctx, before.channel)
    (since,) = leases.take(ctx, [second])
    assert one(since) == SENT


def test_one_message_that_closes_its_channel_each_time_keeps_no_other_for_ever(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = machine_clock(monkeypatch, system_clock())
    anna = known_follower(ctx, "甲", "a")
    poison, *others = written(ctx, write_reminder, *[anna] * 4)
    with ctx.sessions() as tx:
        tx.execute(update(Outbox).where(Outbox.id == poison).values(urgency=Urgency.TODAY))
        tx.commit()
    tries: list[UUID] = []

    def send(delivery: Delivery) -> Outcome:
        tries.append(delivery.id)
        if delivery.id == poison:
            return Outcome("later", "-1", closes=Closing("-1", -1))
        return SENT

    for _ in range(30):
        sending.deliver(ctx, leases.due_ids(ctx), send, threads=1)
        machine.advance(minutes=1)
    assert {state for state, _ in states(ctx, others)} == {"sent"}
    assert 5 < tries.count(poison) < 20, "and it is tried on, of a moment's fault too"


def test_what_is_urgent_goes_first_and_what_is_of_no_use_any_more_not_at_all(ctx: Context) -> None:
    people = [known_follower(ctx, name, name) for name in ("甲", "乙", "丙")]
    news, old, urgent = written(ctx, write_reminder, *people)
    with ctx.sessions() as tx:
        long_ago = ctx.clock() - OF_USE["purchase_progress"] - timedelta(minutes=1)
        progress = update(Outbox).where(Outbox.id == old)
        tx.execute(progress.values(template="purchase_progress", written_at=long_ago))
        tx.execute(update(Outbox).where(Outbox.id == news).values(urgency=Urgency.NEWS))
        tx.commit()
    assert [each.id for each in leases.take_due(ctx, 1)] == [urgent]
    assert [each.id for each in leases.take_due(ctx, 2)] == [news]
    assert row(ctx, old).state == "superseded"


def test_each_item_of_a_batch_is_prepared_before_and_handed_out_once() -> None:
    prepared: list[int] = []

    def prepare(piece: Sequence[int]) -> Sequence[int]:
        prepared.extend(piece)
        return [each for each in piece if each % 10]

    left = Pieces(range(1000), prepare, 16)

    def take() -> list[int]:
        taken = []
        for each in left:
            assert each in prepared
            taken.append(each)
        return taken

    taken = sorted(chain.from_iterable(at_once([take] * 8)))
    assert taken == [each for each in range(1000) if each % 10]


@pytest.mark.parametrize(("spent", "kind"), [(LEASE / 3, "sent"), (LEASE, "later")])
def test_nothing_is_begun_that_another_worker_might_begin_too(
    ctx: Context, spent: timedelta, kind: str
) -> None:
    rows = written(ctx, write_reminder, known_follower(ctx, "甲", "a"))
    (taken,) = leases.take(ctx, rows)
    late = replace(taken, leased_at=system_clock() - spent)
    assert sending.send_in_time(late, lambda _: SENT).kind == kind
