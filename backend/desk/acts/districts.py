"""What the district does with an estate that was screened, and the centre with it (SG 四, 五)."""

from collections.abc import Mapping
from uuid import UUID

from backend.desk.acts.act import Act, insurer_choices, with_reason
from backend.desk.forms import Choices, Field, Given, Known
from backend.desk.values import Kind
from backend.domain.actions import Action
from backend.domain.money import yuan
from backend.services.base.context import Actor, Context
from backend.services.purchase import screening
from backend.services.purchase.screening import Guidance
from backend.services.reads.cases import CaseView
from backend.services.reads.lookups import list_accounts, list_lifts


def _known(ctx: Context, actor: Actor, view: CaseView) -> Known:
    estate_id = view.purchase.estate_id
    lifts: Choices = [
        (
            str(lift.id),
            f"{lift.building} {lift.unit} {lift.name} {lift.registration_code}"
            + (f"（{lift.open_case} 办理中）" if lift.open_case else ""),
        )
        for lift in list_lifts(ctx, actor, estate_id)
    ]
    pools: Choices = [
        (str(each.id), f"{each.name}（可用 {yuan(each.available_fen)}）")
        for each in list_accounts(ctx, actor, estate_id)
        if not each.building
    ]
    choices = {"lift_ids": lifts, "account_ids": pools, "insurer_id": insurer_choices(ctx)}
    return Known(choices=choices)


def _guide(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    lifts, pools = ([UUID(each) for each in given[name]] for name in ("lift_ids", "account_ids"))
    return screening.guide(ctx, actor, case, Guidance(lifts, given["insurer_id"], pools))


DISTRICTS: Mapping[str, Act] = {
    Action.UNDO_SCREEN: with_reason(screening.undo_screening),
    Action.GUIDE: Act(
        (
            Field(
                "lift_ids",
                "投保的电梯",
                Kind.SEVERAL,
                "资料齐全、正在运行的电梯。相关业主是这些电梯服务的单元的业主。",
            ),
            Field("insurer_id", "保险机构", Kind.ID),
            Field(
                "account_ids",
                "由哪些年度的收益付款",
                Kind.SEVERAL,
                "选几个年度的，按各自可用的金额分摊。",
            ),
        ),
        _guide,
        _known,
    ),
    Action.UNDO_GUIDE: with_reason(screening.undo_guiding),
}
