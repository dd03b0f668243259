"""Codes that lead nowhere: one calm answer for every cause, and no way to try them all."""

import os
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from backend.app import create_app
from backend.domain.tokens import token_text
from backend.http.parts import ApiParts
from backend.local.valkey import redis_url
from backend.services.base.context import Context, MiniProgramLogin
from backend.store.guesses import MOST_MISSES, Guesses, impatient_redis, network
from backend.store.registry import LiftToken
from tests.build.calling import refused
from tests.build.sample_case import sample_case

TOKEN = token_text(bytes(range(16)))
REVOKED = token_text(bytes(range(16, 32)))
API = "/api/v1/public/lifts/"

BAD_CODES = {
    "forged": token_text(b"\xff" * 16),
    "revoked": REVOKED,
    "truncated": TOKEN[:-1],
    "33 characters": TOKEN + "0000000",
    "upper case": TOKEN.upper(),
    "doubly encoded": quote(quote(TOKEN[0] + " " + TOKEN[1:])),
    "blank at the end": TOKEN + "%20",
    "foreign address": quote("https://elsewhere.example/e/", safe="") + TOKEN,
    "foreign path": f"elsewhere.example/e/{TOKEN}",
    "letters that look alike": "i" * 26,
    "full-width": quote("０" * 26),
    "zero byte": TOKEN[:-1] + "%00",
    "markup": quote("<script>alert(1)</script>"),
    "nothing": "",
    "a slash before it": f"/{TOKEN}",
    "an encoded slash before it": f"%2F{TOKEN}",
    "slashes alone": "//",
}


# What scanners and messengers make of a good address.
SAME_CODES = {
    "every letter encoded twice": "".join(f"%25{ord(letter):02x}" for letter in TOKEN),
    "a stroke behind it": f"{TOKEN}/",
    "a parameter": f"{TOKEN}?from=singlemessage",
    "a stroke and a parameter": f"{TOKEN}/?scancode_time=1700000000",
    "an encoded parameter": quote(f"{TOKEN}?from=timeline", safe=""),
    "a parameter of a mini-program code": quote(f"{TOKEN}&scancode_time=1", safe=""),
}


@pytest.fixture(autouse=True)
def lift(tx: Session, ctx: Context) -> None:
    """A lift with a valid token and one that was revoked."""
    case = sample_case(tx)
    now = ctx.clock()
    tx.add(LiftToken(token=TOKEN, lift_id=case.lift, issued_at=now, revoked_at=None))
    tx.add(LiftToken(token=REVOKED, lift_id=case.lift, issued_at=now, revoked_at=now))
    tx.commit()


@pytest.mark.parametrize("how", SAME_CODES)
def test_a_good_code_is_read_as_meant_whatever_stands_behind_it(
    client: FlaskClient, how: str
) -> None:
    page = client.get(f"/e/{TOKEN}")
    answer = client.get(f"/e/{SAME_CODES[how]}")
    assert (answer.status_code, answer.data) == (200, page.data)


@pytest.mark.parametrize("cause", BAD_CODES)
def test_every_bad_code_gets_the_same_calm_page(client: FlaskClient, cause: str) -> None:
    calm = client.get("/e/anything")
    answer = client.get(f"/e/{BAD_CODES[cause]}")
    assert (answer.status_code, answer.data) == (404, calm.data)
    assert "没有可以显示的内容" in answer.text
    assert 'href="tel:119"' in answer.text


def test_the_calm_page_does_not_say_what_was_wrong(client: FlaskClient) -> None:
    text = client.get(f"/e/{REVOKED}").text
    for hint in ("失效", "停用", "撤销", "错误", "不存在", "过期", REVOKED):
        assert hint not in text


@pytest.mark.parametrize("cause", [cause for cause, code in BAD_CODES.items() if code])
def test_the_api_says_of_every_bad_code_that_nothing_is_there(
    client: FlaskClient, cause: str
) -> None:
    assert refused(client.get(API + BAD_CODES[cause]), 404) == ["not_found"]


def test_an_unknown_notice_gets_the_calm_page_too(client: FlaskClient) -> None:
    calm = client.get("/e/anything").data
    for number in ("GS-2025-999999", "x" * 300, "../secret", "", "/x", "%2Fx", "//"):
        answer = client.get(f"/n/{number}")
        assert (answer.status_code, answer.data) == (404, calm)


def test_a_code_encoded_once_is_read_as_the_browser_meant_it(client: FlaskClient) -> None:
    encoded = "".join(f"%{ord(letter):02X}" for letter in TOKEN)
    assert client.get(f"/e/{encoded}").status_code == 200


def test_whoever_tries_many_codes_is_told_to_wait(client: FlaskClient) -> None:
    for _ in range(MOST_MISSES):
        assert client.get(API + token_text(os.urandom(16))).status_code == 404
    late = client.get(API + token_text(os.urandom(16)))
    assert refused(late, 429) == ["too_many_guesses"]


def test_pages_and_api_count_together_and_the_page_stays_calm(client: FlaskClient) -> None:
    calm = client.get("/e/anything").data
    for _ in range(MOST_MISSES):
        client.get(API + token_text(os.urandom(16)))
    page = client.get("/e/anything")
    assert (page.status_code, page.data) == (429, calm)
    assert page.headers["Retry-After"] == "600"


def test_after_many_guesses_a_known_code_still_opens(client: FlaskClient) -> None:
    for _ in range(MOST_MISSES + 2):
        client.get(API + token_text(os.urandom(16)))
    assert client.get(API + TOKEN).status_code == 200
    assert client.get(f"/e/{TOKEN}").status_code == 200
    assert refused(client.get(API + REVOKED), 429) == ["too_many_guesses"]


def test_wrong_login_codes_stop_being_asked_about(
    parts: ApiParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures before: 200 wrong codes, 200 calls to the platform."""
    asked: list[str] = []
    redeem = parts.ctx.platform.login

    def login(code: str) -> MiniProgramLogin:
        asked.append(code)
        return redeem(code)

    monkeypatch.setattr(parts.ctx.platform, "login", login)
    client = create_app(parts).test_client()

    def sign_in(code: str, address: str = "203.0.113.7") -> TestResponse:
        who = {"REMOTE_ADDR": address}
        return client.post("/api/v1/sessions", json={"code": code}, environ_base=who)

    answers = [sign_in(f"wrong{number}") for number in range(200)]
    assert len(asked) == MOST_MISSES + 1
    assert refused(answers[0], 401) == ["login_code_invalid"]
    assert refused(answers[-1], 429) == ["too_many_logins"]
    assert refused(sign_in("wrong", "203.0.113.8"), 401) == ["login_code_invalid"]
    assert client.get("/e/anything", environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 404


def test_callers_are_counted_apart(client: FlaskClient) -> None:
    for _ in range(MOST_MISSES + 1):
        client.get("/e/anything", environ_base={"REMOTE_ADDR": "203.0.113.7"})
    here, there = (
        client.get("/e/anything", environ_base={"REMOTE_ADDR": address}).status_code
        for address in ("203.0.113.7", "203.0.113.8")
    )
    assert (here, there) == (429, 404)


def test_what_a_caller_writes_about_the_own_address_proves_nothing(client: FlaskClient) -> None:
    for number in range(MOST_MISSES + 1):
        last = client.get("/e/anything", headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert last.status_code == 429


def test_behind_our_proxy_the_address_it_adds_counts(parts: ApiParts) -> None:
    parts_behind = ApiParts(**{**vars(parts), "proxy_hops": 1})
    client = create_app(parts_behind).test_client()

    def ask(told: str) -> int:
        return client.get("/e/anything", headers={"X-Forwarded-For": told}).status_code

    for number in range(MOST_MISSES + 1):
        last = ask(f"198.51.100.{number}, 203.0.113.7")
    assert last == 429
    assert ask("203.0.113.7, 203.0.113.8") == 404


def test_homes_with_many_addresses_count_as_one() -> None:
    assert network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::1") == "2001:db8:1:2::"
    assert network("2001:db8:1:3::1") != network("2001:db8:1:2::1")
    assert network("203.0.113.7") == "203.0.113.7"
    assert network("::ffff:203.0.113.7") == "203.0.113.7", "else one stranger stops all of IPv4"
    assert network("no address") == "unknown"


def test_without_redis_a_process_counts_for_itself() -> None:
    guesses = Guesses(Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.1), "lifts")
    late = [guesses.miss("203.0.113.7") for _ in range(MOST_MISSES + 1)]
    assert late == [False] * MOST_MISSES + [True]
    assert guesses.miss("203.0.113.8") is False
    assert guesses.used_up("203.0.113.7")
    assert not guesses.used_up("203.0.113.8")


@pytest.mark.parametrize("written", [b"abc", b"1e9", b"9" * 5000, b"\xff", b""])
def test_whatever_a_stranger_writes_into_the_counts_nobodys_login_breaks(
    written: bytes, valkey_port: int
) -> None:
    """Figures before: a word there, and every login from that network was a 500."""
    with impatient_redis(redis_url(valkey_port)) as redis:
        redis.flushdb()
        guesses = Guesses(redis, "logins")
        assert not guesses.used_up("203.0.113.9")
        [key] = redis.keys("guesses:logins:*")
        redis.set(key, written)
        assert not guesses.used_up("203.0.113.9")
        late = [guesses.miss("203.0.113.9") for _ in range(MOST_MISSES + 1)]
        assert late == [False] * MOST_MISSES + [True], "the process counts for itself"


def test_a_token_revoked_between_two_scans_is_calm_at_once(
    tx: Session, client: FlaskClient
) -> None:
    assert client.get(f"/e/{TOKEN}").status_code == 200
    tx.execute(
        update(LiftToken).where(LiftToken.token == TOKEN).values(revoked_at=LiftToken.issued_at)
    )
    tx.commit()
    assert client.get(f"/e/{TOKEN}").data == client.get("/e/anything").data
