"""Reminders of running limits: to the right people, at the right time, each once."""

from collections import Counter
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Context
from backend.services.case import deadlines, reminders
from backend.services.messages import leases
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.purchases import Purchase
from tests.build.village import Village


@pytest.fixture
def payable(village: Village) -> Purchase:
    """Reviewed; seven working days to pay, from Tuesday 11 March: the last is Thursday 20 March."""
    return village.reviewed()


def at(village: Village, day: int, hour: int = 9) -> None:
    village.clock.set(datetime(2025, 3, day, hour, tzinfo=SHANGHAI))


def swept(village: Village) -> list[tuple[str, str, str]]:
    """The reminders that a sweep adds: who, which template, how long is left or over."""
    names = {actor.person_id: name for name, actor in village.people.items()}
    with village.ctx.sessions() as tx:
        before = set(tx.scalars(select(Outbox.id)))
    reminders.sweep(village.ctx)
    with village.ctx.sessions() as tx:
        rows = tx.scalars(select(Outbox).where(Outbox.id.not_in(before)).order_by(Outbox.id))
        return [
            (names[row.person_id], row.template, row.data.get("left") or row.data["late"])
            for row in rows
        ]


def deadline(ctx: Context, kind: str) -> DeadlineRecord:
    with ctx.sessions() as tx:
        return tx.scalars(select(DeadlineRecord).where(DeadlineRecord.kind == kind)).one()


def states(ctx: Context, template: str = "deadline_reminder") -> Counter[str]:
    with ctx.sessions() as tx:
        return Counter(tx.scalars(select(Outbox.state).where(Outbox.template == template)))


def test_the_cashier_and_the_manager_are_reminded_before_the_end(
    village: Village, payable: Purchase
) -> None:
    assert str(deadline(village.ctx, "payment").ends_on) == "2025-03-20"
    both = ["cashier", "manager"]
    at(village, 16)
    assert swept(village) == []
    for day, left in ((17, "还有3个工作日"), (19, "还有1个工作日"), (20, "今天到期，请尽快办理")):
        at(village, day, 8)
        assert swept(village) == []
        at(village, day)
        assert swept(village) == [(name, "deadline_reminder", left) for name in both]


def test_a_reminder_says_what_until_when_and_for_which_case(
    village: Village, payable: Purchase
) -> None:
    at(village, 17)
    reminders.sweep(village.ctx)
    with village.ctx.sessions() as tx:
        row = tx.scalars(select(Outbox).where(Outbox.template == "deadline_reminder")).first()
    assert row is not None
    assert row.data == {
        "estate": "示例小区 1栋 · 2台",
        "task": "拨付保费至保险机构",
        "number": payable.number,
        "due": "2025年3月20日 23:59",
        "left": "还有3个工作日",
        "page": "pages/mine/mine",
    }


def test_until_the_papers_are_reviewed_it_is_the_reviewer_who_is_reminded(village: Village) -> None:
    purchase = village.payable()
    at(village, 17)
    assert [name for name, _, _ in swept(village)] == ["reviewer", "manager"]
    village.reviewer.reviews_payment(purchase.id)
    at(village, 19)
    assert [name for name, _, _ in swept(village)] == ["cashier", "manager"]


def test_a_sweep_that_runs_twice_reminds_once(village: Village, payable: Purchase) -> None:
    at(village, 17)
    assert len(swept(village)) == 2
    assert swept(village) == []


def test_missed_reminders_are_superseded_and_never_sent_in_a_bunch(
    village: Village, payable: Purchase
) -> None:
    at(village, 20)
    assert [left for *_, left in swept(village)] == ["今天到期，请尽快办理"] * 2


def test_a_reminder_still_undelivered_gives_way_to_the_next(
    village: Village, payable: Purchase
) -> None:
    at(village, 17)
    reminders.sweep(village.ctx)
    at(village, 19)
    reminders.sweep(village.ctx)
    assert states(village.ctx) == {"superseded": 2, "created": 2}


def test_a_reminder_on_its_way_is_left_alone(village: Village, payable: Purchase) -> None:
    at(village, 17)
    reminders.sweep(village.ctx)
    leases.take(village.ctx, leases.due_ids(village.ctx))
    at(village, 19)
    reminders.sweep(village.ctx)
    assert states(village.ctx) == {"sending": 2, "created": 2}


def test_overdue_is_daily_and_escalates_to_the_supervisor(
    village: Village, payable: Purchase
) -> None:
    at(village, 20)
    swept(village)
    at(village, 21)
    assert swept(village) == [
        ("cashier", "deadline_reminder", "已逾期1个工作日，请立即办理"),
        ("manager", "deadline_reminder", "已逾期1个工作日，请立即办理"),
    ]
    at(village, 22)
    assert swept(village) == []
    at(village, 24)
    assert swept(village)[-1] == ("supervisor", "escalation", "已逾期2个工作日")


def test_a_limit_that_was_kept_is_not_reminded_of(village: Village, payable: Purchase) -> None:
    at(village, 17)
    reminders.sweep(village.ctx)
    village.cashier.orders_payment(payable.id)
    receipt = village.upload("cashier")
    village.cashier.confirms_payment(payable.id, "BANK-1", receipt)
    assert states(village.ctx) == {"superseded": 2}
    at(village, 20)
    assert [name for name, *_ in swept(village) if name == "cashier"] == []


def test_a_notice_is_counted_in_days(village: Village) -> None:
    village.posted()
    at(village, 9)
    assert set(swept(village)) == {
        ("clerk", "deadline_reminder", "还有1天"),
        ("manager", "deadline_reminder", "还有1天"),
    }


@pytest.mark.usefixtures("cases_from_before")
def test_a_case_that_cannot_be_told_does_not_silence_the_others(
    village: Village, payable: Purchase, caplog: pytest.LogCaptureFixture
) -> None:
    other = village.drafted()
    village.manager.applies(other.id, village.upload("manager"))
    with village.ctx.sessions() as tx:
        record = deadlines.running(tx, other.subject, "acceptance")
        assert record is not None
        broken: UUID = record.id
        record.next_reminder_at = datetime(2025, 3, 4, tzinfo=SHANGHAI)
        record.kind = "unheard_of"
        tx.commit()
    at(village, 20)
    assert ("cashier", "deadline_reminder", "今天到期，请尽快办理") in swept(village)
    assert str(broken) in caplog.text
