"""查找: one box for whatever somebody has in hand, and only what they may see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.normal import normal_code
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import PREFIXES
from backend.store.queries import searches
from backend.store.queries.cases import Viewer, reach_of
from backend.store.queries.searches import FoundCase, FoundLift, FoundName

FEWEST_LETTERS = 2
MOST_LETTERS = 50
# As numbers are read out and typed: without dashes, without the noughts before.
OURS = re.compile(rf"({'|'.join(PREFIXES.values())})-?(20[0-9]{{2}})-?([0-9]{{1,6}})")


@dataclass(frozen=True)
class Hits:
    """What was found, by kind."""

    cases: Sequence[FoundCase] = ()
    lifts: Sequence[FoundLift] = ()
    estates: Sequence[FoundName] = ()
    companies: Sequence[FoundName] = ()

    @property
    def number(self) -> int:
        """How many they are."""
        return sum(map(len, (self.cases, self.lifts, self.estates, self.companies)))


def normal_words(typed: str) -> str:
    """What is looked for: blanks, widths and case do not count, nor how our numbers are cut."""
    words = normal_code(typed)[:MOST_LETTERS]
    ours = OURS.fullmatch(words)
    return f"{ours[1]}-{ours[2]}-{int(ours[3]):06d}" if ours else words


def search(ctx: Context, actor: Actor, typed: str) -> Hits:
    """Cases by a number of theirs, lifts by their code or its last six, estates and property
    companies by name; nothing for less than two letters."""
    words = normal_words(typed)
    if len(words) < FEWEST_LETTERS:
        return Hits()
    with ctx.sessions() as tx:
        reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
        return Hits(
            searches.cases_by_number(tx, reach, words),
            searches.lifts_by_code(tx, reach, words),
            searches.estates_by_name(tx, reach, words),
            searches.companies_by_name(tx, reach, words),
        )
