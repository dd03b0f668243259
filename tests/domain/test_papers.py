"""What day the papers of a case may bear, and to whom its invoice is made out."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.domain.errors import Refused
from backend.domain.papers import (
    check_buyer,
    check_issued_on,
    check_policy_paper,
    check_signed_on,
    invoice_buyers,
)
from tests.build.facts import JISHOU

TODAY = date(2025, 3, 20)
AGO = some.integers(0, 60).map(lambda days: TODAY - timedelta(days=days))


@given(AGO, AGO)
def test_a_contract_is_signed_between_the_registration_and_today(
    signed_on: date, registered_on: date
) -> None:
    if signed_on >= registered_on:
        check_signed_on(signed_on, registered_on, TODAY)
        return
    with pytest.raises(Refused, match="contract_date_invalid") as refused:
        check_signed_on(signed_on, registered_on, TODAY)
    assert "备案之后" in refused.value.refusals[0].message


@given(AGO)
def test_without_a_registration_only_the_future_is_refused(signed_on: date) -> None:
    check_signed_on(signed_on, None, TODAY)


def test_nothing_is_dated_tomorrow() -> None:
    check_issued_on(TODAY, TODAY)
    with pytest.raises(Refused, match="contract_date_invalid"):
        check_signed_on(TODAY + timedelta(days=1), None, TODAY)
    with pytest.raises(Refused, match="invoice_date_invalid"):
        check_issued_on(TODAY + timedelta(days=1), TODAY)


def test_a_policy_is_not_of_tomorrow_and_covers_some_days() -> None:
    today, first, end = date(2025, 3, 11), date(2025, 4, 1), date(2026, 4, 1)
    check_policy_paper(today, first, end, today)
    with pytest.raises(Refused, match="policy_date_invalid"):
        check_policy_paper(today + timedelta(days=1), first, end, today)
    for ends_before in (first, first - timedelta(days=1)):
        with pytest.raises(Refused, match="period_invalid"):
            check_policy_paper(today, first, ends_before, today)


COMPANY, CENTRE = "示例物业公司", JISHOU.centre.name.value
OF_ESTATE = ["示例小区业主委员会", "示例小区全体业主"]


@pytest.mark.parametrize(
    ("applicant", "buyers"),
    [
        ("property_company", [COMPANY, *OF_ESTATE, CENTRE]),
        ("committee", [*OF_ESTATE, CENTRE]),
        ("owners", [*reversed(OF_ESTATE), CENTRE]),
    ],
)
def test_an_invoice_is_made_out_to_who_signs_to_the_owners_or_to_who_pays(
    applicant: str, buyers: list[str]
) -> None:
    allowed = invoice_buyers(JISHOU, applicant, "示例小区", COMPANY)
    assert allowed == buyers
    for name in buyers:
        check_buyer(name, allowed, JISHOU)
        check_buyer(f" {name[:2]} {name[2:]}", allowed, JISHOU)
        check_buyer(f"吉首市{name}", allowed, JISHOU)
    for name in ("冯样零", "另一物业公司", "示例小区", "", "二号小区全体业主"):
        with pytest.raises(Refused, match="invoice_buyer_differs") as refused:
            check_buyer(name, allowed, JISHOU)
        (refusal,) = refused.value.refusals
        assert refusal.field == "buyer"
        assert buyers[0] in refusal.message


def test_a_company_that_did_not_apply_is_no_buyer() -> None:
    assert COMPANY not in invoice_buyers(JISHOU, "committee", "示例小区", COMPANY)
