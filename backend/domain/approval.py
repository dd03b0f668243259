"""Approval in chat (委员会审议). Neither plan asks for it; it is the product's default [D]."""

from collections.abc import Iterable
from dataclasses import dataclass

from backend.domain import texts
from backend.domain.errors import refuse


@dataclass(frozen=True)
class Tally:
    """How the answers stand. `in_office` counts everybody in office, who stands aside included."""

    approvals: int
    refusals: int
    in_office: int

    @property
    def decided(self) -> str | None:
        """`approve` or `refuse` once more than half of those in office say so, else None."""
        if self.approvals * 2 > self.in_office:
            return "approve"
        if self.refusals * 2 > self.in_office:
            return "refuse"
        return None


def count(latest_answers: Iterable[str], in_office: int) -> Tally:
    """Tally the latest answer of each member (`approve` or `refuse`)."""
    answers = list(latest_answers)
    return Tally(answers.count("approve"), answers.count("refuse"), in_office)


def check_answer(answer: str, reason: str | None) -> str | None:
    """The tidied reason; raises Refused when a refusal gives none or it is too long."""
    reason = texts.optional(reason, texts.REASON_LIMIT, "reason", "理由")
    if answer not in ("approve", "refuse"):
        raise refuse("answer_unknown", "请选择“同意”或“不同意”。", "answer")
    if answer == "refuse" and reason is None:
        raise refuse("text_required", "不同意时请写明理由，例如“不同意 保费偏高”。", "reason")
    return reason
