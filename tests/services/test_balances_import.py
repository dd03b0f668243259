"""The centre's opening balances reconcile with the bank to the fen, and are booked once."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.domain.ledger import AccountKind
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.books import banks, households, ledger
from backend.services.fund_books.bringing import bring
from backend.services.registry import openings
from backend.services.workbooks.balances_import import import_balances
from backend.services.workbooks.registry_import import import_registry
from backend.services.workbooks.templates import template
from backend.store.audit import AuditEntry
from backend.store.ledger import Account, Entry, HouseholdBalance
from backend.store.queries.banks import all_banks
from backend.store.registry import Insurer
from tests.build.fund_files import written
from tests.build.village import Village
from tests.build.workbooks import PAPER, Rows, balances_rows, bring_balances, bring_registry, lines
from tests.data.make_demo_workbook import BALANCES_FILE, REGISTRY_FILE

DAY = date(2024, 12, 31)


@pytest.fixture
def estate(ctx: Context) -> None:
    rows: Rows = {
        "小区": [["TEST-01", "测试小区", "测试路1号", "测试街道", None, None, None]],
        "楼栋单元": [["1栋", "1单元"], ["1栋", "2单元"]],
        "房屋业主": [
            ["1栋", "1单元", "101", 80, None, None],
            ["1栋", "1单元", "102", 90, None, None],
            ["1栋", "2单元", "101", 90, None, None],
        ],
        "电梯": [["TEST000001", "1栋", "1单元", "1号梯", None, "2015-06-01", None, None, None]],
    }
    assert bring_registry(ctx, rows).applied


def count(ctx: Context, model: type[Any]) -> int:
    with ctx.sessions() as tx:
        return tx.scalars(select(func.count()).select_from(model)).one()


def booked_openings(ctx: Context) -> int:
    """How many openings were booked; flats' part goes on to their buildings by another entry."""
    with ctx.sessions() as tx:
        of_kind = select(func.count()).select_from(Entry).where(Entry.kind == "opening")
        return tx.scalars(of_kind).one()


def test_the_demo_books_reconcile_with_the_bank(ctx: Context) -> None:
    import_registry(ctx, REGISTRY_FILE.read_bytes(), dry_run=False, mandate_paper=PAPER)
    report = import_balances(ctx, BALANCES_FILE.read_bytes(), dry_run=False)
    assert lines(report) == []
    with ctx.sessions() as tx:
        trial = ledger.trial_balance(tx)
        assert trial.total_fen == 0
        assert trial.by_kind[AccountKind.BANK] == 692_362_009
        assert trial.by_kind[AccountKind.STATUTORY_INTEREST_PAYABLE] == 2_635_802
        assert trial.by_kind[AccountKind.OWNERS_PRINCIPAL] == 0, "buildings took it over"
        assert trial.by_kind[AccountKind.HOUSEHOLD_FUND] == tx.scalar(
            select(func.sum(HouseholdBalance.principal_fen))
        )
        pool = tx.scalars(select(Account).where(Account.number == "DEMO-TC-0101")).one()
        assert pool.balance_fen == 790_740 >= 6 * 130_000
        assert ledger.drifted(tx) == households.drifted(tx) == []
        assert audit.verify(tx).ok
        selected = select(Insurer.name).where(Insurer.selected_until >= date(2025, 1, 20))
        assert len(tx.scalars(selected).all()) == 2


@pytest.mark.usefixtures("estate")
def test_a_bank_figure_that_differs_is_refused_with_the_difference(ctx: Context) -> None:
    rows = balances_rows()
    rows["银行"][0][3] = "10507.41"
    (problem,) = bring_balances(ctx, rows).problems
    assert (problem.sheet, problem.row, problem.column) == ("银行", 2, "D")
    assert "分户本金 2,100元 + 应付法定利息 500元 + 统筹账户 7,907.40元" in problem.message
    assert "比银行余额 10,507.41元 少 0.01元" in problem.message
    assert count(ctx, Account) == count(ctx, Entry) == count(ctx, Insurer) == 0


@pytest.mark.usefixtures("estate")
def test_the_same_books_twice_book_once(ctx: Context) -> None:
    first = bring_balances(ctx, balances_rows())
    assert {name: c.added for name, c in first.counts.items()} == {
        "保险机构": 1,
        "账户": 3,
        "期初分录": 1,
        "分户余额": 3,
    }
    assert str(first.counts["期初分录"]) == "新增 1，更新 0，未变 0"
    before = count(ctx, AuditEntry)
    again = bring_balances(ctx, balances_rows())
    assert (lines(again), again.changes) == ([], 0)
    assert str(again.counts["期初分录"]) == "新增 0，更新 0，未变 1"
    assert (booked_openings(ctx), count(ctx, AuditEntry)) == (1, before)


@pytest.mark.usefixtures("estate")
def test_places_and_insurers_are_found_however_they_are_written(ctx: Context) -> None:
    assert bring_balances(ctx, balances_rows()).applied
    rows = balances_rows()
    for row in rows["分户账"]:
        row[0:4] = ["test-01", "1号楼", row[2], f"{row[3]}室"]
    for row in rows["统筹账户"]:
        row[1:3] = ["ＴEST-01", "一栋"]
    rows["保险机构"][0][0] = "测试 保险\u200b"
    again = bring_balances(ctx, rows)
    assert (lines(again), again.changes) == ([], 0)


@pytest.mark.usefixtures("estate")
def test_a_dry_run_of_the_books_writes_nothing(ctx: Context) -> None:
    report = bring_balances(ctx, balances_rows(), dry_run=True)
    assert report.changes == 8
    assert count(ctx, Account) == count(ctx, Entry) == count(ctx, Insurer) == 0


@pytest.mark.usefixtures("estate")
def test_insurers_may_change_after_the_opening_is_booked(ctx: Context) -> None:
    bring_balances(ctx, balances_rows())
    rows = balances_rows()
    rows["保险机构"][0][4:7] = ["2024-12-01", "2026-11-30", "公告"]
    report = bring_balances(ctx, rows)
    assert report.applied
    assert report.counts["保险机构"].changed == report.changes == 1
    with ctx.sessions() as tx:
        assert tx.scalars(select(Insurer.selected_until)).one() == date(2026, 11, 30)


def move_fen(rows: Rows) -> None:
    rows["分户账"][0][4], rows["分户账"][1][4] = Decimal("1000.01"), Decimal("1099.99")


def move_to_pool(rows: Rows) -> None:
    rows["统筹账户"][0][4], rows["统筹账户"][1][4] = Decimal("7900"), Decimal("7.4")


def other_day(rows: Rows) -> None:
    rows["银行"][0][2] = date(2025, 1, 31)
    for row in rows["分户账"]:
        row[5] = date(2025, 1, 31)


def other_bank(rows: Rows) -> None:
    rows["银行"][0][0] = "TEST-BANK-2"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (move_fen, "期初已按 1,000元 入账，与本次相差 0.01元"),
        (move_to_pool, "期初已按 7,907.40元 入账，与本次相差 7.40元"),
        (other_day, "该专户的期初已于 2024-12-31 入账"),
        (other_bank, "的余额已随另一专户或资金系统的文件导入"),
    ],
)
@pytest.mark.usefixtures("estate")
def test_what_was_booked_is_not_booked_otherwise(
    ctx: Context, change: Callable[[Rows], None], message: str
) -> None:
    bring_balances(ctx, balances_rows())
    rows = balances_rows()
    change(rows)
    report = bring_balances(ctx, rows)
    assert message in "\n".join(lines(report))
    assert booked_openings(ctx) == 1


BAD_CELLS = [
    ("银行", 0, 2, date(2025, 3, 4), "C", "余额日期不能晚于今天"),
    ("分户账", 0, 0, "TEST-99", "A", "系统中没有小区"),
    ("分户账", 0, 3, "999", "D", "该小区登记中没有1栋 1单元 999"),
    ("分户账", 0, 3, "102", "D", "与第 2 行重复"),
    ("分户账", 0, 4, "-1", "E", "金额不能为负数"),
    ("分户账", 0, 4, "1.005", "E", "超过两位小数"),
    ("分户账", 0, 4, "1万", "E", "不是数字"),
    ("分户账", 0, 4, "99999999999999999", "E", "数字过大"),
    ("分户账", 0, 5, "2024-12-30", "F", "余额日期 2024-12-31 一致"),
    ("统筹账户", 1, 0, "TC-0001", "A", "与第 2 行重复"),
    ("统筹账户", 1, 0, "TEST-BANK", "A", "已用于另一个账户"),
    ("统筹账户", 1, 0, "OWNERS-PRINCIPAL", "A", "已用于另一个账户"),
    ("统筹账户", 1, 2, "9栋", "D", "该小区登记中没有9栋 2单元"),
    ("统筹账户", 1, 3, "1单元", "D", "是同一栋或单元的账户"),
    ("统筹账户", 1, 3, None, "D", "按栋、按单元只能选一种"),
    ("保险机构", 0, 4, "2024-12-01", "E", "须同时填写"),
    ("保险机构", 0, 3, None, "D", "不能为空"),
]


@pytest.mark.parametrize(("sheet", "place", "cell", "value", "letter", "message"), BAD_CELLS)
@pytest.mark.usefixtures("estate")
def test_a_bad_cell_of_the_books_is_named_with_its_place(
    ctx: Context, sheet: str, place: int, cell: int, value: Any, letter: str, message: str
) -> None:
    rows = balances_rows()
    rows[sheet][place][cell] = value
    report = bring_balances(ctx, rows)
    found = {(p.sheet, p.column) for p in report.problems if message in p.message}
    assert found == {(sheet, letter)}, lines(report)
    assert not report.applied


@pytest.mark.usefixtures("estate")
def test_a_building_has_one_pooled_account_across_workbooks(ctx: Context) -> None:
    rows = balances_rows()
    rows["统筹账户"] = [["TC-0009", "TEST-01", "1栋", None, Decimal("7907.4")]]
    assert bring_balances(ctx, rows).applied
    rows["银行"] = [["TEST-BANK-2", "测试银行", DAY, 1, 0]]
    rows["分户账"] = [["TEST-01", "1栋", "2单元", "101", 0, DAY]]
    rows["统筹账户"] = [["TC-0010", "TEST-01", "1栋", "2单元", 1]]
    messages = "\n".join(lines(bring_balances(ctx, rows)))
    assert "该栋或单元已设统筹账户“TC-0009”" in messages


def test_an_empty_template_of_the_books_has_no_rows(ctx: Context) -> None:
    report = import_balances(ctx, template("balances"), dry_run=False)
    assert lines(report) == [
        f"{name}：没有数据，请从第 2 行起填写" for name in ("银行", "统筹账户")
    ]


def test_books_that_are_no_workbook_get_one_sentence(ctx: Context) -> None:
    (problem,) = import_balances(ctx, b"PK\x03\x04", dry_run=False).problems
    assert problem.line().startswith("文件不是可以读取的 .xlsx 工作簿")


def bring_second_estate(ctx: Context) -> Rows:
    """Registers another estate; its balances, which lie in the same bank account."""
    rows: Rows = {
        "小区": [["TEST-02", "后来小区", "测试路2号", "测试街道", None, None, None]],
        "楼栋单元": [["1栋", "1单元"]],
        "房屋业主": [["1栋", "1单元", "101", 80, None, None]],
        "电梯": [["TEST000009", "1栋", "1单元", "1号梯", None, "2015-06-01", None, None, None]],
    }
    assert bring_registry(ctx, rows).applied
    day = date(2025, 2, 28)
    return {
        "银行": [["TEST-BANK", "测试银行", day, "3000.50", 0]],
        "分户账": [["TEST-02", "1栋", "1单元", "101", "3000", day]],
        "统筹账户": [["TC-0201", "TEST-02", "1栋", None, "0.50"]],
        "保险机构": [],
    }


@pytest.mark.usefixtures("estate")
def test_an_estate_that_comes_later_brings_its_own_part(ctx: Context) -> None:
    assert bring_balances(ctx, balances_rows()).applied
    later = bring_second_estate(ctx)
    report = bring_balances(ctx, later)
    assert lines(report) == []
    assert {name: counts.added for name, counts in report.counts.items() if counts.added} == {
        "账户": 1, "期初分录": 1, "分户余额": 1,
    }  # fmt: skip
    for rows in (balances_rows(), later):
        again = bring_balances(ctx, rows)
        assert (lines(again), again.changes) == ([], 0)
    with ctx.sessions() as tx:
        trial = ledger.trial_balance(tx)
        assert trial.total_fen == 0
        assert trial.by_kind[AccountKind.BANK] == 1_050_740 + 300_050
        assert ledger.drifted(tx) == []
        keys = set(tx.scalars(select(Entry.natural_key).where(Entry.kind == "opening")))
    assert keys == {"opening:TEST-BANK", "opening:TEST-BANK:TEST-02"}


@pytest.mark.parametrize("figure", ["3000.51", "2999.50"])
@pytest.mark.usefixtures("estate")
def test_what_a_later_estate_brought_is_not_booked_otherwise(ctx: Context, figure: str) -> None:
    bring_balances(ctx, balances_rows())
    later = bring_second_estate(ctx)
    assert bring_balances(ctx, later).applied
    later["银行"][0][3] = figure
    later["分户账"][0][4] = str(Decimal(figure) - Decimal("0.50"))
    assert "期初已按 3,000.50元 入账" in "".join(lines(bring_balances(ctx, later)))
    assert booked_openings(ctx) == 2


@pytest.mark.usefixtures("estate")
def test_a_later_estate_does_not_come_in_the_first_ones_workbook(ctx: Context) -> None:
    bring_balances(ctx, balances_rows())
    both, later = balances_rows(), bring_second_estate(ctx)
    both["银行"][0][3] = Decimal("10507.40") + Decimal("3000.50")
    both["分户账"].append([*later["分户账"][0][:5], DAY])
    both["统筹账户"] += later["统筹账户"]
    said = lines(bring_balances(ctx, both))
    assert any("后来的小区请单独填一份工作簿" in line for line in said), said
    assert booked_openings(ctx) == 1


def income_at_another_bank() -> Rows:
    """The part of the pools' income that lies at a second bank, where no flat's principal does."""
    return {
        "银行": [["TEST-BANK-2", "第二银行", DAY, "300", 0]],
        "分户账": [],
        "统筹账户": [
            ["TC-0001", "TEST-01", "1栋", "1单元", "100"],
            ["TC-0002", "TEST-01", "1栋", "2单元", "200"],
        ],
        "保险机构": [],
    }


@pytest.mark.usefixtures("estate")
def test_a_pools_money_lies_at_two_banks_each_with_its_part(ctx: Context) -> None:
    assert bring_balances(ctx, balances_rows()).applied
    assert lines(bring_balances(ctx, income_at_another_bank())) == []
    for rows in (balances_rows(), income_at_another_bank()):
        again = bring_balances(ctx, rows)
        assert (lines(again), again.changes) == ([], 0)
    with ctx.sessions() as tx:
        pool = tx.scalars(select(Account).where(Account.number == "TC-0001")).one()
        assert pool.balance_fen == 790_740 + 10_000
        assert [bank.number for bank in all_banks(tx)] == ["TEST-BANK", "TEST-BANK-2"]
        assert len(banks.banks_of(tx, [pool.id])) == 2
        assert ledger.trial_balance(tx).total_fen == 0
        assert ledger.drifted(tx) == []


@pytest.mark.usefixtures("estate")
def test_what_a_second_bank_brought_is_not_booked_otherwise(ctx: Context) -> None:
    bring_balances(ctx, balances_rows())
    assert bring_balances(ctx, income_at_another_bank()).applied
    rows = income_at_another_bank()
    rows["银行"][0][3], rows["统筹账户"][0][4] = "301", "101"
    assert "期初已按 100元 入账" in "".join(lines(bring_balances(ctx, rows)))
    assert booked_openings(ctx) == 2


@pytest.mark.usefixtures("estate")
def test_a_corrected_opening_is_what_the_workbook_must_say(ctx: Context, village: Village) -> None:
    """Here the workbook's estate beside the village, whose officers correct what it brought."""
    bring_balances(ctx, balances_rows())
    with ctx.sessions() as tx:
        key = Entry.natural_key == "opening:TEST-BANK"
        opened = tx.scalars(select(Entry.id).where(key)).one()
        numbers = select(Account.id).where(Account.number.like("TC-%")).order_by(Account.number)
        first, second = tx.scalars(numbers)
    right = openings.RightFigures(None, None, [(first, 790_000), (second, 740)])
    clerk, letter = village.actor("clerk"), village.upload("clerk")
    correction = openings.enter(ctx, clerk, opened, right, letter, "两个单元记反了")
    openings.confirm(ctx, village.actor("reviewer"), correction.id)
    assert "期初已按 7,900元 入账" in "".join(lines(bring_balances(ctx, balances_rows())))
    rows = balances_rows()
    move_to_pool(rows)
    again = bring_balances(ctx, rows)
    assert (lines(again), again.changes) == ([], 0)


@pytest.mark.usefixtures("estate")
def test_what_the_funds_own_files_brought_is_not_brought_by_a_workbook(ctx: Context) -> None:
    with ctx.sessions() as tx:
        ledger.open_account(tx, AccountKind.BANK, "FILES", "另一专户")
        tx.commit()
    first, second = (["TEST-01", "1栋", "1单元", room] for room in ("101", "102"))
    head = {"专户账号": "FILES", "截至日期": "2024-12-31"}
    moved = [["R-1", *first, "2024-12-31", "交存", "5.00"]]
    for content in (
        written("分户明细", moved, **head),
        written("分户余额", [[*second, "7.00"]], "B-2", **head),
    ):
        assert not bring(ctx, BytesIO(content), "分户.csv").faults
    found = bring_balances(ctx, balances_rows()).problems
    assert [(each.sheet, each.row) for each in found] == [("分户账", 2), ("分户账", 3)]
    assert "已有资金系统转来的交存、支取" in found[0].message
    assert "资金系统的文件导入" in found[1].message
