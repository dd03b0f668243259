"""各户分摊 at the desk: the account of a house, what each flat pays, and who books it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.http.parts import ApiParts
from tests.build.office import Office
from tests.build.papers import pdf
from tests.build.sharing import SHARING, Sharing, of_sharing
from tests.build.village import Village

At = Callable[[str], Office]


@pytest.fixture
def parts(parts: ApiParts) -> ApiParts:
    return replace(parts, ctx=replace(parts.ctx, city=SHARING))


@pytest.fixture
def city(village: Village) -> Sharing:
    return of_sharing(village)


def test_the_centre_collects_the_shares_of_a_house_by_forms(city: Sharing, at_desk: At) -> None:
    drafted = city.manager.drafts(city.asked())
    city.manager.applies(drafted.id, city.upload("manager"))
    case = f"/desk/cases/{drafted.id}"
    clerk = at_desk("clerk")
    form = clerk.open(clerk.open(case).links["受理并开立专户"])
    opened = clerk.submit(form, upkeep_statement="维保正常", upkeep_record_sha256=pdf())
    assert "查勘和拟定方案" in opened.text, opened.text
    purchase = city.approved_of(drafted)
    cashier, reviewer = at_desk("cashier"), at_desk("reviewer")
    page = cashier.open(case)
    assert "已缴0元，共2,600元" in page.text
    form = cashier.open(page.links["登记各户缴款"])
    assert "1栋1单元101室 应缴650元" in form.text
    first, *others = city.shares(purchase)
    paid = {
        "household_id": str(first.household_id),
        "bank_id": str(city.bank),
        "received_on": "2025-03-03",
        "bank_reference": "R-1",
    }
    wrong = cashier.submit(form, **paid, amount_fen="651", receipt_sha256=pdf())
    assert wrong.status == 409
    assert "应分摊650元，这一笔是651元" in wrong.text
    done = cashier.submit(wrong, amount_fen="650", receipt_sha256=pdf())
    assert "已缴650元，共2,600元" in done.text, done.text
    form = reviewer.open(f"{case}/undo_share")
    undone = reviewer.submit(form, household_id=str(first.household_id), reason="认错了户")
    assert "已缴0元，共2,600元" in undone.text, undone.text
    for share in (first, *others):
        city.collects(purchase, share, bank_reference=f"R-2{share.place}")
    assert "分摊保费已收齐" in cashier.open(case).text
