"""A second account of the fund, at another bank."""

from backend.domain.ledger import AccountKind, opening
from backend.services.books import banks, ledger
from backend.services.books.ledger import NewEntry
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
