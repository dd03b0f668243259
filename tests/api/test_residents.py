"""A resident's own affairs over HTTP: phone, subscriptions, data, leaving."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from backend.services.base.context import Context
from backend.services.base.own_words import keep_phone
from backend.services.people import idempotency
from backend.store.registry import LiftToken, Owner
from backend.wechat.templates import SUBSCRIBE_TEMPLATES
from tests.build.calling import SignedInPerson, SignIn, refused, told
from tests.build.village import Village

PHONE = "13800000001"
TOKEN = "0123456789ABCDEFGHJKMNPQRS"


@pytest.fixture
def phone_code(emulator_url: str) -> Callable[..., str]:
    """A code from the emulator, as the phone number button gives it."""

    def get_code(name: str, **more: str) -> str:
        people = f"{emulator_url}/sandbox/people"
        body = {"name": name, "phone": PHONE}
        requests.post(people, json=body, timeout=10).raise_for_status()
        answer = requests.post(f"{people}/{name}/phone-code", json=more, timeout=10)
        answer.raise_for_status()
        return str(answer.json()["code"])

    return get_code


@pytest.fixture
def anna(sign_in: SignIn, village: Village) -> SignedInPerson:
    """Someone whose phone the roster has for the first flat."""
    with village.ctx.sessions() as tx:
        owner = tx.get_one(Owner, village.owners[0])
        keep_phone(village.ctx.cipher, owner, PHONE)
        owner.person_id = None
        tx.add(LiftToken(token=TOKEN, lift_id=village.lifts[0], issued_at=village.clock()))
        tx.commit()
    return sign_in("安娜")


def post(client: FlaskClient, who: SignedInPerson, path: str, body: Any = None) -> Any:
    headers = {**who.headers, "Idempotency-Key": f"key-{path}-{body}".encode().hex()[-60:]}
    return client.post(f"/api/v1{path}", headers=headers, json=body)


def get(client: FlaskClient, who: SignedInPerson, path: str) -> Any:
    return told(client.get(f"/api/v1{path}", headers=who.headers))


def test_a_phone_code_verifies_an_owner_who_then_is_one(
    client: FlaskClient, anna: SignedInPerson, phone_code: Callable[..., str]
) -> None:
    code = phone_code("安娜")
    kept = told(post(client, anna, "/me/phone", {"code": code}))
    assert (kept["phone_masked"], kept["verified"]) == ("138****0001", True)
    assert [home["room"] for home in kept["homes"]] == ["101"]
    me = get(client, anna, "/me")
    assert (me["phone_verified"], me["name_masked"], len(me["homes"])) == (True, "冯**", 1)
    # The code is used up; the same request again gets its first answer.
    assert post(client, anna, "/me/phone", {"code": code}).status_code == 200
    used = client.post("/api/v1/me/phone", headers=anna.headers, json={"code": code})
    assert refused(used, 422) == ["phone_code_invalid"]


def test_a_code_used_up_by_a_request_that_died_verifies_nothing_and_a_new_one_is_asked_for(
    client: FlaskClient,
    anna: SignedInPerson,
    phone_code: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = phone_code("安娜")
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_keep", died)
        assert post(client, anna, "/me/phone", {"code": code}).status_code == 500
    me = get(client, anna, "/me")
    assert (me["phone_verified"], me["homes"]) == (False, [])
    again = post(client, anna, "/me/phone", {"code": code})
    assert refused(again, 422) == ["phone_code_invalid"]
    assert "请重新点击获取手机号" in told(again)["errors"][0]["message"]
    assert post(client, anna, "/me/phone", {"code": code}).data == again.data
    assert told(post(client, anna, "/me/phone", {"code": phone_code("安娜")}))["verified"]


def died(*_: object) -> None:
    raise ConnectionResetError


def test_another_apps_watermark_and_made_up_codes_prove_nothing(
    client: FlaskClient, anna: SignedInPerson, phone_code: Callable[..., str]
) -> None:
    for code in (phone_code("安娜", appid="wx-foreign"), "made-up"):
        answer = post(client, anna, "/me/phone", {"code": code})
        assert refused(answer, 422) == ["phone_code_invalid"]
    assert get(client, anna, "/me")["homes"] == []


def test_a_typed_phone_is_a_contact(client: FlaskClient, anna: SignedInPerson) -> None:
    kept = told(post(client, anna, "/me/phone", {"phone": PHONE}))
    assert (kept["verified"], kept["homes"]) == (False, [])
    assert refused(post(client, anna, "/me/phone", {"phone": "12"}), 422) == ["phone_invalid"]
    for body in ({}, {"code": "x", "phone": PHONE}):
        assert refused(post(client, anna, "/me/phone", body), 422) == ["phone_or_code"]


def test_following_and_consents_are_listed(
    client: FlaskClient, anna: SignedInPerson, village: Village
) -> None:
    _, notice_id = village.posted()
    paths = (f"/notices/{notice_id}/follow", f"/lifts/{TOKEN}/follow")
    for path in paths:
        assert post(client, anna, path).status_code == 204
    mine = get(client, anna, "/me/subscriptions")
    ids = {template["key"]: template["template_id"] for template in mine["templates"]}
    assert ids == {key: template.platform_id for key, template in SUBSCRIBE_TEMPLATES.items()}
    assert {template["quota"] for template in mine["templates"]} == {0}
    for follow in mine["follows"]:
        rest = "notices" if follow["kind"] == "notice" else "lifts"
        path = f"/api/v1/{rest}/{follow['id']}/follow"
        assert client.delete(path, headers=anna.headers).status_code == 204
    assert get(client, anna, "/me/subscriptions")["follows"] == []
    # Nobody learns here whether there ever was such a code.
    for unknown in ("0" * 26, "x"):
        path = f"/api/v1/lifts/{unknown}/follow"
        assert client.delete(path, headers=anna.headers).status_code == 204


def test_ones_data_is_seen_taken_along_corrected_and_left_behind(
    client: FlaskClient, anna: SignedInPerson, sign_in: SignIn, ctx: Context
) -> None:
    assert [s["title"] for s in get(client, anna, "/me/data")["sections"]]
    file = client.get("/api/v1/me/data/export", headers=anna.headers)
    assert "attachment" in file.headers["Content-Disposition"]
    assert told(file)["person_id"] == str(anna.id)
    asked = post(
        client, anna, "/me/rectification-requests", {"what": "房屋", "text": "应为 102 室"}
    )
    assert asked.status_code == 201
    unsure = post(client, anna, "/me/departure", {"confirm": False})
    assert refused(unsure, 422) == ["confirm_required"]
    left = told(post(client, anna, "/me/departure", {"confirm": True}))
    assert "注销" in left["message"]
    assert refused(client.get("/api/v1/me", headers=anna.headers), 401) == ["session_invalid"]
    # Whoever comes back is somebody new.
    again = sign_in("安娜")
    assert again.id != anna.id
    assert get(client, again, "/me")["phone_masked"] is None
