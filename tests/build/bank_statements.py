"""Statements of a bank account, as the bank gives them out and as they are imported."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from openpyxl import Workbook

from backend.domain.bank_matching import ThingKind
from backend.domain.bank_statement import ReadLines, StatedLine
from backend.services.reconciling import balance, bank_statements, matching
from backend.services.reconciling.balance import Balance
from backend.services.reconciling.bank_statements import Heading
from backend.services.reconciling.matching import LineView
from backend.services.workbooks import statement_file
from backend.services.workbooks.templates import file_of
from backend.store.queries.bank_statements import StatementView
from tests.build.village import POOL_FEN, Village

HEADS = (
    *("交易日期", "交易流水号", "支出金额", "收入金额", "余额"),
    *("对方户名", "对方账号", "用途"),
)
# The village's books begin on 3 March, its premium is paid on the 11th.
FIRST, LAST = date(2025, 3, 4), date(2025, 3, 31)
PAID_ON = date(2025, 3, 11)
Line = tuple[date, int, str, str]


def stated(lines: Sequence[Line]) -> list[StatedLine]:
    """Lines from day, fen (received positive), the bank's reference and the purpose."""
    return [
        StatedLine(row, day, fen, reference, "示例保险", "6222000000000001", purpose)
        for row, (day, fen, reference, purpose) in enumerate(lines, 1)
    ]


def workbook(rows: Sequence[list[object]], heads: Sequence[str] = HEADS) -> bytes:
    """The .xlsx of a bank, with the account above the headings and a total below the lines."""
    book = Workbook()
    page = book.worksheets[0]
    page.append(["账号", "0001"])
    page.append(list(heads))
    for row in rows:
        page.append(list(row))
    page.append(["合计"])
    return file_of(book)


def row_of(line: Line) -> list[object]:
    """A line as it stands in the bank's file."""
    day, fen, reference, purpose = line
    paid, received = (f"{-fen / 100:.2f}", "") if fen < 0 else ("", f"{fen / 100:,.2f}")
    return [str(day), reference, paid, received, "1.00", "示例保险", "6222000000000001", purpose]


class BankDesk:
    """An officer of the books with the statements of one bank account."""

    def __init__(self, village: Village, bank: UUID | None = None, name: str = "cashier") -> None:
        self.village, self.bank, self.name = village, bank or village.bank, name
        self.ctx, self.actor = village.ctx, village.actor(name)

    def heading(
        self,
        lines: Sequence[Line] = (),
        days: tuple[date, date] = (FIRST, LAST),
        opening_fen: int = POOL_FEN,
        missed_fen: int = 0,
    ) -> Heading:
        """What stands above these lines, `missed_fen` wrong."""
        closing_fen = opening_fen + sum(fen for _, fen, *_ in lines) + missed_fen
        return Heading(self.bank, *days, opening_fen, closing_fen, "流水.xlsx")

    def takes(
        self,
        lines: Sequence[Line],
        days: tuple[date, date] = (FIRST, LAST),
        opening_fen: int = POOL_FEN,
    ) -> StatementView:
        """A good statement of these lines, imported."""
        heading = self.heading(lines, days, opening_fen)
        return bank_statements.take(self.ctx, self.actor, heading, ReadLines(stated(lines)))

    def reads(self, content: bytes) -> ReadLines:
        """What a file says."""
        return statement_file.read(self.ctx, self.actor, content)

    def lines(self, statement: UUID) -> Sequence[LineView]:
        """All lines of it."""
        return matching.read(self.ctx, self.actor, statement).lines

    def matches(self, view: LineView) -> LineView:
        """The line with what is proposed for it."""
        assert view.fit is not None
        (thing,) = view.fit.things
        return self.says(view, thing.kind, thing.id)

    def says(self, view: LineView, kind: ThingKind, thing: UUID) -> LineView:
        """The line with this thing."""
        return matching.match(self.ctx, self.actor, view.line.id, kind, thing)

    def balance(self, on: date | None = None) -> Balance:
        """Both balances side by side."""
        return balance.balance(self.ctx, self.actor, self.bank, on)
