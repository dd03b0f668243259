"""For the insurer: survey, plan, policy."""

from datetime import timedelta
from uuid import UUID

from flask import Response
from pydantic import Field

from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.domain.cover import SurveyResult
from backend.domain.errors import refuse
from backend.http.bodies import ReasonIn
from backend.http.fields import (
    MOST_ITEMS,
    Day,
    Fen,
    PaperNumber,
    PositiveFen,
    Reason,
    RegistrationCode,
    Sha256,
    Terms,
    Yes,
)
from backend.http.parts import context
from backend.http.present import Input, Moment, Output, present
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.purchase import plans, policies
from backend.services.purchase.plans import PlanTerms
from backend.services.purchase.policies import PolicyPaper

routes = Routes("insurers", "保险机构：查勘、方案、保单")


class SurveyIn(Input):
    """What the insurer found at one lift."""

    lift_id: UUID
    result: SurveyResult
    findings: Terms


class LiftPremiumIn(Input):
    """What one lift costs in fen."""

    lift_id: UUID
    premium_fen: PositiveFen


class PlanIn(Input):
    """A plan: premium per lift, cover from a day until before another."""

    lifts: list[LiftPremiumIn] = Field(min_length=1, max_length=MOST_ITEMS)
    sum_insured_fen: PositiveFen
    deductible_fen: Fen
    cover_from: Day
    cover_ends_before: Day
    scope_of_cover: Terms
    exclusions: Terms
    service_commitments: Terms


class RevisionIn(PlanIn):
    """A changed plan, and why."""

    reason: Reason


class PolicyIn(Input):
    """The policy as its paper says it; its last day is still covered."""

    number: PaperNumber
    cover_from: Day
    cover_last_day: Day
    issued_on: Day
    premium_fen: PositiveFen
    lift_codes: list[RegistrationCode] = Field(min_length=1, max_length=MOST_ITEMS)
    file_sha256: Sha256
    answers_for_days_before: Yes = False


class PolicyCorrectionIn(PolicyIn):
    """The policy once more, and why."""

    reason: Reason


class SurveyOut(Output):
    """The survey as it was recorded."""

    id: UUID
    lift_id: UUID
    result: str
    findings: str
    surveyed_at: Moment


@routes.post(
    "/purchases/<purchase_id>/surveys",
    auth="person",
    answers={201: SurveyOut},
    creates=True,
    refuses=(
        "lift_not_in_purchase not_found not_the_applicant role_required step_not_possible",
        "version_conflict survey_not_open case_closed",
    ),
)
def record_survey(path: CasePath, body: SurveyIn) -> Response:
    """记录一台电梯的查勘结果

    由保险机构办理；同一台电梯再次提交，以最近一次为准。
    """
    survey = plans.record_survey(
        context(), acting(), path.purchase_id, body.lift_id, body.result, body.findings
    )
    return present(SurveyOut.model_validate(survey), 201)


@routes.post(
    "/purchases/<purchase_id>/failed-survey",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "file_unknown no_failed_survey"),
)
def fail_survey(path: CasePath, body: ReasonIn) -> Response:
    """查勘未通过，退回整改

    由保险机构办理，至少有一台电梯查勘不通过；之后由申请人整改。
    """
    return present_case(plans.fail_survey(context(), acting(), path.purchase_id, body.reason))


@routes.post(
    "/purchases/<purchase_id>/plans",
    auth="person",
    answers={201: CaseOut},
    creates=True,
    refuses=(
        STEP,
        "amount_not_positive cover_begins_in_past insurer_not_selected",
        "lift_already_covered lift_failed_survey lift_not_running",
        "lift_not_surveyed lift_outside_circle",
        "lifts_repeated period_invalid period_too_long plan_lifts_differ plan_unchanged",
        "share_without_bearer shares_collected",
        "premium_above_available",
    ),
)
def submit_plan(path: CasePath, body: PlanIn) -> Response:
    """提交保险方案

    由保险机构办理，全部电梯查勘通过之后。电梯须与申请一致，保费不得超过账户可用金额，
    保障期不超过一年。
    """
    return present_case(plans.submit_plan(context(), acting(), path.purchase_id, _terms(body)), 201)


@routes.post(
    "/purchases/<purchase_id>/plan-revisions",
    auth="person",
    answers={201: CaseOut},
    creates=True,
    refuses=(
        STEP,
        WRITTEN,
        "amount_not_positive cover_begins_in_past insurer_not_selected",
        "lift_already_covered lift_failed_survey lift_not_running",
        "lift_not_surveyed lift_outside_circle",
        "lifts_repeated period_invalid period_too_long plan_lifts_differ plan_unchanged",
        "share_without_bearer shares_collected",
        "premium_above_available",
    ),
)
def revise_plan(path: CasePath, body: RevisionIn) -> Response:
    """修改保险方案，重新审议和公示

    由保险机构办理。修改后重新审议、重新公示，原公示作废；内容不能与上一版相同。
    """
    return present_case(
        plans.revise_plan(context(), acting(), path.purchase_id, _terms(body), body.reason), 201
    )


POLICY_REFUSALS = (
    "amount_not_positive file_unknown lift_already_covered period_invalid",
    "policy_begins_before_issue policy_date_invalid policy_lifts_differ policy_number_used",
    "policy_period_differs policy_premium_differs",
)


@routes.post(
    "/purchases/<purchase_id>/policy",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, *POLICY_REFUSALS),
)
def issue_policy(path: CasePath, body: PolicyIn) -> Response:
    """提交保险单

    由保险机构办理，保费付清之后。保障期间以保险单为准：与约定的一样长，从约定的第一天开始；
    保险单出具得晚的，最迟从出具次日开始。开始日早于出具日的，须确认对这些天同样承担保险责任
    （answers_for_days_before）。保费须等于已付保费；多付的先退费。
    """
    return present_case(policies.issue_policy(context(), acting(), path.purchase_id, _policy(body)))


@routes.post(
    "/purchases/<purchase_id>/policy-correction",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, *POLICY_REFUSALS, "policy_issued_later"),
)
def set_policy(path: CasePath, body: PolicyCorrectionIn) -> Response:
    """更正保险单

    由保险机构办理，保障结束之前。须写理由、重新提交保险单；保障期间随之更正。
    """
    return present_case(
        policies.set_policy(context(), acting(), path.purchase_id, _policy(body), body.reason)
    )


def _policy(body: PolicyIn) -> PolicyPaper:
    return PolicyPaper(
        number=body.number,
        cover_from=body.cover_from,
        cover_ends_before=body.cover_last_day + timedelta(days=1),
        issued_on=body.issued_on,
        premium_fen=body.premium_fen,
        lift_codes=body.lift_codes,
        file_sha256=body.file_sha256,
        answers_for_days_before=body.answers_for_days_before,
    )


def _terms(body: PlanIn) -> PlanTerms:
    premiums = {lift.lift_id: lift.premium_fen for lift in body.lifts}
    if len(premiums) != len(body.lifts):
        raise refuse("lifts_repeated", "同一台电梯出现了两次，请删除重复的。", "lifts")
    return PlanTerms(
        lift_premiums=premiums,
        sum_insured_fen=body.sum_insured_fen,
        deductible_fen=body.deductible_fen,
        cover_from=body.cover_from,
        cover_ends_before=body.cover_ends_before,
        scope_of_cover=body.scope_of_cover,
        exclusions=body.exclusions,
        service_commitments=body.service_commitments,
    )
