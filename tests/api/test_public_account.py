"""Everybody may read what an estate's money did, on the phone and as a table, and nobody's name."""

import csv
from html import unescape
from io import StringIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.domain.money import yuan
from backend.http.lift_pages import LiftPages
from backend.services.base.context import Context
from backend.services.base.own_words import name_of
from backend.services.public import lift_tokens
from backend.store.ledger import Account
from backend.store.notices import Objection
from backend.store.registry import Owner
from tests.build.calling import refused, told
from tests.build.village import Village
from tests.build.waiting import eventually


@pytest.fixture
def token(ctx: Context, village: Village) -> str:
    """The code on the village's first lift, whose notice hangs and was objected to."""
    _, notice = village.posted()
    village.person("owner0").objects(notice, "price", "保费偏高")
    return lift_tokens.issue_token(ctx, village.actor("clerk"), village.lifts[0], "首次张贴").token


def test_answer_page_and_table_say_the_same_and_name_nobody(
    client: FlaskClient, ctx: Context, village: Village, token: str
) -> None:
    path = f"/api/v1/public/lifts/{token}/account"
    account = told(client.get(path))
    [pool] = [each for each in account["pools"] if each["held_fen"]]
    with ctx.sessions() as tx:
        booked = tx.get_one(Account, village.pool)
        assert (pool["balance_fen"], pool["held_fen"]) == (booked.balance_fen, booked.held_fen)
        names = [name_of(ctx.cipher, each) for each in tx.scalars(select(Owner))]
    assert account["notices"][0]["objection_counts"] == {"total": 1, "open": 1}

    table = client.get(f"{path}.csv")
    assert table.content_type == "text/csv; charset=utf-8"
    rows = list(csv.reader(StringIO(table.text.removeprefix("\ufeff"))))[1:]
    told_in_answer = [
        [each["name"], str(year["year"]), what, f"{fen / 100:.2f}"]
        for each in account["pools"]
        for year in reversed(each["years"])
        for what, fen in (
            ("年初余额", year["began_fen"]),
            *((move["name"], move["fen"]) for move in year["moved"]),
            (year["ended_name"], year["ended_fen"]),
        )
    ]
    assert rows == told_in_answer

    page = unescape(client.get(f"/a/{token}").text)
    for words in (account["estate"], pool["name"], yuan(pool["balance_fen"]), "其中1份正在处理"):
        assert words in page
    for words in (page, table.text, str(account)):
        assert not [name for name in names if name in words]


def test_what_moves_the_money_shows_at_once(
    client: FlaskClient, ctx: Context, village: Village, token: str, fresh: LiftPages
) -> None:
    path = f"/a/{token}"

    def kept() -> bool:
        client.get(path)
        return path in fresh._pages

    eventually(kept)
    before = client.get(path).data
    village.copies = None
    with ctx.sessions() as tx:
        objection = tx.scalars(select(Objection.id)).one()
    village.person("owner0").withdraws_objection(objection)
    eventually(lambda: client.get(path).data != before)


@pytest.mark.parametrize("code", ["0" * 26, "x", "%00", "1 OR 1=1"])
def test_a_code_that_is_none_leads_nowhere(client: FlaskClient, code: str) -> None:
    path = f"/api/v1/public/lifts/{code}/account"
    assert refused(client.get(path), 404) == ["not_found"]
    assert refused(client.get(f"{path}.csv"), 404) == ["not_found"]
    assert client.get(f"/a/{code}").data == client.get("/e/none").data
