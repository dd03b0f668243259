"""A batch of messages is sent side by side; what one sender does wrong holds up no other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from backend.clock import system_clock
from backend.services.base.context import Context
from backend.services.messages import leases, sending
from backend.services.messages.delivery_results import INTERNAL_ERROR, Outcome
from backend.services.messages.leases import LEASE, Delivery
from tests.build.followers import Follower, known_follower, row, write_chat, write_reminder

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


@pytest.mark.parametrize(("spent", "kind"), [(LEASE / 3, "sent"), (LEASE, "later")])
def test_nothing_is_begun_that_another_worker_might_begin_too(
    ctx: Context, spent: timedelta, kind: str
) -> None:
    rows = written(ctx, write_reminder, known_follower(ctx, "甲", "a"))
    (taken,) = leases.take(ctx, rows)
    late = replace(taken, leased_at=system_clock() - spent)
    assert sending.send_in_time(late, lambda _: SENT).kind == kind
