"""The bank's own file of a batch, and reading what the bank gives back: under the headings that the
city's file names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.domain.bank_answers import BankLine
from backend.domain.city.schema import BankFileRules
from backend.domain.errors import refuse
from backend.domain.money import decimal_yuan
from backend.domain.normal import normal_code
from backend.services.workbooks import cells
from backend.services.workbooks.cells import BadCell
from backend.services.workbooks.library import openpyxl
from backend.services.workbooks.package import BadWorkbook
from backend.services.workbooks.templates import file_of
from backend.services.workbooks.xlsx import Cell, RawSheet, column_letters, read_xlsx
from backend.store.purchases import Payment

SHEET = "付款明细"
SUBJECT = "电梯维修保险费"
HEADING_ROWS = 15  # a bank writes the account and the period above its headings
WIDTH = 24
TWO_DECIMALS = "0.00"


@dataclass(frozen=True)
class ReadLine:
    """A line of the bank with the number of its row."""

    row: int
    line: BankLine


class _Every:
    """Any sheet: banks call theirs as they like."""

    def __contains__(self, name: object) -> bool:
        return True


def file_for(rules: BankFileRules, payments: Sequence[Payment]) -> bytes:
    """The .xlsx that the bank takes: codes as text, amounts with two decimals, a payment a row.
    The same payments give the same bytes."""
    heads = {
        "position": rules.head_position.value,
        "account": rules.head_account.value,
        "payee": rules.head_payee.value,
        "bank": rules.head_bank.value,
        "amount": rules.head_amount.value,
        "purpose": rules.head_purpose.value,
    }
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = SHEET
    for place, column in enumerate(rules.columns.value, 1):
        page.cell(1, place).value = heads[column]
        page.column_dimensions[column_letters(place - 1)].width = WIDTH
        for nth, payment in enumerate(payments, 1):
            cell = page.cell(nth + 1, place)
            if column == "amount" and rules.amount_as.value == "number":
                cell.value = decimal_yuan(payment.amount_fen)
                cell.number_format = TWO_DECIMALS
                continue
            cell.value = _text(column, nth, payment)
            cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
    return file_of(book)


def _text(column: str, nth: int, payment: Payment) -> str:
    texts = {
        "position": str(nth),
        "account": payment.payee_account,
        "payee": payment.payee_name,
        "bank": payment.payee_bank,
        "amount": f"{decimal_yuan(payment.amount_fen):.2f}",
        "purpose": f"{payment.number} {SUBJECT}",
    }
    return texts[column]


def read_answers(rules: BankFileRules, content: bytes) -> Sequence[ReadLine]:
    """Every line of the first sheet that has the bank's headings.

    Raises Refused `file_unreadable`, `bank_headings_missing`.
    """
    try:
        sheets = read_xlsx(content, _Every(), HEADING_ROWS)
    except BadWorkbook as error:
        raise refuse("file_unreadable", str(error), "file") from None
    for raw in sheets.values():
        for number in sorted(raw.rows)[:HEADING_ROWS]:
            places = {normal_code(cell.text): place for place, cell in raw.rows[number].items()}
            needed = (rules.answer_amount.value, rules.answer_purpose.value)
            if all(normal_code(heading) in places for heading in needed):
                return _lines(rules, raw, number, places)
    names = f"“{rules.answer_amount.value}”“{rules.answer_purpose.value}”"
    message = f"没有找到银行明细的表头{names}，请用网银导出的 .xlsx，不要改动表头。"
    raise refuse("bank_headings_missing", message, "file")


def _lines(
    rules: BankFileRules, raw: RawSheet, heading: int, places: Mapping[str, int]
) -> Sequence[ReadLine]:
    def text(row: Mapping[int, Cell], name: str) -> str:
        place = places.get(normal_code(name))
        cell = row.get(place) if place is not None else None
        return _read(cell)

    found = []
    for number in sorted(raw.rows):
        row = raw.rows[number]
        if number <= heading:
            continue
        amount = row.get(places[normal_code(rules.answer_amount.value)])
        line = BankLine(
            reference=normal_code(text(row, rules.answer_reference.value)),
            amount_fen=_fen(amount),
            payee=text(row, rules.answer_payee.value),
            purpose=text(row, rules.answer_purpose.value),
            outcome=text(row, rules.answer_outcome.value),
            reason=text(row, rules.answer_reason.value),
        )
        if any((line.reference, line.amount_fen, line.payee, line.purpose)):
            found.append(ReadLine(number, line))
    return found


def _read(cell: Cell | None) -> str:
    try:
        return cells.text(cell) if cell else ""
    except BadCell:
        return ""  # what cannot be read matches nothing, and is told so


def _fen(cell: Cell | None) -> int | None:
    try:
        return cells.fen(cell) if cell else None
    except BadCell:
        return None
