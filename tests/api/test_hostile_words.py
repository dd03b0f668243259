"""Words that mean something to a machine are words of people here: kept and shown as they are."""

import logging
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from backend.http.routes import PREFIX
from backend.services.base.context import Context
from backend.store.notices import Objection
from tests.build.calling import refused
from tests.build.players import Players, nothing_written, post_notice

HOSTILE = (
    "'; DROP TABLE objection; --",
    "%(id)s %s :id $1 \\'",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "=cmd|'/C calc'!A1",
    "$(touch /tmp/x) `id` ; rm -rf /",
    "../../../../etc/passwd",
)
# What would end a line of a log and begin another one.
LINES = ("\n", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
FORGED = "2025-03-03 09:00:00 INFO tibao.access GET /forged 200"


@pytest.mark.parametrize("words", HOSTILE)
def test_an_objection_may_say_anything(players: Players, ctx: Context, words: str) -> None:
    """It reaches the clerk letter by letter; what everybody reads is text and no markup."""
    case, notice = post_notice(players)
    filed = players.did(
        "owner0", f"/notices/{notice}/objections", {"kind": "price", "text": words}, 201
    )
    answer = {"answer": words}
    players.did("clerk", f"/objections/{filed['id']}/answer", answer)
    own = players.saw("owner0", "/objections/mine")["items"][0]
    assert own["text"] == words
    page = players.client.get(
        f"/n/{players.saw('clerk', f'/purchases/{case}')['notice']['number']}"
    )
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert words in unescape(page.text)
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(Objection)) == 1


def test_no_address_of_a_file_leads_out_of_its_folder(
    players: Players, ctx: Context, tmp_path: Path
) -> None:
    outside = tmp_path / "secret"
    outside.write_text("a secret", "utf-8")
    ups = [
        "../secret",
        "../../secret",
        "..%2fsecret",
        "..%2f..%2fsecret",
        "%2e%2e%2fsecret",
        "..%5csecret",
        str(outside),
        f"%2f{outside}",
        "secret%00.png",
        "file:///etc/passwd",
    ]
    for where in (f"{PREFIX}/files/", "/MP_verify_", "/e/", "/n/", "/p/", "/"):
        for up in ups:
            answer = players.client.get(where + up, headers=players.headers("clerk"))
            assert answer.status_code >= 400, where + up
            assert "a secret" not in answer.text


@pytest.mark.parametrize("line", LINES)
def test_nothing_that_is_sent_begins_a_line_of_a_log(
    client: FlaskClient, players: Players, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    caplog.set_level(logging.DEBUG)
    forged = line + FORGED
    escaped = forged.encode().hex("%")
    headers = players.headers("owner0") | {"X-Request-Id": f"abcdefgh{FORGED}"}
    for path in (f"/files/%{escaped}", f"/notices/%{escaped}", f"/purchases?cursor=%{escaped}"):
        client.get(PREFIX + path, headers=headers)
    client.post(f"{PREFIX}/sessions", json={"code": forged}, headers=headers)
    client.post(f"{PREFIX}/me/rectification-requests", json={forged: forged}, headers=headers)
    client.post(f"{PREFIX}/me/rectification-requests", data=b"{" + forged.encode(), headers=headers)
    ours = [record for record in caplog.records if record.name.startswith(("tibao", "backend"))]
    assert len(ours) >= 6
    for record in ours:
        assert "/forged" not in record.getMessage()
        assert len(record.getMessage().splitlines()) == 1


def test_a_request_that_is_refused_leaves_no_trace_but_its_line(
    players: Players, ctx: Context, caplog: pytest.LogCaptureFixture
) -> None:
    """Who tried what, when, and that it was refused, by ids alone."""
    caplog.set_level(logging.INFO, "tibao.access")
    case, _ = post_notice(players)
    with nothing_written(ctx):
        turned_down = players.post("stranger", f"/purchases/{case}/clearance", {"statement": "x"})
        assert refused(turned_down, 404) == ["not_found"]
    last = caplog.records[-1].getMessage()
    person = players.village.actor("stranger").person_id
    assert f"POST {PREFIX}/purchases/<purchase_id>/clearance 404" in last
    assert f"person={person}" in last
    assert turned_down.headers["X-Request-Id"] in last
    assert case not in last
