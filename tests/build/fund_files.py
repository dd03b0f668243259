"""Files of the fund's own system, as it writes them."""

from collections.abc import Sequence
from io import BytesIO

from sqlalchemy import select

from backend.domain import fund_books as rules
from backend.domain.money import decimal_yuan, parse_fen
from backend.services.fund_books.bringing import Brought, bring
from backend.store.registry import Building, Estate, Household, Unit
from tests.build.fund import Fund

Cells = Sequence[str]


def place(fund: Fund, number: str) -> Cells:
    """Where the flat of this account is: estate, building, unit and room as they are written."""
    with fund.village.ctx.sessions() as tx:
        names = (
            select(Estate.code, Building.name, Unit.name, Household.room)
            .join(Building, Building.estate_id == Estate.id)
            .join(Unit, Unit.building_id == Building.id)
            .join(Household, Household.unit_id == Unit.id)
            .where(Household.id == fund.flat(number))
        )
        return list(tx.execute(names).one())


def written(
    kind: str, lines: Sequence[Cells], number: str = "B-1", encoding: str = "utf-8-sig", **head: str
) -> bytes:
    """A file of these lines, under the head that they add up to, changed where `head` says so."""
    balances = kind == "分户余额"
    columns = rules.COLUMNS[rules.BatchKind.BALANCES if balances else rules.BatchKind.MOVEMENTS]
    longest = max((len(line) for line in lines), default=0)
    names = [*columns, rules.BALANCE][: max(longest, len(columns))]
    sums = {True: 0, False: 0}
    for line in lines:
        cells = dict(zip(names, line, strict=False))
        fen = parse_fen(cells[rules.BALANCE if balances else rules.AMOUNT])
        sums[balances or cells[rules.WAY] == "交存"] += fen
    values = {
        rules.KIND: kind,
        rules.NUMBER: number,
        rules.BANK: "OLD-BANK",
        rules.AS_OF: "2025-03-02",
        rules.COUNT: str(len(lines)),
        rules.IN_SUM: str(decimal_yuan(sums[True])),
        rules.OUT_SUM: str(decimal_yuan(sums[False])),
    } | head
    rows = [list(values), list(values.values()), names, *lines]
    return "\r\n".join(",".join(row) for row in rows).encode(encoding)


def brought(fund: Fund, content: bytes, *, dry_run: bool = False) -> Brought:
    """The file, brought in."""
    return bring(fund.village.ctx, BytesIO(content), "分户.csv", dry_run=dry_run)
