"""What stands in the way of paying an insurer's account (拨付)."""

from datetime import date

from backend.domain.errors import Refusal
from backend.domain.wording import plain_day

CAME_BACK = Refusal(
    "payee_account_unusable",
    "上次拨付因收款账户不可用被退回，不能再付到同一账户。请退回拨付资料，"
    "与保险机构核实账户，更正合同后重新申请拨付。",
)
CHANGED = Refusal(
    "payee_account_changed",
    "签订合同之后，保险机构更换了收款账户，不能再付到原账户。请退回拨付资料，"
    "更正合同后重新申请拨付。",
)


def account_refusals(*, came_back: bool, changed: bool) -> list[Refusal]:
    """`came_back`: a payment to this account came back because of it, and the contract was not
    handed in again since; `changed`: two officers gave the insurer another account since."""
    return [CAME_BACK] if came_back else [CHANGED] if changed else []


def cover_words(cover_from: date, ends_before: date, today: date) -> str:
    """What of the cover stands in the way of paying in a batch; empty for nothing."""
    if today >= ends_before:
        return "保障期已经结束，不再拨付。"
    over = (today - cover_from).days
    if over > 0:
        return f"保障期从{plain_day(cover_from)}开始，已过{over}天，要单独办理并确认知道这一点。"
    return ""
