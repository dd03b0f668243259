"""The steps of the house: they follow from what is true, name nobody, and time wakes a case."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select

from backend.domain.city.parse import parse_city
from backend.domain.city.schema import CityProfile
from backend.domain.errors import Refused
from backend.domain.local_time import SHANGHAI
from backend.services.case import steps as case_steps
from backend.services.public_notice import answers, notices, objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import applications, payments, policies, registrations
from backend.store.notices import PublicNotice
from backend.store.purchases import Purchase
from tests.build.comparing import entered_with_scan
from tests.build.looking import (
    assert_sound,
    at,
    case,
    codes,
    letters,
    limits,
    planned_for,
    post,
    steps,
    suspended,
    vote,
)
from tests.build.objecting import dismissed
from tests.build.refunds import cancelled
from tests.build.village import Village

BEGINS, ENDS = (datetime(year, 4, 1, tzinfo=SHANGHAI) for year in (2025, 2026))


def house_steps(village: Village, purchase: Purchase) -> list[str]:
    """The steps that the house took, in order; none of them names anybody."""
    own = [step for step in steps(village, purchase) if step.role == "system"]
    assert {step.actor_id for step in own} <= {None}
    return [step.action for step in own]


def live_in(village: Village, city: CityProfile) -> None:
    village.ctx = replace(village.ctx, city=city)


def changed(village: Village, old: str, new: str) -> CityProfile:
    """The village's city with the first `old` of its file replaced."""
    assert old in village.ctx.city.text
    return parse_city(village.ctx.city.text.replace(old, new, 1))


# --- what is true lets them follow ---


def test_the_last_answer_that_is_needed_approves_and_the_step_names_no_member(
    village: Village,
) -> None:
    purchase = village.planned()
    vote(village, purchase, "member0", "approve")
    assert house_steps(village, purchase) == []
    vote(village, purchase, "member1", "approve")
    assert house_steps(village, purchase) == ["approve"]
    assert case(village, purchase).state == "approved"


def test_objections_suspend_and_resume_as_often_as_they_come_and_go(village: Village) -> None:
    purchase, notice, first = suspended(village)
    owner = village.actor("owner0")
    objections.withdraw(village.ctx, owner, first.id)
    again = objections.file_objection(village.ctx, owner, notice, "price", "仍然偏高")
    clerk = village.actor("clerk")
    paper = PaperObjection("need", "不同意", "业主一", village.clock(), None)
    other = entered_with_scan(village.ctx, clerk, notice, paper)
    dismissed(village, again.id, "已说明")
    assert case(village, purchase).state == "suspended"  # the other one is still open
    objections.verify(village.ctx, clerk, other.id, None, "不是相关业主")
    assert case(village, purchase).state == "posted"
    assert house_steps(village, purchase) == [
        *("approve", "suspend", "resume", "suspend", "resume"),
    ]
    assert_sound(village)


def test_of_steps_taken_at_once_each_person_hears_the_last_that_concerns_them(
    village: Village,
) -> None:
    """A policy that comes late covers at once: the applicant hears of the cover alone."""
    purchase = village.paid()
    village.clock.set(at("2025-04-02 10:00"))
    before = len(letters(village, purchase))
    paper = village.upload("insurer")
    policies.issue_policy(
        village.ctx, village.actor("insurer"), purchase.id, village.policy(file_sha256=paper)
    )
    told = [(name, data["state"]) for name, _, data in letters(village, purchase)[before:]]
    assert sorted(told) == [
        ("manager", "保障中"),
        *((f"member{number}", "保障中") for number in range(3)),
    ]


def test_a_refused_step_leaves_no_step_of_the_house_behind(village: Village) -> None:
    purchase = village.contracted()
    before = steps(village, purchase)
    with pytest.raises(Refused, match="invoice_missing"):
        payments.request_payment(village.ctx, village.actor("manager"), purchase.id)
    assert [step.id for step in steps(village, purchase)] == [step.id for step in before]


# --- time wakes a case ---


def test_a_case_wakes_at_the_beginning_and_at_the_end_of_its_cover_and_never_again(
    village: Village,
) -> None:
    purchase = village.paid()
    assert case(village, purchase).wakes_at is None
    paper = village.upload("insurer")
    policies.issue_policy(
        village.ctx, village.actor("insurer"), purchase.id, village.policy(file_sha256=paper)
    )
    assert case(village, purchase).wakes_at == BEGINS
    village.clock.set(BEGINS)
    assert case_steps.sweep(village.ctx) == 1
    assert case(village, purchase).wakes_at == ENDS
    village.clock.set(ENDS)
    assert case_steps.sweep(village.ctx) == 1
    assert case(village, purchase).wakes_at is None
    assert house_steps(village, purchase)[-2:] == ["begin_cover", "expire"]


def test_a_case_that_is_cancelled_sleeps_for_good(village: Village) -> None:
    purchase = village.insured()
    cancelled(village, purchase.id, 100)
    assert case(village, purchase).wakes_at is None
    village.clock.set(ENDS)
    assert case_steps.sweep(village.ctx) == 0


def test_a_case_woken_for_nothing_goes_back_to_sleep(village: Village) -> None:
    """Say somebody wrote a moment by hand: the sweep looks once and not every five seconds."""
    purchase = village.planned()
    with village.ctx.sessions() as tx:
        tx.get_one(Purchase, purchase.id).wakes_at = village.clock()
        tx.commit()
    assert case_steps.sweep(village.ctx) == 0
    assert case(village, purchase).wakes_at is None
    assert case(village, purchase).state == "planned"


@pytest.mark.usefixtures("cases_from_before")
def test_a_sweep_looks_at_no_case_whose_moment_has_not_come(village: Village) -> None:
    village.insured()
    planned_for(village, village.lifts, cover_from=date(2027, 4, 1),
                cover_ends_before=date(2028, 4, 1))  # fmt: skip
    with village.ctx.sessions() as tx:
        due = select(Purchase.id).where(Purchase.wakes_at <= BEGINS)
        assert len(tx.scalars(due).all()) == 1


# --- as the city asks ---


def test_where_the_city_asks_no_committee_a_plan_is_posted_as_soon_as_it_is_made(
    village: Village,
) -> None:
    asked = 'asked_for = { value = ["committee", "property_company"]'
    live_in(village, changed(village, asked, "asked_for = { value = []"))
    purchase = village.planned()
    assert purchase.state == "planned"
    assert limits(village, purchase).keys() == {"posting"}
    assert {template for _, template, _ in letters(village, purchase)} == {"purchase_progress"}
    assert letters(village, purchase)[-1][2]["next"] == "张贴公示并上传照片"
    with pytest.raises(Refused) as refused:
        vote(village, purchase, "member0", "refuse")
    assert codes(refused) == ["step_not_possible"]
    post(village, purchase)
    assert case(village, purchase).state == "posted"
    assert house_steps(village, purchase) == []
    gone = applications.withdraw(village.ctx, village.actor("manager"), purchase.id, "另行申请")
    assert gone.state == "withdrawn"
    assert_sound(village)


def test_a_case_goes_on_by_the_rules_it_began_with_when_the_city_asks_differently(
    village: Village,
) -> None:
    purchase = village.planned()
    asked = 'asked_for = { value = ["committee", "property_company"]'
    live_in(village, changed(village, asked, "asked_for = { value = []"))
    with pytest.raises(Refused) as refused:
        notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)
    assert codes(refused) == ["step_not_possible"]
    for name in ("member0", "member1"):
        vote(village, purchase, name, "approve")
    assert case(village, purchase).state == "approved"


def test_where_the_city_registers_nothing_the_contract_follows_the_clearing(
    village: Village,
) -> None:
    kept = "registration = { value = true,"
    live_in(village, changed(village, kept, "registration = { value = false,"))
    purchase = village.cleared()
    assert limits(village, purchase).keys() == {"contract"}
    with pytest.raises(Refused) as refused:
        registrations.register(village.ctx, village.actor("reviewer"), purchase.id)
    assert codes(refused) == ["step_not_possible"]
    signed = registrations.sign_contract(
        village.ctx, village.actor("manager"), purchase.id, village.contract()
    )
    assert signed.state == "contracted"
    assert_sound(village)


def test_what_was_answered_while_the_bank_paid_waits_for_the_reviewer_once_it_did_not(
    village: Village,
) -> None:
    purchase = village.reviewed()
    village.cashier.orders_payment(purchase.id)
    with village.ctx.sessions() as tx:
        on = PublicNotice.purchase_id == purchase.id
        notice = tx.scalars(select(PublicNotice.id).where(on)).one()
    in_time = datetime(2025, 3, 5, 9, tzinfo=SHANGHAI)
    paper = PaperObjection("price", "太贵", "王某", in_time, village.owners[0])
    clerk, cashier = village.actor("clerk"), village.actor("cashier")
    filed = entered_with_scan(village.ctx, clerk, notice, paper)
    answers.answer(village.ctx, clerk, filed.id, "按实际费率计算", True)
    assert "objection_review" not in limits(village, purchase)
    payments.reject_payment(village.ctx, cashier, purchase.id, "户名不符")
    assert case(village, purchase).state == "suspended"
    assert "objection_review" in limits(village, purchase)
    assert_sound(village)
