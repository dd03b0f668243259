"""What nobody sees to any more ends by itself, is told, and gives money and lifts back."""

from datetime import timedelta

import pytest

from backend.domain.local_time import local_date
from backend.domain.states import State
from backend.services.case import reminders
from backend.services.case import steps as case_steps
from backend.services.reads.todos import my_todos
from backend.store.purchases import Purchase
from tests.build.looking import (
    BRING_TO,
    application,
    assert_sound,
    case,
    covers,
    letters,
    limits,
    pool,
    steps,
    suspended,
)
from tests.build.village import POOL_FEN, Village

STAYS = {
    "drafted": "completion",
    "short_of_funds": "income",
    "survey_failed": "rectification",
    "refused": "reconsideration",
    "suspended": "settlement",
}


def pass_the_end(village: Village, purchase: Purchase) -> None:
    """The limit of the case's state ends, and the house looks at what time does."""
    village.clock.set(limits(village, purchase)[STAYS[purchase.state]].ends_before)
    case_steps.sweep(village.ctx)


def answered(village: Village) -> Purchase:
    purchase, _, objection = suspended(village)
    village.clerk.answers(objection.id, "价格经遴选确定", False)
    return case(village, purchase)


@pytest.mark.parametrize("state", STAYS)
def test_what_nobody_sees_to_lapses_and_everything_is_given_back(
    village: Village, state: str
) -> None:
    purchase = answered(village) if state == "suspended" else BRING_TO[state](village)
    assert purchase.state == state
    ends_before = limits(village, purchase)[STAYS[state]].ends_before
    village.clock.set(ends_before - timedelta(minutes=1))
    assert case_steps.sweep(village.ctx) == 0
    assert case(village, purchase).state == state
    pass_the_end(village, purchase)
    assert case(village, purchase).state == State.LAPSED
    assert (steps(village, purchase)[-1].role, limits(village, purchase)) == ("system", {})
    assert pool(village) == (POOL_FEN, 0)
    assert {name for name, *_ in covers(village, purchase)} <= {"released"}
    told = {name for name, _, data in letters(village, purchase) if data.get("state") == "逾期终止"}
    everybody = {"manager", "clerk", "insurer", "member0", "member1", "member2"}
    assert told == ({"manager"} if state == "drafted" else everybody)
    assert_sound(village)


def test_a_lift_of_a_lapsed_case_is_free_for_another(village: Village) -> None:
    purchase = BRING_TO["refused"](village)
    pass_the_end(village, purchase)
    again = village.manager.drafts(application(village))
    assert village.manager.applies(again.id, village.upload("manager")).state == State.APPLIED


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("drafted", {"manager"}),
        ("short_of_funds", {"clerk", "manager"}),
        ("survey_failed", {"manager", "insurer"}),
        ("refused", {"insurer", "manager"}),
        ("suspended", {"clerk", "manager", "insurer"}),
    ],
)
def test_whoever_the_case_waits_for_is_reminded_before(
    village: Village, state: str, names: set[str]
) -> None:
    purchase = answered(village) if state == "suspended" else BRING_TO[state](village)
    record = limits(village, purchase)[STAYS[state]]
    assert record.next_reminder_at
    village.clock.set(record.next_reminder_at)
    reminders.sweep(village.ctx)
    reminded = {
        name
        for name, template, data in letters(village, purchase)
        if template == "deadline_reminder" and data["left"] == "还有3天"
    }
    assert reminded == names


def test_a_case_whose_objection_the_centre_has_not_answered_never_lapses(
    village: Village,
) -> None:
    purchase, _, objection = suspended(village)
    pass_the_end(village, case(village, purchase))
    village.clock.advance(days=400)
    case_steps.sweep(village.ctx)
    assert case(village, purchase).state == State.SUSPENDED
    village.clerk.answers(objection.id, "价格经遴选确定", False)
    assert case(village, purchase).state == State.SUSPENDED  # the time begins anew with the answer
    today = local_date(village.clock())
    assert limits(village, purchase)["settlement"].started_on == today
    pass_the_end(village, case(village, purchase))
    assert case(village, purchase).state == State.LAPSED
    assert_sound(village)


def test_who_takes_a_case_on_ends_the_waiting_and_a_return_begins_it_anew(
    village: Village,
) -> None:
    purchase = village.drafted()
    village.clock.advance(days=80)
    village.manager.applies(purchase.id, village.upload("manager"))
    assert limits(village, purchase).keys() == {"acceptance"}
    village.clerk.returns_application(purchase.id, "缺一页")
    assert limits(village, purchase)["completion"].started_on == local_date(village.clock())


def test_the_clerk_has_a_case_that_waits_for_money_on_the_list(village: Village) -> None:
    BRING_TO["short_of_funds"](village)
    (todo,) = my_todos(village.ctx, village.actor("clerk")).items
    assert (todo.mine, todo.task) == (True, "收益入账后重新查询资金")
