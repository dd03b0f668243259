"""The desk repeats no rule: states and actions are named in one module, and in no page."""

import errno
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.desk import gate
from backend.desk.acts.every import ACTS
from backend.desk.values import Kind
from backend.domain.actions import ACTION_NAMES, Action
from backend.domain.states import STATE_NAMES, State
from backend.http.envelope import HTTP_REFUSALS
from backend.store.cipher import SealBroken

DESK = Path(gate.__file__).parent
PAGES = sorted((DESK / "templates").rglob("*.html"))


def test_no_page_knows_a_state_or_a_step() -> None:
    words = {str(word) for word in (*State, *Action)} | {*STATE_NAMES.values()}
    words |= {*ACTION_NAMES.values()}
    assert len(PAGES) > 7
    for page in PAGES:
        text = page.read_text("utf-8")
        assert not [word for word in words if re.search(rf"[\"'>]{word}[\"'<]", text)], page.name


def test_only_acts_names_actions() -> None:
    for module in DESK.rglob("*.py"):
        named = re.findall(r"\bAction\.\w+|\bState\.\w+", module.read_text("utf-8"))
        assert not named or module.parent.name == "acts", (module.name, named)


def test_every_page_but_the_way_in_wants_somebody_signed_in(desk: Flask) -> None:
    assert {"static", "healthz", "entrance.sign_in", "entrance.enter"} == gate.OPEN
    browser = desk.test_client()
    for rule in desk.url_map.iter_rules():
        if rule.endpoint in gate.OPEN or "GET" not in (rule.methods or ()):
            continue
        address = re.sub("<uuid:[^>]+>", "00000000-0000-0000-0000-000000000000", rule.rule)
        answer = browser.get(re.sub("<[^>]+>", "x", address))
        assert answer.status_code == 303, rule.rule
        assert answer.headers["Location"].startswith(("/desk/sign-in", "/desk/"))


def test_the_desk_serves_nothing_of_the_api_and_nothing_of_the_public(desk: Flask) -> None:
    browser = desk.test_client()
    for address in ("/api/v1/me", "/e/x", "/openapi/swagger", "/readyz"):
        assert browser.get(address).status_code == 404
        assert HTTP_REFUSALS[404].message in browser.get(address).text


def test_no_page_of_the_desk_is_on_the_public_host(app: Flask) -> None:
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/desk")]


def test_a_field_is_called_as_the_api_calls_it_so_that_refusals_find_it() -> None:
    for action, act in ACTS.items():
        names = [each.name for each in act.fields]
        assert len(names) == len(set(names)), action
        for each in act.fields:
            assert each.name.endswith("_sha256") == (each.kind is Kind.FILE), each


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (OSError(errno.ENOSPC, "full"), 503),
        (PoolTimeout(), 503),
        (SealBroken("person.name_sealed"), 500),
        (ZeroDivisionError(), 500),
    ],
)
def test_trouble_is_told_on_a_page_as_the_api_tells_it(
    desk: Flask, trouble: Exception, status: int
) -> None:
    with desk.test_request_context("/desk/"):
        answer = desk.make_response(desk.handle_user_exception(trouble))
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert "没有办理" in answer.get_data(as_text=True)
    assert ("Retry-After" in answer.headers) == (status == 503)
