"""Approval (委员会审议) in chat, in the mini-program or by minutes (会议纪要). Neither plan asks
for it; it is the product's default [D]."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from backend.domain import texts
from backend.domain.errors import refuse
from backend.domain.local_time import local_date


class Answer(StrEnum):
    """What a member says to a plan."""

    APPROVE = "approve"
    REFUSE = "refuse"


ANSWER_NAMES = {Answer.APPROVE: "同意", Answer.REFUSE: "不同意"}


# A member who reads the minutes on the phone has at least one whole day to say otherwise [D].
LEAST_DAYS_TO_CONTRADICT = 2
IN_THE_MINUTES = "见会议纪要"


def counts_from(answer_due: datetime | None, today: date) -> date:
    """The day from which an answer in the minutes counts, of a member who can say otherwise here:
    once the time for answers is over, and never at once."""
    after = local_date(answer_due) if answer_due else today
    return max(after, today + timedelta(days=LEAST_DAYS_TO_CONTRADICT))


@dataclass(frozen=True)
class Tally:
    """How the answers stand. `in_office` counts everybody in office, who stands aside included.

    `changes_on` is the next day on which one of them is in office no more, or an answer in the
    minutes begins to count, if one is known.
    """

    approvals: int
    refusals: int
    in_office: int
    changes_on: date | None = None

    @property
    def decided(self) -> Answer | None:
        """`approve` or `refuse` once more than half of those in office say so, else None."""
        if self.approvals * 2 > self.in_office:
            return Answer.APPROVE
        if self.refusals * 2 > self.in_office:
            return Answer.REFUSE
        return None


def count(
    latest_answers: Iterable[Answer], in_office: int, changes_on: date | None = None
) -> Tally:
    """Tally the latest answer of each member (`approve` or `refuse`)."""
    answers = list(latest_answers)
    return Tally(answers.count(Answer.APPROVE), answers.count(Answer.REFUSE), in_office, changes_on)


def check_answer(answer: str, reason: str | None) -> str | None:
    """The tidied reason; raises Refused when a refusal gives none or it is too long."""
    reason = texts.optional(reason, texts.REASON_LIMIT, "reason", "理由")
    if answer not in ANSWER_NAMES:
        raise refuse("answer_unknown", "请选择“同意”或“不同意”。", "answer")
    if answer == Answer.REFUSE and reason is None:
        raise refuse("text_required", "不同意时请写明理由，例如“不同意 保费偏高”。", "reason")
    return reason
