"""查找: one box for whatever somebody has in hand, and only what they may see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.domain.normal import FlatWords, flat_words, normal_code, normal_phone
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import PREFIXES
from backend.store.queries import searches
from backend.store.queries.cases import Reach, Viewer, reach_of
from backend.store.queries.searches import FoundCase, FoundFlat, FoundLift, FoundName

FEWEST_LETTERS = 2
MOST_LETTERS = 50
# As numbers are read out and typed: without dashes, without the noughts before.
OURS = re.compile(rf"({'|'.join(PREFIXES.values())})-?(20[0-9]{{2}})-?([0-9]{{1,6}})")


@dataclass(frozen=True)
class Hits:
    """What was found, by kind. `too_many`: a flat was asked for without its estate, where there are
    more estates than it is looked for in."""

    cases: Sequence[FoundCase] = ()
    lifts: Sequence[FoundLift] = ()
    estates: Sequence[FoundName] = ()
    companies: Sequence[FoundName] = ()
    flats: Sequence[FoundFlat] = ()
    too_many: bool = False

    @property
    def number(self) -> int:
        """How many they are."""
        found = (self.cases, self.lifts, self.estates, self.companies, self.flats)
        return sum(map(len, found))


def normal_words(typed: str) -> str:
    """What is looked for: blanks, widths and case do not count, nor how our numbers are cut."""
    words = normal_code(typed)[:MOST_LETTERS]
    ours = OURS.fullmatch(words)
    return f"{ours[1]}-{ours[2]}-{int(ours[3]):06d}" if ours else words


def looks_like_phone(typed: str) -> bool:
    """Whether it is a number that can be dialled, which belongs in no address."""
    return normal_phone(typed) is not None


def search(ctx: Context, actor: Actor, typed: str) -> Hits:
    """Cases by a number of theirs, flats by their room, lifts by their code or its last six,
    estates and property companies by name; nothing for less than two letters."""
    words = normal_words(typed)
    if len(words) < FEWEST_LETTERS:
        return Hits()
    flat = flat_words(words)
    with ctx.sessions() as tx:
        reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
        if flat is not None:
            return _flats(tx, reach, words, flat)
        return Hits(
            searches.cases_by_number(tx, reach, words),
            searches.lifts_by_code(tx, reach, words),
            searches.estates_by_name(tx, reach, words),
            searches.companies_by_name(tx, reach, words),
        )


def _flats(tx: Session, reach: Reach, words: str, flat: FlatWords) -> Hits:
    """Flats of this name; the number of a policy may look like one, and the name of an estate."""
    cases = searches.cases_by_number(tx, reach, words)
    estates = searches.estates_by_name(tx, reach, words)
    units = searches.units_by_words(tx, reach, flat)
    flats = searches.flats_by_room(tx, units, flat.room) if units else ()
    too_many = units is None and not estates
    return Hits(cases=cases, estates=estates, flats=flats, too_many=too_many)
