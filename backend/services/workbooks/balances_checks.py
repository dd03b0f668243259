"""What must hold between the rows of a balances workbook, before the database is asked."""

from collections import defaultdict
from datetime import date

from backend.domain.money import yuan
from backend.domain.normal import normal_code, normal_name, normal_place
from backend.services.workbooks import balances_sheets as sheets
from backend.services.workbooks.merge import Record
from backend.services.workbooks.registry_checks import no_repeats
from backend.services.workbooks.registry_sheets import place
from backend.services.workbooks.workbook import Row, Workbook


def check_balances(book: Workbook, today: date) -> None:
    """Add a problem to the book for every row that does not fit the others, and for balances of a
    day that is yet to come."""
    banks = book.rows[sheets.BANK.name]
    for extra in banks[1:]:
        book.complain(extra, None, "一份工作簿只填一个专户，请把其他专户另存为一份")
    household = (sheets.ESTATE_CODE, sheets.BUILDING, sheets.UNIT, sheets.ROOM)
    no_repeats(book, sheets.SUBLEDGER, "房屋", normal_place, sheets.ROOM, *household)
    number = sheets.ACCOUNT_NUMBER
    no_repeats(book, sheets.POOLS, "账户编号", normal_code, number, number)
    no_repeats(book, sheets.INSURERS, "保险机构", normal_name, sheets.INSURER, sheets.INSURER)
    _check_levels(book)
    for row in book.rows[sheets.INSURERS.name]:
        _check_term(book, row)
    if banks and banks[0].has(sheets.BANK_ON):
        if banks[0][sheets.BANK_ON] > today:
            message = "余额日期不能晚于今天，请填写银行对账单上的日期"
            book.complain(banks[0], sheets.BANK_ON, message)
        for row in book.rows[sheets.SUBLEDGER.name]:
            if row.has(sheets.AS_OF) and row[sheets.AS_OF] != banks[0][sheets.BANK_ON]:
                message = f"应与“银行”表的余额日期 {banks[0][sheets.BANK_ON]} 一致"
                book.complain(row, sheets.AS_OF, message)
    amounts = {
        sheets.BANK: (sheets.BANK_FEN, sheets.STATUTORY_FEN),
        sheets.SUBLEDGER: (sheets.PRINCIPAL_FEN,),
        sheets.POOLS: (sheets.OPENING_FEN,),
    }
    if banks and all(
        row.has(*columns) for sheet, columns in amounts.items() for row in book.rows[sheet.name]
    ):
        _reconcile(book, banks[0])


def check_known_insurer(book: Workbook, row: Row, before: Record) -> None:
    """An account that gets paid is changed by two officers, never by a file (decision 0056); nor is
    the end of a selection that an officer entered taken back by one."""
    account = (row[sheets.PAYEE_BANK], row[sheets.PAYEE_ACCOUNT])
    if account != (before["bank_name"], before["bank_account"]):
        message = "与已登记的收款账户不同；更换账户由一位工作人员登记、另一位确认，不能用表格导入"
        book.complain(row, sheets.PAYEE_ACCOUNT, message)
    ended = before["selection_ended_because"]
    if ended and row[sheets.SELECTED_LAST] != before["selected_until"]:
        message = (
            f"入选已提前于 {before['selected_until']} 结束；再次入选请在工作台登记，不能用表格导入"
        )
        book.complain(row, sheets.SELECTED_LAST, message)


def principal_fen(book: Workbook) -> int:
    """What all households own together."""
    return sum(row[sheets.PRINCIPAL_FEN] for row in book.rows[sheets.SUBLEDGER.name])


def _check_levels(book: Workbook) -> None:
    """A building has one pooled account, or one per unit, but not both (JS 四（二）: 栋或单元)."""
    rows_of: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in book.rows[sheets.POOLS.name]:
        if row.has(sheets.ESTATE_CODE, sheets.BUILDING, sheets.POOL_UNIT):
            rows_of[place(row, sheets.ESTATE_CODE, sheets.BUILDING)].append(row)
    for rows in rows_of.values():
        levels: dict[str | None, int] = {}
        for row in rows:
            written = row[sheets.POOL_UNIT]
            unit = normal_place(written) if written else None
            earlier = levels.setdefault(unit, row.number)
            if earlier != row.number:
                book.complain(row, sheets.POOL_UNIT, f"与第 {earlier} 行是同一栋或单元的账户")
            elif (unit is None) != (None in levels) or (unit is None and len(levels) > 1):
                message = f"第 {rows[0].number} 行起已为该栋设账，按栋、按单元只能选一种"
                book.complain(row, sheets.POOL_UNIT, message)


def _check_term(book: Workbook, row: Row) -> None:
    if row.has(sheets.SELECTED_FROM, sheets.SELECTED_LAST):
        start, last = row[sheets.SELECTED_FROM], row[sheets.SELECTED_LAST]
        if (start is None) != (last is None):
            book.complain(row, sheets.SELECTED_FROM, "入选开始和截止须同时填写，或同时留空")
        elif start and last and last < start:
            book.complain(row, sheets.SELECTED_LAST, "入选截止早于入选开始")


def _reconcile(book: Workbook, bank: Row) -> None:
    principal = principal_fen(book)
    statutory = bank[sheets.STATUTORY_FEN]
    pooled = sum(row[sheets.OPENING_FEN] for row in book.rows[sheets.POOLS.name])
    difference = principal + statutory + pooled - bank[sheets.BANK_FEN]
    if difference:
        book.complain(
            bank,
            sheets.BANK_FEN,
            f"账不平：分户本金 {yuan(principal)} + 应付法定利息 {yuan(statutory)} + 统筹账户 "
            f"{yuan(pooled)}，比银行余额 {yuan(bank[sheets.BANK_FEN])} "
            f"{'多' if difference > 0 else '少'} {yuan(abs(difference))}，请逐项核对",
        )
    elif not bank[sheets.BANK_FEN]:
        book.complain(bank, sheets.BANK_FEN, "银行余额为零，没有期初可以入账")
