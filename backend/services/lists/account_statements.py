"""A statement of an account to take away as a workbook."""

from backend.domain.account_statement import WholeStatement
from backend.domain.money import decimal_yuan
from backend.services.base.context import Context
from backend.services.lists.desk_list import about_list
from backend.services.workbooks.lists import ListSheet, Value, list_workbook

NAME = "账户对账单"
HEADINGS = ("日期", "摘要", "案件", "增减（元）", "余额（元）")


def as_workbook(ctx: Context, statement: WholeStatement) -> bytes:
    """The movements between a line of what there was before and one of what there was after."""
    period = statement.period
    rows: list[tuple[Value, ...]] = [
        (period.from_on, "期初余额", "", None, decimal_yuan(statement.opening_fen)),
        *(
            (
                line.booked_on,
                line.name,
                line.case,
                decimal_yuan(line.amount_fen),
                decimal_yuan(line.balance_fen),
            )
            for line in statement.lines
        ),
        (period.until_on, "期末余额", "", None, decimal_yuan(statement.closing_fen)),
    ]
    of = [each for each in (statement.name, statement.number) if each]
    about = about_list(ctx, NAME, [*of, period.words], statement.count)
    return list_workbook(ListSheet(NAME, HEADINGS, rows, about))
