"""Money as integer fen: reading, showing, and splitting without losing one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from backend.domain.errors import refuse

# Thirteen digits of yuan are more than all funds of the country; days of a year times so many fen
# stay inside 64 bits.
AMOUNT = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True)
class Part:
    """One share of a split: whose, and how much in fen."""

    name: str
    fen: int


def parse_fen(text: object, field: str = "amount", negative: bool = False) -> int:
    """Yuan as written ("7907.40") → fen (790740).

    ASCII digits, at most two decimals, no separators; a minus sign only if `negative`.
    Raises Refused: `amount_negative`; `amount_invalid` on anything else, a float or an int too.
    """
    found = AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        message = f"金额“{str(text)[:30]}”看不懂，请用半角数字写成 7907.40 的样子，最多两位小数。"
        raise refuse("amount_invalid", message, field)
    sign, whole, cents = found.groups()
    if sign and not negative:
        raise refuse("amount_negative", f"金额“{text}”不能是负数。", field)
    fen = int(whole) * 100 + int((cents or "").ljust(2, "0"))
    return -fen if sign else fen


def yuan(fen: int) -> str:
    """Fen → yuan as people read it: 790740 → "7,907.40元", 790700 → "7,907元"."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{cents:02d}元" if cents else f"{sign}{whole:,}元"


CAPITALS, PLACES = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿", "亿亿")


def in_capitals(fen: int) -> str:
    """Fen as a bank's form has it (人民币大写): 790740 → 柒仟玖佰零柒元肆角整, 100 → 壹元整.

    《支付结算办法》附一: 整 stands behind 元 and 角, none behind 分. Raises ValueError below zero.
    """
    if fen < 0:
        raise ValueError(fen)
    whole, cents = divmod(fen, 100)
    tenths, hundredths = divmod(cents, 10)
    words = f"{_in_groups(whole)}元" if whole else ""
    if tenths:
        words += f"{CAPITALS[tenths]}角"
    elif hundredths and whole:
        words += CAPITALS[0]
    if hundredths:
        return f"{words}{CAPITALS[hundredths]}分"
    return f"{words or '零元'}整"


def _in_groups(whole: int) -> str:
    """Ten thousand by ten thousand; a gap between two groups is said once."""
    words, gap = "", False
    groups = []
    while whole:
        whole, group = divmod(whole, 10_000)
        groups.append(group)
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            gap = True
            continue
        if words and (gap or group < 1000):
            words += CAPITALS[0]
        words, gap = f"{words}{_in_thousands(group)}{GROUPS[place]}", False
    return words


def _in_thousands(group: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(words)
            continue
        words += (CAPITALS[0] if gap else "") + CAPITALS[digit] + PLACES[place]
        gap = False
    return words


def decimal_yuan(fen: int) -> Decimal:
    """Fen as a figure in yuan with its two decimals, as a workbook or a form holds it: 1300.00."""
    return Decimal(fen).scaleb(-2)


def split(total_fen: int, weights: Sequence[tuple[str, Fraction | int]]) -> tuple[Part, ...]:
    """Split `total_fen` by weight so that the parts sum to it exactly, in the order given.

    Largest remainder: floor every share, give the spare fen one each to the largest remainders,
    ties to the name that sorts first (by code point). A weight of zero gets zero. A negative total
    is split as its amount and negated, so that a reversal mirrors what it reverses.
    Raises Refused: `weights_missing`, `weight_negative`, `weights_zero`, `name_repeated`.
    """
    _check(weights)
    total, whole = abs(total_fen), sum(Fraction(weight) for _, weight in weights)
    exact = [(name, total * Fraction(weight) / whole) for name, weight in weights]
    floors = {name: share.numerator // share.denominator for name, share in exact}
    by_remainder = sorted(exact, key=lambda item: (floors[item[0]] - item[1], item[0]))
    for name, _ in by_remainder[: total - sum(floors.values())]:
        floors[name] += 1
    sign = -1 if total_fen < 0 else 1
    return tuple(Part(name, sign * fen) for name, fen in floors.items())


def _check(weights: Sequence[tuple[str, Fraction | int]]) -> None:
    if not weights:
        raise refuse("weights_missing", "没有可以分摊的对象，请至少给出一个权重。", "weights")
    names = set()
    for name, weight in weights:
        if name in names:
            raise refuse("name_repeated", f"“{name}”出现了两次，请合并后再分摊。", "weights")
        names.add(name)
        if weight < 0:
            raise refuse("weight_negative", f"“{name}”的权重不能是负数。", "weights")
    if not any(weight for _, weight in weights):
        raise refuse("weights_zero", "所有权重都是零，无法分摊。", "weights")
