"""Conditions of a case that nobody sees to any more [D]."""

from datetime import date

from backend.domain.conditions.common import unless
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.local_time import local_date
from backend.domain.rules import opens_on, reads


def _the_day_after(facts: Facts) -> date | None:
    until = facts.waiting.until
    return local_date(until) if until else None


@reads("waiting")
@opens_on(_the_day_after)
def waited_too_long(facts: Facts) -> list[Refusal]:
    """The time for which a case may wait where it is has passed [D]."""
    until = facts.waiting.until
    return unless(
        until is not None and until <= facts.now,
        "still_time",
        "办理期限还没有过，请继续办理。",
    )


@reads("waiting")
def centre_owes_no_answer(facts: Facts) -> list[Refusal]:
    """A case never lapses while an objection waits for the centre's answer, or its author for the
    letter with it (JS annex 二（一）4)."""
    return unless(
        facts.waiting.unanswered == 0,
        "answer_owed",
        f"还有{facts.waiting.unanswered}件异议等待中心答复或送达，请先办理。",
    )
