"""银行流水 at the desk: checked, imported by the second button, matched by ticks, agreed."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from backend.desk import statements
from backend.store.purchases import Payment
from tests.build.bank_statements import PAID_ON, BankDesk, row_of, workbook
from tests.build.fund import Fund
from tests.build.office import Office, Page
from tests.build.village import PREMIUM_FEN, Village

At = Callable[[str], Office]
HERE = "/desk/statements"
PAID = (PAID_ON, -2 * PREMIUM_FEN, "BANK-1", "BF-2025-000001 电梯维修保险费")
ABOVE = {
    "from_on": "2025-03-04",
    "until_on": "2025-03-31",
    "opening": "10,000.00",
    "closing": "7,400.00",
}


def test_a_month_of_the_bank_is_imported_matched_and_agreed_by_forms(
    at_desk: At, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    village.paid()
    village.clock.set(datetime(2025, 4, 2, 1, tzinfo=UTC))
    cashier = at_desk("cashier")
    first = cashier.open(HERE)
    assert "还没有导入流水" in first.text
    form = first.form(HERE)
    assert "请选择网银导出的流水" in Page(cashier.fill(first, form, **ABOVE)).text
    file = workbook([row_of(PAID)])
    bare = Page(cashier.fill(first, form, **ABOVE | {"closing": ""}, file=file))
    assert "请填写期末余额" in bare.text
    strange = Page(cashier.fill(first, form, **ABOVE | {"closing": "７"}, file=file))
    assert "期末余额：“７”不是金额" in strange.text
    missed = Page(cashier.fill(first, form, **ABOVE | {"closing": "7,400.03"}, file=file))
    assert (missed.status, "相差3分" in missed.text) == (422, True)
    bad = [*row_of(PAID)[:2], "1e30", *row_of(PAID)[3:]]
    faulty = Page(cashier.fill(first, form, **ABOVE, file=workbook([bad])))
    assert "第3行" in faulty.text
    assert "正式导入" not in faulty.words
    with monkeypatch.context() as small:
        small.setattr(statements, "CARRIED_BYTES", 10)
        assert "请重新选择同一个文件" in Page(cashier.fill(first, form, **ABOVE, file=file)).text
    checked = Page(cashier.fill(first, form, **ABOVE, do="check", file=file))
    assert "没有问题，可以正式导入" in checked.text
    statement = Page(cashier.fill(checked, checked.form(HERE), do="take"))
    assert "可以核对" in statement.text
    matched = Page(cashier.fill(statement, statement.form_to("/match")))
    assert "已全部核对" in matched.text
    auditor = at_desk("auditor")
    balance = auditor.open(f"{HERE}/balance/{village.bank}")
    assert "两边相符，一分不差" in balance.text
    for day in ("2025-03-01", "x"):
        address = f"{HERE}/balance/{village.bank}?on={day}"
        assert "没有编出来" in Page(auditor.browser.get(address)).text
    seen = auditor.open(matched.address)
    assert [form for form in seen.forms if form.action.startswith(HERE)] == []
    silent = Page(cashier.fill(matched, matched.form_to("/unmatch")))
    assert "请写明取消核对的原因" in silent.text
    again = Page(cashier.fill(matched, matched.form_to("/unmatch"), reason="核对错了"))
    assert "1行没有核对" in again.text
    both = Page(cashier.fill(statement, statement.form_to("/match")))
    assert "已全部核对" in both.text
    Page(cashier.fill(both, both.form_to("/unmatch"), reason="再看看"))
    wordless = Page(cashier.fill(again, again.form_to("/taken-back")))
    assert "请写明撤销的原因" in wordless.text
    gone = Page(cashier.fill(again, again.form_to("/taken-back"), reason="导错了"))
    assert "已撤销" in gone.text
    stale = Page(cashier.fill(statement, statement.form_to("/match")))
    assert (stale.status, "没有找到该银行流水" in stale.text) == (404, True)


def test_a_long_statement_is_worked_on_page_by_page_and_says_what_the_books_took_back(
    at_desk: At, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    village.paid()
    village.clock.set(datetime(2025, 4, 2, 1, tzinfo=UTC))
    desk = BankDesk(village)
    lines = [(PAID_ON, -nth, f"FEE-{nth}", "手续费") for nth in (1, 2)]
    statement = desk.takes([*lines, PAID])
    monkeypatch.setattr(statements, "LINES_A_PAGE", 2)
    cashier, here = at_desk("cashier"), f"{HERE}/{statement.id}"
    first = cashier.open(here)
    assert ("FEE-2" in first.text, "BANK-1" in first.text) == (True, False)
    assert "BANK-1" in cashier.open(f"{here}?page=9").text
    second = cashier.open(f"{here}?page=2")
    rows = second.form_to("/match?page=2").values
    (proposed,) = [name for name in rows if name.startswith("lines.")]
    del rows[proposed]
    none = Page(cashier.fill(second, second.form_to("/match?page=2")))
    assert "请先勾选要核对的行" in none.text
    assert proposed not in none.form_to("/match?page=2").values
    rows[proposed] = "yes"
    matched = Page(cashier.fill(second, second.form_to("/match?page=2")))
    assert ("已核对" in matched.text, "FEE-1" in matched.text) == (True, False)
    silent = Page(cashier.fill(matched, matched.form_to("/unmatch?page=2")))
    assert "请写明取消核对的原因" in silent.text
    with village.ctx.sessions() as tx:
        case = tx.scalars(select(Payment.purchase_id)).one()
    village.reviewer.undoes_confirmation(case, "流水号填错了")
    stale = cashier.open(f"{here}?page=2")
    assert "1行账上已撤销" in stale.text
    assert "请取消核对；重新登记后再核对" in stale.text
    free = Page(cashier.fill(stale, stale.form_to("/unmatch?page=2"), reason="确认已撤销"))
    assert ("账上已撤销" in free.text, "还没有入账" in free.text) == (False, True)
    Fund(village, _bank=village.bank).deposit(value_on=PAID_ON, principal_fen=100)
    assert "存单不另记账，不计入上表" in cashier.open(f"{HERE}/balance/{village.bank}").text
