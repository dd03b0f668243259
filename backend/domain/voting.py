"""业主表决: the roll, the ballots, and what they come to (Civil Code 278; 法释〔2009〕7号, 8–9, as
amended by 法释〔2020〕17号).

Owners decide by two measures at once: the area of their flats (专有部分面积), in whole 0.01 m², and
their number (人数). One flat counts as one person, joint owners together; several flats of the same
owner count as one person, and so do all flats that the developer has not sold. Thresholds are exact
fractions, so that nothing is rounded before it is compared.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from backend.domain.city.schema import VotingRules
from backend.domain.errors import Refusal

LAW = "《民法典》第二百七十八条"
# How many flats a sentence names before it says how many more there are.
NAMED = 5


class Choice(StrEnum):
    """What a ballot says."""

    AGREE = "agree"
    REFUSE = "refuse"
    ABSTAIN = "abstain"


CHOICE_NAMES: Mapping[Choice, str] = {
    Choice.AGREE: "同意",
    Choice.REFUSE: "不同意",
    Choice.ABSTAIN: "弃权",
}


class VoteOutcome(StrEnum):
    """How a vote ended: by what the ballots came to, or without counting them."""

    PASSED = "passed"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    VOID = "void"


VOTE_OUTCOME_NAMES: Mapping[VoteOutcome, str] = {
    VoteOutcome.PASSED: "表决通过",
    VoteOutcome.LOST: "表决未通过",
    VoteOutcome.WITHDRAWN: "表决已撤回",
    VoteOutcome.VOID: "表决已作废",
}


@dataclass(frozen=True)
class Threshold:
    """A part of a whole that must be reached (以上, Civil Code 1259: the number itself is enough),
    or passed (过半数, 超过: it is not, so that a tie is no majority)."""

    share: Fraction
    passed: bool

    @classmethod
    def of(cls, text: str) -> "Threshold":
        """As a city's file writes it: ≥2/3 or >1/2."""
        sign, share = text[0], Fraction(text[1:])
        return cls(share, passed=sign == ">")

    def needed(self, whole: int) -> int:
        """The least whole number that is enough of `whole`."""
        exact = self.share * whole
        return exact.__floor__() + 1 if self.passed else exact.__ceil__()

    @property
    def text(self) -> str:
        """As a city's file writes it."""
        sign = ">" if self.passed else "≥"
        return f"{sign}{self.share.numerator}/{self.share.denominator}"

    @property
    def words(self) -> str:
        """As people read it: 达到三分之二, 超过二分之一."""
        part = f"{_numeral(self.share.denominator)}分之{_numeral(self.share.numerator)}"
        return f"超过{part}" if self.passed else f"达到{part}"


# No city asks for less than the law: two thirds take part, more than half of those agree.
LEAST_PARTICIPATION = Threshold(Fraction(2, 3), passed=False)
LEAST_AGREEMENT = Threshold(Fraction(1, 2), passed=True)


def below(asked: Threshold, least: Threshold) -> bool:
    """Whether less is asked for than the least."""
    if asked.share == least.share:
        return least.passed and not asked.passed
    return asked.share < least.share


@dataclass(frozen=True)
class Flat:
    """A flat of the circle as the roster has it now: area in 0.01 m², and its owners by what tells
    people apart; nobody owns what the developer has not sold."""

    flat_id: UUID
    area_dm2: int
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Property:
    """A flat on the frozen roll: `head` numbers whom it belongs to."""

    flat_id: UUID
    area_dm2: int
    head: int


@dataclass(frozen=True)
class Roll:
    """表决名册: every flat that takes part in a decision, as it was when the vote was opened."""

    properties: tuple[Property, ...]

    @property
    def area_dm2(self) -> int:
        """All area, in 0.01 m²."""
        return sum(each.area_dm2 for each in self.properties)

    @property
    def heads(self) -> int:
        """How many people own it all."""
        return len({each.head for each in self.properties})

    @property
    def digest(self) -> str:
        """The hash of its content: a roll with another flat, area or owner has another one."""
        rows = sorted((str(each.flat_id), each.area_dm2, each.head) for each in self.properties)
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def roll_of(flats: Iterable[Flat]) -> Roll:
    """The roll of these flats (法释〔2009〕7号, 9): those of the same owners are of one head, those
    that nobody bought yet of another."""
    heads: dict[frozenset[str], int] = {}
    return Roll(
        tuple(
            Property(flat.flat_id, flat.area_dm2, heads.setdefault(flat.owners, len(heads) + 1))
            for flat in flats
        )
    )


@dataclass(frozen=True)
class Ballot:
    """What one owner said last for one flat (None: the developer, who has not sold it). Without a
    choice it counts no more: the owner sold the flat, and whoever bought it cast another."""

    flat_id: UUID
    owner_id: UUID | None
    choice: Choice | None


def digest_of(ballots: Iterable[Ballot]) -> str:
    """The hash of what was cast, in its order: one ballot more or less, or another word on one,
    changes it."""
    rows = [(str(each.flat_id), str(each.owner_id), each.choice) for each in ballots]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def last_of_each(ballots: Iterable[Ballot]) -> Sequence[Ballot]:
    """Of all that were cast, in their order, the last of each owner for each flat: whoever changes
    their mind before the end is counted as they said last [D]."""
    return list({(each.flat_id, each.owner_id): each for each in ballots}.values())


@dataclass(frozen=True)
class Measured:
    """A part of the roll by both measures."""

    area_dm2: int = 0
    heads: int = 0


@dataclass(frozen=True)
class Judged:
    """One measure held against its threshold: `needed` is the least that is enough."""

    part: int
    whole: int
    needed: int

    @property
    def met(self) -> bool:
        """Whether it is enough; of nobody who took part nothing is."""
        return self.whole > 0 and self.part >= self.needed


PARTS = ("all", "took_part", "agreed", "refused")


@dataclass(frozen=True)
class Result:
    """What the ballots come to. `all` is the roll; of those who took part the rest abstained, or
    spoke with two voices."""

    all: Measured
    took_part: Measured
    agreed: Measured
    refused: Measured
    participation: Threshold
    agreement: Threshold

    @property
    def record(self) -> dict[str, Any]:
        """What is kept of it."""
        parts = {name: getattr(self, name) for name in PARTS}
        measures = {name: [part.area_dm2, part.heads] for name, part in parts.items()}
        return {
            **measures,
            "participation": self.participation.text,
            "agreement": self.agreement.text,
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Result":
        """The result of which this was kept."""
        measures = (Measured(*record[name]) for name in PARTS)
        all_, took_part, agreed, refused = measures
        thresholds = (Threshold.of(record[name]) for name in ("participation", "agreement"))
        return cls(all_, took_part, agreed, refused, *thresholds)

    @property
    def enough_took_part(self) -> tuple[Judged, Judged]:
        """By area and by heads: of all."""
        return _judged(self.participation, self.took_part, self.all)

    @property
    def enough_agreed(self) -> tuple[Judged, Judged]:
        """By area and by heads: of those who took part."""
        return _judged(self.agreement, self.agreed, self.took_part)

    @property
    def carried(self) -> bool:
        """Whether the decision is taken: enough took part and enough of those agreed, each by both
        measures."""
        return all(judged.met for judged in (*self.enough_took_part, *self.enough_agreed))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it came to and why, with every figure."""
        outcome = VoteOutcome.PASSED if self.carried else VoteOutcome.LOST
        return (
            f"列入表决名册的专有部分{_of(self.all)}。",
            f"参与表决的{_of(self.took_part)}；按{LAW}，面积和人数都须{self.participation.words}，"
            f"{_lacks(self.enough_took_part)}。",
            *((self._of_those,) if self.took_part.heads else ()),
            f"结果：{VOTE_OUTCOME_NAMES[outcome]}。",
        )

    @property
    def _of_those(self) -> str:
        """What those said who took part; of nobody there is nothing to say."""
        abstained = Measured(
            self.took_part.area_dm2 - self.agreed.area_dm2 - self.refused.area_dm2,
            self.took_part.heads - self.agreed.heads - self.refused.heads,
        )
        return (
            f"同意的{_of(self.agreed)}，不同意的{_of(self.refused)}，弃权或意见不一的"
            f"{_of(abstained)}；在参与表决的面积和人数中，同意的都须{self.agreement.words}，"
            f"{_lacks(self.enough_agreed)}。"
        )


def count(roll: Roll, ballots: Collection[Ballot], rules: VotingRules) -> Result:
    """Count the last ballot of each owner.

    A flat takes part when somebody who owns it cast a ballot; joint owners who say different things
    take part and neither agree nor refuse [D], and so does an owner of several flats who says
    different things for them, as a person; the area of each flat goes with its own ballot.
    """
    choices_of: dict[UUID, set[Choice]] = {}
    for ballot in ballots:
        if ballot.choice is not None:
            choices_of.setdefault(ballot.flat_id, set()).add(ballot.choice)
    spoken = {flat: one_voice(choices) for flat, choices in choices_of.items()}
    voted = [each for each in roll.properties if each.flat_id in spoken]
    heads: dict[int, set[Choice]] = {}
    for each in voted:
        heads.setdefault(each.head, set()).add(spoken[each.flat_id])
    whole = {head: one_voice(choices) for head, choices in heads.items()}

    def those(choice: Choice) -> Measured:
        area = sum(each.area_dm2 for each in voted if spoken[each.flat_id] is choice)
        return Measured(area, list(whole.values()).count(choice))

    return Result(
        all=Measured(roll.area_dm2, roll.heads),
        took_part=Measured(sum(each.area_dm2 for each in voted), len(whole)),
        agreed=those(Choice.AGREE),
        refused=those(Choice.REFUSE),
        participation=Threshold.of(rules.participation.value),
        agreement=Threshold.of(rules.agreement.value),
    )


def one_voice(choices: Collection[Choice]) -> Choice:
    """What several say together: the same, or nothing."""
    (first, *others) = set(choices)
    return Choice.ABSTAIN if others else first


def for_too_many(of: Mapping[str, Collection[str]], at_most: int) -> list[str]:
    """The proxies (受托人), by whom they are, who cast for more owners than a city allows [D]; `of`
    are the owners of each. Both are people: who has several flats is one."""
    return [proxy for proxy, owners in of.items() if len(set(owners)) > at_most]


def without_owner(flats: Sequence[str], confirmed: bool) -> list[Refusal]:
    """Flats without an owner on the roster are the developer's, if whoever opens the vote says so
    (法释〔2009〕7号, 9); else the roster lacks them, and their owners would lose their vote."""
    if confirmed or not flats:
        return []
    more = f"等{len(flats)}户" if len(flats) > NAMED else ""
    message = (
        f"{'、'.join(flats[:NAMED])}{more}在业主名册里没有业主。确是建设单位没有卖出或没有交付的，"
        "请勾选后再发起（合计按一人）；已经卖出的，请先补全业主名册。"
    )
    return [Refusal("flats_without_owner", message, "unsold_confirmed")]


def square_metres(area_dm2: int) -> str:
    """An area as people read it: 12,345.67平方米."""
    return f"{area_dm2 // 100:,}.{area_dm2 % 100:02d}平方米"


def threshold_problems(rules: VotingRules) -> Iterable[tuple[str, str]]:
    """What a city asks for that is no share, or less than the law; by the key."""
    least = {"participation": LEAST_PARTICIPATION, "agreement": LEAST_AGREEMENT}
    for key, value in (
        ("participation", rules.participation.value),
        ("agreement", rules.agreement.value),
    ):
        numerator, denominator = map(int, re.findall("[0-9]+", value))
        if numerator > denominator or (value[0] == ">" and numerator == denominator):
            yield f"{key}.value", "这个比例没有人达得到"
        elif below(Threshold.of(value), least[key]):
            yield f"{key}.value", f"低于{LAW}（须{least[key].words}）"


def _judged(threshold: Threshold, part: Measured, whole: Measured) -> tuple[Judged, Judged]:
    return (
        Judged(part.area_dm2, whole.area_dm2, threshold.needed(whole.area_dm2)),
        Judged(part.heads, whole.heads, threshold.needed(whole.heads)),
    )


def _of(part: Measured) -> str:
    return f"面积{square_metres(part.area_dm2)}、业主{part.heads}人"


def _lacks(judged: tuple[Judged, Judged]) -> str:
    area, heads = judged
    needed = f"即{square_metres(area.needed)}、{heads.needed}人"
    if area.met and heads.met:
        return f"{needed}，已达到"
    short = [name for name, each in (("面积", area), ("人数", heads)) if not each.met]
    return f"{needed}，{'和'.join(short)}没有达到"


def _numeral(number: int) -> str:
    numerals = "零一二三四五六七八九"
    if number < len(numerals):
        return numerals[number]
    tens, ones = divmod(number, 10)
    head = "十" if tens == 1 else f"{numerals[tens]}十"
    return head + (numerals[ones] if ones else "")
