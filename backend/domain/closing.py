"""The yearly close (年度分配): a year's value-added income goes to the accounts by balance × days.

The period is 1 January to 31 December (JS 四（二）); an account's weight is what its flats had in
the fund, in fen, times the days of the year that they had it. The fen that the division leaves over
go to the largest remainders, ties by account number: what `money.split` says, the database says of
a whole city in one statement.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from backend.domain.errors import refuse
from backend.domain.money import yuan

FIRST_YEAR = 2015  # no deposit of before the benchmark of October 2015 is measured here


class CloseState(StrEnum):
    """A yearly close (年度分配): a preview binds nobody, and is posted once."""

    PREVIEW = "preview"
    POSTED = "posted"


CLOSE_STATE_NAMES = {CloseState.PREVIEW: "预览，没有入账", CloseState.POSTED: "已入账"}


@dataclass(frozen=True)
class Share:
    """What one account gets of a year's income, in fen, and how that was reckoned.

    `weight` of `whole_weight` (fen × days) of `total_fen`; `extra` is the spare fen for one of the
    largest remainders; `before_fen` is what earlier revisions gave; `receivable_fen` is what the
    account should give back and has spent, `settled_fen` what is kept for what it owed before.
    """

    account: UUID
    number: str
    name: str
    weight: int
    whole_weight: int
    total_fen: int
    extra: int
    fen: int
    before_fen: int = 0
    receivable_fen: int = 0
    settled_fen: int = 0

    @property
    def floor_fen(self) -> int:
        """Its part before the spare fen, less than a fen cut off."""
        return self.total_fen * self.weight // self.whole_weight

    @property
    def remainder(self) -> int:
        """What was cut off, in parts of `whole_weight`."""
        return self.total_fen * self.weight % self.whole_weight

    @property
    def moved_fen(self) -> int:
        """What this revision books onto the account; less than nothing takes back."""
        return self.fen - self.before_fen + self.receivable_fen - self.settled_fen


def last_day(year: int) -> date:
    """The year's end (31 December)."""
    return date(year, 12, 31)


def check_over(year: int, today: date) -> None:
    """Raises Refused: `year_out_of_range`; `year_not_over` (conflict) while interest of the year
    and its days are still to come."""
    if not FIRST_YEAR <= year <= today.year:
        message = f"只能分配{FIRST_YEAR}年到去年的增值收益，请核对年份。"
        raise refuse("year_out_of_range", message, "year")
    if today <= last_day(year):
        message = f"{year}年还没有结束，请在{year + 1}年1月1日以后分配。"
        raise refuse("year_not_over", message, "year", kind="conflict")


def explain(share: Share) -> tuple[str, ...]:
    """How a share was reckoned, in sentences for people, each with what it rests on."""
    sentences = [
        f"{share.name}（{share.number}）的权重是各户分户余额（分）× 在年内的天数之和："
        f"{share.weight:,}，全部账户合计{share.whole_weight:,}［方案四（二）］",
        f"{yuan(share.total_fen)} × 权重 ÷ 合计，先舍去不足一分的部分：{yuan(share.floor_fen)}",
    ]
    if share.extra:
        sentences.append("余数排在前面，分到除不尽的1分（最大余数法，余数相同按账户编号）")
    sentences.append(f"本年应得{yuan(share.fen)}")
    if share.before_fen:
        sentences.append(f"以前已分{yuan(share.before_fen)}，这次入账{yuan(share.moved_fen)}")
    if share.receivable_fen:
        sentences.append(
            f"应退回的钱已经用掉，余额不够退的{yuan(share.receivable_fen)}记为应收，报领导小组处理"
        )
    if share.settled_fen:
        sentences.append(f"其中{yuan(share.settled_fen)}抵还以前记为应收的部分")
    return tuple(sentences)
