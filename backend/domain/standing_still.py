"""Limits that stand still: whom an open objection keeps from acting is not late meanwhile.

A notice is suspended by a verified objection (JS annex 二（一）4). One that waits to be verified
holds the steps after the clearing too, where the city says so; then their limits wait with them.
The public notice period itself runs on: the time to object passes for everybody alike. A limit
that was over before the objection came stays over.
"""

from collections.abc import Sequence
from datetime import date

from backend.domain.conditions.notice import no_open_objection
from backend.domain.steps import Step
from backend.domain.table import Table, serves
from backend.domain.wording import written

THE_NOTICE_ITSELF = "public_notice_period"


def limits_held(table: Table, state: str) -> frozenset[str]:
    """The limits that nobody can keep from this state while an objection is open."""
    held: set[str] = set()
    free: set[str] = set()
    for step in table.steps_from(state):
        kinds = {kind for kind in table.limits if serves(step, kind)}
        (held if _waits(step) else free).update(kinds)
    return frozenset(held - free - {THE_NOTICE_ITSELF})


def _waits(step: Step) -> bool:
    return no_open_objection in step.guards


def pause_words(since: date, objections: Sequence[str]) -> str:
    """Since when and why a limit stands still; what is left of it is told beside it."""
    return f"异议{'、'.join(objections)}还没有处理完，自{written(since)}起暂停计算"


def blocked_words(since: date, objections: Sequence[str]) -> str:
    """Since when and why nobody can act within a limit that was over before."""
    return f"异议{'、'.join(objections)}还没有处理完，自{written(since)}起不能办理"


def left_after_pause(left: int, unit: str) -> str:
    """What is left of a limit that stands still, as people say it."""
    return f"尚余{left}{unit}，处理完毕后接着计算"
