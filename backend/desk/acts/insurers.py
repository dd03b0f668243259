"""What the insurer does on a PC: the survey of all lifts at once, the plan, the policy."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from backend.desk.acts.act import (
    PHOTO_OR_PDF,
    REASON,
    Act,
    all_ticked,
    by_code,
    lift_rows,
)
from backend.desk.forms import Field, Given, Known, Row
from backend.desk.values import Kind
from backend.domain.actions import Action
from backend.domain.cover import SURVEY_NAMES, SurveyResult
from backend.domain.local_time import local_date
from backend.domain.money import decimal_yuan
from backend.domain.wording import COVER_PERIOD, DAY_ENDS, DEDUCTIBLE, SUM_INSURED
from backend.services.base.context import Actor, Context
from backend.services.purchase import plans, policies
from backend.services.purchase.plans import PlanTerms
from backend.services.purchase.policies import PolicyPaper
from backend.services.reads.agreed import read_agreed
from backend.services.reads.cases import CaseView

A_DAY = timedelta(days=1)
FROM = Field("cover_from", f"{COVER_PERIOD}的第一天", Kind.DAY)
# The form asks for the last day that is covered; refusals name the first that is not.
LAST = Field(
    "cover_ends_before", f"{COVER_PERIOD}的最后一天", Kind.DAY, f"到这一天{DAY_ENDS}为止。"
)
POLICY_LAST = Field("cover_last_day", LAST.label, Kind.DAY, LAST.hint)

SURVEY = (
    Field(
        "surveys",
        "逐台查勘结果",
        Kind.TABLE,
        "一次可以只填看过的几台，没看的留空。同一台再填一次，以最近一次为准。",
        optional=True,
        key="lift_id",
        columns=(
            Field("result", "查勘结果", Kind.CHOICE, choices=tuple(SURVEY_NAMES.items())),
            Field("findings", "查勘情况和问题", Kind.WORDS),
        ),
    ),
)
PLAN = (
    Field(
        "lifts",
        "每台电梯的保费",
        Kind.TABLE,
        key="lift_id",
        columns=(Field("premium_fen", "保费", Kind.YUAN),),
    ),
    Field("sum_insured_fen", f"每台{SUM_INSURED}", Kind.YUAN),
    Field("deductible_fen", f"每次{DEDUCTIBLE}", Kind.YUAN, "没有免赔的填 0。"),
    FROM,
    LAST,
    Field("scope_of_cover", "保障范围"),
    Field("exclusions", "不赔的情形"),
    Field("service_commitments", "服务承诺"),
)
POLICY = (
    Field("number", "保险单号", Kind.LINE, "照保险单抄写，空格和大小写不影响。"),
    Field("lift_codes", "保险单上的电梯", Kind.SEVERAL, "与保险单不一致的，去掉勾选。"),
    Field("premium_fen", "保险单上的保费", Kind.YUAN),
    FROM,
    POLICY_LAST,
    Field("issued_on", "出具日期", Kind.DAY),
    Field("file_sha256", "保险单", Kind.FILE, PHOTO_OR_PDF),
    Field(
        "answers_for_days_before",
        "出具之前的保障天数同样承担保险责任",
        Kind.YES,
        "只在保障的第一天早于出具日期时勾选。",
    ),
)


def _survey(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return [
        plans.record_survey(ctx, actor, case, row["lift_id"], row["result"], row["findings"])
        for row in given["surveys"]
    ]


def _to_survey(ctx: Context, actor: Actor, view: CaseView) -> Known:
    last = [SURVEY_NAMES[SurveyResult(lift.survey)] if lift.survey else "" for lift in view.lifts]
    rows = [
        Row(row.id, f"{row.words}（上次{result}）" if result else row.words, row.code)
        for row, result in zip(lift_rows(view), last, strict=True)
    ]
    return Known(rows={"surveys": rows})


def _terms(given: Given) -> PlanTerms:
    return PlanTerms(
        lift_premiums={row["lift_id"]: row["premium_fen"] for row in given["lifts"]},
        sum_insured_fen=given["sum_insured_fen"],
        deductible_fen=given["deductible_fen"],
        cover_from=given["cover_from"],
        cover_ends_before=given["cover_ends_before"] + A_DAY,
        scope_of_cover=given["scope_of_cover"],
        exclusions=given["exclusions"],
        service_commitments=given["service_commitments"],
    )


def _submit(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return plans.submit_plan(ctx, actor, case, _terms(given))


def _revise(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return plans.revise_plan(ctx, actor, case, _terms(given), given["reason"])


def _planned(ctx: Context, actor: Actor, view: CaseView) -> Known:
    """The plan as it is, to be changed."""
    rows = {"lifts": lift_rows(view)}
    if view.plan is None:
        return Known(rows=rows)
    plan = view.plan.plan
    premiums = {
        f"lifts.{number}.premium_fen": str(decimal_yuan(lift.premium_fen))
        for number, lift in enumerate(view.lifts)
        if lift.premium_fen is not None
    }
    values = {
        **premiums,
        "sum_insured_fen": str(decimal_yuan(plan.sum_insured_fen)),
        "deductible_fen": str(decimal_yuan(plan.deductible_fen)),
        "cover_from": plan.cover_from.isoformat(),
        "cover_ends_before": (plan.cover_ends_before - A_DAY).isoformat(),
        "scope_of_cover": plan.scope_of_cover,
        "exclusions": plan.exclusions,
        "service_commitments": plan.service_commitments,
    }
    return Known(values, rows=rows)


def _paper(given: Given) -> PolicyPaper:
    return PolicyPaper(
        number=given["number"],
        cover_from=given["cover_from"],
        cover_ends_before=given["cover_last_day"] + A_DAY,
        issued_on=given["issued_on"],
        premium_fen=given["premium_fen"],
        lift_codes=given["lift_codes"],
        file_sha256=given["file_sha256"],
        answers_for_days_before=given["answers_for_days_before"],
    )


def _issue(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return policies.issue_policy(ctx, actor, case, _paper(given))


def _set(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return policies.set_policy(ctx, actor, case, _paper(given), given["reason"])


def _agreed(ctx: Context, actor: Actor, view: CaseView) -> Known:
    """The policy as it should be: what was planned and paid; or as it was handed in last."""
    codes, agreed = by_code(view), read_agreed(ctx, actor, view.purchase.id)
    values = {**all_ticked("lift_codes", codes), "issued_on": local_date(ctx.clock()).isoformat()}
    if view.plan:
        plan = view.plan.plan
        values |= {
            "premium_fen": str(decimal_yuan(agreed.paid_fen)),
            "cover_from": plan.cover_from.isoformat(),
            "cover_last_day": (plan.cover_ends_before - A_DAY).isoformat(),
        }
    if policy := view.policy:
        values |= {
            "number": policy.number,
            "premium_fen": str(decimal_yuan(policy.premium_fen)),
            "cover_from": policy.cover_from.isoformat(),
            "cover_last_day": policy.cover_last_day.isoformat(),
            "issued_on": policy.issued_on.isoformat(),
        }
    return Known(values, {"lift_codes": codes})


INSURERS: Mapping[str, Act] = {
    Action.SURVEY: Act(SURVEY, _survey, _to_survey),
    Action.SUBMIT_PLAN: Act(PLAN, _submit, _planned),
    Action.REVISE_PLAN: Act((*PLAN, REASON), _revise, _planned),
    Action.ISSUE_POLICY: Act(POLICY, _issue, _agreed),
    Action.SET_POLICY: Act((*POLICY, REASON), _set, _agreed),
}
