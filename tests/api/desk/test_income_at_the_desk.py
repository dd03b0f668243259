"""收益与账户 at the desk: from a certificate to the pools by forms, each figure explained before it
is sent, each money's way by two officers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from backend.domain.audit_actions import AuditAction
from backend.http.parts import ApiParts
from backend.services.base.context import Context
from backend.services.fund_books.exchange import exchange
from backend.store.audit import AuditEntry
from tests.build.counting import Counter
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.fund_files import brought, place, written
from tests.build.handing_in import speckled
from tests.build.household_city import household_city
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
    assert "2024年的收益已经分配" in again.text


def test_interest_below_the_statutory_one_stays_owed_and_what_was_wrong_is_taken_back(
    at_desk: At, fund: Fund
) -> None:
    clerk, reviewer = at_desk("clerk"), at_desk("reviewer")
    deposit = fund.deposit("clerk")
    here = f"{INCOME}/deposits/{deposit.id}"
    form = clerk.open(f"{here}/withdrawal")
    assert "请填写" in clerk.submit(form, reason=" ").text
    low = looks(clerk, clerk.open(f"{here}/interest"), **RECEIPT | {"actual_fen": "20,000"})
    assert "差额 S − A = 6,358.02元仍欠业主" in low.text
    clerk.submit(low, bank_reference="R-1", file_sha256=speckled((300, 300)))
    assert "已经登记了利息，不能撤销" in clerk.submit(form, reason="录错").text
    waiting = clerk.open(clerk.open("/desk/").links["存款利息"])
    assert "没有办理" in Page(clerk.fill(waiting, waiting.form_to("/refusal"), reason=" ")).text
    clerk.fill(waiting, waiting.form_to("/refusal"), reason="金额看错了")
    assert "金额看错了" in clerk.open(here).text
    assert "已办理：撤销登记" in clerk.submit(form, reason="录错").text
    assert "由中心经办" in clerk.open(f"{here}/interest").text
    assert "登记已经撤销" in looks(clerk, low, **RECEIPT).text

    fund.confirmed(fund.paid(fund.deposit(number="CD-2").id, actual_fen=2_000_000).id)
    accounts = reviewer.open(INCOME)
    assert "1笔 合计 6,358.02元" in accounts.text
    owed = reviewer.open(accounts.links["看是哪几笔"])
    assert "仍欠业主6,358.02元" in owed.text
    (one,) = rows_of(reviewer, f"{INCOME}/interest/workbook?owed=1")[1:]
    assert (one[1], one[6], one[8], one[9]) == ("CD-2", 20_000, 0, 6358.02)
    assert "仍欠业主" in reviewer.open(owed.links["CD-2"]).text


def test_late_interest_is_booked_today_and_two_officers_open_the_books_by_forms(
    at_desk: At, fund: Fund
) -> None:
    clerk, reviewer = at_desk("clerk"), at_desk("reviewer")
    here = f"{INCOME}/locks"
    assert "还没有锁过账" in clerk.open(here).text
    fund.earned()
    fund.closed()
    page = clerk.open(here)
    assert "没有锁 → 已锁到2024年12月31日" in page.text
    assert "2024年度分配入账" in page.text
    late = fund.paid(fund.deposit(number="CD-2").id)
    waiting = reviewer.open(reviewer.open("/desk/").links["存款利息"])
    assert "银行入账那天的账已经锁了" in waiting.text
    fund.confirmed(late.id)
    assert "那天的账已经锁了，记在" in reviewer.open(f"{INCOME}/interest/{late.id}").text
    form = clerk.open(page.links["锁账或打开"])
    assert "现在账已锁到2024年12月31日" in form.text
    assert "没有变化" in clerk.submit(form, until_on="2024-12-31", reason="再锁").text
    assert "请重新选择" in clerk.submit(form, until_on="2024-12-30", reason="锁").text
    assert "请填写" in clerk.submit(form, until_on="none", reason=" ").text
    asked = clerk.submit(form, until_on="none", reason="补记2024年的更正")
    assert "已办理：登记锁账" in asked.text
    assert "锁账或打开" not in asked.links
    own = clerk.open(asked.links["核对并确认，或退回"])
    assert clerk.fill(own, own.form_to("/confirmation")).status_code == 403
    theirs = reviewer.open(reviewer.open("/desk/").links["锁账"])
    assert "打开的日子又可以记账" in theirs.text
    assert "已确认" in reviewer.fill(theirs, theirs.form_to("/confirmation")).text
    assert "账 没有锁" in clerk.open(here).text


def test_a_moved_basis_says_what_to_do_and_what_was_spent_is_owed_by_the_account(
    at_desk: At, fund: Fund
) -> None:
    clerk, reviewer = at_desk("clerk"), at_desk("reviewer")
    assert "还没有年度分配" in clerk.open(f"{INCOME}/shares").text
    fund.earned()
    closed = fund.closed()
    fund.spends("A", SHARED["A"])
    fund.moved("A", -20_400_000, date(2024, 7, 3))
    clerk.submit(clerk.open(f"{INCOME}/closes/new?year=2024"))
    table = reviewer.open(reviewer.open("/desk/").links["年度分配"])
    fund.moved("B", -17_850_000, date(2024, 7, 3))
    assert table.links["入账"] == "#post"
    assert table.text.index("不能撤回") > table.text.index("怎么算")  # below what is checked
    moved = Page(reviewer.fill(table, table.form_to("/posting")))
    assert moved.status == 409
    assert "收入、分户余额或账户有变动，没有入账" in moved.text
    clerk.submit(clerk.open(moved.links["重新预览2024年"]))
    table = reviewer.open(reviewer.open("/desk/").links["年度分配"])
    posted = Page(reviewer.fill(table, table.form_to("/posting")))
    assert "余额不够退的" in posted.text
    accounts = reviewer.open(INCOME)
    assert "A统筹账户" in accounts.text
    (of_a,) = rows_of(reviewer, posted.links["导出分配表（.xlsx）"] + "&words=A统筹")[1:]
    assert of_a[0] == "A"
    assert of_a[9] < 0
    assert (of_a[10], of_a[12]) == (-of_a[9], 0), "nothing is left to give back"
    assert len(rows_of(reviewer, f"{INCOME}/shares/workbook?close={closed.id}")) == 4


@pytest.mark.parametrize(
    ("who", "status"), [("clerk", 200), ("supervisor", 200), ("auditor", 200), ("insurer", 404)]
)
def test_offices_of_the_books_read_every_page_with_few_statements_and_write_nothing(
    at_desk: At, fund: Fund, ctx: Context, who: str, status: int
) -> None:
    found = fund.earned()
    fund.paid(found.deposit_id, until_on=date(2025, 1, 1), actual_fen=3_314_320)
    preview = fund.previewed()
    fund.deposit(number="CD-OVER")
    office = at_desk(who)
    links = select(func.count()).select_from(AuditEntry)
    with ctx.sessions() as tx:
        before = tx.scalar(links)
    pages = ["", "/deposits", "/deposits?status=unpaid&words=cd-", "/interest", "/closes"]
    pages += ["/shares", f"/deposits/{found.deposit_id}", f"/interest/{found.id}"]
    pages += [f"/closes/{preview.id}/flats", f"/closes/{preview.id}/flats?words=fg01"]
    for address in pages:
        with Counter(ctx) as counter:
            page = office.open(f"{INCOME}{address}")
        assert (page.status, address) == (status, address)
        assert counter.queries <= MOST_STATEMENTS, address
    for name in ("deposits", "interest", "shares"):
        answer = office.browser.get(f"{INCOME}/{name}/workbook")
        assert answer.status_code == status, name
    with ctx.sessions() as tx:
        assert tx.scalar(links) == before
    here = office.open("/desk/")
    assert (INCOME in here.links.values()) == (status == 200)
    if who == "clerk":
        unpaid = office.open(here.links["看是哪几笔"])
        assert ("CD-OVER" in unpaid.text, "CD-1" in unpaid.text) == (True, False)
        assert "没有符合条件的存款" in office.open(f"{INCOME}/deposits?status=withdrawn").text
    elif status == 200:
        assert "登记存款" not in office.open(f"{INCOME}/deposits").links
        assert "登记结息" not in office.open(f"{INCOME}/deposits/{found.deposit_id}").links
        assert "/posting" not in office.browser.get(f"{INCOME}/shares").text


def test_a_flat_s_account_opens_by_a_button_and_each_look_is_one_link(
    at_desk: At, fund: Fund, ctx: Context
) -> None:
    fund.earned()
    fund.closed()
    clerk, insurer = at_desk("clerk"), at_desk("insurer")
    looks = select(AuditEntry.subject_id).where(AuditEntry.action == AuditAction.HOUSEHOLD_READ)
    listed = clerk.open(clerk.open(f"{INCOME}/shares").links["各户分配表"])
    assert "法定利息26,358.02元 × 权重" in listed.text
    form, flat = listed.form_to(f"{INCOME}/flats"), fund.flat("A")
    assert clerk.browser.get(f"{INCOME}/flats?household={flat}").status_code == 405
    with ctx.sessions() as tx:
        assert tx.scalars(looks).all() == [], "a page that is opened writes nothing"
    latest = Page(clerk.fill(listed, form, household=str(flat)))
    assert "A单元101的分户账" in latest.text
    assert "408,000元" in latest.text
    opened = Page(clerk.fill(latest, latest.form_to(f"{INCOME}/flats"), year="2024"))
    assert "2024年最后一次变动后" in opened.text
    assert clerk.fill(listed, form, household="A").status_code == 404
    assert clerk.fill(listed, form, household=str(uuid4())).status_code == 404
    foreign = {**form.values, "form_word": "x", "household": str(flat)}
    assert clerk.browser.post(f"{INCOME}/flats", data=foreign).status_code == 401
    theirs = insurer.open("/desk/").form_to("/sign-out").values
    sent = {"form_word": theirs["form_word"], "household": str(flat)}
    assert insurer.browser.post(f"{INCOME}/flats", data=sent).status_code == 404
    taken = clerk.fill(opened, opened.form_to("/accounts/flat"), take="workbook", until_on="")
    assert taken.status_code == 200
    lines = list(load_workbook(BytesIO(taken.data)).worksheets[0].iter_rows(values_only=True))
    assert (lines[1][1], lines[-1][1]) == ("期初余额", "期末余额")
    paper = clerk.fill(opened, opened.form_to("/accounts/flat"), take="pdf", until_on="2024-12-31")
    assert paper.data.startswith(b"%PDF")
    auditor = at_desk("auditor")
    watched = auditor.open(auditor.open(f"{INCOME}/shares").links["各户分配表"])
    assert "看分户账" not in watched.text
    own = auditor.open("/desk/").form_to("/sign-out").values["form_word"]
    sent = {"form_word": own, "household": str(flat)}
    assert auditor.browser.post(f"{INCOME}/flats", data=sent).status_code == 403
    with ctx.sessions() as tx:
        assert tx.scalars(looks).all() == [str(flat)] * 4


def test_an_account_s_statement_of_a_period_is_read_and_taken_away(at_desk: At, fund: Fund) -> None:
    clerk = at_desk("clerk")
    fund.earned()
    fund.closed()
    page = clerk.open(clerk.open(INCOME).links["老专户"] + "?from_on=2024-01-01")
    assert "存款利息" in page.text
    assert "期末余额 3,491,054.54元" in page.text
    sheet = rows_of(clerk, page.links["下载工作簿（.xlsx）"])
    assert (sheet[1][4], sheet[-1][4]) == (3_456_789.12, 3_491_054.54)
    assert clerk.browser.get(page.links["下载 PDF"]).data.startswith(b"%PDF")
    turned = clerk.open(
        page.links["下载 PDF"].split("/pdf")[0] + "?from_on=2024-02-01&until_on=2024-01-01"
    )
    assert (turned.status, "起始日晚于截止日" in turned.text) == (422, True)
    unread = clerk.open(page.links["下载 PDF"].split("/pdf")[0] + "?from_on=abc")
    assert (unread.status, "起始日" in unread.text) == (422, True)


def test_money_between_two_banks_is_moved_by_forms_and_by_two(at_desk: At, fund: Fund) -> None:
    cashier, reviewer = at_desk("cashier"), at_desk("reviewer")
    other = fund.other_bank()
    form = cashier.open(cashier.open(f"{INCOME}/transfers").links["登记划转"])
    typed = {"from_bank_id": str(fund.bank), "to_bank_id": str(other), "note": "存入定期"}
    typed |= {"amount_fen": "1,000,000", "moved_on": "2025-02-03", "bank_reference": "M-1"}
    for wrong, words in (
        ({"to_bank_id": str(fund.bank)}, "同一个专户"),
        ({"amount_fen": "99,999,999"}, "不足以划转"),
        ({"moved_on": "2014-12-31"}, "已经算在期初里"),
        ({"moved_on": "2099-01-01"}, "还没有到"),
    ):
        refused = cashier.submit(form, **{**typed, **wrong}, file_sha256=speckled((300, 300)))
        assert words in refused.text, wrong
    page = cashier.submit(form, **typed, file_sha256=speckled((300, 300)))
    assert "等另一位人员确认" in page.text
    own = cashier.open(cashier.open("/desk/").links["专户划转"])
    assert cashier.fill(own, own.form_to("/confirmation")).status_code == 403
    waiting = reviewer.open(reviewer.open("/desk/").links["专户划转"])
    assert "新专户 NEW-BANK" in waiting.text
    assert "已确认" in reviewer.fill(waiting, waiting.form_to("/confirmation")).text
    assert fund.stands("NEW-BANK") == 100_000_000
    assert "已入账" in cashier.open(f"{INCOME}/transfers").text


def test_what_banks_offered_and_what_was_agreed_is_kept_by_forms(at_desk: At, fund: Fund) -> None:
    cashier = at_desk("cashier")
    form = cashier.open(cashier.open(f"{INCOME}/agreements").links["登记存款协议"])
    typed = {"bank_id": str(fund.bank), "number": "X-1", "kind": "best_offer"}
    typed |= {"from_on": "2024-01-01", "until_on": "2024-12-31", "note": "最高的一家没有网点"}
    typed |= offered(("甲银行", "12", "1.95", "agreed"), ("乙银行", "12", "2.10", "not_chosen"))
    for wrong, words in (
        ({"offers.1.bank": "甲 银行"}, "两家以上银行"),
        ({"offers.1.agreed": "agreed"}, "同一存期只能约定一个利率"),
        ({"offers.0.agreed": "not_chosen"}, "还没有标出约定的利率"),
        ({"offers.1.rate": "210"}, "利率"),
        ({"until_on": "2023-12-31"}, "早于第一天"),
    ):
        refused = cashier.submit(form, **{**typed, **wrong}, file_sha256=speckled((300, 300)))
        assert words in refused.text, wrong
    both = typed | {"offers.0.rate": "两点", "offers.1.rate": "210"}
    refused = cashier.submit(form, **both, file_sha256=speckled((300, 300)))
    assert ("看不懂" in refused.text, "不在0到20%之间" in refused.text) == (True, True), "at once"
    page = cashier.submit(form, **typed, file_sha256=speckled((300, 300)))
    assert "12个月 1.95% 不是最高 同期限最高报价 2.1%（乙银行）" in page.text
    once_more = cashier.open(f"{INCOME}/agreements/new")
    again = cashier.submit(once_more, **typed, file_sha256=speckled((300, 300)))
    assert "已经登记过" in again.text
    fund.deposit()
    assert "协议利率 1.95% 协议X-1" in deposit_page(cashier).text
    fund.deposit(number="CD-2", rate=Decimal("0.0180"))
    assert "与存单不同" in deposit_page(cashier, "CD-2").text
    taken_back = cashier.open(page.links["撤销登记"])
    assert "登记已撤销" in cashier.submit(taken_back, reason="利率录错").text
    assert "协议利率" not in deposit_page(cashier).text
    watches = at_desk("auditor").open(f"{INCOME}/agreements")
    assert "登记已撤销" in watches.text
    assert "登记存款协议" not in watches.links


def test_what_the_fund_s_own_system_sent_is_listed_and_read_by_watchers_too(
    at_desk: At, fund: Fund, tmp_path: Path
) -> None:
    auditor = at_desk("auditor")
    empty = auditor.open(f"{INCOME}/fund-batches")
    assert "资金系统还没有转来文件" in empty.text
    fund.earned()
    fund.closed()
    paid = ["R-1", *place(fund, "A"), "2025-03-01", "交存", "1.00"]
    brought(fund, written("分户明细", [paid], number="2025-0301"))
    exchange(fund.village.ctx, tmp_path)
    page = auditor.open(auditor.open(INCOME).links["资金系统"])
    assert "2025-0301 分户明细" in page.text
    assert "分户入账-2024-1.csv 3" in page.text
    with Counter(fund.village.ctx) as counter:
        auditor.open(f"{INCOME}/fund-batches")
    assert counter.queries <= MOST_STATEMENTS
    assert at_desk("manager").open(f"{INCOME}/fund-batches").status == 404


def offered(*rows: tuple[str, str, str, str]) -> dict[str, str]:
    """The cells of a table of offers."""
    return {
        f"offers.{number}.{column}": text
        for number, row in enumerate(rows)
        for column, text in zip(("bank", "months", "rate", "agreed"), row, strict=True)
    }


def deposit_page(office: Office, number: str = "CD-1") -> Page:
    return office.open(office.open(f"{INCOME}/deposits").links[number])


def test_what_the_leading_group_decided_is_entered_and_taken_back_by_forms(
    at_desk: At, fund: Fund
) -> None:
    deposit = fund.deposit(number="LOW", principal_fen=800_000_000, rate=Decimal("0.0095"))
    paid = fund.paid(deposit.id, until_on=date(2025, 1, 1), actual_fen=7_600_000)
    short = fund.confirmed(paid.id).id
    fund.earned()
    fund.closed()
    fund.spends("A", SHARED["A"])
    fund.moved("A", -20_400_000, date(2024, 7, 3))
    fund.closed()
    clerk, supervisor = at_desk("clerk"), at_desk("supervisor")
    assert "1笔 领导小组还没有决定" in supervisor.open(INCOME).text
    assert "登记决定" not in supervisor.open(INCOME).links
    form = clerk.open(clerk.open(f"{INCOME}/interest/{short}").links["登记领导小组的决定"])
    typed = {"decided_on": "2025-03-01", "body": "领导小组2025年第1次会议", "decision": "财政补足"}
    for wrong, words in (
        ({"decided_on": "2024-01-01"}, "决定早于这笔欠款"),
        ({"decided_on": "2099-01-01"}, "还没有到"),
        ({"decision": " "}, "决定的内容"),
    ):
        refused = clerk.submit(form, **{**typed, **wrong}, file_sha256=speckled((300, 300)))
        assert words in refused.text, wrong
    assert "财政补足" in clerk.submit(form, **typed, file_sha256=speckled((300, 300))).text
    assert "财政补足" in supervisor.open(f"{INCOME}/interest/{short}").text
    assert "领导小组还没有决定" not in supervisor.open(INCOME).text

    form = clerk.open(clerk.open(INCOME).links["登记决定"])
    typed |= {"decided_on": "2025-03-03", "decision": "以后的收益先还"}
    page = clerk.submit(form, **typed, file_sha256=speckled((300, 301)))
    assert "以后的收益先还" in page.text
    assert "已有决定" in supervisor.open(INCOME).text
    back = clerk.open(page.links["撤销登记"])
    assert "已撤销" in clerk.submit(back, reason="会议写错").text
    assert "等领导小组决定" in supervisor.open(INCOME).text


def test_income_of_before_the_books_is_named_and_taken_back_by_forms_and_by_two(
    at_desk: At, fund: Fund
) -> None:
    fund.owes_of_before(2_635_802)
    cashier, reviewer = at_desk("cashier"), at_desk("reviewer")
    listed = cashier.open(f"{INCOME}/past")
    assert "还没有记到年份的： 26,358.02元" in listed.text
    form = cashier.open(listed.links["登记以前年度收益"])
    typed = {"year": "2024", "statutory_fen": "18,450.62", "value_added_fen": "7,907.40"}
    typed |= {"note": "2019年至2023年的利息"}
    for wrong, words in (
        ({"statutory_fen": "18,450.63"}, "还没有记到年份的只有26,358.02元"),
        ({"statutory_fen": "0", "value_added_fen": "0"}, "至少填一项"),
        ({"year": "x"}, "请重新选择"),
        ({"note": " "}, "说明"),
    ):
        refused = cashier.submit(form, **{**typed, **wrong}, file_sha256=speckled((300, 300)))
        assert words in refused.text, wrong
    page = cashier.submit(form, **typed, file_sha256=speckled((300, 300)))
    assert "等另一位人员确认" in page.text
    own = cashier.open(cashier.open("/desk/").links["以前年度收益"])
    assert cashier.fill(own, own.form_to("/confirmation")).status_code == 403
    waiting = reviewer.open(reviewer.open("/desk/").links["以前年度收益"])
    assert "7,907.40元" in waiting.text
    assert "已确认" in reviewer.fill(waiting, waiting.form_to("/confirmation")).text
    back = cashier.open(cashier.open(f"{INCOME}/past").links["撤销"])
    cashier.submit(back, reason="年份写错", file_sha256=speckled((300, 300)))
    waiting = reviewer.open(reviewer.open("/desk/").links["撤销以前年度收益"])
    reviewer.fill(waiting, waiting.form_to("/confirmation"))
    assert "已撤销" in cashier.open(f"{INCOME}/past").text

    form = cashier.open(f"{INCOME}/past/new")
    cashier.submit(form, **typed, file_sha256=speckled((300, 301)))
    waiting = reviewer.open(reviewer.open("/desk/").links["以前年度收益"])
    reviewer.fill(waiting, waiting.form_to("/confirmation"))
    fund.previewed()
    words = cashier.open(f"{INCOME}/shares").text
    assert "其中以前没有派发的利息18,450.62元（归各户）" in words


def test_the_forecast_of_an_estate_and_of_the_city_is_a_picture_with_its_table(
    at_desk: At, fund: Fund, village: Village
) -> None:
    fund.earned()
    fund.closed()
    clerk = at_desk("clerk")
    page = clerk.open(clerk.open(f"/desk/estates/{village.estate}").links["投保测算"])
    assert "可用10,000元，2台一年保费约4,000元；现在够付第一年。" in page.text
    assert "每户一年 100.00平方米 4户 1,000元" in page.text
    assert "每个账户按2024年度分配分到的" in page.text
    assert 'role="img"' in clerk.browser.get(f"/desk/forecast/{village.estate}").text
    city = clerk.open(clerk.open(INCOME).links["全市投保测算"])
    assert "现在 1个 2台 0元" in city.text
    manager = at_desk("manager")
    assert manager.open(f"/desk/forecast/{village.estate}").status == 200
    assert manager.open("/desk/forecast").status == 404


def test_interest_confirmed_by_mistake_is_undone_by_forms_and_by_two(
    at_desk: At, fund: Fund
) -> None:
    clerk, reviewer = at_desk("clerk"), at_desk("reviewer")
    wrong = fund.earned(actual_fen=9_999_999)
    here = f"{INCOME}/interest/{wrong.id}"
    form = clerk.open(clerk.open(here).links["撤销入账"])
    assert "请填写“撤销的原因”" in clerk.submit(form, file_sha256=speckled((300, 300))).text
    page = clerk.submit(form, reason="金额录错", file_sha256=speckled((300, 300)))
    assert "登记撤销，等另一位人员确认" in page.text
    assert "撤销入账" not in page.links
    own = clerk.open(clerk.open("/desk/").links["撤销结息"])
    assert clerk.fill(own, own.form_to("/confirmation")).status_code == 403
    waiting = reviewer.open(reviewer.open("/desk/").links["撤销结息"])
    assert "金额录错" in waiting.text
    assert "已确认" in reviewer.fill(waiting, waiting.form_to("/confirmation")).text
    assert "入账后已撤销" in reviewer.open(here).text
    assert fund.stands("UNALLOCATED-INCOME-2024") == 0
    assert "登记结息" in clerk.open(f"{INCOME}/deposits/{wrong.deposit_id}").links


class TestInACityOfHouseholds:
    """One file of the city, and the desk speaks of flats where elsewhere it speaks of pools."""

    @pytest.fixture
    def parts(self, parts: ApiParts) -> ApiParts:
        return replace(parts, ctx=replace(parts.ctx, city=household_city()))

    def test_a_close_shows_its_flats_and_no_pools(self, at_desk: At, fund: Fund) -> None:
        fund.earned()
        fund.previewed()
        reviewer = at_desk("reviewer")
        table = reviewer.open(reviewer.open("/desk/").links["年度分配"])
        assert "增值收益和法定利息都归各户" in table.text
        for of_pools in ("没有符合条件的账户", "记为应收"):
            assert of_pools not in table.text
        flats = reviewer.open(table.links["各户分配表"])
        assert "增值收益分配7,907.40元 × 权重" in flats.text
        assert "已办理：年度分配入账" in reviewer.fill(table, table.form_to("/posting")).text
