"""What makes an agreement with a bank, and how its rates stand to what was offered."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from backend.domain.agreements import AgreementKind, Offer, agreed_rates, check
from backend.domain.errors import Refused

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
AGREED = Offer("甲银行", 12, Decimal("0.0195"), agreed=True)
HIGHER = Offer("乙银行", 12, Decimal("0.021"), agreed=False)
SHORTER = Offer("甲银行", 6, Decimal("0.0175"), agreed=True)


def codes(offers: Sequence[Offer], kind: AgreementKind, until_on: date = LAST) -> list[str]:
    try:
        check(kind, offers, FIRST, until_on)
    except Refused as refused:
        return [each.code for each in refused.refusals]
    return []


@pytest.mark.parametrize(
    ("offers", "wrong"),
    [
        ([AGREED, HIGHER, SHORTER], []),
        ([AGREED], ["offers_too_few"]),
        ([], ["offers_too_few", "agreed_rate_missing"]),
        ([HIGHER, AGREED, HIGHER], ["offer_repeated"]),
        ([AGREED, AGREED, HIGHER], ["offer_repeated", "agreed_rate_repeated"]),
        ([AGREED, Offer("乙银行", 6, Decimal("0.02"), agreed=True)], ["agreed_banks_differ"]),
    ],
)
def test_the_best_offer_is_chosen_among_two_banks_and_each_term_has_one_rate(
    offers: Sequence[Offer], wrong: list[str]
) -> None:
    assert codes(offers, AgreementKind.BEST_OFFER) == wrong


def test_several_terms_are_agreed_with_the_one_bank_that_was_asked() -> None:
    assert codes([AGREED, SHORTER], AgreementKind.PORTFOLIO) == []
    day_before = date(2023, 12, 31)
    assert codes([AGREED], AgreementKind.PORTFOLIO, day_before) == ["agreement_days"]
    assert codes([AGREED], AgreementKind.PORTFOLIO, FIRST) == []


def test_a_rate_that_is_not_the_highest_says_whose_was() -> None:
    shorter, longer = agreed_rates([AGREED, HIGHER, SHORTER])
    assert (shorter.months, shorter.words) == (6, "")
    assert longer.words == "同期限最高报价 2.1%（乙银行）"
