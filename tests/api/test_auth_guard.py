"""Every route says who may call it, and means it."""

from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from backend.app import AUDIENCES
from backend.http.routes import DECLARATIONS, PREFIX, Routes
from tests.build.calling import refused, told

# Whoever adds to this list says on the line why everyone may call it.
PUBLIC = {
    "public.public_lift",  # residents scan without signing in
    "public.public_notice",  # a notice hangs in the building for everyone
    "public.public_notice_photo",  # and so do its photos
    "public.public_account",  # whose fund it is reads what became of it (民法典 281)
    "public.public_account_file",
    "public.public_city",  # whom to call, before anybody signs in
    "me.login",  # how a session begins
}


def api_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX)]


def concrete(rule: Rule) -> str:
    """An address that the rule matches; its ids exist nowhere."""
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<{name}>", str(uuid4()))
    return path


def method(rule: Rule) -> str:
    (verb,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return verb


def test_every_route_of_the_api_declares_its_auth(app: Flask) -> None:
    undeclared = [rule.rule for rule in api_rules(app) if rule.endpoint not in DECLARATIONS]
    assert undeclared == []


def test_every_audience_is_declared_through_routes(app: Flask) -> None:
    named = {audience.name for audience in AUDIENCES}
    assert all(isinstance(audience, Routes) for audience in AUDIENCES)
    assert {rule.endpoint.partition(".")[0] for rule in api_rules(app)} == named


def test_only_these_routes_are_for_everyone(app: Flask) -> None:
    served = {rule.endpoint for rule in api_rules(app)}
    assert {name for name in served if DECLARATIONS[name].auth == "public"} == PUBLIC


@pytest.mark.parametrize("header", [{}, {"Authorization": f"Bearer {'x' * 43}"}])
def test_without_a_session_every_other_route_refuses_before_it_looks_at_anything(
    app: Flask, client: FlaskClient, header: dict[str, str]
) -> None:
    for rule in api_rules(app):
        if rule.endpoint not in PUBLIC:
            answer = client.open(concrete(rule), method=method(rule), headers=header, data=b"{")
            code = "session_invalid" if header else "login_required"
            assert refused(answer, 401) == [code], rule.rule


def test_the_documents_say_which_routes_need_a_session(app: Flask, client: FlaskClient) -> None:
    paths = told(client.get("/openapi/openapi.json"))["paths"]
    for rule in api_rules(app):
        documented = paths[rule.rule.replace("<", "{").replace(">", "}")][method(rule).lower()]
        needs_session = documented.get("security") == [{"session": []}]
        assert needs_session == (rule.endpoint not in PUBLIC), rule.rule
        assert ("401" in documented["responses"]) == (needs_session or rule.endpoint == "me.login")
