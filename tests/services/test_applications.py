"""Applying: who may, for what, and what happens to a case that goes no further."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, update

from backend.domain.city.parse import parse_city
from backend.domain.errors import Refused
from backend.services.case.profiles import profile_of
from backend.services.public_notice import notices
from backend.services.purchase import applications, cosignatures, payments, plans, registrations
from backend.store.mandates import Mandate
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase
from backend.store.queries.estates import lifts_in
from backend.store.registry import Committee, CommitteeMember, Insurer
from tests.build.looking import (
    BEFORE_PAYMENT,
    BRING_TO,
    add_building,
    add_income,
    add_insurer,
    add_person,
    also,
    application,
    assert_sound,
    at,
    case,
    codes,
    covers,
    holds,
    letters,
    limits,
    notice_of,
    pool,
    post,
    steps,
    vote,
)
from tests.build.village import POOL_FEN, Village


def drafted_by_owners(village: Village, *signers: str) -> Purchase:
    purchase = village.drafted("owners", "owner0")
    for name in signers:
        cosignatures.cosign(village.ctx, village.actor(name), purchase.id)
    return purchase


def applied(village: Village, purchase: Purchase, name: str) -> Purchase:
    form = village.upload(name)
    return applications.apply(village.ctx, village.actor(name), purchase.id, form)


# --- what is asked for once ---


def test_a_lift_is_in_one_case_at_a_time_and_a_draft_stands_in_nobodys_way(
    village: Village,
) -> None:
    left, first = village.drafted(), village.drafted()
    applied(village, first, "manager")
    told = f"1栋1单元1号梯已在申请 {first.number} 里办理"

    def applied_again() -> Purchase:
        return applied(village, left, "manager")

    attempts: list[Callable[[], Purchase]] = [village.drafted, applied_again]
    for again in attempts:
        with pytest.raises(Refused, match=told) as refused:
            again()
        assert codes(refused) == ["lift_in_open_case"]
        (refusal,) = refused.value.refusals
        assert refusal.field == "lift_ids"
        assert "由其申请人撤回，或由维修资金中心终止" in refusal.message
    village.manager.withdraws(first.id, "换一家保险机构")
    assert applied(village, left, "manager").state == "applied"


def test_a_case_that_the_centre_ended_stands_in_nobodys_way(village: Village) -> None:
    left, first = village.drafted(), village.drafted()
    applied(village, first, "manager")
    applications.terminate(village.ctx, village.actor("reviewer"), first.id, "申请人已不在本小区")
    assert applied(village, left, "manager").state == "applied"


def test_the_form_of_one_case_is_not_the_form_of_another(village: Village) -> None:
    first = village.drafted()
    form = village.upload("manager")
    village.manager.applies(first.id, form)
    village.manager.withdraws(first.id, "填错了")
    second = village.drafted()
    with pytest.raises(Refused, match="form_reused"):
        village.manager.applies(second.id, form)
    assert applied(village, second, "manager").state == "applied"


def test_lifts_to_choose_say_which_case_is_at_work_on_them(village: Village) -> None:
    draft = village.drafted()

    def told() -> set[str | None]:
        with village.ctx.sessions() as tx:
            return {lift.open_case for lift in lifts_in(tx, village.estate, date(2025, 3, 3))}

    assert told() == {None}
    applied(village, draft, "manager")
    assert told() == {draft.number}


# --- who applies ---


def test_three_owners_apply_together(village: Village) -> None:
    purchase = drafted_by_owners(village, "owner0", "owner1", "owner2")
    assert applied(village, purchase, "owner1").state == "applied"
    assert [(step.action, step.role) for step in steps(village, purchase)] == [
        ("draft", "owner"),
        ("apply", "owner"),
    ]


def test_two_owners_are_not_enough_and_nothing_is_written(village: Village) -> None:
    purchase = drafted_by_owners(village, "owner0", "owner1")
    with pytest.raises(Refused) as refused:
        applied(village, purchase, "owner0")
    assert codes(refused) == ["too_few_cosigners"]
    assert case(village, purchase).state == "drafted"
    assert len(steps(village, purchase)) == 1


def test_signing_twice_counts_once(village: Village) -> None:
    purchase = drafted_by_owners(village, "owner0", "owner0")
    assert cosignatures.cosign(village.ctx, village.actor("owner1"), purchase.id) == 2


def test_owners_of_another_building_cannot_apply_or_sign(village: Village) -> None:
    add_building(village)
    neighbour = village.actor("neighbour")
    with pytest.raises(Refused) as refused:
        applications.draft(village.ctx, neighbour, application(village, applicant="owners"))
    assert codes(refused) == ["not_an_affected_owner"]
    purchase = drafted_by_owners(village)
    with pytest.raises(Refused) as refused:
        cosignatures.cosign(village.ctx, neighbour, purchase.id)
    assert codes(refused) == ["not_an_affected_owner"]


def test_only_an_application_of_owners_is_signed_and_only_while_it_is_a_draft(
    village: Village,
) -> None:
    of_company = village.drafted()
    signed = drafted_by_owners(village, "owner0", "owner1", "owner2")
    applied(village, signed, "owner0")
    for purchase in (of_company, signed):
        with pytest.raises(Refused) as refused:
            cosignatures.cosign(village.ctx, village.actor("owner3"), purchase.id)
        assert codes(refused) == ["not_open_for_cosigning"]


def test_the_committee_is_informed_of_an_application_by_owners_and_has_no_veto(
    village: Village,
) -> None:
    purchase = drafted_by_owners(village, "owner0", "owner1", "owner2")
    applied(village, purchase, "owner0")
    village.clerk.queries_funds(purchase.id, "维保正常")
    for lift in village.lifts:
        plans.record_survey(
            village.ctx, village.actor("insurer"), purchase.id, lift, "passed", "平稳"
        )
    before = len(letters(village, purchase))
    purchase = plans.submit_plan(
        village.ctx, village.actor("insurer"), purchase.id, village.terms()
    )
    assert purchase.state == "approved"
    told = letters(village, purchase)[before:]
    assert {template for _, template, _ in told} == {"purchase_progress"}
    assert sorted(name for name, _, _ in told) == [
        *("member0", "member1", "member2", "owner0", "owner1", "owner2"),
    ]
    with pytest.raises(Refused) as refused:
        vote(village, purchase, "member0", "refuse")
    assert codes(refused) == ["already_decided"]


def test_a_member_who_signs_as_owner_acts_as_owner(village: Village) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(
            update(CommitteeMember)
            .where(CommitteeMember.person_id == village.actor("member0").person_id)
            .values(person_id=village.actor("owner0").person_id)
        )
        tx.commit()
    purchase = drafted_by_owners(village, "owner0", "owner1", "owner2")
    applied(village, purchase, "owner0")
    assert steps(village, purchase)[-1].role == "owner"


def test_a_committee_applies_by_any_of_its_members(village: Village) -> None:
    purchase = village.drafted("committee", "member0")
    assert applied(village, purchase, "member1").state == "applied"


def test_whoever_works_for_the_company_now_carries_its_case_on(village: Village) -> None:
    """The manager who began it has left."""
    purchase = village.drafted()
    add_person(village, "successor", "property_manager", village.estate)
    with village.ctx.sessions() as tx:
        manager = village.actor("manager").person_id
        ended = update(AccessGrant).values(valid_until=village.clock())
        tx.execute(ended.where(AccessGrant.person_id == manager))
        tx.commit()
    assert applied(village, purchase, "successor").state == "applied"
    with pytest.raises(Refused, match="not_found"):
        applied(village, purchase, "manager")


def test_owners_and_members_cannot_act_for_the_company(village: Village) -> None:
    purchase = village.drafted()
    for name in ("owner0", "member0"):
        with pytest.raises(Refused) as refused:
            applied(village, purchase, name)
        assert codes(refused) == ["not_the_applicant"]


def test_owners_who_did_not_sign_cannot_act_for_those_who_did(village: Village) -> None:
    purchase = drafted_by_owners(village, "owner0", "owner1", "owner2")
    with pytest.raises(Refused) as refused:
        applied(village, purchase, "owner3")
    assert codes(refused) == ["not_the_applicant"]


def test_a_mandate_must_be_valid_on_the_day(village: Village) -> None:
    purchase = village.drafted()
    with village.ctx.sessions() as tx:
        tx.execute(update(Mandate).values(valid_until=date(2025, 3, 2)))
        tx.commit()
    with pytest.raises(Refused) as refused:
        applied(village, purchase, "manager")
    assert codes(refused) == ["mandate_expired"]
    with village.ctx.sessions() as tx:
        tx.execute(update(Mandate).values(valid_until=date(2025, 3, 3)))
        tx.commit()
    assert applied(village, purchase, "manager").state == "applied"


def test_a_committee_whose_term_is_over_mandates_nobody(village: Village) -> None:
    purchase = village.drafted()
    with village.ctx.sessions() as tx:
        tx.execute(update(Committee).values(term_until=date(2025, 3, 3)))
        tx.commit()
    with pytest.raises(Refused) as refused:
        applied(village, purchase, "manager")
    assert codes(refused) == ["committee_not_in_office"]


@pytest.mark.parametrize(
    ("applicant", "name"),
    [("owners", "manager"), ("committee", "owner0"), ("property_company", "member0")],
)
def test_an_applicant_must_be_what_they_say(village: Village, applicant: str, name: str) -> None:
    with pytest.raises(Refused) as refused:
        village.drafted(applicant, name)
    assert codes(refused) == ["role_required"]


def test_a_stranger_sees_neither_estate_nor_case(village: Village) -> None:
    purchase = village.drafted()
    with pytest.raises(Refused, match="not_found"):
        village.drafted("owners", "stranger")
    with pytest.raises(Refused, match="not_found"):
        applied(village, purchase, "stranger")


# --- for what ---


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"route": "R2"}, "route_not_offered"),
        ({"route": "SG"}, "route_not_offered"),
        ({"applicant": "independent_owner"}, "applicant_not_allowed"),
        ({"lift_ids": []}, "lifts_missing"),
    ],
)
def test_an_application_that_the_city_does_not_offer(
    village: Village, changed: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        applications.draft(village.ctx, village.actor("manager"), application(village, **changed))
    assert codes(refused) == [code]


def test_lifts_and_account_must_belong_together(village: Village) -> None:
    account, lift = add_building(village)
    manager = village.actor("manager")
    twice = [village.lifts[0], village.lifts[0]]
    for changed, code in (
        ({"lift_ids": [lift]}, "lift_outside_circle"),
        ({"account_id": account}, "lift_outside_circle"),
        ({"lift_ids": [village.pool]}, "lift_unknown"),
        ({"account_id": lift}, "account_not_of_estate"),
        ({"lift_ids": twice}, "lifts_repeated"),
        ({"insurer_id": lift}, "insurer_unknown"),
        ({"insurer_id": add_insurer(village, selected=False)}, "insurer_not_selected"),
    ):
        with pytest.raises(Refused) as refused:
            applications.draft(village.ctx, manager, application(village, **changed))
        assert set(codes(refused)) == {code}


def test_an_insurer_whose_selection_is_over_is_not_selected(village: Village) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(update(Insurer).values(selected_until=date(2025, 3, 2)))
        tx.commit()
    with pytest.raises(Refused, match="insurer_not_selected"):
        village.drafted()
    with village.ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(Purchase)) == 0


def test_the_form_must_be_the_applicants_own_upload(village: Village) -> None:
    purchase = village.drafted()
    form = village.upload("owner0")
    with pytest.raises(Refused) as refused:
        applications.apply(village.ctx, village.actor("manager"), purchase.id, form)
    assert codes(refused) == ["file_unknown"]


# --- funds and surveys ---


def test_an_empty_account_waits_for_income_and_is_queried_again(village: Village) -> None:
    account, lift = add_building(village)
    manager, clerk = village.actor("manager"), village.actor("clerk")
    purchase = applications.draft(
        village.ctx, manager, application(village, account_id=account, lift_ids=[lift])
    )
    applied(village, purchase, "manager")
    with pytest.raises(Refused) as refused:
        village.clerk.queries_funds(purchase.id, "维保正常")
    assert codes(refused) == ["account_empty"]
    short = applications.mark_short(village.ctx, clerk, purchase.id, "等待收益入账")
    assert short.state == "short_of_funds"
    assert limits(village, purchase).keys() == {"income"}
    with pytest.raises(Refused, match="account_empty"):
        village.clerk.queries_funds(purchase.id, "维保正常")


def test_a_case_short_of_funds_goes_on_when_there_is_income(village: Village) -> None:
    purchase = village.surveyed()
    clerk, insurer = village.actor("clerk"), village.actor("insurer")
    with pytest.raises(Refused, match="premium_above_available"):
        plans.submit_plan(village.ctx, insurer, purchase.id, village.terms(POOL_FEN))
    applications.mark_short(village.ctx, clerk, purchase.id, "保费高于可用资金")
    add_income(village, POOL_FEN)
    again, available_fen = village.clerk.queries_funds(purchase.id, "维保正常")
    assert (again.state, available_fen) == ("funds_queried", 2 * POOL_FEN)
    assert set(limits(village, purchase)) == {"planning"}
    planned = plans.submit_plan(village.ctx, insurer, purchase.id, village.terms(POOL_FEN))
    assert planned.state == "planned"


def test_a_failed_survey_is_put_right_and_surveyed_again(village: Village) -> None:
    purchase = village.surveyed("failed")
    insurer = village.actor("insurer")
    with pytest.raises(Refused) as refused:
        plans.submit_plan(village.ctx, insurer, purchase.id, village.terms())
    assert codes(refused) == ["lift_failed_survey", "lift_failed_survey"]
    plans.fail_survey(village.ctx, insurer, purchase.id, "制动器磨损")
    assert limits(village, purchase).keys() == {"rectification"}
    applications.rectify(village.ctx, village.actor("manager"), purchase.id, "已更换制动器")
    with pytest.raises(Refused, match="lift_failed_survey"):
        plans.submit_plan(village.ctx, insurer, purchase.id, village.terms())
    for lift in village.lifts:
        plans.record_survey(village.ctx, insurer, purchase.id, lift, "passed", "已整改")
    planned = plans.submit_plan(village.ctx, insurer, purchase.id, village.terms())
    assert planned.state == "planned"


def test_nothing_is_put_aside_for_a_survey_that_passed(village: Village) -> None:
    purchase = village.surveyed()
    with pytest.raises(Refused, match="no_failed_survey"):
        plans.fail_survey(village.ctx, village.actor("insurer"), purchase.id, "x")


@pytest.mark.parametrize(("words", "code"), [(" \n", "text_required"), ("字" * 2001, "too_long")])
def test_a_statement_says_something_and_not_too_much(
    village: Village, words: str, code: str
) -> None:
    purchase = applied(village, village.drafted(), "manager")
    with pytest.raises(Refused, match=code):
        village.clerk.queries_funds(purchase.id, words)


def test_a_case_that_is_rejected_is_closed_with_the_reason(village: Village) -> None:
    purchase = applied(village, village.drafted(), "manager")
    with pytest.raises(Refused, match="text_required"):
        applications.reject(village.ctx, village.actor("clerk"), purchase.id, " ")
    applications.reject(village.ctx, village.actor("clerk"), purchase.id, "材料不实")
    assert steps(village, purchase)[-1].reason == "材料不实"
    assert limits(village, purchase) == {}


# --- going no further ---


@pytest.mark.parametrize("state", BEFORE_PAYMENT)
def test_an_applicant_withdraws_from_any_state_and_everything_is_given_back(
    village: Village, state: str
) -> None:
    purchase = BRING_TO[state](village)
    assert case(village, purchase).state == state
    closed = applications.withdraw(village.ctx, village.actor("manager"), purchase.id, "暂不投保")
    assert closed.state == "withdrawn"
    assert pool(village) == (POOL_FEN, 0)
    assert {state for state, _, _ in covers(village, purchase)} <= {"released"}
    assert limits(village, purchase, "open", "paused") == {}
    assert_sound(village)


@pytest.mark.parametrize("state", BEFORE_PAYMENT[1:])
def test_the_reviewer_terminates_in_any_state_and_everything_is_given_back(
    village: Village, state: str
) -> None:
    purchase = BRING_TO[state](village)
    closed = applications.terminate(
        village.ctx, village.actor("reviewer"), purchase.id, "异议成立，不再实施"
    )
    assert closed.state == "terminated"
    assert pool(village) == (POOL_FEN, 0)
    assert {state for state, _, _ in covers(village, purchase)} <= {"released"}
    assert limits(village, purchase, "open", "paused") == {}
    assert_sound(village)


def test_a_lift_that_was_released_can_be_insured_by_another_case(village: Village) -> None:
    first, _ = village.posted()
    applications.withdraw(village.ctx, village.actor("manager"), first.id, "x")
    second, notice = village.posted()
    assert notice_of(village, notice).state == "open"
    assert holds(village, second) == [("pending", 260_000)]


def test_a_notice_that_was_cleared_stays_on_record_when_its_case_is_withdrawn(
    village: Village,
) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice, "end")
    notices.clear(village.ctx, village.actor("clerk"), purchase.id, "未收到纸质异议")
    applications.withdraw(village.ctx, village.actor("manager"), purchase.id, "x")
    assert notice_of(village, notice).state == "ended"


def test_a_payment_on_its_way_cannot_be_stopped_by_withdrawing(village: Village) -> None:
    purchase = village.reviewed()
    payments.order_payment(village.ctx, village.actor("cashier"), purchase.id)
    for act, name in ((applications.withdraw, "manager"), (applications.terminate, "reviewer")):
        with pytest.raises(Refused) as refused:
            act(village.ctx, village.actor(name), purchase.id, "x")
        assert codes(refused) == ["step_not_possible"]


def test_only_the_applicant_withdraws(village: Village) -> None:
    purchase = village.planned()
    for name, code in (("owner0", "not_the_applicant"), ("clerk", "role_required")):
        with pytest.raises(Refused) as refused:
            applications.withdraw(village.ctx, village.actor(name), purchase.id, "x")
        assert codes(refused) == [code]


# --- the rules it began with ---


@pytest.mark.usefixtures("cases_from_before")
def test_a_case_keeps_the_rules_it_began_with_when_the_city_changes_them(village: Village) -> None:
    purchase = drafted_by_owners(village, "owner0", "owner1", "owner2")
    text = village.ctx.city.text.replace(
        "minimum_cosigners = { value = 3,", "minimum_cosigners = { value = 4,"
    ).replace(
        'public_notice_period = { name = "公示", days = { value = 7,', "public_notice_period = {X"
    )
    text = text.replace(
        "public_notice_period = {X", 'public_notice_period = { name = "公示", days = { value = 15,'
    )
    village.ctx = replace(village.ctx, city=parse_city(text))
    assert village.ctx.city.applicants.minimum_cosigners.value == 4
    assert applied(village, purchase, "owner0").state == "applied"
    with village.ctx.sessions() as tx:
        old = profile_of(tx, village.ctx, case(village, purchase))
    assert old.limits["public_notice_period"].days.value == 7
    later = drafted_by_owners(village, "owner0", "owner1", "owner2")
    with pytest.raises(Refused, match="too_few_cosigners"):
        applied(village, later, "owner0")


@pytest.mark.usefixtures("cases_from_before")
def test_a_notice_lasts_as_long_as_the_rules_said_when_its_case_began(village: Village) -> None:
    purchase = village.approved()
    text = village.ctx.city.text.replace(
        'public_notice_period = { name = "公示", days = { value = 7,',
        'public_notice_period = { name = "公示", days = { value = 15,',
    )
    village.ctx = replace(village.ctx, city=parse_city(text))
    assert notice_of(village, post(village, purchase)).ends_on == date(2025, 3, 10)
    younger = village.drafted()
    assert younger.profile_version != purchase.profile_version


# --- three different people at the centre ---


def test_the_clerk_of_a_case_cannot_register_or_pay_it(village: Village) -> None:
    purchase = village.cleared()
    also(village, "clerk", "reviewer")
    also(village, "clerk", "cashier")
    with pytest.raises(Refused) as refused:
        registrations.register(village.ctx, village.actor("clerk"), purchase.id)
    assert codes(refused) == ["same_officer"]
    assert "中心经办" in refused.value.refusals[0].message


def test_another_clerk_may_take_over(village: Village) -> None:
    purchase, notice = village.posted()
    add_person(village, "second clerk", "clerk")
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice, "end")
    done = notices.clear(village.ctx, village.actor("second clerk"), purchase.id, "无")
    assert done.state == "cleared"
