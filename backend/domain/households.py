"""The fund's household sub-ledger (分户账): what a flat has, and what it gets of a year.

The general ledger knows a building, by one control account (控制账户); what its flats had at the
opening and every movement since stand beside it, and add up to it. Statutory interest belongs to
the flats (《住宅专项维修资金管理办法》18); where a city says so the value-added income does too.
Both are shared by balance × days, as `domain.closing` says of accounts; equal remainders go by the
flat's key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from backend.domain.money import yuan


class MovementKind(StrEnum):
    """What moved a flat's balance after its opening."""

    STATUTORY_INTEREST = "statutory_interest"
    VALUE_ADDED = "value_added"
    PRINCIPAL = "principal"


MOVEMENT_NAMES = {
    MovementKind.STATUTORY_INTEREST: "法定利息",
    MovementKind.VALUE_ADDED: "增值收益分配",
    MovementKind.PRINCIPAL: "本金增减",
}


OPENING_NAME = "期初"  # of what a flat had before any movement


@dataclass(frozen=True)
class FlatLine:
    """One booking of a flat: more than nothing when its balance grew, and the balance after it."""

    booked_on: date
    kind: str
    kind_name: str
    amount_fen: int
    balance_fen: int


@dataclass(frozen=True)
class FlatYear:
    """A flat's account in one year, in fen: what it began with, every booking, the end of it."""

    year: int
    began_fen: int
    lines: Sequence[FlatLine]

    @property
    def ended_fen(self) -> int:
        """What it had after the last booking."""
        return self.lines[-1].balance_fen if self.lines else self.began_fen


def year_of(bookings: Iterable[tuple[date, MovementKind | None, int]], year: int) -> FlatYear:
    """A year of a flat by its bookings from the first on, the oldest first: day, kind (None: the
    opening) and fen."""
    balance_fen, began_fen = 0, 0
    lines = []
    for booked_on, kind, fen in bookings:
        balance_fen += fen
        if booked_on.year < year:
            began_fen = balance_fen
        elif booked_on.year == year:
            name = MOVEMENT_NAMES[kind] if kind else OPENING_NAME
            lines.append(FlatLine(booked_on, kind or "opening", name, fen, balance_fen))
    return FlatYear(year, began_fen, lines)


class IncomeMode(StrEnum):
    """Whose a year's value-added income is: the pooled accounts', or the households'."""

    POOLED = "pooled"
    HOUSEHOLD = "household"


@dataclass(frozen=True)
class PartOfYear:
    """What a flat gets of one sum of a year (fen), and what earlier revisions gave it of that;
    `extra` is the spare fen for one of the largest remainders."""

    total_fen: int
    extra: int
    fen: int
    before_fen: int

    @property
    def moved_fen(self) -> int:
        """What this revision books; less than nothing takes back."""
        return self.fen - self.before_fen


@dataclass(frozen=True)
class HouseholdShare:
    """What one flat gets of a year: its weight of the whole (fen × days), the statutory interest,
    and the value-added income, of which in a pooled city no flat has any."""

    household: UUID
    place: str
    weight: int
    whole_weight: int
    statutory: PartOfYear
    value_added: PartOfYear

    def floor_fen(self, part: PartOfYear) -> int:
        """Its part of this sum before the spare fen, less than a fen cut off."""
        return part.total_fen * self.weight // self.whole_weight

    def remainder(self, part: PartOfYear) -> int:
        """What was cut off, in parts of `whole_weight`."""
        return part.total_fen * self.weight % self.whole_weight


def explain(share: HouseholdShare) -> tuple[str, ...]:
    """How a flat's share was reckoned, in sentences for people."""
    sentences = [
        f"{share.place}的权重是分户余额（分）× 在年内的天数，每次变动从入账那天算起："
        f"{share.weight:,}，全部房屋合计{share.whole_weight:,}",
    ]
    for kind, part in (
        (MovementKind.STATUTORY_INTEREST, share.statutory),
        (MovementKind.VALUE_ADDED, share.value_added),
    ):
        if part.total_fen or part.before_fen:
            sentences += _explain(MOVEMENT_NAMES[kind], share, part)
    return tuple(sentences)


def _explain(name: str, share: HouseholdShare, part: PartOfYear) -> list[str]:
    floor_fen = yuan(share.floor_fen(part))
    sentences = [
        f"{name}{yuan(part.total_fen)} × 权重 ÷ 合计，先舍去不足一分的部分：{floor_fen}",
    ]
    if part.extra:
        sentences.append("余数排在前面，分到除不尽的1分（最大余数法，余数相同按房屋登记先后）")
    gets = f"{name}本年应得{yuan(part.fen)}"
    if part.before_fen:
        gets += f"，以前已分{yuan(part.before_fen)}，这次入账{yuan(part.moved_fen)}"
    return [*sentences, gets]
