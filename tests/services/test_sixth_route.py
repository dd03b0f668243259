"""A route with states, an order and a house step of its own goes its way through every service.

The city's one account pays for it, and one of its lifts serves two units.
"""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from backend.domain.city.bad_city import BadCity
from backend.domain.city.parse import parse_city
from backend.domain.errors import Refused
from backend.domain.local_time import SHANGHAI
from backend.domain.roles import Role
from backend.domain.routes import catalogue
from backend.domain.routes.catalogue import table_of
from backend.domain.steps import Step
from backend.services.case import reminders
from backend.services.case import steps as case_steps
from backend.services.public import words as public_words
from backend.services.public.lifts import read_public_notice
from backend.services.public_notice import notices, objections
from backend.services.purchase import (
    applications,
    approvals,
    payments,
    plans,
    policies,
    registrations,
)
from backend.services.purchase.approvals import MemberAnswer
from backend.services.reads import chat, todos
from backend.services.reads.cases import list_cases, read_case
from backend.services.reads.committee import plans_to_answer
from backend.store.notices import PublicNotice
from backend.store.purchases import Purchase
from backend.wechat import replies
from tests.build.looking import (
    application,
    assert_sound,
    at,
    case,
    codes,
    covers,
    letters,
    limits,
    open_city_account,
    pool,
    post,
    serves,
    steps,
)
from tests.build.sixth_route import CODE, RESTED, RESTING, T6, WAKE_PLAN, city_with_it
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village


@pytest.fixture
def town(village: Village, monkeypatch: pytest.MonkeyPatch) -> Village:
    """The village in a city that also offers the sixth route."""
    monkeypatch.setitem(catalogue.ROUTES, CODE, T6)
    village.ctx = replace(village.ctx, city=city_with_it(village.ctx.city))
    village.pool = open_city_account(village, POOL_FEN)
    serves(village, 0, village.units[1])
    return village


def surveyed(town: Village, applicant: str = "property_company", name: str = "manager") -> Purchase:
    wanted = application(town, route=CODE, applicant=applicant)
    purchase = applications.draft(town.ctx, town.actor(name), wanted)
    for lift in town.lifts:
        plans.record_survey(town.ctx, town.actor("insurer"), purchase.id, lift, "passed", "平稳")
    return purchase


def planned(town: Village) -> Purchase:
    purchase = surveyed(town)
    return plans.submit_plan(town.ctx, town.actor("insurer"), purchase.id, town.terms())


def rested(town: Village) -> Purchase:
    purchase = planned(town)
    town.clock.set(at("2025-03-11 00:01"))
    assert case_steps.sweep(town.ctx) == 1
    return case(town, purchase)


def test_the_route_is_offered_where_the_city_has_it_and_nowhere_else(village: Village) -> None:
    with pytest.raises(Refused) as refused:
        applications.draft(village.ctx, village.actor("manager"), application(village, route=CODE))
    assert codes(refused) == ["route_not_offered"]


def test_a_plan_rests_until_time_alone_lets_it_be_posted(town: Village) -> None:
    purchase = planned(town)
    assert purchase.state == RESTING
    assert purchase.wakes_at == datetime(2025, 3, 11, tzinfo=SHANGHAI)
    with pytest.raises(Refused) as refused:
        notices.draft_notice(town.ctx, town.actor("manager"), purchase.id)
    assert codes(refused) == ["step_not_possible"]
    town.clock.set(at("2025-03-10 23:59"))
    assert case_steps.sweep(town.ctx) == 0
    town.clock.set(at("2025-03-11 00:00"))
    assert case_steps.sweep(town.ctx) == 1
    assert case(town, purchase).state == RESTED
    woken = steps(town, purchase)[-1]
    assert (woken.action, woken.role, woken.actor_id) == (WAKE_PLAN, "system", None)
    assert limits(town, purchase).keys() == {"posting"}


def test_a_plan_whose_rest_is_over_when_it_comes_moves_on_at_once_and_is_told_once(
    town: Village,
) -> None:
    purchase = surveyed(town)
    town.clock.set(at("2025-03-20 09:00"))
    before = len(letters(town, purchase))
    moved = plans.submit_plan(town.ctx, town.actor("insurer"), purchase.id, town.terms())
    assert moved.state == RESTED
    assert [step.action for step in steps(town, purchase)][-2:] == ["submit_plan", WAKE_PLAN]
    told = letters(town, purchase)[before:]
    assert sorted(name for name, _, _ in told) == ["manager", "member0", "member1", "member2"]
    assert {(data["state"], data["next"]) for _, _, data in told} == {
        ("方案静候期满", "张贴公示并上传照片")
    }


def test_nobody_is_asked_to_approve_where_the_route_has_no_committee(town: Village) -> None:
    purchase = planned(town)
    member = town.actor("member0").person_id
    assert plans_to_answer(town.ctx, town.actor("member0")) == []
    assert purchase.plan_id
    with pytest.raises(Refused) as refused:
        approvals.answer(town.ctx, member, purchase.plan_id, MemberAnswer("approve", None, "chat"))
    assert codes(refused) == ["step_not_possible"]
    assert "approval_invitation" not in {template for _, template, _ in letters(town, purchase)}


def test_a_case_goes_its_own_way_to_the_end_of_its_cover_and_the_books_balance(
    town: Village,
) -> None:
    purchase = rested(town)
    notice = post(town, purchase)
    owner = town.actor("owner0")
    filed = objections.file_objection(town.ctx, owner, notice, "price", "保费偏高")
    assert case(town, purchase).state == "suspended"
    objections.withdraw(town.ctx, owner, filed.id)
    assert case(town, purchase).state == "posted"
    town.clock.set(at("2025-03-19 09:00"))
    town.photograph(notice, "end")
    notices.clear(town.ctx, town.actor("clerk"), purchase.id, "未收到纸质异议")
    assert limits(town, purchase).keys() == {"contract"}
    registrations.sign_contract(town.ctx, town.actor("manager"), purchase.id, town.contract())
    payments.add_invoice(town.ctx, town.actor("manager"), purchase.id, town.invoice())
    payments.request_payment(town.ctx, town.actor("manager"), purchase.id)
    paid = carry_on(town, purchase)
    assert paid.state == "policy_issued"
    for day in ("2025-04-01", "2026-04-01"):
        town.clock.set(at(f"{day} 00:01"))
        assert case_steps.sweep(town.ctx) == 1
    assert case(town, purchase).state == "expired"
    assert {state for state, _, _ in covers(town, purchase)} == {"ended"}
    assert pool(town) == (POOL_FEN - 2 * PREMIUM_FEN, 0)
    assert limits(town, purchase) == {}
    assert_sound(town)
    assert went_by_the_table(town, purchase)


def carry_on(town: Village, purchase: Purchase) -> Purchase:
    """From the request for payment to the policy."""
    cashier, insurer = town.actor("cashier"), town.actor("insurer")
    payments.review_payment(town.ctx, town.actor("reviewer"), purchase.id)
    payments.order_payment(town.ctx, cashier, purchase.id)
    receipt = town.upload("cashier")
    payments.confirm_payment(town.ctx, cashier, purchase.id, "BANK-6", receipt)
    return policies.issue_policy(town.ctx, insurer, purchase.id, town.policy(number="PL-6"))


def went_by_the_table(town: Village, purchase: Purchase) -> list[Step]:
    table, state, rows = table_of(CODE, town.ctx.city), None, []
    for step in steps(town, purchase):
        row = table.find(state, step.action)
        assert row is not None, (state, step.action)
        assert step.from_state == state
        rows.append(row)
        state = step.to_state
    return rows


def test_it_can_be_left_before_the_payment_like_any_other(town: Village) -> None:
    purchase = rested(town)
    post(town, purchase)
    assert pool(town) == (POOL_FEN, 2 * PREMIUM_FEN)
    gone = applications.withdraw(town.ctx, town.actor("manager"), purchase.id, "另行安排")
    assert gone.state == "withdrawn"
    assert pool(town) == (POOL_FEN, 0)
    assert_sound(town)


def test_people_read_where_it_stands_and_what_comes_next(town: Village) -> None:
    purchase = planned(town)
    manager, insurer = town.actor("manager"), town.actor("insurer")
    (mine,) = todos.my_todos(town.ctx, manager).items
    assert (mine.state_name, mine.task, mine.mine) == ("方案静候中", "静候期满后张贴公示", False)
    seen = read_case(town.ctx, manager, purchase.id)
    assert seen.possible_actions == ["withdraw"]
    assert list_cases(town.ctx, insurer, RESTING, None, 10)[0].id == purchase.id
    with town.ctx.sessions() as tx:
        (progress,) = chat.progress(tx, town.ctx, manager.person_id, None)
    assert (progress.state, progress.next_step) == ("方案静候中", "静候期满后张贴公示")
    assert "方案静候中" in str(replies.progress([progress]))
    town.clock.set(at("2025-03-11 09:00"))
    case_steps.sweep(town.ctx)
    (mine,) = todos.my_todos(town.ctx, manager).items
    assert (mine.task, mine.mine) == ("张贴公示并上传照片", True)
    with town.ctx.sessions() as tx:
        waiting = replies.todo(todos.own_todos(tx, town.ctx, manager))
    assert "等您办的：\n\n张贴公示并上传照片" in str(waiting)


def test_everybody_reads_of_it_on_the_public_pages(town: Village) -> None:
    purchase = rested(town)
    notice = post(town, purchase)
    with town.ctx.sessions() as tx:
        number = tx.scalars(select(PublicNotice.number).where(PublicNotice.id == notice)).one()
        content = tx.get_one(PublicNotice, notice).content
    assert content["route"] == "静候路线"
    shown = read_public_notice(town.ctx, number)
    assert shown
    assert "提出书面异议" in public_words.how_long(shown.notice)


def test_its_limits_are_reminded_of_and_answered_for(town: Village) -> None:
    purchase = rested(town)
    town.clock.set(at("2025-03-20 09:00"))
    assert reminders.sweep(town.ctx) >= 1
    reminded = {
        name for name, template, _ in letters(town, purchase) if template == "deadline_reminder"
    }
    assert reminded == {"clerk", "manager"}
    table = table_of(CODE, town.ctx.city)
    assert table.answering("posting") == (Role.APPLICANT,)


def test_owners_and_committees_apply_for_it_too(town: Village) -> None:
    for applicant, name, role in (
        ("owners", "owner0", "owner"),
        ("committee", "member0", "committee_member"),
    ):
        purchase = surveyed(town, applicant, name)
        gone = applications.withdraw(town.ctx, town.actor(name), purchase.id, "不再申请")
        assert steps(town, gone)[-1].role == role
        with pytest.raises(Refused) as refused:
            applications.withdraw(town.ctx, town.actor("manager"), purchase.id, "x")
        assert codes(refused) == ["step_not_possible"]


def test_a_flag_that_the_route_has_no_segment_for_is_refused_with_the_file(town: Village) -> None:
    text = town.ctx.city.text.replace(
        'vote = { value = false, source = "default" }\npublic_notice',
        'vote = { value = true, source = "default" }\npublic_notice',
        1,
    )
    with pytest.raises(BadCity) as wrong:
        parse_city(text)
    assert "routes.T6.vote.value：这条路线没有业主表决的步骤" in wrong.value.problems
