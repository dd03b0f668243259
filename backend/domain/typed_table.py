"""Reads a plain table (as TOML gives it) into frozen dataclasses, led by their type hints alone.

Every value that is missing, unknown, of the wrong type or out of bounds is reported by its dotted
name; one pass finds them all.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin
from typing import get_type_hints as hints_of

T = TypeVar("T")

DEFAULT = "default"
BORROWED = "borrowed from "

SCALARS = {
    str: "文字",
    int: "整数",
    bool: "true 或 false",
    date: "日期，如 2025-01-20",
    time: "时刻，如 09:00:00",
}


@dataclass(frozen=True)
class Sourced(Generic[T]):
    """A value and its source: a clause of the plan, a law, `default` or `borrowed from …`."""

    value: T
    source: str

    @property
    def is_default(self) -> bool:
        """Whether the plan is silent and the value is not this city's own word."""
        return self.source == DEFAULT or self.source.startswith(BORROWED)

    @property
    def source_text(self) -> str:
        """The source as people read it."""
        if self.source == DEFAULT:
            return "本市方案未写明，系统默认"
        if self.source.startswith(BORROWED):
            return f"本市方案未写明，参照外市方案（{self.source.removeprefix(BORROWED)}）"
        return self.source


@dataclass(frozen=True)
class Range:
    """A rule for whole numbers: both bounds included."""

    low: int
    high: int

    def complaint(self, value: int) -> str | None:
        """What is wrong with `value`, or None."""
        return None if self.low <= value <= self.high else f"应在 {self.low} 至 {self.high} 之间"


@dataclass(frozen=True)
class Pattern:
    """A rule for text: it matches as a whole; `meaning` says in Chinese what is wanted."""

    regex: str
    meaning: str

    def complaint(self, value: str) -> str | None:
        """What is wrong with `value`, or None."""
        return None if re.fullmatch(self.regex, value) else f"应为{self.meaning}"


Text = Annotated[str, Pattern(r"(?s)\S(.*\S)?", "不为空、首尾无空格的文字")]


def read_table(kind: type[T], raw: object, problems: list[str], where: str = "") -> T | None:
    """Read `raw` as the dataclass `kind`; None when `problems` were added, one line each."""
    before = len(problems)
    value = _read(kind, raw, where, problems)
    return value if len(problems) == before and isinstance(value, kind) else None


def _read(kind: Any, raw: object, where: str, problems: list[str]) -> Any:
    reader = READERS.get(get_origin(kind))
    if reader is not None:
        return reader(kind, raw, where, problems)
    if is_dataclass(kind):
        return _fields(kind, hints_of(kind, include_extras=True), raw, where, problems)
    if kind is Decimal:
        return _decimal(raw, where, problems)
    # `type is`: a bool is an int and a datetime a date, but neither is meant.
    if type(raw) is kind:
        return raw
    return _wrong(problems, where, f"应为{SCALARS[kind]}", raw)


def _fields(
    kind: Any, hints: Mapping[str, Any], raw: object, where: str, problems: list[str]
) -> Any:
    if not isinstance(raw, dict):
        return _wrong(problems, where, "应为一张表（键 = 值）", raw)
    prefix = f"{where}." if where else ""
    problems += [f"{prefix}{key}：没有这个键" for key in raw if key not in hints]
    before = len(problems)
    values = {}
    for field in fields(kind):
        if field.name in raw:
            name = f"{prefix}{field.name}"
            values[field.name] = _read(hints[field.name], raw[field.name], name, problems)
        elif field.default is MISSING:
            problems.append(f"{prefix}{field.name}：缺少这个键")
    return kind(**values) if len(problems) == before else None


def _sourced(kind: Any, raw: object, where: str, problems: list[str]) -> Any:
    hints = {"value": get_args(kind)[0], "source": Text}
    return _fields(Sourced, hints, raw, where, problems)


def _ruled(kind: Any, raw: object, where: str, problems: list[str]) -> Any:
    inner, *rules = get_args(kind)
    value = _read(inner, raw, where, problems)
    if value is not None:
        for complaint in filter(None, (rule.complaint(value) for rule in rules)):
            _wrong(problems, where, complaint, raw)
    return value


def _optional(kind: Any, raw: object, where: str, problems: list[str]) -> Any:
    inner = next(arg for arg in get_args(kind) if arg is not type(None))
    return _read(inner, raw, where, problems)


def _list(kind: Any, raw: object, where: str, problems: list[str]) -> Any:
    if not isinstance(raw, list):
        return _wrong(problems, where, "应为列表 [ … ]", raw)
    if any(item in raw[:place] for place, item in enumerate(raw)):
        _wrong(problems, where, "有重复的项", raw)
    inner = get_args(kind)[0]
    return tuple(
        _read(inner, item, f"{where}[{place}]", problems) for place, item in enumerate(raw)
    )


def _choice(kind: Any, raw: object, where: str, problems: list[str]) -> Any:
    choices = get_args(kind)
    if any(type(raw) is type(choice) and raw == choice for choice in choices):
        return raw
    return _wrong(problems, where, "只能是 " + "、".join(map(str, choices)), raw)


def _mapping(kind: Any, raw: object, where: str, problems: list[str]) -> Any:
    if not isinstance(raw, dict):
        return _wrong(problems, where, "应为一张表（键 = 值）", raw)
    keys, values = get_args(kind)
    return {
        _read(keys, key, f"{where}.{key}", problems): _read(
            values, value, f"{where}.{key}", problems
        )
        for key, value in raw.items()
    }


def _decimal(raw: object, where: str, problems: list[str]) -> Any:
    # Text, because a TOML float is binary and would not be exact.
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", raw):
        return Decimal(raw)
    return _wrong(problems, where, '应为写成文字的小数，如 "0.0150"', raw)


def _wrong(problems: list[str], where: str, message: str, raw: object) -> None:
    problems.append(f"{where or '文件'}：{message}，现为 {str(raw)[:40]!r}")


READERS: Mapping[Any, Callable[[Any, object, str, list[str]], Any]] = {
    Annotated: _ruled,
    Sourced: _sourced,
    Union: _optional,
    UnionType: _optional,
    tuple: _list,
    Literal: _choice,
    Mapping: _mapping,
}
