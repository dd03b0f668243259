"""Survey and plan: what the insurer may promise, and what a changed plan undoes."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from backend.domain.errors import Refused
from backend.services.base.context import Actor
from backend.services.purchase import plans
from backend.store.purchases import Plan
from backend.store.registry import Insurer
from tests.build.looking import (
    add_building,
    add_insurer,
    add_person,
    applied,
    approve,
    assert_sound,
    at,
    case,
    codes,
    covers,
    holds,
    limits,
    notice_of,
    objection_of,
    planned_for,
    pool,
    post,
    suspended,
    vote,
)
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village


@pytest.fixture
def insurer(village: Village) -> Actor:
    return village.actor("insurer")


# --- survey ---


def test_only_the_insurer_of_the_case_surveys(village: Village) -> None:
    purchase = village.surveyed()
    for name, code in (("manager", "role_required"), ("stranger", "not_found")):
        with pytest.raises(Refused) as refused:
            village.person(name).surveys(purchase.id, village.lifts[0], "passed", "x")
        assert codes(refused) == [code]


def test_only_lifts_of_the_case_are_surveyed(village: Village, insurer: Actor) -> None:
    purchase = village.surveyed()
    _, elsewhere = add_building(village)
    with pytest.raises(Refused) as refused:
        plans.record_survey(village.ctx, insurer, purchase.id, elsewhere, "passed", "x")
    assert codes(refused) == ["lift_not_in_purchase"]


@pytest.mark.usefixtures("cases_from_before")
def test_there_is_a_time_for_surveys(village: Village, insurer: Actor) -> None:
    early, late = applied(village), village.planned()
    for purchase in (early, late):
        with pytest.raises(Refused) as refused:
            plans.record_survey(village.ctx, insurer, purchase.id, village.lifts[0], "passed", "x")
        assert codes(refused) == ["survey_not_open"]


def test_the_latest_survey_of_a_lift_counts(village: Village, insurer: Actor) -> None:
    purchase = village.surveyed()
    plans.record_survey(village.ctx, insurer, purchase.id, village.lifts[1], "failed", "异响")
    with pytest.raises(Refused) as refused:
        plans.submit_plan(village.ctx, insurer, purchase.id, village.terms())
    assert codes(refused) == ["lift_failed_survey"]


# --- plan ---


def test_a_plan_may_use_the_whole_account_but_not_a_fen_more(
    village: Village, insurer: Actor
) -> None:
    purchase = village.surveyed()
    half = POOL_FEN // 2
    too_much = {village.lifts[0]: half, village.lifts[1]: half + 1}
    with pytest.raises(Refused) as refused:
        plans.submit_plan(village.ctx, insurer, purchase.id, village.terms(lift_premiums=too_much))
    assert codes(refused) == ["premium_above_available"]
    planned = plans.submit_plan(village.ctx, insurer, purchase.id, village.terms(half))
    assert planned.state == "planned"


@pytest.mark.usefixtures("cases_from_before")
def test_what_another_case_holds_is_not_available(village: Village, insurer: Actor) -> None:
    first = planned_for(village, village.lifts[:1], POOL_FEN - 1)
    approve(village, first)
    post(village, first)
    with pytest.raises(Refused) as refused:
        planned_for(village, village.lifts[1:], 2)
    assert codes(refused) == ["premium_above_available"]
    assert planned_for(village, village.lifts[1:], 1).state == "planned"


def test_an_insurer_whose_selection_ended_makes_no_plan(village: Village, insurer: Actor) -> None:
    purchase = village.surveyed()
    with village.ctx.sessions() as tx:
        tx.execute(update(Insurer).values(selected_until=date(2025, 3, 2)))
        tx.commit()
    with pytest.raises(Refused) as refused:
        plans.submit_plan(village.ctx, insurer, purchase.id, village.terms())
    assert codes(refused) == ["insurer_not_selected"]


def test_another_insurer_does_not_see_the_case(village: Village) -> None:
    purchase = village.surveyed()
    village.insurer, own = add_insurer(village, selected=True), village.insurer
    rival = add_person(village, "rival", "insurer", village.insurer)
    village.insurer = own
    with pytest.raises(Refused, match="not_found"):
        plans.submit_plan(village.ctx, rival, purchase.id, village.terms())


@pytest.mark.usefixtures("cases_from_before")
def test_everything_wrong_with_a_plan_is_told_at_once_and_nothing_is_written(
    village: Village, insurer: Actor
) -> None:
    village.insured()
    purchase = village.surveyed()
    plans.record_survey(village.ctx, insurer, purchase.id, village.lifts[0], "failed", "x")
    with village.ctx.sessions() as tx:
        tx.execute(update(Insurer).values(selected_until=date(2025, 3, 2)))
        before = tx.scalar(select(func.count()).select_from(Plan))
        tx.commit()
    with pytest.raises(Refused) as refused:
        plans.submit_plan(village.ctx, insurer, purchase.id, village.terms(POOL_FEN))
    assert codes(refused) == [
        "insurer_not_selected",
        "lift_failed_survey",
        "premium_above_available",
        "lift_already_covered",
        "lift_already_covered",
    ]
    with village.ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(Plan)) == before
    assert case(village, purchase).plan_id is None


def test_a_plan_insures_the_lifts_applied_for(village: Village, insurer: Actor) -> None:
    purchase = village.surveyed()
    for lifts in (village.lifts[:1], [*village.lifts, uuid4()]):
        terms = village.terms(lift_premiums=dict.fromkeys(lifts, PREMIUM_FEN))
        with pytest.raises(Refused) as refused:
            plans.submit_plan(village.ctx, insurer, purchase.id, terms)
        assert codes(refused) == ["plan_lifts_differ"]


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        ("2025-04-01", "2025-04-01", "period_invalid"),
        ("2025-04-02", "2025-04-01", "period_invalid"),
        ("2025-04-01", "2026-04-02", "period_too_long"),
        ("2028-02-29", "2029-03-02", "period_too_long"),
        ("2025-03-02", "2026-03-02", "cover_begins_in_past"),
    ],
)
def test_cover_lasts_at_least_a_day_and_at_most_a_year(
    village: Village, insurer: Actor, begins: str, ends: str, code: str
) -> None:
    purchase = village.surveyed()
    terms = village.terms(
        cover_from=date.fromisoformat(begins), cover_ends_before=date.fromisoformat(ends)
    )
    with pytest.raises(Refused) as refused:
        plans.submit_plan(village.ctx, insurer, purchase.id, terms)
    assert codes(refused) == [code]


@pytest.mark.parametrize("fen", [0, -1])
def test_a_premium_is_more_than_nothing(village: Village, insurer: Actor, fen: int) -> None:
    purchase = village.surveyed()
    with pytest.raises(Refused, match="amount_not_positive"):
        plans.submit_plan(village.ctx, insurer, purchase.id, village.terms(fen))


@pytest.mark.usefixtures("cases_from_before")
def test_a_lift_may_be_covered_again_from_the_day_its_cover_ends(village: Village) -> None:
    village.insured()
    begins, ends = date(2026, 3, 31), date(2027, 3, 31)
    with pytest.raises(Refused, match="lift_already_covered"):
        planned_for(village, village.lifts, cover_from=begins, cover_ends_before=ends)
    begins, ends = date(2026, 4, 1), date(2027, 4, 1)
    planned = planned_for(village, village.lifts, cover_from=begins, cover_ends_before=ends)
    assert planned.state == "planned"


# --- a changed plan ---


def test_a_revised_plan_ends_the_suspension_with_a_whole_new_notice(
    village: Village, insurer: Actor
) -> None:
    purchase, notice, objection = suspended(village)
    first_plan = purchase.plan_id
    village.clock.set(at("2025-03-06 10:00"))
    cheaper = village.terms(PREMIUM_FEN - 10_000)
    revised = plans.revise_plan(village.ctx, insurer, purchase.id, cheaper, "按异议下调保费")
    assert revised.state == "planned"
    assert revised.plan_id != first_plan
    assert notice_of(village, notice).state == "void"
    assert holds(village, purchase) == [("voided", 2 * PREMIUM_FEN)]
    assert pool(village) == (POOL_FEN, 0)
    assert {state for state, _, _ in covers(village, purchase)} == {"released"}
    running = set(limits(village, purchase, "open", "paused"))
    assert running == {"approval", "objection_answer"}
    approve(village, case(village, purchase))
    again = notice_of(village, post(village, purchase))
    assert again.id != notice
    assert (again.starts_on, again.ends_on) == (date(2025, 3, 6), date(2025, 3, 13))
    assert holds(village, purchase)[-1] == ("pending", 2 * (PREMIUM_FEN - 10_000))
    assert objection_of(village, objection).status == "verified"
    assert_sound(village)


def test_a_revised_plan_voids_earlier_answers(village: Village, insurer: Actor) -> None:
    purchase = village.planned()
    vote(village, purchase, "member0", "approve")
    revised = plans.revise_plan(
        village.ctx, insurer, purchase.id, village.terms(scope_of_cover="部件"), "更正"
    )
    with pytest.raises(Refused) as refused:
        vote(village, purchase, "member1", "approve")
    assert codes(refused) == ["plan_changed"]
    tally = vote(village, revised, "member1", "approve")
    assert (tally.approvals, tally.decided) == (1, None)


def test_a_refused_plan_can_be_revised(village: Village, insurer: Actor) -> None:
    purchase = village.planned()
    for name in ("member0", "member1"):
        vote(village, purchase, name, "refuse")
    assert case(village, purchase).state == "refused"
    assert limits(village, purchase).keys() == {"reconsideration"}
    revised = plans.revise_plan(village.ctx, insurer, purchase.id, village.terms(1), "降低保费")
    assert revised.state == "planned"


def test_a_revised_plan_may_spend_what_its_own_case_holds(village: Village, insurer: Actor) -> None:
    purchase, _ = village.posted()
    all_of_it, more = village.terms(POOL_FEN // 2), village.terms(POOL_FEN // 2 + 1)
    with pytest.raises(Refused, match="premium_above_available"):
        plans.revise_plan(village.ctx, insurer, purchase.id, more, "x")
    assert plans.revise_plan(village.ctx, insurer, purchase.id, all_of_it, "x").state == "planned"


def test_a_registered_plan_is_not_revised_any_more(village: Village, insurer: Actor) -> None:
    purchase = village.cleared()
    with pytest.raises(Refused, match="step_not_possible"):
        plans.revise_plan(village.ctx, insurer, purchase.id, village.terms(1), "x")


def test_an_objection_to_a_notice_that_was_replaced_can_still_be_settled(
    village: Village, insurer: Actor
) -> None:
    """And says nothing about the new one."""
    purchase, _, old = suspended(village)
    plans.revise_plan(village.ctx, insurer, purchase.id, village.terms(1), "x")
    approve(village, case(village, purchase))
    post(village, purchase)
    village.person("owner0").withdraws_objection(old.id)
    assert objection_of(village, old).status == "withdrawn"
    assert case(village, purchase).state == "posted"
