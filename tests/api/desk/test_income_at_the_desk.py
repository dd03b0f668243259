"""收益与账户 at the desk: from a certificate to the pools by forms, each figure explained before it
is sent, each money's way by two officers."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.build.fund import SHARED, WORKED, Fund
from tests.build.handing_in import speckled
from tests.build.office import Office, Page
from tests.build.village import Village

At = Callable[[str], Office]
INCOME = "/desk/income"
MOST_STATEMENTS = 12
CERTIFICATE = {
    "number": "CD-1",
    "principal_fen": "3,456,789.12",
    "rate": "1.95",
    "months": "12",
    "value_on": "2024-01-01",
}
RECEIPT = {"until_on": "2024-07-02", "posted_on": "2024-07-02", "actual_fen": "34,265.42"}
CUT = "3,456,789.12元 × 基准利率1.5% × 183 ÷ 360 = 26,358.02元，归业主［方案四（一）］"


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    return found


def rows_of(office: Office, address: str) -> list[tuple[Any, ...]]:
    sheet = office.browser.get(address)
    assert sheet.status_code == 200, address
    return list(load_workbook(BytesIO(sheet.data)).worksheets[0].iter_rows(values_only=True))


def looks(office: Office, form: Page, **typed: str) -> Page:
    return office.submit(form, look="yes", **typed)


def test_a_deposit_earns_and_its_year_is_closed_by_forms_and_by_two(
    at_desk: At, fund: Fund
) -> None:
    cashier, reviewer = at_desk("cashier"), at_desk("reviewer")
    form = cashier.open(f"{INCOME}/deposits/new")
    typed = CERTIFICATE | {"bank_id": str(fund.bank)}
    for wrong, words in (
        ({"principal_fen": "0"}, "本金必须大于零"),
        ({"rate": "1e30"}, "看不懂"),
        ({"rate": "95"}, "不在0到20%之间"),
        ({"months": "x"}, "请重新选择“存期”"),
        ({"value_on": "2030-01-01"}, "起息日还没有到"),
    ):
        refused = cashier.submit(form, **{**typed, **wrong}, file_sha256=speckled((400, 300)))
        assert words in refused.text, wrong
        assert refused.forms[-1].values["number"] == "CD-1"
    deposit = cashier.submit(form, **typed, file_sha256=speckled((400, 300)))
    assert "已办理：登记存款" in deposit.text
    assert cashier.browser.get(deposit.links["下载存单扫描件"]).status_code == 200

    first = cashier.open(deposit.links["登记结息"])
    early = looks(cashier, first, **RECEIPT | {"posted_on": "2024-07-01"})
    assert "银行入账日早于止息日" in early.text
    seen = looks(cashier, early, **RECEIPT)
    assert CUT in seen.text
    assert "A − S = 7,907.40元，进统筹账户［方案四（一）］" in seen.text
    missing = cashier.submit(seen, bank_reference="流水-1")
    assert "请选择“银行回单”的文件" in missing.text
    assert CUT in missing.text, "what was seen stays"
    page = cashier.submit(missing, file_sha256=speckled((300, 300)))
    assert "等另一位人员确认" in page.text
    assert "撤销登记" not in page.links
    assert "已有一笔利息等待确认" in looks(cashier, first, **RECEIPT).text

    waiting = reviewer.open(reviewer.open("/desk/").links["存款利息"])
    assert CUT in waiting.text
    assert reviewer.browser.get(waiting.links["下载扫描件"]).status_code == 200
    own = cashier.open(cashier.open("/desk/").links["存款利息"])
    assert cashier.fill(own, own.form_to("/confirmation")).status_code == 403
    assert "已确认" in reviewer.fill(waiting, waiting.form_to("/confirmation")).text
    assert "7,907.40元" in reviewer.open(INCOME).text

    preview = cashier.submit(cashier.open(f"{INCOME}/closes/new"), year="2024")
    assert "已办理：生成预览" in preview.text
    refused = Page(cashier.fill(preview, preview.form_to("/posting")))
    assert refused.status == 403
    assert "请由另一位工作人员入账" in refused.text
    table = reviewer.open(reviewer.open("/desk/").links["年度分配"])
    assert "先舍去不足一分的部分：2,867.93元" in table.text
    for _ in range(2):
        answer = reviewer.fill(table, table.form_to("/posting"))
        assert "已办理：年度分配入账" in answer.text
    assert fund.balances() == SHARED
    again = cashier.submit(cashier.open(f"{INCOME}/closes/new"), year="2024")
    assert "2024年的增值收益已经分配" in again.text
