"""拨付 at the desk: tick, batch, file, answers, confirmed one by one."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from backend.services.base.context import Context
from backend.store.audit import AuditEntry
from backend.store.batches import PaymentBatch
from tests.build.banks import statement
from tests.build.counting import Counter
from tests.build.office import Office, Page
from tests.build.premiums import DUE_FEN, premiums_due
from tests.build.village import Village

At = Callable[[str], Office]
HERE = "/desk/payments"


def links(ctx: Context) -> int:
    with ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_a_cashier_pays_four_premiums_by_one_file(
    at_desk: At, village: Village, ctx: Context
) -> None:
    cases = premiums_due(village, 5, elsewhere=(4,))
    cashier = at_desk("cashier")
    due = cashier.open(HERE)
    assert "更换了收款账户" in due.text
    form = due.form(HERE)
    ticks = [name for name in form.names if name.startswith("cases.")]
    assert ticks == [f"cases.{case}" for case in cases[:4]]
    assert "请至少勾选一件" in Page(cashier.fill(due, form)).text
    for _ in range(2):
        batch = Page(cashier.fill(due, form, **dict.fromkeys(ticks, "yes")))
        assert "还没有提交银行" in batch.text
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(PaymentBatch)) == 1
    here = batch.address
    first = cashier.browser.get(f"{here}/file")
    assert cashier.browser.get(f"{here}/file").data == first.data
    assert "壹万零肆佰元整" in cashier.open(f"{here}/sheet").text

    batch = Page(cashier.fill(batch, batch.form_to("/submit")))
    numbers = sorted(word for word in batch.words if word.startswith("BF-"))
    rows = [(f"R{n}", DUE_FEN, number, "成功") for n, number in enumerate(numbers[:2])]
    rows += [("R2", DUE_FEN, numbers[2], "失败"), ("R3", DUE_FEN + 1, numbers[3], "成功")]
    nothing = Page(cashier.fill(batch, batch.form_to("/answers")))
    assert "请选择网银导出的 .xlsx 文件" in nothing.text
    batch = Page(cashier.fill(batch, batch.form_to("/answers"), file=statement(rows)))
    assert "可以确认2行，银行没有付成1行，其他1行" in batch.text
    assert "银行2,600.01元，我们2,600元" in batch.text
    batch = Page(cashier.fill(batch, batch.form_to("/back")))
    assert batch.words.count("已退回") == 1
    ticked = [line for line in batch.form_to("/confirm").names if line.startswith("answers.")]
    assert len(ticked) == 2
    before = links(ctx)
    with Counter(ctx) as statements:
        cashier.open(here)
    assert statements.queries <= 12
    assert links(ctx) == before  # looking leaves no link
    confirm = batch.form_to("/confirm")
    del confirm.values[ticked[1]]
    batch = Page(cashier.fill(batch, confirm))
    assert batch.words.count("已付款") == 1
    assert "还有2笔没有答复" in cashier.open(f"{HERE}/batches").text
    with Counter(ctx) as statements:
        cashier.open(HERE)
    assert statements.queries <= 12


def test_a_batch_that_the_bank_never_got_is_made_void_and_a_likeness_is_never_ticked(
    at_desk: At, village: Village
) -> None:
    premiums_due(village, 1)
    cashier = at_desk("cashier")
    due = cashier.open(HERE)
    form = due.form(HERE)
    ticks = [name for name in form.names if name.startswith("cases.")]
    first = Page(cashier.fill(due, form, **dict.fromkeys(ticks, "yes")))
    old = next(word for word in first.words if word.startswith("BF-"))
    untold = Page(cashier.fill(first, first.form_to("/void")))
    assert "还没有提交银行" in untold.text
    void = Page(cashier.fill(first, first.form_to("/void"), reason="没有交给银行"))
    assert "这一批已作废" in void.text
    assert "已作废" in cashier.open(f"{HERE}/batches").text
    assert not [form for form in void.forms if form.action.endswith(("/submit", "/void"))]
    refused = Page(cashier.browser.get(f"{first.address}/file"))
    assert (refused.status, "不能再交给银行" in refused.text) == (409, True)
    refused = Page(cashier.fill(first, first.form_to("/submit")))
    assert (refused.status, "不能再交给银行" in refused.text) == (409, True)

    due = cashier.open(HERE)
    batch = Page(cashier.fill(due, due.form(HERE), **dict.fromkeys(ticks, "yes")))
    batch = Page(cashier.fill(batch, batch.form_to("/submit")))
    rows = [
        ("R1", DUE_FEN, "保费", "成功"),
        ("R2", DUE_FEN, old, "成功"),
        ("R3", 1, "工资", "成功"),
    ]
    content = statement(rows, "")
    batch = Page(cashier.fill(batch, batch.form_to("/answers"), file=content))
    assert "另有1行不是这一批的，没有保存" in batch.text
    assert "没有编号、请核对1行" in batch.text
    assert "银行已付，但我们已登记退回，请先与银行核实" in batch.text
    confirm = batch.form_to("/confirm")
    assert [name for name in confirm.names if name.startswith("answers.")]
    assert not [name for name in confirm.values if name.startswith("answers.")]


def test_the_first_look_is_empty_and_others_read_without_a_form(
    at_desk: At, village: Village
) -> None:
    cashier = at_desk("cashier")
    assert "没有等着拨付的保费" in cashier.open(HERE).text
    assert "还没有批次" in cashier.open(f"{HERE}/batches").text
    auditor = at_desk("auditor").open(HERE)
    assert [form.method for form in auditor.forms] == ["get", "post"]  # find, and sign out


@pytest.mark.parametrize("name", ["clerk", "manager"])
def test_the_way_is_shown_to_those_who_may_read(at_desk: At, name: str) -> None:
    office = at_desk(name)
    assert "拨付" not in office.open("/desk/").links
    assert office.open(HERE).status in (403, 404)
