"""What a module of a route brings: its name, its rows for a city, and words of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backend.domain.city.schema import CityProfile, Route
from backend.domain.steps import Row


@dataclass(frozen=True, eq=False)
class RouteDefinition:
    """One way to buy.

    `rows` composes the table for a city that offers the route. `problems` names what such a city
    says of it and the plan's route of this name is not: the key below `routes.<code>` and a Chinese
    sentence.
    `states`, `actions` and `limits` name (in Chinese) what only this route has; of its own states
    `closed` are those in which nothing more is asked of anybody. `screened`: its gates are the
    criteria of a sheet, on which somebody finds that each is met. `shared`: the flats of the circle
    pay the premium, each its share. `walks`: whether the house can go the road as a city has it.
    """

    code: str
    name: str
    rows: Callable[[CityProfile, Route], Sequence[Row]]
    problems: Callable[[Route], Iterator[tuple[str, str]]]
    states: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    screened: bool = False
    shared: bool = False
    walks: Callable[[Route], bool] = lambda route: True
