"""The papers of a case: what they are called, of which day they may be (Asia/Shanghai), and to whom
an invoice is made out."""

from collections.abc import Mapping, Sequence
from datetime import date

from backend.domain.city.schema import CityProfile
from backend.domain.errors import refuse
from backend.domain.normal import normal_name
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


OWNER_THEMSELVES = "产权人本人"


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


def invoice_buyers(
    city: CityProfile, applicant: str, estate: str, company: str | None, alone: str | None = None
) -> Sequence[str]:
    """Who the premium invoice may be made out to (发票抬头), whoever applied first.

    The plans name no buyer. By them the applicant signs the contract (JS annex 二（一）6), the
    owners' common income pays and the centre transfers it (7): the property company where it
    applied, the committee, all owners together, or the centre. Never one person: what all of them
    pay for is nobody's own expense [D]. An owner who insures alone pays alone (annex
    二（三）): `alone` manages the house by themselves; a person is not written down by name [D].
    """
    if applicant == "independent_owner":
        return [*([alone] if alone else []), OWNER_THEMSELVES, city.centre.name.value]
    of_estate = [f"{estate}业主委员会", f"{estate}全体业主"]
    if applicant == "owners":
        of_estate.reverse()
    own = [company] if applicant == "property_company" and company else []
    return [*own, *of_estate, city.centre.name.value]


def check_buyer(buyer: str, allowed: Sequence[str], city: CityProfile) -> None:
    """The invoice is made out to one of these, with or without the city's name before it.

    Raises Refused `invoice_buyer_differs`.
    """
    names = {normal_name(f"{before}{name}") for name in allowed for before in ("", city.name)}
    if normal_name(buyer) not in names:
        message = (
            f"发票的购买方应是{'、'.join(allowed[:-1])}或{allowed[-1]}，请让保险机构重新开具；"
            "填错的，照发票改正。"
        )
        raise refuse("invoice_buyer_differs", message, "buyer")


def check_policy_paper(issued_on: date, first: date, ends_before: date, today: date) -> None:
    """A policy is not of tomorrow and covers some days.

    Raises Refused: `policy_date_invalid`, `period_invalid`.
    """
    if issued_on > today:
        raise refuse("policy_date_invalid", "保险单出具日期不能晚于今天，请核对。", "issued_on")
    if not first < ends_before:
        message = "保障最后一天不应早于第一天，请核对。"
        raise refuse("period_invalid", message, "cover_last_day")
