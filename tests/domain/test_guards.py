"""Each condition of a step: what it lets pass, and what it refuses with which words."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from backend.domain import guards as must
from backend.domain.approval import Tally
from backend.domain.cover import LiftUse, SurveyResult
from backend.domain.facts import (
    NO_NOTICE,
    ActorFact,
    ContractFact,
    InsurerFact,
    InvoiceFact,
    LiftFact,
    NoticeFact,
    Terms,
)
from backend.domain.roles import Role
from backend.domain.routes.catalogue import table_of
from backend.domain.steps import Guard
from tests.build.facts import (
    CLERK,
    CONTRACT,
    INSURER,
    INVOICE,
    JISHOU,
    LIFTS,
    NOTICE,
    NOW,
    OTHER_INSURER,
    PERSON,
    PLAN,
    POLICY,
    facts,
    refused,
)

# Conditions that need something of their own, because no case can meet them all at once.
ODD_ONES: dict[Guard, dict[str, Any]] = {
    must.some_lift_failed_survey: {
        "lifts": (replace(LIFTS[0], survey=SurveyResult.FAILED), LIFTS[1])
    },
    must.majority_refused: {"votes": Tally(0, 2, 3)},
    must.approval_not_needed: {"applicant": "owners"},
    must.verified_objection: {"objections": ("verified",)},
    must.cover_begun: {"today": date(2025, 4, 1)},
    must.cover_over: {"today": date(2026, 4, 1)},
    must.has_successor: {"succession": True},
    must.waited_too_long: {"until": NOW},
    must.insurer_delisted: {"insurer_selected": False},
}
EVERY_GUARD = sorted(
    {rule for step in table_of("R1", JISHOU).steps for rule in (*step.guards, *step.checks)},
    key=lambda guard: guard.__name__,
)


@pytest.mark.parametrize("guard", EVERY_GUARD, ids=lambda guard: guard.__name__)
def test_a_sound_case_meets_every_condition(guard: Guard) -> None:
    assert guard(facts(**ODD_ONES.get(guard, {}))) == []


@pytest.mark.parametrize(("signed", "enough"), [(0, False), (2, False), (3, True), (4, True)])
def test_three_owners_suffice_since_the_number_itself_is_included(
    signed: int, enough: bool
) -> None:
    against = refused(must.eligible_applicant, applicant="owners", cosigners=signed)
    assert against == ([] if enough else ["too_few_cosigners"])


def test_the_refusal_says_how_many_owners_are_still_needed() -> None:
    (refusal,) = must.eligible_applicant(facts(applicant="owners", cosigners=2))
    assert refusal.message.startswith("须有3名以上相关业主联名，现有2名")


def test_owners_need_neither_committee_nor_mandate() -> None:
    alone = {"committee_in_office": False, "mandate_valid": False}
    assert refused(must.eligible_applicant, applicant="owners", cosigners=3, **alone) == []


def test_a_committee_must_be_in_office_and_needs_no_mandate() -> None:
    applies = {"applicant": "committee", "mandate_valid": False}
    assert refused(must.eligible_applicant, **applies) == []
    out_of_office = refused(must.eligible_applicant, committee_in_office=False, **applies)
    assert out_of_office == ["committee_not_in_office"]


def test_a_property_company_needs_a_mandate_of_a_committee_in_office() -> None:
    assert refused(must.eligible_applicant, mandate_valid=False) == ["mandate_expired"]
    assert refused(must.eligible_applicant, committee_in_office=False) == [
        "committee_not_in_office"
    ]


def test_each_lift_of_another_building_is_named() -> None:
    elsewhere = tuple(replace(lift, in_reach=False) for lift in LIFTS)
    refusals = must.lifts_in_circle(facts(lifts=elsewhere))
    assert [refusal.code for refusal in refusals] == ["lift_outside_circle"] * 2
    for lift, refusal in zip(LIFTS, refusals, strict=True):
        assert lift.registration_code in refusal.message


def test_an_estate_without_a_property_company_does_not_go_by_this_route() -> None:
    assert refused(must.managed_normally, managed=False) == ["not_managed"]


@pytest.mark.parametrize(("fen", "against"), [(1, []), (0, ["account_empty"])])
def test_an_account_with_nothing_available_is_not_enough(fen: int, against: list[str]) -> None:
    assert refused(must.funds_available, available_fen=fen) == against


def test_the_insurer_must_be_selected() -> None:
    assert refused(must.insurer_selected, insurer_selected=False) == ["insurer_not_selected"]


def test_a_lift_without_survey_and_one_that_failed_are_told_apart() -> None:
    lifts = (replace(LIFTS[0], survey=None), replace(LIFTS[1], survey=SurveyResult.FAILED))
    assert refused(must.every_lift_surveyed, lifts=lifts) == [
        "lift_not_surveyed",
        "lift_failed_survey",
    ]


def test_nothing_to_rectify_without_a_failed_survey() -> None:
    assert refused(must.some_lift_failed_survey) == ["no_failed_survey"]


@pytest.mark.parametrize(
    "lifts",
    [LIFTS[:1], (*LIFTS, LiftFact(INSURER, "3", in_reach=True))],
    ids=["one too many in the plan", "one too few"],
)
def test_the_plan_insures_the_lifts_applied_for_and_no_others(lifts: tuple[LiftFact, ...]) -> None:
    assert refused(must.plan_covers_lifts, lifts=lifts) == ["plan_lifts_differ"]


def test_the_premium_may_use_the_last_fen_but_not_one_more() -> None:
    assert refused(must.covers_one_year, available_fen=260_000) == []
    (refusal,) = must.covers_one_year(facts(available_fen=259_999))
    assert refusal.code == "premium_above_available"
    assert "差0.01元" in refusal.message


def test_a_plan_for_some_days_needs_the_premium_of_a_whole_year() -> None:
    days = replace(PLAN, premium_fen=10_000, cover_ends_before=date(2025, 5, 1))
    for_days = Terms(plan=days)
    assert refused(must.covers_one_year, terms=for_days, available_fen=121_667) == []
    (refusal,) = must.covers_one_year(facts(terms=for_days, available_fen=121_666))
    assert refusal.message.startswith(
        "按本方案折算的一年保费1,216.67元超过可用资金1,216.66元，差0.01元"
    )


def test_a_lift_that_is_covered_already_is_named_with_the_day_it_is_free() -> None:
    lifts = (replace(LIFTS[0], taken_until=date(2025, 6, 1)), LIFTS[1])
    (refusal,) = must.not_covered_twice(facts(lifts=lifts))
    assert refusal.code == "lift_already_covered"
    assert "在2025年6月1日前已有保障" in refusal.message


@pytest.mark.parametrize(
    ("tally", "approved", "refused_"),
    [
        (Tally(0, 0, 0), False, False),
        (Tally(1, 1, 3), False, False),
        (Tally(2, 1, 3), True, False),
        (Tally(2, 0, 4), False, False),
        (Tally(1, 2, 3), False, True),
    ],
)
def test_more_than_half_of_those_in_office_decide(
    tally: Tally, approved: bool, refused_: bool
) -> None:
    assert (refused(must.majority_approved, votes=tally) == []) is approved
    assert (refused(must.majority_refused, votes=tally) == []) is refused_


def test_approval_cannot_be_left_out_where_the_city_asks_for_it() -> None:
    assert refused(must.approval_not_needed) == ["approval_needed"]


def test_a_notice_must_be_drafted_and_hang_everywhere_before_it_starts() -> None:
    for guard in (must.start_photos_complete, must.notice_drafted):
        assert refused(guard, notice=NO_NOTICE) == ["notice_not_drafted"]
    missing = replace(NOTICE, missing_start=("1栋1单元公示开始远景", "1栋2单元公示开始近景"))
    refusals = must.start_photos_complete(facts(notice=missing))
    assert [refusal.code for refusal in refusals] == ["start_photo_missing"] * 2
    assert "1栋2单元公示开始近景" in refusals[1].message


def test_a_notice_is_over_at_midnight_and_not_a_moment_before() -> None:
    assert refused(must.notice_ended, notice=replace(NOTICE, ends_before=NOW)) == []
    later = replace(NOTICE, ends_before=NOW + timedelta(microseconds=1))
    for notice in (later, replace(NOTICE, ends_before=None), NO_NOTICE):
        assert refused(must.notice_ended, notice=notice) == ["notice_still_open"]


def test_every_missing_end_photo_is_told() -> None:
    missing = NoticeFact(NOW, missing_start=(), missing_end=("甲", "乙"))
    assert refused(must.end_photos_complete, notice=missing) == ["end_photo_missing"] * 2


def test_each_lift_whose_inspection_is_overdue_is_named_with_the_day_and_the_clause() -> None:
    due = {"31104331002024000001": date(2025, 3, 10), "31104331002024000002": date(2024, 12, 31)}
    told = must.inspected(facts(inspection_due=due))
    assert [refusal.code for refusal in told] == ["inspection_overdue"] * 2
    assert "2025年3月10日" in told[0].message
    assert "《特种设备安全法》第四十条" in told[0].message
    assert must.inspected(facts()) == []


def test_late_end_photos_ask_for_an_explanation() -> None:
    late = NoticeFact(NOW, late_end=("甲（晚了14天）", "乙（晚了4天）"))
    assert refused(must.late_photos_explained, notice=late) == ["late_photos_unexplained"]
    assert not refused(must.late_photos_explained, notice=late, late_photos_explained=True)


@pytest.mark.parametrize("status", ["received", "verified"])
def test_an_open_objection_blocks_verified_or_not(status: str) -> None:
    statuses = ("withdrawn", status)
    assert refused(must.no_open_objection, objections=statuses) == ["objection_open"]


def test_late_withdrawn_and_settled_objections_block_nothing() -> None:
    done = ("late", "withdrawn", "inadmissible", "not_entitled")
    assert refused(must.no_open_objection, objections=done) == []
    assert refused(must.verified_objection, objections=done) == ["no_verified_objection"]


def test_an_objection_whose_author_is_not_verified_does_not_suspend() -> None:
    against = refused(must.verified_objection, objections=("received",))
    assert against == ["no_verified_objection"]


@pytest.mark.parametrize(
    ("contract", "against"),
    [
        (replace(CONTRACT, premium_fen=1), []),
        (replace(CONTRACT, premium_fen=260_001), ["contract_above_plan"]),
        (replace(CONTRACT, premium_fen=0), ["amount_not_positive"]),
        (replace(CONTRACT, lift_codes=frozenset({"x"})), ["contract_lifts_differ"]),
        (replace(CONTRACT, insurer_id=OTHER_INSURER), ["contract_insurer_differs"]),
        (
            ContractFact(OTHER_INSURER, 260_001, frozenset()),
            ["contract_above_plan", "contract_lifts_differ", "contract_insurer_differs"],
        ),
    ],
)
def test_the_contract_keeps_to_the_plan_or_below_its_premium(
    contract: ContractFact, against: list[str]
) -> None:
    assert refused(must.contract_matches_plan, contract=contract) == against


def test_an_incomplete_payment_file_gets_one_full_list() -> None:
    notice = NoticeFact(NOW, missing_start=("甲",), missing_end=("乙",))
    against = refused(must.payment_file_complete, contract=None, invoice=None, notice=notice)
    assert against == [
        "contract_missing",
        "invoice_missing",
        "notice_photo_missing",
        "notice_photo_missing",
    ]


@pytest.mark.parametrize(
    ("invoice", "against"),
    [
        (None, []),
        (replace(INVOICE, amount_fen=259_999), ["invoice_amount_differs"]),
        (
            InvoiceFact(OTHER_INSURER, 260_001),
            ["invoice_amount_differs", "invoice_insurer_differs"],
        ),
    ],
)
def test_the_invoice_says_what_the_contract_says(
    invoice: InvoiceFact | None, against: list[str]
) -> None:
    assert refused(must.invoice_matches_contract, invoice=invoice) == against


def test_a_notice_is_posted_while_its_cover_is_still_ahead() -> None:
    assert refused(must.cover_ahead, today=PLAN.cover_from) == []
    assert refused(must.cover_ahead, today=date(2025, 4, 2)) == ["cover_begins_in_past"]


def test_nothing_is_signed_or_paid_for_cover_that_has_ended() -> None:
    assert refused(must.cover_not_over, today=date(2026, 3, 31)) == []
    assert refused(must.cover_not_over, today=PLAN.cover_ends_before) == ["cover_ended"]


@pytest.mark.parametrize("applicant", ["owners", "committee"])
def test_only_a_property_company_needs_a_mandate(applicant: str) -> None:
    assert refused(must.mandate_valid, applicant=applicant, mandate_valid=False) == []
    assert refused(must.mandate_valid, mandate_valid=False) == ["mandate_expired"]
    assert refused(must.mandate_valid, mandate_valid=False, paid_before=True) == []


def test_cover_begins_on_its_first_day_and_is_over_on_the_day_after_the_last() -> None:
    assert refused(must.cover_begun, today=date(2025, 3, 31)) == ["cover_not_begun"]
    assert refused(must.cover_over, today=date(2026, 3, 31)) == ["cover_not_over"]
    for guard in (must.cover_begun, must.cover_over):
        assert refused(guard, plan=None) != []


def test_nothing_is_renewed_without_a_successor() -> None:
    assert refused(must.has_successor) == ["no_successor"]


@pytest.mark.parametrize(
    ("refund", "fits"), [(-1, False), (0, False), (1, True), (200_000, True), (200_001, False)]
)
def test_a_refund_is_at_most_what_was_paid_by_the_contract(refund: int, fits: bool) -> None:
    contract = replace(CONTRACT, premium_fen=200_000)
    against = refused(must.refund_within_premium, contract=contract, refund_fen=refund)
    assert against == ([] if fits else ["refund_out_of_range"])


def test_what_the_insurer_is_owed_follows_the_contract_once_there_is_one() -> None:
    assert facts(contract=None).terms.due_fen == PLAN.premium_fen
    assert facts(contract=replace(CONTRACT, premium_fen=250_000)).terms.due_fen == 250_000
    assert facts(contract=None, plan=None).terms.due_fen == 0


def test_nobody_hands_in_what_they_or_whom_they_stand_in_for_entered_from_paper() -> None:
    stands_in = ActorFact(PERSON, stands_in_for={Role.CLERK: CLERK})
    assert refused(must.seen_by_another, entered_by=(PERSON,)) == ["own_entry"]
    assert refused(must.seen_by_another, entered_by=(CLERK, PERSON)) == ["own_entry"]
    assert refused(must.seen_by_another, entered_by=(CLERK,), actor=stands_in) == ["own_entry"]
    assert refused(must.seen_by_another, entered_by=(CLERK,)) == []
    assert refused(must.seen_by_another) == []


@pytest.mark.parametrize("guard", EVERY_GUARD, ids=lambda guard: guard.__name__)
def test_what_people_read_is_a_whole_chinese_sentence(guard: Guard) -> None:
    """Every refusal says what is wrong or what to do, without placeholders."""
    lifts = tuple(
        replace(
            lift, in_reach=False, use=LiftUse.RETIRED, survey=None, taken_until=date(2026, 1, 1)
        )
        for lift in (*LIFTS, LiftFact(INSURER, "9", in_reach=False))
    )
    over = replace(PLAN, cover_from=date(2024, 3, 1), cover_ends_before=date(2025, 3, 1))
    past = guard in (must.cover_ahead, must.cover_not_over)
    begun = replace(over, cover_ends_before=date(2026, 3, 1))
    unissued = guard in (must.cover_not_over, must.policy_in_hand, must.begun_cover_known)
    alone = guard is must.another_lift_stays
    wrong = replace(POLICY, issued_on=date(2025, 6, 1), premium_fen=1, lift_codes=frozenset())
    worst = facts(
        committee_in_office=False,
        managed=False,
        inspection_due={LIFTS[0].registration_code: date(2025, 3, 10)},
        account_open=False,
        lifts=lifts[:1] if alone else lifts,
        insurer=InsurerFact(INSURER, selected=False, is_another=False),
        available_fen=0,
        insurer_selected=guard is must.insurer_delisted,
        votes=Tally(0, 0, 3),
        notice=NO_NOTICE
        if guard is must.notice_drafted
        else NoticeFact(None, ("甲",), ("乙",), ("丙",)),
        objections=("received",),
        contract=None
        if guard is must.contract_in_hand
        else ContractFact(OTHER_INSURER, 999_999, frozenset()),
        invoice=None if guard is must.payment_file_complete else INVOICE,
        plan=begun if guard is must.begun_cover_known else over if past else PLAN,
        policy=None if unissued else wrong,
        mandate_valid=guard is not must.mandate_valid,
        refund_fen=0,
        given_back_fen=1,
        policy_since=date(2025, 3, 1),
        unanswered=1,
        entered_by=(PERSON,),
    )
    refusals = guard(worst)
    assert refusals
    for refusal in refusals:
        assert refusal.message.endswith("。")
        assert "None" not in refusal.message
        assert any("\u4e00" <= character <= "\u9fff" for character in refusal.message)
        assert refusal.code == refusal.code.lower().replace(" ", "_")
