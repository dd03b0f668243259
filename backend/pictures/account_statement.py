"""The statement of an account (对账单) as a PDF."""

from datetime import datetime
from pathlib import Path

from backend.domain.account_statement import WholeStatement
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.wording import plain_day, written
from backend.pictures.document import Sheet, sheet_pdf

TITLE = "账户对账单"


def statement_pdf(
    statement: WholeStatement, made_at: datetime, centre: str, fonts: Path | None
) -> bytes:
    """The statement on A4, as many pages as it needs; `fonts` is the folder of the city's own."""
    of = statement.number or statement.name
    values = {
        "of": f"编号　{statement.number}" if statement.number else statement.name,
        "facts": [
            ("账户", statement.name),
            ("账户种类", statement.kind_name),
            ("期间", statement.period.words),
            *((name, yuan(fen)) for name, fen in statement.sums),
            ("笔数", f"{statement.count}笔"),
        ],
        "lines": [
            (
                plain_day(line.booked_on),
                f"{line.name} {line.case}".strip(),
                yuan(line.amount_fen),
                yuan(line.balance_fen),
            )
            for line in statement.lines
        ],
        "centre": centre,
        "made_on": written(local_date(made_at)),
    }
    return sheet_pdf(Sheet("account_statement", TITLE, of, made_at, values), fonts)
