"""`tibao draw`: a route's table as people read it, for `docs/purchase.md` and for review.

The document holds what is drawn here word for word, and a test says so when it does not.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from backend.domain.city.schema import CityProfile
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.routes.catalogue import ROUTES, action_name, state_name, table_of
from backend.domain.steps import EVERY_LIMIT, EVIDENCE_NAMES, Activity, Step
from backend.domain.table import Table
from backend.store.city_files import city_codes, load_city

COLUMNS = (
    *("step", "from", "to", "who", "handed in", "conditions", "checks", "what follows"),
    *("time limit", "who is told", "clause"),
)
BESIDE = ("activity", "while", "who", "time limit", "clause")
OFTEN = 8


def drawing(route: str, city: CityProfile) -> str:
    """The state diagram, the table of steps, of activities and of time limits, and what each
    condition, check and effect means (Markdown), as the city has the route."""
    table = table_of(route, city)
    steps, activities = table.steps, table.activities.values()
    lines = [
        f"## {route} {ROUTES[route].name}",
        "",
        "```mermaid",
        diagram(table).rstrip("\n"),
        "```",
        "",
        *_grid(COLUMNS, (_cells(step) for step in steps)),
        "",
        "While a case is in a state:",
        "",
        *_grid(BESIDE, (_beside(activity) for activity in activities)),
        "",
        "Who answers for a time limit, and who is reminded too:",
        "",
        *_answering(table),
        "",
        "Conditions (of the case) and checks (of what is handed in):",
        "",
        *_meanings(rule for step in steps for rule in (*step.guards, *step.checks)),
        "",
        "What follows:",
        "",
        *_meanings(effect for step in steps for effect in step.effects),
    ]
    return "\n".join(lines) + "\n"


def diagram(table: Table) -> str:
    """The table as a Mermaid state diagram, with Chinese state names and action labels.

    A step that may be taken from almost everywhere (`OFTEN` states or more) would bury the way
    under its arrows; it is drawn once, from a box of its own.
    """
    names: dict[str, str] = {}
    arrows = []
    for step in table.steps:
        names[step.target] = f"{state_name(step.target)} {step.target}"
        sources: Iterable[str] = step.sources or ("[*]",)
        if len(step.sources) >= OFTEN:
            box = f"from_{len(step.sources)}_states"
            names[box] = f"{state_name(step.sources[0])} … {state_name(step.sources[-1])}"
            sources = (box,)
        arrows += [f"    {source} --> {step.target}: {step.action}" for source in sources]
    states = [f'    state "{label}" as {name}' for name, label in names.items()]
    return "\n".join(["stateDiagram-v2", *states, *arrows]) + "\n"


@click.command()
@click.argument("route", type=click.Choice(sorted(ROUTES)))
def draw(route: str) -> None:
    """画出一条办理路线：状态图和步骤表（Markdown），按第一个开通它的城市。"""
    click.echo(drawing(route, city_with(route)), nl=False)


def city_with(route: str) -> CityProfile:
    """The first city whose plan has the route."""
    cities = map(load_city, city_codes())
    return next(city for city in cities if route in city.routes)


def _cells(step: Step) -> Iterator[str]:
    yield f"`{step.action}`"
    yield _words(step.sources)
    yield step.target
    yield _roles(step.roles)
    given = [EVIDENCE_NAMES[kind] for kind in step.evidence]
    yield _words([*given, "理由"] if step.needs_reason else given)
    for rules in (step.guards, step.checks, step.effects):
        yield _words(f"`{rule.__name__}`" for rule in rules)
    yield _words(_limits(step))
    yield _roles(step.notify)
    yield step.clause


def _beside(activity: Activity) -> Iterator[str]:
    yield f"`{activity.action}` {action_name(activity.action)}"
    yield _words(activity.while_)
    yield _roles(activity.roles)
    yield f"serves {activity.meets}" if activity.meets else ""
    yield activity.clause


def _limits(step: Step) -> Iterator[str]:
    if step.meets == EVERY_LIMIT:
        yield f"ends all but {', '.join(step.spares)}" if step.spares else "ends all"
    elif step.meets:
        yield f"meets {step.meets}"
    if step.within:
        yield f"serves {step.within}"
    if step.takes_up:
        yield f"takes up {step.takes_up}"
    if step.limit:
        yield f"starts {step.limit}"


def _answering(table: Table) -> Iterator[str]:
    limits = [step.meets for step in table.steps if step.meets not in (None, EVERY_LIMIT)]
    limits += list(table.stays)
    limits += [activity.meets for activity in table.activities.values() if activity.meets]
    for limit in dict.fromkeys(limit for limit in limits if limit):
        answering = "、".join(ROLE_NAMES[role] for role in table.answering(limit))
        others = [role for role in table.reminded(limit) if role not in table.answering(limit)]
        also = f"（提醒{'、'.join(ROLE_NAMES[role] for role in others)}）" if others else ""
        yield f"- `{limit}`: {answering}{also}"


def _meanings(functions: Iterator[Callable[..., Any]]) -> Iterator[str]:
    for function in dict.fromkeys(functions):
        yield f"- `{function.__name__}`: {' '.join((function.__doc__ or '').split())}"


def _grid(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row("---" for _ in head)
    yield from map(_row, rows)


def _roles(roles: Iterable[Role]) -> str:
    return _words(ROLE_NAMES[role] for role in roles)


def _words(parts: Iterable[str]) -> str:
    return "<br>".join(parts)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
