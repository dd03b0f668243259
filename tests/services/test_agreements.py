"""What banks offered for deposits and what was agreed with one of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from backend.domain.agreements import AgreementKind, Offer, agreed_rates
from backend.domain.errors import Refused
from backend.services.income import agreements
from backend.store.agreements import BankAgreement, BankOffer
from backend.store.queries.agreements import agreed_for
from tests.build.fund import RATE, Fund
from tests.build.village import Village

OFFER = Offer("甲银行", 12, RATE, agreed=True)
OTHER = Offer("乙银行", 12, Decimal("0.021"), agreed=False)


@pytest.fixture
def fund(village: Village) -> Fund:
    return Fund(village)


def refusals(act: Callable[[], object]) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        act()
    return [(each.code, each.field) for each in refused.value.refusals]


def test_a_rate_holds_for_its_term_from_the_first_day_to_the_last(fund: Fund) -> None:
    fund.agreed(offers=[OFFER, OTHER])
    (one,) = agreed_rates([OTHER, OFFER])
    assert one.words == "同期限最高报价 2.1%（乙银行）"
    with fund.village.ctx.sessions() as tx:
        for months, on, found in (
            (12, date(2023, 12, 31), []),
            (12, date(2024, 1, 1), [("X-1", OFFER)]),
            (12, date(2024, 12, 31), [("X-1", OFFER)]),
            (12, date(2025, 1, 1), []),
            (6, date(2024, 1, 1), []),
        ):
            assert agreed_for(tx, fund.bank, months, on) == found, (months, on)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"offers": [OFFER]}, [("offers_too_few", "offers")]),
        ({"offers": []}, [("offers_too_few", "offers"), ("agreed_rate_missing", "offers")]),
        ({"offers": [OTHER, OFFER, OTHER]}, [("offer_repeated", "offers.2.bank")]),
        (
            {"offers": [OFFER, Offer("乙银行", 12, RATE, agreed=True)]},
            [("agreed_banks_differ", "offers"), ("agreed_rate_repeated", "offers.1.agreed")],
        ),
        (
            {"offers": [OFFER, Offer("乙银行", 6, RATE, agreed=True)]},
            [("agreed_banks_differ", "offers")],
        ),
        (
            {"offers": [OFFER, Offer("乙银行", 7, RATE, agreed=False)]},
            [("benchmark_missing", "offers.1.months")],
        ),
        (
            {"offers": [replace(OFFER, months=8), Offer("乙银行", 7, RATE, agreed=False)]},
            [("benchmark_missing", "offers.0.months"), ("benchmark_missing", "offers.1.months")],
        ),
        ({"until_on": date(2023, 12, 31)}, [("agreement_days", "until_on")]),
        ({"bank_id": uuid4()}, [("bank_unknown", "bank_id")]),
        ({"number": " "}, [("text_required", "number")]),
    ],
)
def test_what_is_no_agreement_is_refused(
    fund: Fund, changed: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    assert refusals(lambda: fund.agreed(**changed)) == wrong


def test_deposits_of_several_terms_may_be_agreed_with_the_one_bank_that_was_asked(
    fund: Fund,
) -> None:
    offers = [OFFER, Offer("甲银行", 6, RATE, agreed=True)]
    view = fund.agreed(kind=AgreementKind.PORTFOLIO, offers=offers)
    assert [each.months for each in agreed_rates(view.offers)] == [6, 12]


def test_one_entered_by_mistake_is_withdrawn_once_and_its_number_is_free(fund: Fund) -> None:
    village = fund.village
    first = fund.agreed()
    assert refusals(fund.agreed) == [("agreement_known", "number")]
    ctx, cashier = village.ctx, village.actor("cashier")
    agreements.withdraw(ctx, cashier, first.id, "利率录错")
    again = partial(agreements.withdraw, ctx, cashier, first.id, "再撤")
    assert refusals(again) == [("agreement_withdrawn", None)]
    assert refusals(lambda: agreements.withdraw(ctx, cashier, uuid4(), "无")) == [
        ("not_found", None)
    ]
    fund.agreed()
    for name, code in (("auditor", "role_required"), ("manager", "not_found")):
        assert refusals(partial(fund.agreed, "X-2", name)) == [(code, None)]


def test_what_was_agreed_stays(fund: Fund) -> None:
    fund.agreed()
    with fund.village.ctx.sessions() as tx:
        assert tx.scalars(select(BankOffer.place).order_by(BankOffer.place)).all() == [0, 1]
    for forbidden in (
        update(BankOffer).values(rate=Decimal("0.5")),
        update(BankAgreement).values(number="Y"),
    ):
        with fund.village.ctx.sessions() as tx, pytest.raises(DBAPIError, match=r"refused|denied"):
            tx.execute(forbidden)
