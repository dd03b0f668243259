"""What everybody may know of an estate's money (公开账目).

The raising and the use of the maintenance fund are published regularly (民法典 281): of each pooled
account what a year brought and what it paid, to the fen, and nobody's name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

YEARS = 5  # that are shown, this one among them
# What those who tell the owners read each quarter [D]: “定期” says no more.
PUBLISHED = "上季度的公开账目可以看了"
PLEASE_TELL = "请告诉业主：扫轿厢里的码就能看"


def quarter_of(on: date) -> int:
    """The quarter of a day, counted so that the next one is one more."""
    return on.year * 4 + (on.month - 1) // 3


class Flow(StrEnum):
    """What moved an account, in the words of its public account."""

    OPENING = "opening"
    INCOME = "income"
    PREMIUM = "premium"
    RETURNED = "returned"
    REARRANGED = "rearranged"
    OTHER = "other"


FLOW_NAMES = {
    Flow.OPENING: "期初余额及更正",
    Flow.INCOME: "增值收益分配",
    Flow.PREMIUM: "保险费（申请拨付时记账）",
    Flow.RETURNED: "保险费冲回、退回",
    Flow.REARRANGED: "账户拆分、合并",
    Flow.OTHER: "其他",
}
# By the kind of an entry on a pooled account. `reversal` is that of a premium: any other is of the
# kind of what it reverses.
FLOWS: Mapping[str, Flow] = {
    "opening": Flow.OPENING,
    "year_close": Flow.INCOME,
    "premium_due": Flow.PREMIUM,
    "reversal": Flow.RETURNED,
    "refund_returned": Flow.RETURNED,
    "account_split": Flow.REARRANGED,
    "account_merge": Flow.REARRANGED,
}


@dataclass(frozen=True)
class YearOfAccount:
    """One year of an account, in fen: what it began with, what moved it, what it ended with."""

    year: int
    began_fen: int
    moved: Sequence[tuple[Flow, int]]

    @property
    def ended_fen(self) -> int:
        """What it had at the end of the year, or has now."""
        return self.began_fen + sum(fen for _, fen in self.moved)

    def ended_name(self, this_year: int) -> str:
        """What that is called; the year that runs is not over."""
        return "现在余额" if self.year == this_year else "年末余额"


def years_of(
    began_fen: int, moved: Iterable[tuple[int, str, int]], first: int, last: int
) -> Sequence[YearOfAccount]:
    """The years of an account from `first` to `last`, the latest first; one in which it was empty
    and nothing moved is left out.

    `began_fen` is what it had when `first` began; `moved` are year, kind of entry and fen, more
    than nothing when the balance grew, in any order. What is booked ahead, which the balance has,
    counts for the `last`.
    """
    by_year: dict[int, dict[Flow, int]] = {year: {} for year in range(first, last + 1)}
    for year, kind, fen in moved:
        flows, flow = by_year[min(year, last)], FLOWS.get(kind, Flow.OTHER)
        flows[flow] = flows.get(flow, 0) + fen
    years = []
    for year, flows in by_year.items():
        moves = [(flow, flows[flow]) for flow in Flow if flows.get(flow)]
        shown = YearOfAccount(year, began_fen, moves)
        if began_fen or moves:
            years.append(shown)
        began_fen = shown.ended_fen
    return years[::-1]
