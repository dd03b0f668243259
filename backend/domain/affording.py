"""Before applying (投保测算): whether an account can insure its lifts, which of them and when.

A forecast, said with everything that it assumes. Lifts without cover come first, then those whose
cover ends first; each is reached once the account holds the first year's premium of it and of all
before it (JS annex 一2: the account covers one year's premium). Whether later years are covered too
is the other figure: how many lifts the yearly income carries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.domain.income import affordability, interest_fen, value_added, whole_term
from backend.domain.money import split, yuan

YEARS_SHOWN = 10
YEARS_FORESEEN = 30  # [D] beyond them no year is said: nothing stays the same so long


@dataclass(frozen=True)
class LiftNeed:
    """A lift, what a year's premium of it is thought to be (fen; `of_plan`: as the last plan said),
    and the last day of the cover that it has."""

    lift: UUID
    words: str
    premium_fen: int
    of_plan: bool
    covered_until: date | None


@dataclass(frozen=True)
class LiftOutlook:
    """A lift in its turn: what it and all before it need, what lacks of that now, and the year in
    which that is there (None: nothing comes in)."""

    need: LiftNeed
    needed_fen: int
    shortfall_fen: int
    closes_in: int | None


@dataclass(frozen=True)
class Outlook:
    """What an account can insure: it has `available_fen`, and gets `yearly_fen` once a year, next
    in `next_booking`."""

    available_fen: int
    yearly_fen: int
    next_booking: int
    lifts: Sequence[LiftOutlook]

    @property
    def premium_fen(self) -> int:
        """A year's premium of all its lifts."""
        return self.lifts[-1].needed_fen if self.lifts else 0

    @property
    def shortfall_fen(self) -> int:
        """What lacks now to insure all of them."""
        return self.lifts[-1].shortfall_fen if self.lifts else 0

    @property
    def closes_in(self) -> int | None:
        """The year in which nothing lacks; the one before the next booking means now."""
        return self.lifts[-1].closes_in if self.lifts else self.next_booking - 1

    @property
    def now(self) -> int:
        """How many lifts it can insure now."""
        return sum(not lift.shortfall_fen for lift in self.lifts)

    @property
    def carried(self) -> int:
        """For how many lifts the income of one year pays each year's premium."""
        return sum(lift.needed_fen <= self.yearly_fen for lift in self.lifts)

    def reached(self, year: int) -> int:
        """How many lifts it can insure by this year."""
        return sum(lift.closes_in is not None and lift.closes_in <= year for lift in self.lifts)


@dataclass(frozen=True)
class OnePool:
    """A pool for any of so many lifts, each at the same premium: what it has, and what it gets once
    a year, in fen."""

    available_fen: int
    yearly_fen: int
    premium_fen: int
    lifts: int

    @property
    def carried(self) -> int:
        """For how many lifts the income of one year pays each year's premium."""
        return min(self.lifts, self.yearly_fen // self.premium_fen)

    def insured(self, year: int, booking: int) -> int:
        """How many whole lifts it can insure by this year; it gets money in `booking` and after."""
        had_fen = self.available_fen + max(0, year - booking + 1) * self.yearly_fen
        return min(self.lifts, had_fen // self.premium_fen)


@dataclass(frozen=True)
class AreaCost:
    """What the same premium from the maintenance fund (路线 R2) is for flats of one area: the least
    and the most, which differ by a spare fen."""

    area_dm2: int
    flats: int
    least_fen: int
    most_fen: int


def next_booking(last_closed: int | None, earning_since: date | None, today: date) -> int:
    """The year in which income is shared next: after the year that follows the last closed one
    (JS 四（二）), before the first close after the year in which the first deposit began to earn;
    where there is none, after this year at the soonest."""
    if last_closed is not None:
        return max(today.year, last_closed + 2)
    return max(today.year, (earning_since or today).year + 1)


def income_of_a_year(deposits: Iterable[tuple[int, Decimal, Decimal]]) -> int:
    """The value-added income (fen) that deposits bring in twelve months: of each principal (fen),
    rate and benchmark. One that earns less than the benchmark takes nothing from the others."""
    year = whole_term(12)
    return sum(
        value_added(interest_fen(fen, rate, year), interest_fen(fen, benchmark, year)).pooled_fen
        for fen, rate, benchmark in deposits
    )


def outlook(
    available_fen: int, yearly_fen: int, booking: int, needs: Iterable[LiftNeed]
) -> Outlook:
    """An account with these lifts, each in its turn."""
    needed_fen, lifts = 0, []
    for need in sorted(needs, key=_turn):
        needed_fen += need.premium_fen
        found = affordability(available_fen, needed_fen, yearly_fen, booking)
        lifts.append(LiftOutlook(need, needed_fen, found.shortfall_fen, found.closes_in))
    return Outlook(available_fen, yearly_fen, booking, lifts)


def by_year(outlooks: Sequence[Outlook], this_year: int) -> Sequence[tuple[int, int]]:
    """Of several accounts: how many lifts they can insure by each year from this one on."""
    years = range(this_year, this_year + YEARS_SHOWN)
    return [(year, sum(each.reached(year) for each in outlooks)) for year in years]


def per_flat(premium_fen: int, areas: Mapping[str, int]) -> Sequence[AreaCost]:
    """A premium shared among flats (name → 0.01 m²) by area, as R2 does, for each area that there
    is, the smallest first."""
    if not premium_fen or not areas:
        return []
    of_area: dict[int, list[int]] = {}
    for part in split(premium_fen, list(areas.items())):
        of_area.setdefault(areas[part.name], []).append(part.fen)
    return [
        AreaCost(area, len(fens), min(fens), max(fens)) for area, fens in sorted(of_area.items())
    ]


def is_beyond(closes_in: int, booking: int) -> bool:
    """Whether that is so far away that no year is said."""
    return closes_in >= booking + YEARS_FORESEEN


def year_words(closes_in: int | None, booking: int) -> str:
    """When that is, for people."""
    if closes_in is None:
        return "估不出"
    if is_beyond(closes_in, booking):
        return f"{YEARS_FORESEEN}年内不够"
    return "现在" if closes_in < booking else f"{closes_in}年入账后"


def words_of(found: Outlook) -> str:
    """What an account can insure, in sentences."""
    number = len(found.lifts)
    if not number:
        return "这个账户的范围里没有电梯。"
    sentences = [f"可用{yuan(found.available_fen)}，{number}台一年保费约{yuan(found.premium_fen)}"]
    if not found.shortfall_fen:
        sentences.append("现在够付第一年")
    else:
        if found.now:
            sentences.append(f"现在够付其中{found.now}台")
        together = "一起投保" if number > 1 else ""
        sentences.append(f"{together}还差{yuan(found.shortfall_fen)}")
        if found.closes_in is None:
            sentences.append("没有可以预计的增值收益，估不出哪一年够付")
        elif is_beyond(found.closes_in, found.next_booking):
            sentences.append(f"预计{YEARS_FORESEEN}年内不够付")
        else:
            sentences.append(f"预计{found.closes_in}年入账后够付")
    if found.yearly_fen > 0:
        each_year = f"每年的增值收益约{yuan(found.yearly_fen)}"
        sentences.append(
            f"{each_year}，以后够每年续保{found.carried}台"
            if found.carried
            else f"{each_year}，不够每年续保一台"
        )
    return f"{'；'.join(sentences)}。"


def _turn(need: LiftNeed) -> tuple[date, str, str]:
    return need.covered_until or date.min, need.words, str(need.lift)
