"""What a guard, a check or an effect says of itself: which facts it looks at, and when time alone
fulfils it."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from backend.domain.facts import Facts, Group

OpeningDay = Callable[[Facts], date | None]
Rule = TypeVar("Rule", bound=Callable[..., Any])

_READS: dict[Callable[..., Any], frozenset[Group]] = {}
_OPENS_ON: dict[Callable[..., Any], OpeningDay] = {}


def reads(*groups: Group) -> Callable[[Rule], Rule]:
    """Declares the groups of facts that a rule looks at; a rule without it looks at none."""

    def declared(rule: Rule) -> Rule:
        _READS[rule] = frozenset(groups)
        return rule

    return declared


def groups_read(rules: Iterable[Callable[..., Any]]) -> frozenset[Group]:
    """The groups of facts that these rules look at, together."""
    return frozenset(group for rule in rules for group in _READS.get(rule, ()))


def opens_on(day: OpeningDay) -> Callable[[Rule], Rule]:
    """Declares that time alone may fulfil a guard, at 0:00 Asia/Shanghai of that day."""

    def declared(rule: Rule) -> Rule:
        _OPENS_ON[rule] = day
        return rule

    return declared


def opening_days(rules: Iterable[Callable[..., Any]]) -> tuple[OpeningDay, ...]:
    """How to know the days on which time may fulfil these guards, those that it may."""
    return tuple(_OPENS_ON[rule] for rule in rules if rule in _OPENS_ON)
