"""What fails in a sweep holds up nothing else: it is put off, and tried and told of again later."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from backend.services.base.context import Context
from backend.services.case import followers, reminders
from backend.services.case import steps as case_steps
from backend.services.case.deadlines import PUT_OFF
from backend.services.messages import follows
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.purchases import Purchase
from tests.build.counting import Counter
from tests.build.looking import (
    approve,
    at,
    carry,
    case,
    letters,
    limits,
    notice_of,
    planned_for,
    post,
)
from tests.build.many_cases import copy_case
from tests.build.residents import follow_us, messages_to
from tests.build.village import Village

OWN = ("id", "subject_id", "purchase_id")  # of a limit
BROKEN = RuntimeError("broken")


def but_for(this: UUID, real: Callable[..., Any], id_of: Callable[..., UUID]) -> Callable[..., Any]:
    """The same, but it fails for one subject."""

    def broken(*args: Any) -> Any:
        if id_of(*args) == this:
            raise BROKEN
        return real(*args)

    return broken


def two_policies(village: Village) -> list[Purchase]:
    """Two cases whose cover begins on one day."""
    return [carry(village, planned_for(village, [lift]), "policy_issued") for lift in village.lifts]


def complaints(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.levelno == logging.ERROR for record in caplog.records)


def test_a_case_that_cannot_move_lets_the_next_one_pass_and_is_tried_again_later(
    village: Village, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = two_policies(village)
    settle = case_steps.settle
    broken = but_for(first.id, settle, lambda case, *_: case.purchase.id)
    monkeypatch.setattr(case_steps, "settle", broken)
    village.clock.set(at("2025-04-01 00:00"))
    assert [case_steps.sweep(village.ctx, batch_size=1) for _ in range(4)] == [0, 1, 0, 0]
    assert case(village, second).state == "in_force"
    assert complaints(caplog) == 1
    village.clock.set(village.clock() + PUT_OFF)
    assert case_steps.sweep(village.ctx) == 0
    assert complaints(caplog) == 2
    monkeypatch.setattr(case_steps, "settle", settle)
    village.clock.set(village.clock() + PUT_OFF)
    assert case_steps.sweep(village.ctx) == 1
    assert case(village, first).state == "in_force"


def test_a_case_that_somebody_is_at_work_on_is_not_put_off(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Say it failed because it was locked: whoever has it says when it wakes."""
    insured = village.insured()
    village.clock.set(at("2025-04-01 00:00"))

    def locked(ctx: Context, purchase_id: UUID) -> bool:
        raise BROKEN

    monkeypatch.setattr(case_steps, "_wake", locked)
    with village.ctx.sessions() as tx:
        tx.get_one(Purchase, insured.id, with_for_update=True)
        case_steps.sweep(village.ctx)
    assert case(village, insured).wakes_at == at("2025-04-01 00:00")


MOST_PER_LIMIT = 1
# How the sweep begins and ends, and what is looked up for all limits alike.
ANYHOW = 14


def test_a_limit_more_is_few_statements_more(village: Village) -> None:
    purchases = [planned_for(village, [lift]) for lift in village.lifts]
    ends = [limits(village, purchase)["approval"] for purchase in purchases]
    due = {each.next_reminder_at for each in ends}
    village.clock.set(max(day for day in due if day))
    with Counter(village.ctx) as counter:
        assert reminders.sweep(village.ctx) == 2
    assert counter.queries <= ANYHOW + 2 * MOST_PER_LIMIT
    assert all(
        "deadline_reminder" in {each for _, each, _ in letters(village, purchase)}
        for purchase in purchases
    )


@pytest.mark.parametrize("batch_size", [1, 10])
def test_a_limit_that_cannot_be_reminded_of_lets_the_next_one_pass(
    village: Village,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    batch_size: int,
) -> None:
    first, second = (planned_for(village, [lift]) for lift in village.lifts)
    broken_limit = limits(village, first)["approval"]
    remind = reminders._remind
    broken = but_for(broken_limit.id, remind, lambda _, record, *__: record.id)
    monkeypatch.setattr(reminders, "_remind", broken)
    due = broken_limit.next_reminder_at
    assert due
    village.clock.set(due)
    before = len(letters(village, second))
    for _ in range(3):
        reminders.sweep(village.ctx, batch_size=batch_size)
    assert len(letters(village, second)) > before
    assert complaints(caplog) == 1
    assert limits(village, first)["approval"].next_reminder_at == due + PUT_OFF
    monkeypatch.setattr(reminders, "_remind", remind)
    village.clock.set(due + PUT_OFF)
    before = len(letters(village, first))
    reminders.sweep(village.ctx)
    assert len(letters(village, first)) > before


def test_a_reminder_that_the_database_refuses_loses_none_of_its_neighbours(
    village: Village, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    purchase = planned_for(village, village.lifts[:1])
    limit = limits(village, purchase)["approval"]
    cases = copy_case(village.ctx, purchase.id, 12)
    same = [each for each in DeadlineRecord.__table__.columns if each.name not in OWN]
    with village.ctx.sessions() as tx:
        row = tx.execute(select(*same).where(DeadlineRecord.id == limit.id)).mappings().one()
        values = [{**row, "id": uuid4(), "subject_id": each} for each in cases]
        tx.execute(insert(DeadlineRecord), values)
        tx.commit()
    messages = reminders._messages

    def to_nobody(at_hand: Any, *rest: Any) -> Any:
        found = messages(at_hand, *rest)
        if at_hand.subject.id == cases[5]:
            return [replace(each, person_id=uuid4()) for each in found]
        return found

    monkeypatch.setattr(reminders, "_messages", to_nobody)
    assert limit.next_reminder_at
    village.clock.set(limit.next_reminder_at)
    reminders.sweep(village.ctx)
    reminded = select(Outbox.subject_id).where(Outbox.template == "deadline_reminder")
    with village.ctx.sessions() as tx:
        told = set(tx.scalars(reminded))
    assert set(cases) - told == {cases[5]}
    assert complaints(caplog) == 1


def test_a_notice_whose_followers_cannot_be_told_silences_no_other(
    village: Village, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    notices = []
    for lift in village.lifts:
        purchase = planned_for(village, [lift])
        approve(village, purchase)
        notices.append(post(village, purchase))
    follow_us(village, "stranger")
    for notice in notices:
        follows.follow_notice(village.ctx, village.actor("stranger"), notice)
    monkeypatch.setattr(
        followers,
        "_tell_of_ending",
        but_for(min(notices), followers._tell_of_ending, lambda _, notice, *__: notice.id),
    )
    ends_before = notice_of(village, notices[0]).ends_before
    assert ends_before
    village.clock.set(ends_before - timedelta(hours=2))
    assert followers.sweep_endings(village.ctx, batch_size=1) == 1
    numbers = [row.data["number"] for row in messages_to(village, "stranger", "notice_ending")]
    assert numbers == [notice_of(village, max(notices)).number]
    assert complaints(caplog) == 1
