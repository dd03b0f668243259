"""Our client of the platform against the emulator, over HTTP."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask, Response

from backend.clock import system_clock
from backend.wechat import client
from backend.wechat.client import ServiceAccount, service_account
from backend.wechat.mini_program import MiniProgram, mini_program
from backend.wechat.reactions import PlatformError, Reaction, SendUnknown, reaction_to
from backend.wechat.templates import TEMPLATES, fit, platform_data, said_to_come_again, shown
from tests.build.waiting import at_once, eventually

REMINDER = TEMPLATES["deadline_reminder"]
VALUES = {
    "estate": "人民南路一号小区",
    "task": "支付保险费",
    "number": "JS-2025-0001",
    "due": "2025年10月11日 24:00",
    "left": "还有一天",
}
DATA = platform_data(REMINDER, VALUES)
SEND = "/cgi-bin/message/template/send"
TOKEN = "/cgi-bin/stable_token"


@pytest.fixture
def service(sandbox: Any) -> ServiceAccount:
    return service_account(sandbox.settings)


@pytest.fixture
def mini(sandbox: Any) -> MiniProgram:
    return mini_program(sandbox.settings)


def fault(sandbox: Any, kind: str, call: str = SEND, **more: object) -> None:
    sandbox.control("POST", "/faults", {"call": call, "kind": kind, **more})


def test_a_template_message_arrives_with_its_labels(sandbox: Any, service: ServiceAccount) -> None:
    openid = sandbox.person("张三")
    msgid = service.send_template(openid, REMINDER.platform_id, DATA, "c1", url="https://x.cn/1")
    [heard] = sandbox.heard("张三")
    assert heard["msgid"] == msgid
    assert heard["template"] == "deadline_reminder"
    assert heard["text"] == shown(REMINDER, VALUES)
    assert heard["url"] == "https://x.cn/1"


def test_what_may_come_a_second_time_says_so_where_there_is_room() -> None:
    long = "一" * 20
    assert said_to_come_again(DATA)["thing1"] == f"重发 {VALUES['estate']}"
    assert said_to_come_again({"time1": "", "thing2": long, "thing3": "二"})["thing3"] == "重发 二"
    assert said_to_come_again({"thing2": long}) == {"thing2": long}


def test_twenty_cold_threads_fetch_one_token(sandbox: Any, service: ServiceAccount) -> None:
    openid = sandbox.person("张三")

    def ask() -> bool:
        return service.user_info(openid).subscribed

    assert all(at_once([ask] * 20))
    assert sandbox.calls(TOKEN) == 1


def test_twenty_threads_with_a_revoked_token_fetch_one_new_token(
    sandbox: Any, service: ServiceAccount
) -> None:
    openid = sandbox.person("张三")
    service.user_info(openid)
    sandbox.control("POST", "/tokens/revoke")

    def ask() -> bool:
        return service.user_info(openid).subscribed

    assert all(at_once([ask] * 20))
    assert sandbox.calls(TOKEN) == 2


def test_a_fetch_that_fails_has_failed_for_all_who_waited(
    service: ServiceAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Barrier(8)
    asked: list[int] = []
    asking: list[int] = []

    def silent(*_args: object, **_named: object) -> Any:
        asked.append(1)
        eventually(lambda: len(asking) == 8)  # and the others wait at the lock
        raise SendUnknown("no answer")

    def ask(number: int) -> str:
        together.wait()
        asking.append(number)
        with pytest.raises(PlatformError) as refused:
            _ = service.access_token
        return str(refused.value)

    monkeypatch.setattr(service, "_exchange", silent)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(ask, range(8)))
    assert len(set(told)) == 1
    assert len(asked) < 8
    before = len(asked)
    with pytest.raises(PlatformError):
        str(service.access_token)
    assert len(asked) == before, "within some seconds nobody asks anew"
    later = system_clock() + timedelta(seconds=client.FAILURE_SECONDS)
    monkeypatch.setattr(client, "system_clock", lambda: later)
    with pytest.raises(PlatformError):
        str(service.access_token)
    assert len(asked) > before


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_lasting_token_error_costs_one_refresh_and_then_says_so(
    sandbox: Any, service: ServiceAccount, errcode: int
) -> None:
    openid = sandbox.person("张三")
    service.user_info(openid)
    fault(sandbox, "errcode", code=errcode, times=None)
    with pytest.raises(PlatformError) as caught:
        service.send_template(openid, REMINDER.platform_id, DATA, "c1")
    assert caught.value.errcode == errcode
    assert caught.value.reaction is Reaction.REFRESH
    assert caught.value.transient
    assert caught.value.rid
    assert sandbox.calls(TOKEN) == 2
    assert sandbox.calls(SEND) == 2


def test_a_token_error_that_passes_is_not_noticed(sandbox: Any, service: ServiceAccount) -> None:
    openid = sandbox.person("张三")
    fault(sandbox, "errcode", code=40001)
    assert service.send_template(openid, REMINDER.platform_id, DATA, "c1")
    assert len(sandbox.heard("张三")) == 1


def test_every_process_gets_the_same_token_and_kills_none(sandbox: Any) -> None:
    openid = sandbox.person("张三")
    processes = [service_account(sandbox.settings) for _ in range(3)]
    for process in processes:
        assert process.user_info(openid).subscribed
    assert len({process.access_token for process in processes}) == 1
    assert sandbox.calls(TOKEN) == 3
    sandbox.control("POST", "/tokens/revoke")
    for process in processes:
        assert process.user_info(openid).subscribed
    assert len({process.access_token for process in processes}) == 1


def test_the_same_client_message_is_sent_once(sandbox: Any, service: ServiceAccount) -> None:
    openid, other = sandbox.person("张三"), sandbox.person("李四")
    first = service.send_template(openid, REMINDER.platform_id, DATA, "c1")
    assert service.send_template(openid, REMINDER.platform_id, DATA, "c1") == first
    assert service.send_template(openid, REMINDER.platform_id, DATA, "c2") != first
    assert service.send_template(other, REMINDER.platform_id, DATA, "c1") != first
    assert len(sandbox.heard("张三")) == 2


@pytest.mark.parametrize(("kind", "delivered"), [("lost_before", 0), ("lost_after", 1)])
def test_a_lost_answer_is_unknown_and_a_repeat_is_sent_once(
    sandbox: Any, service: ServiceAccount, kind: str, delivered: int
) -> None:
    openid = sandbox.person("张三")
    fault(sandbox, kind, seconds=1.5)
    with pytest.raises(SendUnknown):
        service.send_template(openid, REMINDER.platform_id, DATA, "c1")
    assert len(sandbox.heard("张三")) == delivered
    service.send_template(openid, REMINDER.platform_id, DATA, "c1")
    assert len(sandbox.heard("张三")) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_broken_gateway_is_unknown(sandbox: Any, service: ServiceAccount, status: int) -> None:
    fault(sandbox, "http", code=status)
    with pytest.raises(SendUnknown):
        service.send_template(sandbox.person("张三"), REMINDER.platform_id, DATA, "c1")


@pytest.mark.parametrize(
    ("status", "reaction"),
    [(404, Reaction.OPERATOR), (403, Reaction.OPERATOR), (429, Reaction.BACK_OFF)],
)
def test_an_http_refusal_is_for_the_operator_unless_we_are_too_fast(
    sandbox: Any, service: ServiceAccount, status: int, reaction: Reaction
) -> None:
    fault(sandbox, "http", code=status)
    with pytest.raises(PlatformError) as caught:
        service.send_template(sandbox.person("张三"), REMINDER.platform_id, DATA, "c1")
    assert caught.value.reaction is reaction


def test_no_connection_is_surely_not_sent(sandbox: Any, free_port: int) -> None:
    nowhere = replace(sandbox.settings, wechat_url=f"http://127.0.0.1:{free_port}")
    with pytest.raises(PlatformError) as caught:
        service_account(nowhere).send_text("oSomeone", "你好")
    assert caught.value.errcode is None
    assert caught.value.reaction is Reaction.BACK_OFF


@pytest.mark.parametrize("kind", ["lost_before", "lost_after", "http"])
def test_a_message_whose_token_was_not_fetched_is_surely_not_sent(
    sandbox: Any, service: ServiceAccount, kind: str
) -> None:
    fault(sandbox, kind, call=TOKEN, code=502, seconds=1.2)
    with pytest.raises(PlatformError) as caught:
        service.send_template(sandbox.person("张三"), REMINDER.platform_id, DATA, "c1")
    assert caught.value.transient
    assert sandbox.calls(SEND) == 0


@pytest.mark.parametrize(
    "answer",
    ["", "<html>", "[]", "null", '{"errcode": "soon"}', '{"errcode": 0', '{"code": 500}', "{}"],
)
def test_an_unreadable_answer_is_unknown(
    sandbox: Any, serve_app: Callable[[Flask], str], answer: str
) -> None:
    strange = Flask("strange")
    strange.add_url_rule(
        TOKEN, "token", lambda: {"access_token": "t", "expires_in": 7200}, methods=["POST"]
    )
    strange.add_url_rule(SEND, "send", lambda: Response(answer), methods=["POST"])
    settings = replace(sandbox.settings, wechat_url=serve_app(strange))
    with pytest.raises(SendUnknown):
        service_account(settings).send_template("o", REMINDER.platform_id, DATA, "c1")


@pytest.mark.parametrize(
    ("errcode", "reaction"),
    [
        (-1, Reaction.BACK_OFF),
        (45011, Reaction.BACK_OFF),
        (45009, Reaction.TOMORROW),
        (40003, Reaction.DROP),
        (47001, Reaction.DROP),
        (43004, Reaction.UNSUBSCRIBED),
        (50005, Reaction.UNSUBSCRIBED),
        (45015, Reaction.NEXT_CHANNEL),
        (40163, Reaction.RELOGIN),
        (40164, Reaction.OPERATOR),
        (40037, Reaction.OPERATOR),
        (47003, Reaction.OPERATOR),
        (41030, Reaction.OPERATOR),
        (99999, Reaction.OPERATOR),
    ],
)
def test_every_error_has_its_reaction(errcode: int, reaction: Reaction) -> None:
    assert reaction_to(errcode) is reaction


def test_a_person_who_does_not_follow_cannot_be_reached(
    sandbox: Any, service: ServiceAccount
) -> None:
    openid = sandbox.person("张三", follows=False)
    with pytest.raises(PlatformError) as caught:
        service.send_template(openid, REMINDER.platform_id, DATA, "c1")
    assert caught.value.reaction is Reaction.UNSUBSCRIBED
    assert not service.user_info(openid).subscribed


def test_chat_needs_an_open_conversation(sandbox: Any, service: ServiceAccount) -> None:
    openid = sandbox.person("张三")
    with pytest.raises(PlatformError) as caught:
        service.send_text(openid, "您好")
    assert caught.value.errcode == 45015
    assert caught.value.reaction is Reaction.NEXT_CHANNEL


def test_chinese_arrives_as_chinese_and_long_text_is_cut_between_characters(
    sandbox: Any, service: ServiceAccount
) -> None:
    openid = sandbox.person("张三")
    sandbox.control("POST", "/people/张三/messages", {"text": "帮助"})
    service.send_text(openid, "第七个工作日")
    service.send_text(openid, "长" * 3000)
    short, long = (message["text"] for message in sandbox.heard("张三"))
    assert short == "第七个工作日"
    assert long == "长" * 681 + "…"


def test_a_menu_arrives_with_its_choices(sandbox: Any, service: ServiceAccount) -> None:
    openid = sandbox.person("张三")
    sandbox.control("POST", "/people/张三/messages", {"text": "待办"})
    service.send_menu(openid, "请表决", [("yes", "同意"), ("no", "不同意")], "也可以直接回复")
    [heard] = sandbox.heard("张三")
    assert (heard["type"], heard["text"], heard["tail"]) == ("menu", "请表决", "也可以直接回复")
    assert heard["choices"] == [{"id": "yes", "text": "同意"}, {"id": "no", "text": "不同意"}]


def test_the_unionid_joins_both_apps(
    sandbox: Any, service: ServiceAccount, mini: MiniProgram
) -> None:
    openid = sandbox.person("张三")
    code = sandbox.control("POST", "/people/张三/login-code")["code"]
    login = mini.code_to_session(code)
    assert login.openid != openid
    assert login.unionid == service.user_info(openid).unionid


def test_a_login_asks_for_no_token(sandbox: Any, mini: MiniProgram) -> None:
    sandbox.person("张三")
    mini.code_to_session(sandbox.control("POST", "/people/张三/login-code")["code"])
    assert sandbox.calls(TOKEN) == 0


def test_a_login_code_works_once(sandbox: Any, mini: MiniProgram) -> None:
    sandbox.person("张三")
    code = sandbox.control("POST", "/people/张三/login-code")["code"]
    mini.code_to_session(code)
    for used_or_wrong, errcode in ((code, 40163), ("no-such-code", 40029)):
        with pytest.raises(PlatformError) as caught:
            mini.code_to_session(used_or_wrong)
        assert caught.value.errcode == errcode
        assert caught.value.reaction is Reaction.RELOGIN


def test_a_wrong_secret_is_for_the_operator(sandbox: Any) -> None:
    settings = sandbox.settings
    wrong = ServiceAccount(settings.service_appid, "guess", settings.wechat_url, 1)
    with pytest.raises(PlatformError) as caught:
        wrong.user_info("o")
    assert (caught.value.errcode, caught.value.reaction) == (40125, Reaction.OPERATOR)


def test_no_secret_reaches_a_log_or_an_exception(
    sandbox: Any,
    service: ServiceAccount,
    mini: MiniProgram,
    free_port: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    openid = sandbox.person("张三")
    errors = []
    for kind in ("errcode", "http", "lost_before"):
        for call in ("/sns/jscode2session", SEND):
            fault(sandbox, kind, call=call, code=500, seconds=1.2)
    for number in range(4):
        code = sandbox.control("POST", "/people/张三/login-code")["code"]
        try:
            mini.code_to_session(code)
            service.send_template(openid, REMINDER.platform_id, DATA, f"c{number}")
        except (PlatformError, SendUnknown) as error:
            errors.append(error)
    settings = sandbox.settings
    nowhere = f"http://127.0.0.1:{free_port}"
    with pytest.raises(PlatformError) as caught:
        MiniProgram(settings.mini_appid, "secret-of-the-mini-program", nowhere, 1).code_to_session(
            "c"
        )
    errors.append(caught.value)
    written = caplog.text + json.dumps([[str(e), repr(e), repr(e.__cause__)] for e in errors])
    assert len(errors) > 3
    assert "jscode2session" in caplog.text
    for secret in ("secret-of-the", service.access_token, "session_key", "access_token="):
        assert secret not in written


def test_a_value_is_made_to_fit() -> None:
    assert fit("二十个字以内原样") == "二十个字以内原样"
    assert fit("一" * 20) == "一" * 20
    assert fit("一" * 21) == "一" * 19 + "…"
    assert fit(" 两行\n一\t列\x00 ") == "两行 一 列"


def test_a_template_wants_exactly_its_fields() -> None:
    with pytest.raises(KeyError):
        platform_data(REMINDER, {"estate": "一号"})
    with pytest.raises(ValueError, match="no field"):
        platform_data(REMINDER, VALUES | {"extra": "x"})


def test_every_template_has_at_most_five_labelled_fields() -> None:
    for key, template in TEMPLATES.items():
        assert key == template.key
        assert 1 <= len(template.fields) <= 5
        assert len({field.keyword for field in template.fields}) == len(template.fields)
        assert len({field.name for field in template.fields}) == len(template.fields)
