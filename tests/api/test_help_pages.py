"""“When something goes wrong”: each role's page knows every way back, and names what there is."""

import re
from pathlib import Path

import pytest
from flask import Flask

from backend.domain.actions import ACTION_NAMES, Action
from backend.domain.roles import Role
from backend.domain.routes.catalogue import action_name, table_of
from backend.domain.steps import Activity, Step
from backend.http.routes import PREFIX
from backend.store.city_files import load_city
from tests.build.facts import JISHOU

PAGES = Path(__file__).parents[2] / "docs" / "help"
APPLYING = ("owner", "committee", "property")
SHAOGUAN = load_city("shaoguan")
PAGES_OF = {
    Role.APPLICANT: APPLYING,
    Role.OWNER: ("owner",),
    Role.COMMITTEE_MEMBER: ("committee",),
    Role.PROPERTY_MANAGER: ("property",),
    Role.CLERK: ("clerk",),
    Role.REVIEWER: ("reviewer",),
    Role.CASHIER: ("cashier",),
    Role.INSURER: ("insurer",),
    Role.DISTRICT: ("district",),
    Role.SUPERVISOR: ("oversight",),
    Role.AUDITOR: ("oversight",),
    Role.ADMINISTRATOR: ("administrator",),
}
NAMED = re.compile("「([^」]+)」")
ADDRESS = re.compile(r"`(GET|POST|DELETE) (/[^`]+)`")


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_each_role_has_its_page_and_the_index_leads_there(role: Role) -> None:
    index = page("README")
    for name in PAGES_OF[role]:
        assert page(name).startswith("# ")
        assert f"({name}.md)" in index


def test_every_step_that_asks_for_a_reason_is_on_the_page_of_whoever_takes_it() -> None:
    table = table_of("R1", JISHOU)
    rows: list[Step | Activity] = [step for step in table.steps if step.needs_reason]
    rows += [table.activities[Action.DISMISS_OBJECTION], table.activities[Action.UNDO_DISMISSAL]]
    screened = {Action.UNDO_SCREEN, Action.UNDO_GUIDE, Action.CHANGE_INSURER}
    rows += [step for step in table_of("SG", SHAOGUAN).steps if step.action in screened]
    missing = [
        f"{name}: 「{action_name(step.action)}」"
        for step in rows
        for role in step.roles
        if role is not Role.SYSTEM
        for name in PAGES_OF[role]
        if f"「{action_name(step.action)}」" not in page(name)
    ]
    assert sorted(set(missing)) == []


def test_what_stands_in_brackets_is_what_the_house_calls_it() -> None:
    names = set(ACTION_NAMES.values()) | {"…"}
    unknown = {
        f"{path.name}: {name}"
        for path in PAGES.glob("*.md")
        for name in NAMED.findall(path.read_text("utf-8"))
        if name not in names
    }
    assert unknown == set()


def test_every_address_is_one_of_the_api(app: Flask) -> None:
    there = {
        (method, re.sub("<[^>]+>", "{id}", rule.rule.removeprefix(PREFIX)))
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    named = {
        (method, address)
        for path in PAGES.glob("*.md")
        for method, address in ADDRESS.findall(path.read_text("utf-8"))
    } - {("POST", "/…")}
    assert len(named) > 25
    assert named - there == set()
