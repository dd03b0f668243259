"""送达: a letter to somebody whom no message reaches counts once it was given to them.

The plans want objections answered (JS annex 二（一）4) and say nothing of how the answer gets to an
author without an account; so it goes as a court's papers do: 《民事诉讼法》（2023）87 (a paper that
proves it), 88 (by hand), 89 (left behind), 91 (by post), 95 (announced for 30 days) [D].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from backend.domain.errors import refuse
from backend.domain.wording import written


class How(StrEnum):
    """How a letter was given; each way is proved by a paper or a picture."""

    HANDED_OVER = "handed_over"
    BY_POST = "by_post"
    LEFT_BEHIND = "left_behind"
    ANNOUNCED = "announced"


@dataclass(frozen=True)
class Given:
    """How and on which day a letter was given; the scan of what proves it."""

    how: How
    given_on: date
    file_sha256: str


HOW_NAMES: Mapping[str, str] = {
    How.HANDED_OVER: "当面送达",
    How.BY_POST: "邮寄送达",
    How.LEFT_BEHIND: "留置送达",
    How.ANNOUNCED: "公告送达",
}
# What proves that it was given so, as the slip (送达回证) says. Who objected is nobody's business:
# what is announced names nobody (个人信息保护法 25).
PROOFS: Mapping[str, str] = {
    How.HANDED_OVER: "收件人或同住成年家属在下面签收并写明日期",
    How.BY_POST: "附邮件回执，以回执写明的收件日期为准",
    How.LEFT_BEHIND: "拒收的，留在住处，由见证人签名或者拍照",
    How.ANNOUNCED: "找不到人的，遮去姓名和房号，在本楼栋张贴并拍照，满30日视为送达",
}
PROOF_WORDS = tuple(f"{HOW_NAMES[how]}：{words}" for how, words in PROOFS.items())
# How those who applied are given the letter about their case: everybody knows who they are, and
# nobody is told of a case by announcement.
CASE_WAYS = tuple(how for how in How if how is not How.ANNOUNCED)
CASE_PROOF_WORDS = tuple(f"{HOW_NAMES[how]}：{PROOFS[how]}" for how in CASE_WAYS)
ANNOUNCED_FOR = timedelta(days=30)


def delivered_on(how: How, given_on: date, due_since: date, today: date) -> date:
    """The day from which the letter counts as given: what was announced, when its time is over.

    Raises Refused `delivery_day_invalid` for a day before the letter was due or still to come.
    """
    counts_on = given_on + ANNOUNCED_FOR if how is How.ANNOUNCED else given_on
    if not due_since <= given_on <= today:
        message = f"送达日期应在{written(due_since)}作出答复之后、今天之前，请核对。"
        raise refuse("delivery_day_invalid", message, "given_on")
    if counts_on > today:
        message = f"公告满30日才算送达，请在{written(counts_on)}以后录入。"
        raise refuse("delivery_day_invalid", message, "given_on")
    return counts_on


def check_given(given: Given, printed_on: date, today: date) -> None:
    """That a letter about a case was given to somebody, on a day since it was printed.

    Raises Refused: delivery_way_invalid, delivery_day_invalid.
    """
    if given.how not in CASE_WAYS:
        message = "办理情况告知书要送到申请人手里，不能公告送达，请选当面、邮寄或留置送达。"
        raise refuse("delivery_way_invalid", message, "how")
    if not printed_on <= given.given_on <= today:
        message = f"送达日期不能早于{written(printed_on)}打印告知书，也不能晚于今天，请核对。"
        raise refuse("delivery_day_invalid", message, "given_on")
