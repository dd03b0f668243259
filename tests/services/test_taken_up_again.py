"""What was closed or refused is taken up again: a rejection, a plan that the committee refused."""

import pytest

from backend.domain.errors import Refused
from backend.domain.states import State
from backend.services.reads.todos import my_todos
from backend.store.purchases import Purchase
from tests.build.looking import (
    application,
    applied,
    approve,
    assert_sound,
    case,
    codes,
    letters,
    limits,
    refused_plan,
    steps,
)
from tests.build.village import Village

MISTAKE = "材料其实齐全，误办不予受理"


def rejected(village: Village, purchase: Purchase | None = None) -> Purchase:
    purchase = purchase or applied(village)
    return village.clerk.rejects(purchase.id, "材料不齐")


def heard(village: Village, purchase: Purchase, name: str) -> str:
    """What came next, in the last letter to somebody."""
    return [data.get("next", "") for to, _, data in letters(village, purchase) if to == name][-1]


def test_a_rejection_by_mistake_is_undone_by_the_reviewer_and_looked_at_anew(
    village: Village,
) -> None:
    purchase = rejected(village)
    assert not limits(village, purchase)
    village.clock.advance(days=30)
    assert village.reviewer.undoes_rejection(purchase.id, MISTAKE).state == State.APPLIED
    assert limits(village, purchase)["acceptance"].started_on == village.clock().date()
    assert steps(village, purchase)[-1].reason == MISTAKE
    assert heard(village, purchase, "manager") == "不予受理已撤销，重新受理"
    (todo,) = my_todos(village.ctx, village.actor("clerk")).items
    assert (todo.mine, todo.why) == (True, f"撤销不予受理：{MISTAKE}")
    assert village.clerk.queries_funds(purchase.id, "维保正常")[0].state == State.FUNDS_QUERIED
    assert_sound(village)


def test_a_rejection_after_the_funds_were_queried_is_undone_too(village: Village) -> None:
    purchase = rejected(village, village.surveyed())
    assert village.reviewer.undoes_rejection(purchase.id, MISTAKE).state == State.APPLIED


def test_whoever_rejected_does_not_undo_it_nor_does_the_applicant(village: Village) -> None:
    purchase = rejected(village)
    for name in ("clerk", "manager", "cashier"):
        with pytest.raises(Refused) as refused:
            village.person(name).undoes_rejection(purchase.id, MISTAKE)
        assert codes(refused) == ["role_required"]
    with pytest.raises(Refused) as refused:
        village.reviewer.undoes_rejection(purchase.id, " ")
    assert codes(refused) == ["text_required"]


def test_a_rejection_stands_when_a_lift_of_it_was_applied_for_anew(village: Village) -> None:
    purchase = rejected(village)
    again = village.manager.drafts(application(village, lift_ids=village.lifts[:1]))
    village.manager.applies(again.id, village.upload("manager"))
    with pytest.raises(Refused) as refused:
        village.reviewer.undoes_rejection(purchase.id, MISTAKE)
    assert codes(refused) == ["lift_in_open_case"]
    village.manager.withdraws(again.id, "那一件可以继续")
    assert village.reviewer.undoes_rejection(purchase.id, MISTAKE).state == State.APPLIED


@pytest.mark.parametrize("ending", ["withdraws", "terminates"])
def test_what_was_withdrawn_or_terminated_is_applied_for_anew(
    village: Village, ending: str
) -> None:
    """Money and lifts were given back and may be another's; nothing of it is taken up."""
    purchase = applied(village)
    name = {"withdraws": "manager", "terminates": "reviewer"}[ending]
    getattr(village.person(name), ending)(purchase.id, "误办")
    with pytest.raises(Refused) as refused:
        village.reviewer.undoes_rejection(purchase.id, MISTAKE)
    assert codes(refused) == ["step_not_possible"]
    again = village.manager.drafts(application(village))
    assert village.manager.applies(again.id, village.upload("manager")).state == State.APPLIED


def test_after_a_refusal_the_applicant_asks_for_another_plan_and_the_committee_decides_again(
    village: Village,
) -> None:
    purchase = refused_plan(village)
    asked = village.manager.requests_plan(purchase.id, "委员们嫌保费高")
    assert (asked.state, asked.plan_id) == (State.FUNDS_QUERIED, None)
    assert limits(village, purchase).keys() == {"planning"}
    for name in ("insurer", "clerk", "member0"):
        assert heard(village, purchase, name) == "申请人请保险机构另拟方案"
    (todo,) = my_todos(village.ctx, village.actor("insurer")).items
    assert (todo.mine, todo.why) == (True, "请另拟方案：委员们嫌保费高")
    planned = village.person("insurer").submits_plan(purchase.id, village.terms())  # the same
    assert planned.state == State.PLANNED
    approve(village, planned)
    assert case(village, purchase).state == State.APPROVED
    assert_sound(village)


def test_only_the_applicant_asks_for_another_plan_and_only_after_a_refusal(
    village: Village,
) -> None:
    purchase = refused_plan(village)
    for name in ("insurer", "clerk"):
        with pytest.raises(Refused) as refused:
            village.person(name).requests_plan(purchase.id, "嫌贵")
        assert codes(refused) == ["role_required"]
    village.manager.requests_plan(purchase.id, "嫌贵")
    with pytest.raises(Refused) as refused:
        village.manager.requests_plan(purchase.id, "嫌贵")
    assert codes(refused) == ["step_not_possible"]
