"""A second account of the fund, at another bank, and what a bank says of a batch."""

from collections.abc import Sequence

from openpyxl import Workbook

from backend.domain.ledger import AccountKind, opening
from backend.services.books import banks, ledger
from backend.services.books.ledger import NewEntry
from backend.services.workbooks.templates import file_of
from tests.build.village import Village


def second_bank(village: Village, number: str, pool_fen: int) -> str:
    """Another bank account, where so much more of the village's pool lies, as the balances workbook
    of that bank brings it; its id."""
    with village.ctx.sessions() as tx:
        bank = ledger.open_account(tx, AccountKind.BANK, number, "第二银行")
        banks.lie_at(tx, [village.pool], [bank])
        lines = opening(bank, pool_fen, {village.pool: pool_fen})
        day = village.clock().date()
        ledger.post(tx, NewEntry(f"opening:{number}", "opening", day, lines), village.clock())
        tx.commit()
    return str(bank)


def statement(rows: Sequence[tuple[str, int, str, str]], why: str = "户名不符") -> bytes:
    """What the bank's site gives out: of each payment its number there, fen, ours, and how it
    ended."""
    book = Workbook()
    page = book.worksheets[0]
    page.append(["交易流水号", "金额", "收款户名", "用途", "处理结果", "失败原因"])
    for reference, fen, number, outcome in rows:
        page.append([reference, f"{fen / 100:.2f}", "示例保险", number, outcome, why])
    return file_of(book)
