"""Lists ask the rules that each case began with, however the city's file reads by now."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.domain.city.parse import parse_city
from backend.services.purchase import cosignatures
from backend.services.reads import chat
from backend.services.reads.committee import plans_to_answer
from backend.services.reads.joint import joint_applications
from backend.services.reads.todos import own_todos
from backend.store.purchases import Purchase
from tests.build.looking import limits, planned_for, vote
from tests.build.village import Village

ASKED = 'asked_for = { value = ["committee", "property_company"]'


def no_committee_is_asked(village: Village) -> None:
    """The city's new file asks no committee; cases that are there keep theirs."""
    text = village.ctx.city.text
    assert ASKED in text
    city = parse_city(text.replace(ASKED, "asked_for = { value = []", 1))
    village.ctx = replace(village.ctx, city=city)


def the_route_is_gone(village: Village) -> None:
    """The city's new file offers no route of ours any more."""
    village.ctx = replace(village.ctx, city=replace(village.ctx.city, version="later", routes={}))


def cards_in_app(village: Village, name: str) -> list[str]:
    return [plan.number for plan in plans_to_answer(village.ctx, village.actor(name))]


def cards_in_chat(village: Village, name: str) -> list[str]:
    with village.ctx.sessions() as tx:
        known = chat.known_of(tx, village.ctx, village.actor(name).person_id)
    return [card.number for card in known.waiting]


def tasks(village: Village, name: str) -> list[str]:
    """What the person must see to, in chat and in the app."""
    with village.ctx.sessions() as tx:
        found = own_todos(tx, village.ctx, village.actor(name))
    return [todo.task for todo in found if todo.mine]


@pytest.mark.parametrize("change", [no_committee_is_asked, the_route_is_gone])
def test_a_member_finds_the_plan_that_the_case_still_asks_about(
    village: Village, change: Callable[[Village], None]
) -> None:
    purchase = village.planned()
    ends_before = limits(village, purchase)["approval"].ends_before
    change(village)
    (plan,) = plans_to_answer(village.ctx, village.actor("member0"))
    assert (plan.number, plan.due) == (purchase.number, ends_before)
    assert cards_in_chat(village, "member0") == [purchase.number]
    assert tasks(village, "member0") == ["审议保险方案"]
    vote(village, purchase, "member0", "approve")
    assert cards_in_app(village, "member0") == [purchase.number]  # an answer may be changed


def test_each_case_is_judged_by_its_own_rules_side_by_side(village: Village) -> None:
    first, second = village.lifts
    asked = planned_for(village, [first])
    no_committee_is_asked(village)
    unasked = planned_for(village, [second])
    assert unasked.state == asked.state
    for cards in (cards_in_app, cards_in_chat):
        assert cards(village, "member0") == [asked.number]


@pytest.mark.parametrize("change", [no_committee_is_asked, the_route_is_gone])
def test_an_owner_finds_the_draft_that_may_still_be_signed(
    village: Village, change: Callable[[Village], None]
) -> None:
    draft = village.drafted("owners", "owner0")
    change(village)
    (found,) = joint_applications(village.ctx, village.actor("owner1"))
    assert (found.number, found.signed.can_sign) == (draft.number, True)
    cosignatures.cosign(village.ctx, village.actor("owner1"), draft.id)
    assert [
        row.signed.can_sign for row in joint_applications(village.ctx, village.actor("owner1"))
    ] == [False]


def test_an_officer_hears_of_limits_of_a_route_that_is_gone(village: Village) -> None:
    purchase: Purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    the_route_is_gone(village)
    assert tasks(village, "clerk") == ["受理申请并查询资金"]
