"""What the leading group decided (领导小组决定) about money that is owed and that nobody nets: what
a bank paid less than the statutory interest, which is the owners' all the same, and what a pooled
account should give back and has spent.
"""

from datetime import date

from backend.domain.errors import refuse
from backend.domain.money import yuan


def check_owed(owed_fen: int) -> None:
    """Raises Refused `nothing_owed` (conflict) where there is nothing to decide about."""
    if owed_fen <= 0:
        message = "现在没有欠款，不需要领导小组决定，请刷新后核对。"
        raise refuse("nothing_owed", message, kind="conflict")


def check_day(decided_on: date, since_on: date, today: date) -> None:
    """A decision comes after what it is about, and not tomorrow. Raises Refused `day_in_future`,
    `decision_before_owed`."""
    if decided_on > today:
        raise refuse("day_in_future", "作出决定的日子还没有到，请核对。", "decided_on")
    if decided_on < since_on:
        message = "决定早于这笔欠款，请核对日期，或核对是不是同一件事。"
        raise refuse("decision_before_owed", message, "decided_on")


def is_open(owed_fen: int, decided_fen: int | None) -> bool:
    """Whether something is owed that no decision which stands was about."""
    return owed_fen > (decided_fen or 0)


def words(owed_fen: int, decided_fen: int | None) -> str:
    """Where that stands, for people."""
    if not is_open(owed_fen, decided_fen):
        return "已有决定"
    if decided_fen:
        return f"其中{yuan(owed_fen - decided_fen)}是决定以后多出来的，等领导小组决定"
    return "等领导小组决定"
