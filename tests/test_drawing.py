"""The drawing of a route is what the document shows."""

from collections import Counter
from pathlib import Path

from click.testing import CliRunner

from backend.domain.routes.catalogue import ROUTES, action_name, table_of
from backend.drawing import city_with, draw, drawing

DOCUMENT = Path(__file__).parents[1] / "docs" / "purchase.md"


def test_the_document_shows_every_route_as_it_is_drawn() -> None:
    shown = DOCUMENT.read_text("utf-8")
    for route in ROUTES:
        assert f"\n\n{drawing(route, city_with(route))}" in shown, (
            f"put `tibao draw {route}` into docs/purchase.md"
        )
    assert shown.count("```mermaid") == len(ROUTES)


def test_the_command_prints_the_drawing() -> None:
    printed = CliRunner().invoke(draw, ["R1"])
    assert printed.exit_code == 0
    assert printed.output == drawing("R1", city_with("R1"))


def test_an_unknown_route_is_refused_with_the_known_ones() -> None:
    answer = CliRunner().invoke(draw, ["R9"])
    assert answer.exit_code == 2
    assert "'R1'" in answer.output


def test_each_step_is_a_row_and_each_way_an_arrow() -> None:
    drawn = drawing("R1", city_with("R1")).splitlines()
    rows = Counter(line.split(" | ")[0] for line in drawn if line.startswith("| `"))
    table = table_of("R1", city_with("R1"))
    beside = [f"| `{row.action}` {action_name(row.action)}" for row in table.activities.values()]
    assert rows == Counter([*(f"| `{step.action}`" for step in table.steps), *beside])
    assert "    [*] --> drafted: draft" in drawn
    assert "    posted --> suspended: suspend" in drawn
    assert "    from_15_states --> withdrawn: withdraw" in drawn
