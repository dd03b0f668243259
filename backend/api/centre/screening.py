"""Where nobody applies: a district screens an estate, and with the centre guides it (SG 四, 五)."""

from uuid import UUID

from flask import Response
from pydantic import Field

from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.api.cases.estates import EstatePath
from backend.domain.facts import Finding
from backend.http.bodies import ReasonIn
from backend.http.fields import MOST_ITEMS, Sha256, Statement
from backend.http.parts import context
from backend.http.present import Input
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.purchase import screening
from backend.services.purchase.screening import Guidance

routes = Routes("screening", "属地住建部门：摸底筛选、指导办理")

MOST_CRITERIA = 20
MOST_POOLS = 20


class FindingIn(Input):
    """What was found of one criterion, by its code in the city's plan."""

    criterion: str = Field(min_length=1, max_length=50)
    met: bool
    finding: Statement


class ScreeningIn(Input):
    """The sheet of a screening, and what stands on it."""

    findings: list[FindingIn] = Field(max_length=MOST_CRITERIA)
    sheet_sha256: Sha256


class GuidanceIn(Input):
    """Which lifts, with which insurer, out of which of the city's pools."""

    lift_ids: list[UUID] = Field(min_length=1, max_length=MOST_ITEMS)
    insurer_id: UUID
    account_ids: list[UUID] = Field(min_length=1, max_length=MOST_POOLS)


@routes.post(
    "/estates/<estate_id>/screenings",
    auth="person",
    answers={201: CaseOut},
    creates=True,
    refuses=(
        "not_found role_required route_not_offered income_of_households",
        "criterion_unknown criterion_missing criterion_not_met criterion_repeated",
        "estate_screened committee_not_in_office not_managed evidence_missing file_unknown",
        WRITTEN,
    ),
)
def screen_estate(path: EstatePath, body: ScreeningIn) -> Response:
    """摸底筛选：小区符合方案的条件，入选试点

    由属地住建部门办理，逐项写明查明的情况，并先用 POST /uploads 上传盖章的筛选表。有一项没有写或者
    不符合的，一次列出全部，不入选。入选后确定电梯（POST /purchases/{purchase_id}/guidance）。
    """
    findings = {each.criterion: Finding(each.met, each.finding) for each in body.findings}
    if len(findings) != len(body.findings):
        raise screening.repeated()
    screened = screening.screen(context(), acting(), path.estate_id, findings, body.sheet_sha256)
    return present_case(screened, 201)


@routes.post(
    "/purchases/<purchase_id>/screening-reversal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN),
)
def undo_screening(path: CasePath, body: ReasonIn) -> Response:
    """撤销入选，本案终止

    由属地住建部门办理，保险机构提交方案之前，须写理由。小区可以重新筛选。
    """
    return present_case(
        screening.undo_screening(context(), acting(), path.purchase_id, body.reason)
    )


@routes.post(
    "/purchases/<purchase_id>/guidance",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        STEP,
        "lifts_missing lifts_repeated lift_unknown lift_in_open_case lift_not_running",
        "lift_data_incomplete inspection_overdue insurer_unknown insurer_not_selected",
        "account_required account_repeated account_not_citys account_empty",
    ),
)
def guide(path: CasePath, body: GuidanceIn) -> Response:
    """指导办理：确定投保的电梯、保险机构和付款的年度资金

    由属地住建部门或中心经办办理，入选之后。电梯资料（品牌、维保单位、下次检验日期）须齐全；相关业主是
    这些电梯服务的单元的业主。account_ids 是全市统筹使用的收益账户（见小区的 accounts），
    一个或几个年度，按各自可用的金额分摊保费。
    """
    guidance = Guidance(body.lift_ids, body.insurer_id, body.account_ids)
    return present_case(screening.guide(context(), acting(), path.purchase_id, guidance))


@routes.post(
    "/purchases/<purchase_id>/guidance-reversal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN),
)
def undo_guidance(path: CasePath, body: ReasonIn) -> Response:
    """撤销指导，重新确定电梯、保险机构和资金

    由属地住建部门或中心经办办理，公示张贴之前，须写理由。已有的方案作废。
    """
    return present_case(screening.undo_guiding(context(), acting(), path.purchase_id, body.reason))
