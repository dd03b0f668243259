"""Amounts and the ends of days are written one way: `domain/money.yuan` and `domain/wording` here,
`lib/words.ts` on the phone. No other place puts 元 behind a number or says 24:00 by itself.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The homes of both, and the emulator, a product of its own.
HOMES = ("backend/domain/money.py", "backend/domain/wording.py", "miniprogram_stub/lib/words.ts")
ELSEWHERE = ("backend/wechat/sandbox", "backend/store/migrations")
# The component that shows an amount large: its digits come from `amount`.
LARGE = "miniprogram_stub/components/tb-money/tb-money.wxml"
# Days that are ends: what names them, wherever they are read.
LAST_DAYS = r"(last_day|ends_on|ends_before|covered_until)"

AMOUNT_BY_HAND = re.compile(r"\}\}?\s*元(?!旦)")
CENTS_BY_HAND = re.compile(r"fen\w*\)?\s*(//?|%)\s*100\b|divmod\([^)]*fen[^)]*100\)|\.toFixed\(")
END_BY_HAND = re.compile(r"24:00|23:59|24点|24时|二十四时")
DAY_AS_END = re.compile(rf"\b(?:plain_day|written|dated)\([^()]*{LAST_DAYS}\)")


def sources() -> Iterator[tuple[str, str]]:
    """Our sources without comments and docstrings, by name."""
    for folder, pattern in (
        ("backend", "*.py"),
        ("backend", "*.html"),
        ("miniprogram_stub", "*.ts"),
        ("miniprogram_stub", "*.wxml"),
    ):
        for path in sorted((ROOT / folder).rglob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            if name in HOMES or name.startswith(ELSEWHERE) or name.endswith("api.d.ts"):
                continue
            text = path.read_text("utf-8")
            yield name, _python(text) if pattern == "*.py" else _uncommented(text)


def _python(text: str) -> str:
    """The code as Python writes it out, without what only readers of the code see."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def _uncommented(text: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*|<!--.*?-->|\{#.*?#\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (AMOUNT_BY_HAND, {LARGE}),
        (CENTS_BY_HAND, set()),
        (END_BY_HAND, set()),
        (DAY_AS_END, set()),
    ],
    ids=["an amount", "its cents", "24:00", "a last day"],
)
def test_it_is_written_by_its_one_function(pattern: re.Pattern[str], allowed: set[str]) -> None:
    astray = [
        f"{name}: {found[0]}"
        for name, text in sources()
        if name not in allowed
        for found in pattern.finditer(text)
    ]
    assert astray == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (AMOUNT_BY_HAND, 'f"保费{premium}元"'),
        (AMOUNT_BY_HAND, "<view>{{fen}}元</view>"),
        (CENTS_BY_HAND, "premium_fen // 100"),
        (CENTS_BY_HAND, "(fen / 100).toFixed(2)"),
        (END_BY_HAND, 'f"{plain_day(day)} 24:00"'),
        (DAY_AS_END, "保到{plain_day(cover.last_day)}"),
        (DAY_AS_END, "dated(notice.ends_on)"),
    ],
)
def test_another_way_is_seen(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)
