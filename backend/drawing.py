"""`tibao draw`: a route's table as people read it, for `docs/purchase.md` and for review.

The document holds what is drawn here word for word, and a test says so when it does not.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from backend.domain.roles import ROLE_NAMES
from backend.domain.routes import ROUTE_NAMES, ROUTES
from backend.domain.steps import EVERY_LIMIT, EVIDENCE_NAMES, Step, diagram

COLUMNS = (
    *("step", "from", "to", "who", "handed in", "conditions", "what follows"),
    *("time limit", "who is told", "clause"),
)


def drawing(route: str) -> str:
    """The state diagram, the table of steps and what each condition and effect means (Markdown)."""
    table = ROUTES[route]
    lines = [
        f"## {route} {ROUTE_NAMES[route]}",
        "",
        "```mermaid",
        diagram(table).rstrip("\n"),
        "```",
        "",
        _row(*COLUMNS),
        _row(*("---" for _ in COLUMNS)),
        *(_row(*_cells(step)) for step in table),
        "",
        "Conditions:",
        "",
        *_meanings(guard for step in table for guard in step.guards),
        "",
        "What follows:",
        "",
        *_meanings(effect for step in table for effect in step.effects),
    ]
    return "\n".join(lines) + "\n"


@click.command()
@click.argument("route", type=click.Choice(sorted(ROUTES)))
def draw(route: str) -> None:
    """画出一条办理路线：状态图和步骤表（Markdown）。"""
    click.echo(drawing(route), nl=False)


def _cells(step: Step) -> Iterator[str]:
    yield f"`{step.action}`"
    yield _words(step.sources)
    yield str(step.target)
    yield _words(ROLE_NAMES[role] for role in step.roles)
    given = [EVIDENCE_NAMES[kind] for kind in step.evidence]
    yield _words([*given, "理由"] if step.needs_reason else given)
    yield _words(f"`{guard.__name__}`" for guard in step.guards)
    yield _words(f"`{effect.__name__}`" for effect in step.effects)
    yield _words(_limits(step))
    yield _words(ROLE_NAMES[role] for role in step.notify)
    yield step.clause


def _limits(step: Step) -> Iterator[str]:
    if step.meets == EVERY_LIMIT:
        yield "ends all"
    elif step.meets:
        yield f"meets {step.meets}"
    if step.limit:
        yield f"starts {step.limit}"


def _meanings(functions: Iterator[Callable[..., Any]]) -> Iterator[str]:
    for function in dict.fromkeys(functions):
        yield f"- `{function.__name__}`: {' '.join((function.__doc__ or '').split())}"


def _words(parts: Iterable[str]) -> str:
    return "<br>".join(parts)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
