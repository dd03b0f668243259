"""Income of before these books (以前年度收益, JS 五（二）1): interest that was never shared goes to
the flats, value-added income that was never divided to the pooled accounts.

At the opening both lie together in what is owed to the owners; two officers say which year's it is,
and how much of it is which. The close of that year shares it with what the year itself earned.
"""

from datetime import date

from backend.domain.closing import check_over, last_day
from backend.domain.errors import refuse
from backend.domain.money import yuan
from backend.domain.wording import calendar_year, plain_day

FOLLOWS = (
    "法定利息仍在应付法定利息里，从此算这一年的；增值收益转到这一年的待分配增值收益。"
    "这一年分配的时候一起分：法定利息分给各户，增值收益分给统筹账户（收益归户的城市分给各户）。"
)
FOLLOWS_BACK = "这笔登记不再算数，增值收益转回应付法定利息，可以重新登记。"


def check(year: int, today: date, statutory_fen: int, value_added_fen: int) -> None:
    """Raises Refused: `year_out_of_range`, `year_not_over` (conflict), `amount_negative`,
    `amount_not_positive` where there is nothing."""
    check_over(year, today)
    if min(statutory_fen, value_added_fen) < 0:
        raise refuse("amount_negative", "金额不能是负数，请核对。", "statutory_fen")
    if not statutory_fen + value_added_fen:
        message = "法定利息和增值收益都是零，没有要记的，至少填一项。"
        raise refuse("amount_not_positive", message, "statutory_fen")


def check_left(fen: int, left_fen: int) -> None:
    """Raises Refused `past_income_exceeds` (conflict) for more than no year has yet."""
    if fen > left_fen:
        message = (
            f"应付法定利息里还没有记到年份的只有{yuan(left_fen)}，这次要记{yuan(fen)}。"
            "请核对金额；期初写少了的，请先更正期初。"
        )
        raise refuse("past_income_exceeds", message, "statutory_fen", kind="conflict")


def check_weighed(year: int, begun_on: date, today: date) -> None:
    """Raises Refused `past_year_before_opening` for a year in which no flat had a balance here:
    nobody would get anything of it."""
    first = begun_on.year
    if year < first:
        # That one can be named once it is over, as every year.
        when = "" if today > last_day(first) else f"等{calendar_year(first)}结束以后，"
        message = (
            f"账从{plain_day(begun_on)}的期初开始，{calendar_year(year)}没有分户余额，"
            f"无法按余额和天数分。请{when}记到{calendar_year(first)}，原来是哪一年的写在说明里。"
        )
        raise refuse("past_year_before_opening", message, "year")


def explain(statutory_fen: int, value_added_fen: int) -> str:
    """What of a year's close is income of before these books, in one sentence; nothing is ''."""
    parts = (
        ("以前没有派发的利息", statutory_fen, "归各户"),
        ("以前没有分配的增值收益", value_added_fen, "与本年的一起分"),
    )
    words = "，".join(f"{name}{yuan(fen)}（{whose}）" for name, fen, whose in parts if fen)
    return f"其中{words}［方案五（二）1］" if words else ""
