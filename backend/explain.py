"""Explains a rule on given values: when a limit ends and why, how an amount is split.

Each function takes the words of a command line, raises Refused for anything wrong in them, and
returns plain values for JSON. Needs no database: only the city files and the official years.
"""

import re
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from backend.domain.calendar import Deadline
from backend.domain.deadlines import city_calendar, deadline_for
from backend.domain.errors import refuse
from backend.domain.money import Part, parse_fen, split, yuan
from backend.domain.wording import day_ends
from backend.store.city_files import load_city
from backend.store.holidays import official_years

KINDS = ("public_notice_period", "payment")
FACTOR = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")


def explain_deadline(city: str, kind: str, start: str) -> Deadline:
    """When the limit `kind` (one of `KINDS`) that starts on `start` (YYYY-MM-DD) ends.

    Raises Refused: `city_unknown`, `kind_unknown`, `date_invalid`, `date_out_of_range`.
    """
    profile = load_city(city)
    if kind not in KINDS:
        message = f"没有期限种类“{kind[:40]}”，可选：{'、'.join(KINDS)}。"
        raise refuse("kind_unknown", message, "kind")
    calendar = city_calendar(profile, official_years())
    return deadline_for(profile, calendar, kind, parse_date(start))


def explain_split(total: str, weights: Iterable[str]) -> tuple[int, tuple[Part, ...]]:
    """Split `total` (yuan) by `NAME=FACTOR*FACTOR…` weights: the total and its parts, in fen.

    Raises Refused: `amount_invalid`, `weight_invalid` and those of `money.split`.
    """
    total_fen = parse_fen(total, "total")
    return total_fen, split(total_fen, [parse_weight(text) for text in weights])


def deadline_text(deadline: Deadline) -> str:
    """A deadline for people: the end, then one numbered reason a line with its source."""
    end = f"{day_ends(deadline.ends_on)}（北京时间）"
    lines = [f"截止：{end}{'，暂定' if deadline.provisional else ''}"]
    for number, reason in enumerate(deadline.explanation, 1):
        lines.append(f"{number}. {reason.text}{f'［{reason.article}］' if reason.article else ''}")
    return "\n".join(lines)


def split_values(total_fen: int, parts: Iterable[Part]) -> dict[str, object]:
    """A split as plain values for JSON."""
    return {
        "total_fen": total_fen,
        "parts": [{"name": part.name, "fen": part.fen} for part in parts],
    }


def split_text(total_fen: int, parts: Iterable[Part]) -> str:
    """A split for people."""
    lines = [f"合计 {yuan(total_fen)}，按最大余数法分摊，同余数按名称先后："]
    lines += [f"  {part.name}\t{yuan(part.fen)}" for part in parts]
    return "\n".join(lines)


def parse_date(text: str, field: str = "from") -> date:
    """YYYY-MM-DD and nothing else. Raises Refused (`date_invalid`)."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    message = f"“{text[:40]}”不是有效日期，请写成 2025-01-20 的样子。"
    raise refuse("date_invalid", message, field)


def parse_weight(text: str) -> tuple[str, Fraction]:
    """`A=408000.00*183` → ("A", the exact product). Raises Refused (`weight_invalid`)."""
    name, equals, product = (part.strip() for part in text.rpartition("="))
    factors = [factor.strip() for factor in product.split("*")]
    readable = name and equals and name.isprintable() and len(factors) <= 10
    if not (readable and all(map(FACTOR.fullmatch, factors))):
        message = f"权重“{text[:40]}”看不懂，请写成 名称=408000.00*183 的样子。"
        raise refuse("weight_invalid", message, "weight")
    weight = Fraction(1)
    for factor in factors:
        weight *= Fraction(factor)
    return name, weight
