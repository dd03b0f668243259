"""Signing in to the desk: with one's own phone, at this PC, once."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.services.base.context import Context
from backend.services.people import (
    desk_sessions,
    lockouts,
    sessions,
)
from backend.store.audit import AuditEntry
from backend.store.people import LoginSession
from tests.build.calling import refused, told
from tests.build.office import Office, Page
from tests.build.village import TOKEN, Village

At = Callable[[str], Office]
New = Callable[[], Office]
CLERK = TOKEN.format("clerk")


def links(ctx: Context, action: AuditAction) -> list[str]:
    with ctx.sessions() as tx:
        rows = tx.scalars(select(AuditEntry).where(AuditEntry.action == action))
        return [json.loads(row.body)["facts"].get("why", "") for row in rows]


def test_a_clerk_scans_the_code_chooses_the_number_and_is_in(coming_in: At, ctx: Context) -> None:
    page = coming_in("clerk").open("/desk/")
    assert "今日待办" in page.text
    assert "中心经办" in page.text
    assert links(ctx, AuditAction.DESK_SIGN_IN) == [""]


def test_before_the_phone_has_confirmed_the_button_opens_nothing(
    office: New, village: Village
) -> None:
    place = office()
    text, _ = place.shown_code()
    assert "手机上还没有确认" in place.come_in().text
    assert place.shown_code()[0] == text


def test_a_wrong_number_ends_the_code(office: New, village: Village, ctx: Context) -> None:
    place = office()
    text, number = place.shown_code()
    wrong = next(each for each in place.offered(CLERK, text) if each != number)
    assert refused(place.confirm(CLERK, text, wrong), 409) == ["desk_number_wrong"]
    assert refused(place.confirm(CLERK, text, number), 404) == ["desk_code_invalid"]
    assert "不一致" in place.come_in().text
    assert place.shown_code()[0] != text
    assert links(ctx, AuditAction.DESK_REFUSE_SIGN_IN) == ["wrong_number"]


def test_a_code_that_was_relayed_to_another_pc_opens_nothing_there(
    office: New, village: Village
) -> None:
    mine, theirs = office(), office()
    text, number = mine.shown_code()
    theirs.shown_code()
    secret = theirs.browser.get_cookie("tibao_desk_waiting")
    assert secret is not None
    stolen = f"{secret.value.partition('.')[0]}.{text}"
    theirs.browser.set_cookie("tibao_desk_waiting", stolen)
    assert mine.confirm(CLERK, text, number).status_code == 204
    assert "码已过期" in Page(theirs.browser.post("/desk/sign-in")).text
    assert theirs.browser.get_cookie("tibao_desk") is None


def test_a_code_opens_one_session(office: New, village: Village, ctx: Context) -> None:
    place = office()
    text, number = place.shown_code()
    place.confirm(CLERK, text, number)
    waiting = place.browser.get_cookie("tibao_desk_waiting")
    assert waiting is not None
    place.come_in()
    again = office()
    again.browser.set_cookie("tibao_desk_waiting", waiting.value)
    assert Page(again.browser.post("/desk/sign-in", follow_redirects=True)).status == 404
    assert again.browser.get_cookie("tibao_desk") is None
    assert links(ctx, AuditAction.DESK_REFUSE_SIGN_IN) == ["used"]


@pytest.mark.parametrize("text", ["x", "A" * 48, "-" * 48, "电" * 48])
def test_a_code_that_is_none_of_ours_is_refused(
    office: New, village: Village, ctx: Context, text: str
) -> None:
    assert desk_sessions.read_code(ctx, "secret", text) is None
    assert office().confirm(CLERK, text, 42).status_code in (404, 422)


def test_the_cookie_opens_nothing_of_the_api_and_a_token_of_the_api_nothing_here(
    coming_in: At, office: New, village: Village
) -> None:
    place = coming_in("clerk")
    cookie = place.browser.get_cookie("tibao_desk")
    assert cookie is not None
    headers = {"Authorization": f"Bearer {cookie.value}"}
    assert refused(place.phone.get("/api/v1/me", headers=headers), 401) == ["session_invalid"]
    other = office()
    other.browser.set_cookie("tibao_desk", CLERK)
    assert "用手机登录" in other.open("/desk/").text


def test_signing_out_ends_it_everywhere(coming_in: At, desk: Flask) -> None:
    place = coming_in("clerk")
    cookie = place.browser.get_cookie("tibao_desk")
    assert cookie is not None
    page = place.open("/desk/")
    place.fill(page, page.form("/desk/sign-out"))
    elsewhere = desk.test_client()
    elsewhere.set_cookie("tibao_desk", cookie.value)
    assert elsewhere.get("/desk/").status_code == 303


def test_who_is_locked_out_is_out_at_the_desk_too(
    coming_in: At, village: Village, ctx: Context
) -> None:
    place = coming_in("clerk")
    lockouts.lock_out(ctx, None, village.actor("clerk").person_id, "手机丢失")
    assert "用手机登录" in place.open("/desk/").text


def test_nobody_is_led_to_another_host_after_signing_in(office: New, village: Village) -> None:
    for elsewhere in (
        "https://evil.example/desk/",
        "//evil.example/desk/",
        "/\\evil.example",
        "x",
        "//[",
    ):
        place = office()
        text, number = place.shown_code()
        place.confirm(CLERK, text, number)
        answer = place.browser.post("/desk/sign-in", data={"next": elsewhere})
        assert answer.headers["Location"] == "/desk/"


def test_somebody_reads_where_they_are_signed_in_and_ends_it_there(
    coming_in: At, ctx: Context
) -> None:
    here, there = coming_in("clerk"), coming_in("clerk")
    page = here.open("/desk/sessions")
    assert "就是这里" in page.text
    assert page.text.count("127.0.0.*") == 2
    ending = [form for form in page.forms if form.action.endswith("/end")]
    # One more PC and the phone; nobody ends the one before their eyes by mistake.
    assert len(ending) == 2
    assert "已结束" in Page(here.fill(page, ending[0])).text
    assert "用手机登录" in there.open("/desk/").text
    assert "今日待办" in here.open("/desk/").text
    assert links(ctx, AuditAction.DESK_SIGN_OUT) == ["ended_from_list"]


def test_the_phone_lists_and_ends_what_is_open_on_pcs(
    coming_in: At, office: New, village: Village
) -> None:
    place = coming_in("clerk")
    me = {"Authorization": f"Bearer {CLERK}"}
    (item,) = told(place.phone.get("/api/v1/desk-sessions", headers=me))["items"]
    assert item["desk_place"].startswith("127.0.0.*")
    address = f"/api/v1/desk-sessions/{item['id']}"
    others = {"Authorization": f"Bearer {TOKEN.format('reviewer')}"}
    assert refused(place.phone.delete(address, headers=others), 404) == ["not_found"]
    assert place.phone.delete(address, headers=me).status_code == 204
    assert "用手机登录" in place.open("/desk/").text


def test_whoever_signs_in_takes_the_place_of_whoever_was_there(
    coming_in: At, desk: Flask, ctx: Context
) -> None:
    place = coming_in("clerk")
    before = place.browser.get_cookie("tibao_desk")
    assert before is not None
    place.sign_in(TOKEN.format("reviewer"))
    elsewhere = desk.test_client()
    elsewhere.set_cookie("tibao_desk", before.value)
    assert elsewhere.get("/desk/").status_code == 303
    assert links(ctx, AuditAction.DESK_SIGN_OUT) == [""]


def test_a_session_that_ends_by_itself_stands_in_the_chain_and_a_phones_does_not(
    coming_in: At, ctx: Context
) -> None:
    coming_in("clerk")
    with ctx.sessions() as tx:
        tx.execute(update(LoginSession).values(expires_at=system_clock() - timedelta(days=2)))
        tx.commit()
    sessions.forget_ended(ctx)
    assert len(links(ctx, AuditAction.DESK_EXPIRE)) == 1
