"""Messages are written with their cause, leased by one, and settled as what happened to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.channels import TEMPLATE
from backend.domain.outages import Closing
from backend.services.base.context import Context
from backend.services.messages import channel_states, delivery_results, leases, outbox
from backend.services.messages.delivery_results import Outcome
from backend.services.messages.leases import LEASE, Delivery
from backend.services.messages.unanswered import AGAIN
from backend.store.messages import ChannelState, Outbox
from backend.store.people import Identity
from tests.build.followers import Follower, known_follower, row, write_chat, write_reminder

Follow = Callable[..., Follower]
SENT = Outcome("sent", "accepted", msgid="77")
UNKNOWN = Outcome("unknown", "no_answer")
LATER = Outcome("later", "not_reached")


@pytest.fixture
def follower(ctx: Context) -> Follow:
    return lambda name: known_follower(ctx, name, f"openid of {name}")


@pytest.fixture
def anna(follower: Follow) -> Follower:
    return follower("甲")


@pytest.fixture
def reminder(ctx: Context, anna: Follower) -> UUID:
    return committed(ctx, anna, write_reminder)


@pytest.fixture
def chat(ctx: Context, anna: Follower) -> UUID:
    return committed(ctx, anna, write_chat)


def committed(ctx: Context, to: Follower, write: Callable[[Session, Context, UUID], UUID]) -> UUID:
    with ctx.sessions() as tx:
        row_id = write(tx, ctx, to.person_id)
        tx.commit()
    return row_id


def lease_one(ctx: Context, row_id: UUID) -> Delivery:
    (delivery,) = leases.take(ctx, [row_id])
    return delivery


def age(ctx: Context, row_id: UUID, by: timedelta) -> None:
    """Let real time have passed for a row."""
    with ctx.sessions() as tx:
        tx.execute(
            update(Outbox)
            .where(Outbox.id == row_id)
            .values(try_at=Outbox.try_at - by, first_tried_at=Outbox.first_tried_at - by)
        )
        tx.commit()


def test_the_same_cause_writes_one_message(ctx: Context, anna: Follower) -> None:
    with ctx.sessions() as tx:
        write_reminder(tx, ctx, anna.person_id, "deadline/1/due_today")
        tx.commit()
    with ctx.sessions() as tx, pytest.raises(AssertionError):
        write_reminder(tx, ctx, anna.person_id, "deadline/1/due_today")


def test_ids_are_handed_over_after_commit_and_not_before(ctx: Context, anna: Follower) -> None:
    woken: list[UUID] = []
    outbox.wake_after_commit(ctx.sessions, woken.extend)
    with ctx.sessions() as tx:
        with tx.begin_nested():
            first = write_reminder(tx, ctx, anna.person_id)
        assert woken == []
        second = write_reminder(tx, ctx, anna.person_id)
        tx.commit()
        assert woken == [first, second]
        tx.commit()
    assert woken == [first, second]


def test_a_rollback_hands_nothing_over(ctx: Context, anna: Follower) -> None:
    woken: list[UUID] = []
    outbox.wake_after_commit(ctx.sessions, woken.extend)
    with ctx.sessions() as tx:
        write_reminder(tx, ctx, anna.person_id)
        tx.rollback()
        kept = write_reminder(tx, ctx, anna.person_id)
        tx.commit()
    assert woken == [kept]


def test_a_claimed_message_is_nobody_elses(ctx: Context, reminder: UUID) -> None:
    assert len(leases.take(ctx, [reminder])) == 1
    assert leases.take(ctx, [reminder]) == []
    assert leases.due_ids(ctx) == []


def test_many_messages_of_one_party_delay_anothers_by_a_batch(
    ctx: Context, anna: Follower, follower: Follow
) -> None:
    many = [committed(ctx, anna, write_reminder) for _ in range(6)]
    other = committed(ctx, follower("乙"), write_reminder)
    assert [each.id for each in leases.take_due(ctx, 2)] == [many[0], other]
    assert [each.id for each in leases.take_due(ctx, 2)] == many[1:3]


def test_what_is_no_news_any_more_delays_nobody(
    ctx: Context, anna: Follower, follower: Follow
) -> None:
    over = [committed(ctx, each, write_to_an_owner) for each in (anna, follower("乙"))]
    other = committed(ctx, follower("丙"), write_reminder)
    assert [each.id for each in leases.take_due(ctx, 2)] == [other]
    assert {row(ctx, each).state for each in over} == {"superseded"}


def write_to_an_owner(tx: Session, ctx: Context, person_id: UUID) -> UUID:
    """To somebody who owns nothing (any more)."""
    row_id = write_reminder(tx, ctx, person_id)
    tx.execute(update(Outbox).where(Outbox.id == row_id).values(role="owner"))
    return row_id


def test_what_was_tried_before_has_every_second_place(ctx: Context, anna: Follower) -> None:
    tried, new = ([committed(ctx, anna, write_reminder) for _ in range(4)] for _ in range(2))
    delivery_results.record_outcomes(
        ctx, [(delivery, LATER) for delivery in leases.take(ctx, tried)]
    )
    for row_id in tried:
        age(ctx, row_id, timedelta(days=1))
    taken = {each.id for each in leases.take_due(ctx, 4)}
    assert (len(taken & set(tried)), taken & set(new)) == (2, set(new[:2]))
    assert len(leases.take_due(ctx, 10)) == 4


def test_two_workers_claim_each_message_once(ctx: Context, anna: Follower) -> None:
    ids = [committed(ctx, anna, write_reminder) for _ in range(5)]
    with ctx.sessions() as tx:
        tx.execute(select(Outbox.id).where(Outbox.id.in_(ids[:2])).with_for_update())
        assert [delivery.id for delivery in leases.take(ctx, ids)] == ids[2:]


def test_a_sent_message_keeps_the_platforms_id(ctx: Context, reminder: UUID) -> None:
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), SENT)])
    after = row(ctx, reminder)
    assert (after.state, after.msgid, after.outcome) == ("sent", "77", "accepted")
    assert leases.take(ctx, [reminder]) == []


def test_what_surely_was_not_sent_is_tried_again_after_a_pause(
    ctx: Context, reminder: UUID
) -> None:
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), LATER)])
    after = row(ctx, reminder)
    assert (after.state, after.first_tried_at) == ("created", None)
    assert timedelta(seconds=3) < after.try_at - system_clock() < timedelta(seconds=7)
    assert leases.due_ids(ctx) == []
    age(ctx, reminder, timedelta(seconds=7))
    assert leases.due_ids(ctx) == [reminder]


def test_what_surely_was_not_sent_is_never_given_up(ctx: Context, reminder: UUID) -> None:
    for _ in range(40):
        delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), LATER)])
        assert row(ctx, reminder).state == "created"
        age(ctx, reminder, timedelta(hours=2))
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), SENT)])
    assert row(ctx, reminder).state == "sent"


@pytest.mark.parametrize(
    ("tries", "at_least", "at_most"), [(1, 3, 7), (3, 33, 57), (9, 2699, 4501), (999, 2699, 4501)]
)
def test_pauses_grow_to_an_hour(tries: int, at_least: int, at_most: int) -> None:
    assert at_least < delivery_results.pause(tries).total_seconds() < at_most


def test_what_waits_for_its_channel_is_due_as_soon_as_that_is_open(
    ctx: Context, reminder: UUID
) -> None:
    quota = Outcome("later", "daily_quota", closes=Closing("daily_quota", 45009))
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), quota)])
    after = row(ctx, reminder)
    assert (after.state, after.outcome, after.first_tried_at) == ("created", "daily_quota", None)
    assert after.try_at <= system_clock()


def test_an_unanswered_template_message_is_repeated_under_its_id(
    ctx: Context, reminder: UUID
) -> None:
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), UNKNOWN)])
    assert row(ctx, reminder).state == "sending"
    age(ctx, reminder, timedelta(seconds=10))
    assert leases.due_ids(ctx) == [reminder]
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), SENT)])
    assert row(ctx, reminder).state == "sent"


def test_a_clear_refusal_of_a_repeat_leaves_the_first_try_open(
    ctx: Context, reminder: UUID
) -> None:
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), UNKNOWN)])
    age(ctx, reminder, timedelta(seconds=10))
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), LATER)])
    after = row(ctx, reminder)
    assert (after.state, after.first_tried_at is None) == ("sending", False)


def test_what_nobody_answered_is_posted_anew_after_ten_minutes_once_its_channel_is_open(
    ctx: Context, reminder: UUID
) -> None:
    channel_states.close(ctx, "template", Closing("no_answer"), tried=False)
    unanswered = replace(UNKNOWN, closes=Closing("no_answer"))
    with ctx.sessions() as tx:
        tx.execute(update(ChannelState).values(probe_at=system_clock()))
        tx.commit()
    (taken,) = leases.take(ctx, [])
    assert (taken.id, taken.probing) == (reminder, True)
    delivery_results.record_outcomes(ctx, [(taken, unanswered)])
    assert leases.due_ids(ctx) == []
    age(ctx, reminder, TEMPLATE.repeat_safe)
    assert leases.due_ids(ctx) == []
    assert (row(ctx, reminder).state, row(ctx, reminder).outcome) == ("unknown", "no_answer")
    channel_states.open_again(ctx, "template")
    assert leases.due_ids(ctx) == [reminder]
    assert (row(ctx, reminder).state, row(ctx, reminder).first_tried_at) == ("created", None)
    again = lease_one(ctx, reminder)
    assert (taken.posted_again, again.posted_again) == (False, True)
    later = Outcome("later", "not_reached", closes=Closing("not_reached"))
    delivery_results.record_outcomes(ctx, [(again, later)])
    age(ctx, reminder, timedelta(minutes=1))
    anew = lease_one(ctx, reminder)
    assert anew.posted_again, "it still may have come before"
    delivery_results.record_outcomes(ctx, [(anew, UNKNOWN)])
    age(ctx, reminder, TEMPLATE.repeat_safe)
    assert leases.due_ids(ctx) == [], "once more, not for ever"
    after = row(ctx, reminder)
    assert (after.state, after.outcome) == ("unknown", "no_answer_again")


def test_what_a_report_settled_is_not_posted_anew(ctx: Context, reminder: UUID) -> None:
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), UNKNOWN)])
    with ctx.sessions() as tx:
        assert delivery_results.finish(tx, ctx, "openid of 甲", "91", "success")
        assert not delivery_results.finish(tx, ctx, "openid of 甲", "92", "success")
        tx.commit()
    age(ctx, reminder, TEMPLATE.repeat_safe)
    assert leases.due_ids(ctx) == []
    after = row(ctx, reminder)
    assert (after.state, after.outcome, after.msgid) == ("sent", "delivered", "91")


def test_what_an_officer_sent_instead_is_not_posted_anew(ctx: Context, reminder: UUID) -> None:
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), UNKNOWN)])
    age(ctx, reminder, TEMPLATE.repeat_safe)
    with ctx.sessions() as tx:
        outbox.write_again(tx, tx.get_one(Outbox, reminder), AGAIN, TEMPLATE)
        tx.commit()
    (instead,) = leases.due_ids(ctx)
    assert instead != reminder
    assert row(ctx, reminder).state == "unknown"


def test_an_unanswered_chat_message_is_never_repeated(ctx: Context, chat: UUID) -> None:
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, chat), UNKNOWN)])
    assert row(ctx, chat).state == "unknown"
    assert leases.due_ids(ctx) == []


def test_what_a_lost_worker_held_comes_back(ctx: Context, reminder: UUID) -> None:
    first = lease_one(ctx, reminder)
    assert row(ctx, reminder).first_tried_at == first.leased_at, "taking it is beginning it"
    age(ctx, reminder, LEASE)
    assert leases.due_ids(ctx) == [reminder]
    second = lease_one(ctx, reminder)
    assert second.attempts == 2
    delivery_results.record_outcomes(ctx, [(first, Outcome("failed", "too late to say"))])
    assert row(ctx, reminder).state == "sending"
    delivery_results.record_outcomes(ctx, [(second, SENT)])
    assert row(ctx, reminder).state == "sent"


def test_what_a_lost_worker_held_for_longer_than_repeats_are_known_is_posted_anew(
    ctx: Context, reminder: UUID
) -> None:
    lease_one(ctx, reminder)
    age(ctx, reminder, TEMPLATE.repeat_safe)
    channel_states.close(ctx, "template", Closing("not_reached"), tried=False)
    assert leases.due_ids(ctx) == []
    assert row(ctx, reminder).state == "unknown"
    channel_states.open_again(ctx, "template")
    assert leases.due_ids(ctx) == [reminder]
    assert lease_one(ctx, reminder).first_tried_at is None


def test_what_a_lost_worker_had_not_begun_is_as_if_nobody_had_taken_it(
    ctx: Context, chat: UUID
) -> None:
    first = lease_one(ctx, chat)
    age(ctx, chat, LEASE)
    assert leases.due_ids(ctx) == [chat]
    assert leases.begin(ctx, [first]) == frozenset(), "it came back to life too late"
    second = lease_one(ctx, chat)
    assert leases.begin(ctx, [first]) == frozenset(), "and it is another's now"
    assert leases.begin(ctx, [second]) == {chat}


def test_a_chat_message_that_a_lost_worker_was_posting_is_unknown(ctx: Context, chat: UUID) -> None:
    delivery = lease_one(ctx, chat)
    leases.begin(ctx, [delivery])
    age(ctx, chat, LEASE)
    assert leases.take(ctx, [chat]) == []
    assert leases.due_ids(ctx) == []
    after = row(ctx, chat)
    assert (after.state, after.outcome) == ("unknown", "worker_lost")
    # The worker was only slow, and knows better.
    delivery_results.record_outcomes(ctx, [(delivery, SENT)])
    assert row(ctx, chat).state == "sent"


def test_a_person_without_the_service_account_cannot_be_addressed(
    ctx: Context, anna: Follower, reminder: UUID
) -> None:
    with ctx.sessions() as tx:
        tx.execute(update(Identity).values(appid="wx0000000000000000"))
        tx.commit()
    assert lease_one(ctx, reminder).undeliverable == "no_identity"


def test_someone_who_left_is_marked_and_not_written_to_again(
    ctx: Context, anna: Follower, reminder: UUID
) -> None:
    gone = Outcome("failed", "43004", unreachable=True)
    delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), gone)])
    assert row(ctx, reminder).state == "failed"
    later = committed(ctx, anna, write_reminder)
    assert lease_one(ctx, later).undeliverable == "unreachable"


class TestTheEndThatThePlatformReports:
    @pytest.fixture
    def sent(self, ctx: Context, reminder: UUID) -> UUID:
        delivery_results.record_outcomes(ctx, [(lease_one(ctx, reminder), SENT)])
        return reminder

    def finish(self, ctx: Context, status: str, msgid: str = "77") -> bool:
        with ctx.sessions() as tx:
            known = delivery_results.finish(tx, ctx, "openid of 甲", msgid, status)
            tx.commit()
        return known

    def test_delivered(self, ctx: Context, sent: UUID) -> None:
        assert self.finish(ctx, "success")
        assert (row(ctx, sent).state, row(ctx, sent).outcome) == ("sent", "delivered")

    def test_blocked_by_the_person(self, ctx: Context, sent: UUID) -> None:
        assert self.finish(ctx, "failed:user block")
        with ctx.sessions() as tx:
            assert tx.scalars(select(Identity.reachable)).all() == [False]
        assert leases.due_ids(ctx) == []

    def test_a_failure_of_the_platform_is_sent_once_more_under_a_new_id(
        self, ctx: Context, sent: UUID
    ) -> None:
        assert self.finish(ctx, "failed: system failed")
        (again,) = leases.due_ids(ctx)
        assert again != sent
        delivery_results.record_outcomes(
            ctx, [(lease_one(ctx, again), Outcome("sent", "accepted", msgid="78"))]
        )
        assert self.finish(ctx, "failed: system failed", "78")
        assert leases.due_ids(ctx) == []

    def test_an_unknown_msgid(self, ctx: Context, sent: UUID) -> None:
        assert not self.finish(ctx, "failed: system failed", "79")


def test_due_messages_come_oldest_first(ctx: Context, anna: Follower) -> None:
    ids = [committed(ctx, anna, write_reminder) for _ in range(3)]
    age(ctx, ids[2], timedelta(minutes=1))
    assert leases.due_ids(ctx, batch_size=2) == [ids[2], ids[0]]


def test_times_of_a_delivery_are_real(ctx: Context, reminder: UUID) -> None:
    assert abs(lease_one(ctx, reminder).leased_at - datetime.now(tz=system_clock().tzinfo)) < LEASE
