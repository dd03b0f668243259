"""A city profile with one value changed at a time, to every kind of other value that is valid."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, time, timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from backend.domain.city.bad_city import BadCity
from backend.domain.city.parse import parse_table
from backend.domain.city.schema import CityProfile
from backend.domain.typed_table import Range, Sourced, Text

# The rules of a text that any other text keeps as well.
FREE = get_args(Text)[1:]


@dataclass(frozen=True)
class Change:
    """One value of a city file and what it is changed to; `name` as in `sourced_values`."""

    name: str
    value: Any
    profile: CityProfile | None
    problems: tuple[str, ...] = ()


def changes(profile: CityProfile) -> Iterator[Change]:
    """Every sourced value changed, each change on its own; `problems` when the file is refused."""
    for path, known, kind in _typed(CityProfile, profile, ()):
        for value in _others(kind, known.value):
            raw = tomllib.loads(profile.text)
            table = raw
            for key in path[:-1]:
                table = table.setdefault(key, {})
            table[path[-1]] = {"value": _as_toml(value), "source": known.source}
            name = ".".join(path)
            try:
                yield Change(name, value, parse_table(raw, profile.text))
            except BadCity as bad:
                yield Change(name, value, None, bad.problems)


def _typed(
    kind: Any, part: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Sourced[Any], Any]]:
    """Every sourced value with its place in the file and the type of what it holds."""
    if get_origin(kind) in (Union, UnionType):
        kind = next(each for each in get_args(kind) if each is not NoneType)
    if isinstance(part, Sourced):
        yield path, part, get_args(kind)[0]
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from _typed(get_args(kind)[1], value, (*path, key))
    elif is_dataclass(part):
        for key, hint in get_type_hints(type(part), include_extras=True).items():
            yield from _typed(hint, getattr(part, key), (*path, key))


def _others(kind: Any, value: Any) -> Iterator[Any]:
    origin, within = get_origin(kind), get_args(kind)
    if kind is bool:
        yield not value
    elif kind is time:
        yield value.replace(hour=(value.hour + 1) % 24)
    elif kind is date:
        yield value + timedelta(days=1)
    elif origin is Literal:
        yield from (other for other in within if other != value)
    elif origin is tuple:
        yield from _other_lists(within[0], value)
    elif origin is Annotated and isinstance(within[1], Range):
        yield from (n for n in (value - 1, value + 1) if within[1].low <= n <= within[1].high)
    elif within[1:] == FREE:
        yield f"{value}（改）"
    else:
        # A phone number, a day of a year: another last digit.
        yield value[:-1] + str((int(value[-1]) + 1) % 10)


def _other_lists(kind: Any, value: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """One item fewer, one more, or another in its place, as the items allow."""
    for place in range(len(value)):
        if len(value) > 1:
            yield (*value[:place], *value[place + 1 :])
    if get_origin(kind) is Literal:
        yield from ((*value, more) for more in get_args(kind) if more not in value)
    elif get_args(kind)[1:] == FREE or isinstance(get_args(kind)[1], Range):
        for place, item in enumerate(value):
            for other in _others(kind, item):
                if other not in value:
                    yield (*value[:place], other, *value[place + 1 :])


def _as_toml(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
