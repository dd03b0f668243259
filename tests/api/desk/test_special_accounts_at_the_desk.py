"""专户 at the desk: the clerk opens the account, the cashier books what came in, the reviewer
undoes it, and what is left is paid back by two of them."""

from collections.abc import Callable

import pytest

from backend.services.case.steps import sweep
from tests.build.alone import House, house_of
from tests.build.looking import at
from tests.build.office import Office
from tests.build.papers import pdf
from tests.build.village import Village

At = Callable[[str], Office]
PAID = {
    "received_on": "2025-03-01",
    "bank_reference": "ZH-1",
}


@pytest.fixture
def house(village: Village) -> House:
    return house_of(village)


def test_the_centre_opens_an_account_and_books_a_deposit_by_forms(
    house: House, at_desk: At
) -> None:
    case = f"/desk/cases/{house.planned().id}"
    clerk, cashier, reviewer = at_desk("clerk"), at_desk("cashier"), at_desk("reviewer")
    form = clerk.open(clerk.open(case).links["核对产权，开立专户"])
    opened = clerk.submit(form, title_check="不动产权证原件已核对")
    assert "专户已开立" in opened.text, opened.text
    form = cashier.open(cashier.open(case).links["登记专户缴存"])
    paid = {**PAID, "bank_id": str(house.village.bank)}
    wrong = cashier.submit(form, **paid, amount_fen="1300", receipt_sha256=pdf())
    assert wrong.status == 409
    assert "须一次性缴存3,900元" in wrong.text
    done = cashier.submit(wrong, amount_fen="3900", receipt_sha256=pdf())
    assert "专户已缴足" in done.text, done.text
    form = reviewer.open(f"{case}/undo_fund")
    assert "登记的缴存红字冲销" in form.text
    undone = reviewer.submit(form, reason="金额登错")
    assert "专户已开立" in undone.text, undone.text


def test_the_cashier_reads_where_something_is_left_and_two_pay_it_back(
    house: House, at_desk: At
) -> None:
    purchase = house.insured(house.funded())
    house.village.clock.set(at("2026-04-01 00:01"))
    sweep(house.village.ctx)
    cashier, reviewer = at_desk("cashier"), at_desk("reviewer")
    today = cashier.open("/desk/")
    assert "专户余款2,600元还没有退还缴款人" in today.text
    assert "专户余款" not in reviewer.open("/desk/").text
    form = cashier.open(f"/desk/cases/{purchase.id}/propose_refund")
    typed = {"kind": "close_account", "refund_fen": "2600", "reason": "不再续保"}
    entered = cashier.submit(form, **typed, receipt_sha256=pdf())
    assert entered.status == 200, entered.text
    waiting = reviewer.open(f"/desk/proposals/refund/{purchase.id}")
    assert "专户销户" in waiting.text
    confirmation, _ = waiting.forms[-2:]
    assert "已确认" in reviewer.fill(waiting, confirmation).text
    assert "专户余款" not in cashier.open("/desk/").text


def test_the_application_of_an_owner_alone_is_not_offered_at_the_desk(
    house: House, at_desk: At
) -> None:
    for name in ("manager", "clerk"):
        page = at_desk(name).open(f"/desk/applications/{house.village.estate}")
        assert "R3" not in page.text
