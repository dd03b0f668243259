"""The desk repeats no rule: states and actions are named in one module, and in no page."""

import ast
import asyncio
import errno
import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.desk import gate, pages
from backend.desk.acts.every import ACTS
from backend.desk.sections import SECTIONS
from backend.desk.values import Kind
from backend.domain.actions import ACTION_NAMES, Action
from backend.domain.states import STATE_NAMES, State
from backend.http import served
from backend.http.envelope import HTTP_REFUSALS
from backend.http.parts import NAME
from backend.store.cipher import SealBroken
from tests.build.desk_forms import SENT_BY, STEP
from tests.build.exchange import Request, Talk
from tests.build.named_tests import missing
from tests.build.office import Office
from tests.build.village import Village

At = Callable[[str], Office]
DESK = Path(gate.__file__).parent
PAGES = sorted((DESK / "templates").rglob("*.html"))


CODES = {str(word) for word in (*State, *Action)}
NAMES = {*STATE_NAMES.values(), *ACTION_NAMES.values()}
# Words that happen to be within others, or mean what everybody means by them.
ORDINARY = ("更换保险机构的收款账户", "登记备案条款", "在纸上联名", "小程序上联名", "邀请已撤回")


def names_in(text: str) -> set[str]:
    """Names of states and steps that this text says, in a sentence too."""
    for phrase in ORDINARY:
        text = text.replace(phrase, "")
    return {name for name in NAMES if name in text}


def codes_in(text: str) -> set[str]:
    """States and steps that the code of a page compares or names."""
    parts = re.findall(r"\{[{%].*?[%}]\}", text, flags=re.S)
    return {word for part in parts for word in re.findall(r"[\"'](\w+)[\"']", part)} & CODES


def said_by(module: Path) -> set[str]:
    """Names of states and steps in this module, codes of them, and the modules that hold both."""
    tree = ast.parse(module.read_text("utf-8"))
    found: set[str] = set()
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if id(node) in told:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= names_in(node.value) | (CODES & set(node.value.split()))
        elif isinstance(node, ast.ImportFrom):
            found |= {each.name for each in node.names} & {"Action", "State", "actions", "states"}
        elif isinstance(node, ast.Attribute):
            found |= {node.attr} & {"Action", "State"}
    return found


def test_no_page_knows_a_state_or_a_step() -> None:
    assert len(PAGES) > 7
    said = {page.name: names_in(text) | codes_in(text) for page, text in texts(PAGES)}
    assert {page: words for page, words in said.items() if words} == {}


def texts(pages: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for page in pages:
        yield page, page.read_text("utf-8")


def test_only_acts_names_actions() -> None:
    said = {str(module.relative_to(DESK)): said_by(module) for module in DESK.rglob("*.py")}
    assert said["acts/every.py"] >= {"Action"}
    others = {module: words for module, words in said.items() if not module.startswith("acts/")}
    assert {module: words for module, words in others.items() if words} == {}


def test_a_state_or_a_step_is_found_however_it_is_written(tmp_path: Path) -> None:
    assert codes_in("{% if case.state in ('posted',) %}") == {"posted"}
    assert names_in("<p>办结以前，不能确认公示无异议。</p>") >= {"确认公示无异议"}
    module = tmp_path / "section.py"
    for code, word in (
        ("from backend.domain.states import State as S", "State"),
        ("from backend.domain import actions", "actions"),
        ("OVER = 'paid lapsed'.split()", "lapsed"),
        ("words = f'{number}公示中'", "公示中"),
    ):
        module.write_text(code, "utf-8")
        assert word in said_by(module), code


def test_every_page_but_the_way_in_wants_somebody_signed_in(desk: Flask) -> None:
    ways_in = {"entrance.sign_in", "entrance.enter", "by_number.ask", "by_number.enter"}
    assert {"static", "healthz", *ways_in} == gate.OPEN
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


def test_what_never_comes_to_the_app_is_a_page_too(
    desk: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "MOST_SMALL_HELD", 5)
    in_words = partial(pages.page_of_refusal, desk)
    door = served.Served(desk, lambda *_: None, lambda _: served.SMALL, in_words=in_words)
    talk, announced = Talk(b"longer"), ("content-length", "6")
    with ThreadPoolExecutor(1) as thread:  # a browser of the tests has its loop in this one
        request = Request("POST", "/desk/sign-in", announced)
        thread.submit(asyncio.run, door.__rsgi__(request, talk)).result()
    page = talk.body.decode()
    assert talk.status == 503
    assert page.startswith("<!doctype html>")
    assert "系统繁忙" in page
    assert talk.headers["Content-Type"].startswith("text/html")
    assert talk.headers["Content-Security-Policy"] == pages.POLICY


def classes_of(page: str) -> set[str]:
    return {word for found in re.findall(r'class="([^"{]*)', page) for word in found.split()}


def test_every_part_that_the_style_sheet_knows_stands_on_the_page_of_parts(at_desk: At) -> None:
    sheet = (DESK / "static" / "desk.css").read_text("utf-8")
    styled = set(re.findall(r"\.([a-z][a-z_]*)", re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)))
    shown = classes_of(at_desk("clerk").browser.get("/desk/parts").text)
    assert styled - shown == set()


def test_in_production_there_is_no_page_of_parts(
    at_desk: At, desk: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = at_desk("clerk")
    cookie = clerk.browser.get_cookie("tibao_desk")
    assert cookie is not None
    monkeypatch.setitem(desk.extensions, NAME, replace(desk.extensions[NAME], sandbox=False))
    clerk.browser.set_cookie("__Host-tibao_desk", cookie.value)
    assert clerk.browser.get("/desk/parts").status_code == 404
    assert clerk.browser.get("/desk/").status_code == 200


def packed(text: bytes) -> int:
    """How many bytes of it a network carries at best."""
    return len(gzip.compress(text))


def test_a_first_visit_is_light_a_later_page_lighter_and_all_of_it_comes_from_here(
    at_desk: At, village: Village
) -> None:
    case = village.paid()
    clerk = at_desk("clerk")
    pages = ("/desk/", "/desk/cases", f"/desk/cases/{case.id}", "/desk/parts", "/desk/sessions")
    for address in pages:
        body = clerk.browser.get(address).data
        text = body.decode()
        named = re.findall(r'(?:src|rel="stylesheet" href)="/desk/static/([^"?]+)', text)
        asks_for = [(DESK / "static" / name).read_bytes() for name in named]
        assert text.count("<link") + text.count("src=") == len(named) + 1  # and no icon
        assert len(asks_for) + 1 <= 5, address
        assert packed(body) <= 20_000, address
        assert packed(body) + sum(map(packed, asks_for)) <= 60_000, address
        elsewhere = re.findall(r'(?:src|href|action)="(?!/|#|\?|data:|")[^"]*', text)
        assert elsewhere == [], address
        text = text.replace('<script src="/desk/static/keys.js" defer></script>', "", 1)
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", text), address


def test_every_form_that_writes_is_sent_by_a_test_as_a_browser_without_script_sends_it(
    desk: Flask,
) -> None:
    writing = {
        rule.endpoint for rule in desk.url_map.iter_rules() if "POST" in (rule.methods or ())
    }
    writing = writing - {STEP} | {f"{STEP} {action}" for action in ACTS}
    promises = [each for tests in SENT_BY.values() for each in tests.values()]
    assert set().union(*promises) == writing, "name it in tests/build/desk_forms.py"
    tests = [
        f"tests/api/desk/test_{module}.py::test_{test}"
        for module, found in SENT_BY.items()
        for test in found
    ]
    assert missing(Path(__file__).parents[3], tests) == []


def test_every_section_explains_itself_at_its_word(desk: Flask, at_desk: At) -> None:
    explained: set[str] = set()
    routes = desk.url_map.bind("localhost")
    for who in ("clerk", "cashier", "auditor"):
        place = at_desk(who)
        front = place.browser.get("/desk/").text
        for section in SECTIONS:
            if f'href="{(way := routes.build(section.endpoint))}"' in front:
                text = place.browser.get(way, follow_redirects=True).text
                assert 'class="help"' in text, section.title
                explained.add(section.title)
    assert explained == {section.title for section in SECTIONS}


def test_keys_are_switched_off_in_one_browser_and_on_again(at_desk: At) -> None:
    clerk = at_desk("clerk")
    for verb, on in (("关闭快捷键", True), ("打开快捷键", False), ("关闭快捷键", True)):
        page = clerk.open("/desk/sessions")
        assert verb in page.words
        assert ("keys.js" in clerk.browser.get("/desk/cases").text) == on
        for _ in range(2):  # a double click, or another tab of before
            clerk.fill(page, page.form_to("/keys"))
