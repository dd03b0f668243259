"""Conditions of a vote of the owners (Civil Code 278; 法释〔2009〕7号, 8–9)."""

from datetime import date

from backend.domain.conditions.common import unless
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.local_time import local_date
from backend.domain.rules import opens_on, reads
from backend.domain.voting import without_owner


def roll_complete(facts: Facts) -> list[Refusal]:
    """Every flat of the circle is on the roll with its owners; what the developer has not sold
    counts as one person's (法释〔2009〕7号, 9, on Civil Code 278)."""
    roll = facts.roll
    if roll is None or not roll.flats:
        message = "相关范围里还没有登记房屋，无法形成表决名册，请先导入业主名册。"
        return [Refusal("roll_empty", message)]
    return without_owner(roll.without_owner, roll.unsold_confirmed)


@reads("vote")
def no_ballot_cast(facts: Facts) -> list[Refusal]:
    """Whoever opened a vote takes it back as long as nobody has voted [D]."""
    return unless(
        facts.vote.ballots == 0 and facts.vote.papers_waiting == 0,
        "ballots_cast",
        "已经有业主投票（含待核对的纸质票），不能再撤回，请等表决期满，或由中心复核写明原因作废。",
    )


def _the_day_after(facts: Facts) -> date | None:
    closes_at = facts.vote.closes_at
    return local_date(closes_at) if closes_at else None


@reads("vote")
@opens_on(_the_day_after)
def vote_over(facts: Facts) -> list[Refusal]:
    """Owners vote, and vote otherwise, to 24:00 of the last day (Civil Code 200–204) [D]."""
    closes_at = facts.vote.closes_at
    over = closes_at is not None and closes_at <= facts.now
    return unless(over, "vote_still_open", "表决期尚未届满，请在期满后办理。")


@reads("vote")
def vote_carried(facts: Facts) -> list[Refusal]:
    """Enough took part and enough of those agreed, each by area and by heads (Civil Code 278)."""
    result = facts.vote.result
    if result is None:
        return _not_counted()
    return unless(result.carried, "vote_not_carried", "".join(result.sentences))


@reads("vote")
def vote_not_carried(facts: Facts) -> list[Refusal]:
    """The ballots are counted and come to no majority (Civil Code 278); a tie is none."""
    result = facts.vote.result
    if result is None:
        return _not_counted()
    return unless(not result.carried, "vote_carried", "".join(result.sentences))


def _not_counted() -> list[Refusal]:
    message = "还没有计票：请录完按时收到的纸质票，经第二人核对后确认计票。"
    return [Refusal("vote_not_counted", message)]
