"""Those who applied hear in time that the next application must begin."""

from datetime import timedelta

from backend.services.case import renewals
from backend.services.case import steps as case_steps
from backend.services.purchase import applications
from backend.services.reads.own_case import own_case
from backend.store.purchases import Purchase
from tests.build.looking import application, at, letters
from tests.build.village import Village


def in_force(village: Village) -> Purchase:
    """Covered from 1 April 2025 to 31 March 2026: the next application by 1 December."""
    purchase = village.insured()
    village.clock.set(at("2025-04-01 00:01"))
    case_steps.sweep(village.ctx)
    return purchase


def told(village: Village, purchase: Purchase) -> list[tuple[str, str]]:
    return [
        (name, data["left"])
        for name, template, data in letters(village, purchase)
        if template == "deadline_reminder" and data["task"] == renewals.TASK
    ]


def test_a_month_before_the_latest_start_everybody_concerned_hears_of_it_once(
    village: Village,
) -> None:
    purchase = in_force(village)
    village.clock.set(at("2025-10-31 23:59"))
    assert renewals.sweep(village.ctx) == 0
    village.clock.set(at("2025-11-01 00:00"))
    renewals.sweep(village.ctx)
    everybody = {"manager", "member0", "member1", "member2", "clerk"}
    assert set(told(village, purchase)) == {(name, "还有30天") for name in everybody}
    village.clock.advance(days=5)
    assert renewals.sweep(village.ctx) == 0
    (letter, *_) = (
        data for _, _, data in letters(village, purchase) if data.get("task") == renewals.TASK
    )
    assert letter["due"].startswith("2025-12-01") or letter["due"].startswith("2025年12月1日")


def test_when_the_day_has_passed_they_hear_once_more_that_it_is_late(village: Village) -> None:
    purchase = in_force(village)
    village.clock.set(at("2025-11-01 09:00"))
    first = renewals.sweep(village.ctx)
    village.clock.set(at("2025-12-02 09:00"))
    assert renewals.sweep(village.ctx) == first
    assert ("manager", "已过最迟日期，请尽快申请") in told(village, purchase)
    for _ in range(60):
        village.clock.advance(days=1)
        assert renewals.sweep(village.ctx) == 0


def test_nobody_is_told_who_has_applied_already(village: Village) -> None:
    purchase = in_force(village)
    village.clock.set(at("2025-10-20 09:00"))
    manager = village.actor("manager")
    following = applications.draft(village.ctx, manager, application(village))
    applications.apply(village.ctx, manager, following.id, village.upload("manager"))
    village.clock.set(at("2025-12-05 09:00"))
    assert renewals.sweep(village.ctx) == 0
    assert told(village, purchase) == []
    assert own_case(village.ctx, manager, purchase.id).next_start is None
    applications.withdraw(village.ctx, manager, following.id, "另行申请")
    assert renewals.sweep(village.ctx) > 0  # it must begin anew, and is late


def test_a_draft_alone_is_no_application(village: Village) -> None:
    in_force(village)
    village.clock.set(at("2025-11-03 09:00"))
    applications.draft(village.ctx, village.actor("manager"), application(village))
    assert renewals.sweep(village.ctx) > 0


def test_the_case_itself_says_until_when_and_how_that_was_counted(village: Village) -> None:
    purchase = in_force(village)
    seen = own_case(village.ctx, village.actor("manager"), purchase.id).next_start
    assert seen is not None
    assert (str(seen.on), seen.late) == ("2025-12-01", False)
    assert seen.explanation[-1].startswith("保障到2026年3月31日24:00")
    village.clock.set(at("2026-04-01 00:01") + timedelta(days=1))
    case_steps.sweep(village.ctx)
    assert own_case(village.ctx, village.actor("manager"), purchase.id).next_start is None


def test_before_there_is_cover_nothing_is_said(village: Village) -> None:
    purchase = village.paid()
    assert own_case(village.ctx, village.actor("manager"), purchase.id).next_start is None
    assert renewals.sweep(village.ctx) == 0
