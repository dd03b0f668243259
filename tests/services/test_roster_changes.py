"""A committee that changes may decide a plan by those who are left: with the import or later."""

from datetime import date
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from backend.services.case import steps as case_steps
from backend.services.purchase import applications
from backend.services.purchase.duplicates import lock_lifts
from backend.services.workbooks.registry_import import import_registry
from backend.store.purchases import Purchase
from backend.store.registry import Estate, Lift
from tests.build.looking import at, case, letters, limits, steps, vote
from tests.build.village import Village, called
from tests.build.waiting import (
    PATIENCE_SECONDS,
    at_once,
    eventually,
    somebody_waits_for_a_lock,
)
from tests.build.workbooks import PAPER, Rows, registry_file, registry_rows


def roster(village: Village, *left_on: date | None, dry_run: bool = False) -> None:
    """The village's inventory comes anew; each member's first day out of office."""
    in_workbooks(village)
    report = import_registry(
        village.ctx, registry_file(inventory(*left_on)), dry_run, mandate_paper=PAPER
    )
    assert not report.problems


def in_workbooks(village: Village) -> None:
    """Give the estate a code that a workbook may have."""
    with village.ctx.sessions() as tx:
        tx.get_one(Estate, village.estate).code = "EST-01"
        tx.commit()


def inventory(*left_on: date | None) -> Rows:
    """The village's inventory; each member's first day out of office."""
    rows = registry_rows()
    rows["小区"] = [["EST-01", "示例小区", "示例路1号", "示例区", "示例物业", None, None]]
    rows["委托"] = []
    rows["业委会"] = [
        ["2024-07-01", "2027-06-30", called("陈样", number), "委员", None, "否", day]
        for number, day in enumerate(left_on)
    ]
    return rows


@pytest.fixture
def approved_by_one(village: Village) -> Purchase:
    purchase = village.planned()
    vote(village, purchase, "member0", "approve")
    assert case(village, purchase).wakes_at is None
    return purchase


def test_a_plan_that_all_who_are_left_approved_is_approved_with_the_import(
    village: Village, approved_by_one: Purchase
) -> None:
    gone = date(2025, 3, 3)
    roster(village, None, gone, gone)
    assert case(village, approved_by_one).state == "approved"
    (last,) = steps(village, approved_by_one)[-1:]
    assert (last.action, last.role, last.actor_id) == ("approve", "system", None)
    assert limits(village, approved_by_one).keys() == {"posting"}
    assert ("manager", "审议通过") in [
        (name, data.get("state")) for name, _, data in letters(village, approved_by_one)
    ]


def test_a_plan_is_approved_on_the_day_on_which_the_others_leave(
    village: Village, approved_by_one: Purchase
) -> None:
    roster(village, None, date(2025, 3, 20), date(2025, 3, 10))
    assert case(village, approved_by_one).wakes_at == at("2025-03-10 00:00")
    village.clock.set(at("2025-03-10 00:00"))
    assert case_steps.sweep(village.ctx) == 0  # one of two is no majority
    assert case(village, approved_by_one).wakes_at == at("2025-03-20 00:00")
    village.clock.set(at("2025-03-20 00:00"))
    assert case_steps.sweep(village.ctx) == 1
    assert case(village, approved_by_one).state == "approved"


def test_a_committee_that_only_grows_smaller_decides_nothing_by_itself(village: Village) -> None:
    purchase = village.planned()
    gone = date(2025, 3, 3)
    roster(village, None, gone, gone)
    assert case(village, purchase).state == "planned"
    vote(village, purchase, "member0", "refuse")
    assert case(village, purchase).state == "refused"


def test_a_dry_run_settles_nothing(village: Village, approved_by_one: Purchase) -> None:
    gone = date(2025, 3, 3)
    roster(village, None, gone, gone, dry_run=True)
    assert case(village, approved_by_one).state == "planned"


def test_an_import_and_an_application_for_its_lifts_wait_for_each_other_in_one_order(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both lock the case and then the lifts: neither holds what the other one waits for."""
    drafted = village.drafted()
    form = village.upload("manager")
    rows = inventory(None, None, None)
    in_workbooks(village)
    rows["电梯"] = [
        [code, "1栋", unit, "1号梯", "换新", "2015-06-01", None, None, None]
        for code, unit in zip(village.codes, ("1单元", "2单元"), strict=True)
    ]
    content = registry_file(rows)
    holds_its_case = Event()

    def once_the_import_waits(*which: Any) -> Any:
        holds_its_case.set()
        eventually(lambda: somebody_waits_for_a_lock(village.ctx.sessions))
        return lock_lifts(*which)

    def apply() -> str:
        return applications.apply(village.ctx, village.actor("manager"), drafted.id, form).state

    def bring() -> str:
        assert holds_its_case.wait(PATIENCE_SECONDS)
        return (
            "in"
            if import_registry(village.ctx, content, dry_run=False, mandate_paper=PAPER).applied
            else "not in"
        )

    monkeypatch.setattr(applications, "lock_lifts", once_the_import_waits)
    assert at_once([apply, bring]) == ["applied", "in"]
    with village.ctx.sessions() as tx:
        assert {lift.brand for lift in tx.scalars(select(Lift))} == {"换新"}
