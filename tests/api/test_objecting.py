"""Objecting as a phone does it: a real login, uploads, the platform's check, and the receipt."""

import io
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from backend.domain.objection import Verdict
from backend.services.base.context import Context
from backend.services.people import idempotency
from backend.services.public_notice import moderation
from backend.store.notices import Objection
from backend.store.registry import Owner
from tests.build.calling import SignedInPerson, SignIn, refused, told
from tests.build.players import Players, post_notice
from tests.build.village import Village

CHAIN_LOCK = 7105002

WORDS = {"kind": "price", "text": "我住101室，保费偏高。", "publish_text": True}


@pytest.fixture
def owner(village: Village, sign_in: SignIn) -> SignedInPerson:
    """An owner of the village who just opened the mini-program."""
    person = sign_in("张三")
    with village.ctx.sessions() as tx:
        tx.get_one(Owner, village.owners[0]).person_id = person.id
        tx.commit()
    return person


def send(
    client: FlaskClient, person: SignedInPerson, notice: UUID, body: object, key: str | None = None
) -> TestResponse:
    headers = person.headers | {"Idempotency-Key": key or str(uuid4())}
    return client.post(f"/api/v1/notices/{notice}/objections", json=body, headers=headers)


def upload(client: FlaskClient, person: SignedInPerson, picture: Image.Image, kind: str) -> str:
    content = io.BytesIO()
    picture.save(content, kind)
    content.seek(0)
    headers = person.headers | {"Idempotency-Key": str(uuid4())}
    answer = client.post("/api/v1/uploads", data={"file": (content, "a")}, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(told(answer)["sha256"])


def signature() -> Image.Image:
    field = Image.new("RGBA", (600, 240), (0, 0, 0, 0))
    ImageDraw.Draw(field).line(((60, 120), (200, 60), (350, 180)), (0, 0, 0, 255), 5)
    return field


def test_an_objection_goes_from_the_phone_to_the_receipt(
    client: FlaskClient, players: Players, village: Village, owner: SignedInPerson
) -> None:
    case, notice = village.posted()
    papers = {
        "photos": [upload(client, owner, Image.radial_gradient("L").resize((400, 400)), "JPEG")],
        "signature": upload(client, owner, signature(), "PNG"),
    }
    sent = send(client, owner, notice, WORDS | papers, "once-and-only-once")
    assert sent.status_code == 201, sent.text
    filed = told(sent)
    assert (filed["status"], filed["publication"]) == ("verified", "published")
    # Submitted offline, and again when back: one objection.
    assert told(send(client, owner, notice, WORDS | papers, "once-and-only-once")) == filed
    assert refused(send(client, owner, notice, WORDS), 409) == ["objection_already_filed"]
    assert players.saw("manager", f"/purchases/{case.id}")["state"] == "suspended"
    receipt = client.get(filed["receipt_url"], headers=owner.headers)
    assert (receipt.status_code, receipt.mimetype) == (200, "application/pdf")
    assert receipt.data.startswith(b"%PDF-")
    assert receipt.headers["Content-Disposition"].startswith("attachment; ")
    assert receipt.headers["Cache-Control"] == "private, no-store"
    hidden = client.get(filed["receipt_url"], headers=players.headers("clerk"))
    assert refused(hidden, 404) == ["not_found"]
    mine = told(client.get("/api/v1/objections/mine", headers=owner.headers))["items"][0]
    assert mine["published_text"] == "我住**室，保费偏高。"
    assert mine["photos"] == papers["photos"]
    assert mine["receipt_url"] == filed["receipt_url"]


@pytest.mark.parametrize(
    ("mark", "publication"), [("", "published"), ("【待审】", "held"), ("【违规】", "refused")]
)
def test_the_platform_s_word_decides_on_publication_and_on_nothing_else(
    client: FlaskClient,
    players: Players,
    village: Village,
    owner: SignedInPerson,
    mark: str,
    publication: str,
) -> None:
    case, notice = village.posted()
    filed = told(send(client, owner, notice, WORDS | {"text": f"保费偏高{mark}"}))
    assert (filed["status"], filed["publication"]) == ("verified", publication)
    assert (filed["publication_reason"] is None) is (publication == "published")
    assert players.saw("manager", f"/purchases/{case.id}")["state"] == "suspended"


@pytest.mark.parametrize(
    "fault",
    [{"kind": "lost_before", "seconds": 0}, {"kind": "errcode", "code": -1}, {"kind": "http"}],
    ids=["no answer", "busy", "broken"],
)
def test_an_objection_is_never_lost_because_the_platform_is_away(
    client: FlaskClient,
    players: Players,
    village: Village,
    owner: SignedInPerson,
    emulator_url: str,
    fault: dict[str, Any],
) -> None:
    _, notice = village.posted()
    broken = {"call": "/wxa/msg_sec_check", "times": None, "code": 500} | fault
    requests.post(f"{emulator_url}/sandbox/faults", json=broken, timeout=10).raise_for_status()
    try:
        sent = send(client, owner, notice, WORDS)
    finally:
        requests.delete(f"{emulator_url}/sandbox/faults", timeout=10).raise_for_status()
    assert sent.status_code == 201, sent.text
    filed = told(sent)
    assert (filed["status"], filed["publication"]) == ("verified", "held")
    there = f"/objections/{filed['id']}/publication"
    assert refused(players.post("clerk", there, {"decision": "refuse"}), 422) == ["text_required"]
    assert refused(players.post("manager", there, {"decision": "publish"}), 404) == ["not_found"]
    decided = players.did("clerk", there, {"decision": "publish"})
    assert (decided["publication"], decided["published_text"]) == (
        "published",
        "我住**室，保费偏高。",
    )


def test_the_author_takes_the_words_back_over_http(
    client: FlaskClient, players: Players, village: Village, owner: SignedInPerson
) -> None:
    case, notice = village.posted()
    filed = told(send(client, owner, notice, WORDS))
    there = f"/api/v1/objections/{filed['id']}/publication"
    assert refused(client.delete(there, headers=players.headers("clerk")), 404) == ["not_found"]
    assert client.delete(there, headers=owner.headers).status_code == 204
    assert client.delete(there, headers=owner.headers).status_code == 204
    mine = told(client.get("/api/v1/objections/mine", headers=owner.headers))["items"][0]
    assert (mine["publication"], mine["published_text"]) == ("private", None)
    assert (mine["status"], mine["can_withdraw"]) == ("verified", True)
    assert players.saw("manager", f"/purchases/{case.id}")["state"] == "suspended"


def test_papers_that_are_none_are_refused_by_name(
    client: FlaskClient, village: Village, owner: SignedInPerson
) -> None:
    _, notice = village.posted()
    dot = upload(client, owner, Image.new("L", (600, 240), 255), "PNG")
    cases: list[tuple[dict[str, object], int, str]] = [
        ({"signature": dot}, 422, "signature_too_small"),
        ({"photos": ["0" * 64]}, 422, "file_unknown"),
        ({"photos": ["x"]}, 422, "field_invalid"),
        ({"photos": [dot] * 2}, 422, "photo_repeated"),
        ({"publish_text": "yes"}, 422, "field_invalid"),
        ({"text": "保费\u0007偏高"}, 422, "text_characters_invalid"),
        ({"text": "贵" * 2501}, 422, "text_too_long"),
    ]
    for wrong, status, code in cases:
        assert refused(send(client, owner, notice, WORDS | wrong), status) == [code], wrong


def test_the_posting_of_a_notice_over_http(players: Players, village: Village) -> None:
    case = village.approved()
    drafted = players.did("manager", f"/purchases/{case.id}/notice", status=201)
    there, unit = f"/notices/{drafted['id']}", str(village.units[0])
    photo = {
        "unit_id": unit,
        "moment": "start",
        "framing": "close",
        "file_sha256": players.upload("manager"),
    }
    handed = players.did("manager", f"{there}/photos", photo, 201)
    assert handed["state"] == "approved"
    assert [one["code"] for one in handed["warnings"]] == ["code_not_seen", "time_not_seen"]
    seen = players.saw("manager", f"{there}/posting")
    assert seen["notice"]["state"] == "posting"
    assert seen["places"][0]["start"]["close"]["sha256"] == photo["file_sha256"]
    assert seen["places"][0]["start"]["wide"] is None
    assert "人脸" in seen["hint"]
    elsewhere = photo | {"unit_id": str(village.units[1])}
    answer = players.post("manager", f"{there}/photos", elsewhere)
    assert refused(answer, 409) == ["photo_is_a_double"]
    unknown = photo | {"framing": "wide", "poster_sha256": "0" * 64}
    assert refused(players.post("manager", f"{there}/photos", unknown), 422) == ["poster_unknown"]


def test_an_objection_is_on_record_and_nothing_is_locked_while_the_platform_thinks(
    players: Players, village: Village, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, notice = post_notice(players)
    meanwhile: list[tuple[int, bool]] = []

    def thinks(*_: object) -> Verdict:
        with ctx.sessions() as tx:
            filed = tx.scalar(select(func.count()).select_from(Objection)) or 0
            free = tx.scalar(select(func.pg_try_advisory_xact_lock(CHAIN_LOCK)))
            meanwhile.append((filed, bool(free)))
        return Verdict.UNCHECKED

    monkeypatch.setattr(moderation, "ask_platform", thinks)
    words = {"kind": "price", "text": "保费偏高"}
    players.did("owner0", f"/notices/{notice}/objections", words, 201)
    assert meanwhile == [(1, True)]


def test_killed_while_the_platform_thinks_an_objection_is_filed_once_and_answered(
    client: FlaskClient, village: Village, owner: SignedInPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, notice = village.posted()
    with monkeypatch.context() as patch:
        patch.setattr(moderation, "ask_platform", dies)
        assert send(client, owner, notice, WORDS, "once-and-only-once").status_code == 500
    answers = [send(client, owner, notice, WORDS, "once-and-only-once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    [mine] = told(client.get("/api/v1/objections/mine", headers=owner.headers))["items"]
    filed = told(answers[0])
    assert filed["number"] == mine["number"]
    # Nobody has looked at the words: they wait for the clerk, and the answer says so.
    assert filed["publication"] == mine["publication"] == "held"
    assert filed["publication_reason"] == mine["publication_reason"]


def test_the_platform_s_word_and_the_answer_that_tells_it_are_one(
    client: FlaskClient, village: Village, owner: SignedInPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, notice = village.posted()
    keep, kept = idempotency._keep, 0

    def keeps_once(*args: Any) -> None:
        nonlocal kept
        if (kept := kept + 1) > 1:
            dies()
        keep(*args)

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_keep", keeps_once)
        assert send(client, owner, notice, WORDS, "once-and-only-once").status_code == 500
    filed = told(send(client, owner, notice, WORDS, "once-and-only-once"))
    [mine] = told(client.get("/api/v1/objections/mine", headers=owner.headers))["items"]
    assert (filed["number"], filed["publication"]) == (mine["number"], mine["publication"])
    assert filed["publication"] == "held"


def dies(*_: object) -> None:
    raise ConnectionResetError
