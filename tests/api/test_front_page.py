"""What whoever types the printed host gets, and whoever types an address that leads nowhere."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.http.parts import NAME, ApiParts
from tests.build.calling import told

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
API_PAGE = 'href="/openapi/swagger"'


def test_the_printed_host_says_what_this_is_and_whom_to_call(client: FlaskClient) -> None:
    page = client.get("/", headers=BROWSER)
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    assert "吉首市住宅电梯维修保险" in page.text
    assert "轿厢里或公告栏上的二维码" in page.text
    assert 'href="tel:119"' in page.text
    assert page.text.count('href="tel:') == 3, "trapped, the centre, the centre below"
    assert "<script" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


def test_only_the_sandbox_leads_developers_on(app: Flask, parts: ApiParts) -> None:
    assert API_PAGE in app.test_client().get("/").text
    app.extensions[NAME] = replace(parts, sandbox=False)
    assert API_PAGE not in app.test_client().get("/").text


@pytest.mark.parametrize("path", ["/nothing", "/lifts/1", "/openapi/nothing", "/favicon.ico"])
def test_an_unknown_address_is_a_calm_page_in_a_browser_and_an_error_for_programs(
    client: FlaskClient, path: str
) -> None:
    page = client.get(path, headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert 'href="tel:119"' in page.text
    for accept in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        answer = client.get(path, headers=accept)
        assert answer.status_code == 404
        assert [error["code"] for error in told(answer)["errors"]] == ["not_found"]


def test_below_the_api_everybody_gets_the_error(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
