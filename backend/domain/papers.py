"""The papers of a case: what they are called, and what day they may bear (Asia/Shanghai)."""

from collections.abc import Mapping
from datetime import date

from backend.domain.errors import refuse
from backend.domain.public_notice import FRAMINGS, MOMENTS
from backend.domain.steps import EVIDENCE_NAMES

PAPER_NAMES: Mapping[str, str] = {
    **{str(kind): name for kind, name in EVIDENCE_NAMES.items()},
    **{
        f"photo_{moment}_{framing}": f"{MOMENTS[moment]}照片（{FRAMINGS[framing]}）"
        for moment in MOMENTS
        for framing in FRAMINGS
    },
    "registration": "使用登记备案",
    "contract": "保险服务合同",
    "invoice": "发票",
}


def check_signed_on(signed_on: date, registered_on: date | None, today: date) -> None:
    """A contract is signed once the use of the fund is registered (JS annex 二（一）5–6), not later
    than today.

    Raises Refused `contract_date_invalid`.
    """
    if signed_on > today:
        raise refuse("contract_date_invalid", "签订日期不能晚于今天，请核对。", "signed_on")
    if registered_on is not None and signed_on < registered_on:
        message = "合同应在使用登记备案之后签订，请核对签订日期或重新签订。"
        raise refuse("contract_date_invalid", message, "signed_on")


def check_issued_on(issued_on: date, today: date) -> None:
    """An invoice is not of tomorrow; raises Refused `invoice_date_invalid`."""
    if issued_on > today:
        raise refuse("invoice_date_invalid", "开票日期不能晚于今天，请核对。", "issued_on")


def check_policy_paper(issued_on: date, first: date, ends_before: date, today: date) -> None:
    """A policy is not of tomorrow and covers some days.

    Raises Refused: `policy_date_invalid`, `period_invalid`.
    """
    if issued_on > today:
        raise refuse("policy_date_invalid", "保险单出具日期不能晚于今天，请核对。", "issued_on")
    if not first < ends_before:
        message = "保障最后一天不应早于第一天，请核对。"
        raise refuse("period_invalid", message, "cover_last_day")
