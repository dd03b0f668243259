"""The emulator: strict where the platform is, and playable through its control API."""

import base64
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from backend.clock import SettableClock
from backend.config import Settings, load_settings
from backend.local.stack import TIBAO
from backend.wechat.callbacks import Credentials, open_callback
from backend.wechat.client import ServiceAccount, service_account
from backend.wechat.incoming import Incoming
from backend.wechat.reactions import PlatformError
from backend.wechat.sandbox.app import create_sandbox
from backend.wechat.sandbox.calls import answering
from backend.wechat.sandbox.memory.credentials import QuotaUsedUp, Tokens
from backend.wechat.sandbox.memory.sends import RecentSends
from backend.wechat.templates import TEMPLATES
from tests.build.production import PRODUCTION
from tests.build.waiting import PATIENCE_SECONDS, at_once, eventually

TEMPLATE = TEMPLATES["purchase_progress"]
SEND = "/cgi-bin/message/template/send"
CHAT = "/cgi-bin/message/custom/send"


@pytest.fixture
def service(sandbox: Any) -> ServiceAccount:
    return service_account(sandbox.settings)


def template_data(value: str = "值") -> dict[str, dict[str, str]]:
    return {field.keyword: {"value": value} for field in TEMPLATE.fields}


def post(sandbox: Any, path: str, body: object, token: str | None = None, **more: Any) -> Any:
    """A bare call as any program might make it; with the account's token unless given."""
    if token is None:
        token = service_account(sandbox.settings).access_token
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    answer = requests.post(
        sandbox.settings.wechat_url + path,
        params={"access_token": token} if token else {},
        data=raw,
        timeout=5,
        **more,
    )
    assert answer.status_code == 200
    return answer.json()


def received(sandbox: Any, receiver: Any, number: int = -1) -> Incoming:
    """A callback opened by our own code, at sandbox time."""
    settings: Settings = sandbox.settings
    credentials = Credentials(
        settings.service_appid,
        settings.service_token.get_secret_value(),
        settings.service_aes_key.get_secret_value(),
    )
    query, body = receiver.seen[number]
    assert settings.clock_file is not None
    return open_callback(credentials, query, body, SettableClock(settings.clock_file)())


def test_what_a_person_writes_reaches_us_signed_and_encrypted(sandbox: Any, receiver: Any) -> None:
    openid = sandbox.person("张三")
    text = "同意 ]]> 因为 <xml> & 便宜"
    push = sandbox.control("POST", "/people/张三/messages", {"text": text})["callback"]
    assert push["answered"]
    query, body = receiver.seen[0]
    assert query["encrypt_type"] == "aes"
    assert "同意".encode() not in body
    incoming = received(sandbox, receiver)
    assert (incoming.kind, incoming.text, incoming.openid) == ("text", text, openid)
    assert incoming.msg_id == str(push["id"])


def test_following_and_leaving_are_events(sandbox: Any, receiver: Any) -> None:
    sandbox.person("张三", follows=False)
    sandbox.control("POST", "/people/张三/follow")
    assert received(sandbox, receiver).event == "subscribe"
    assert sandbox.control("GET", "/people/张三")["subscribed"]
    sandbox.control("POST", "/people/张三/unfollow")
    assert received(sandbox, receiver).event == "unsubscribe"
    answer = sandbox.raw("POST", "/people/张三/messages", {"text": "在吗"})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "not_following"


def test_a_tapped_choice_comes_back_as_text_with_its_id(
    sandbox: Any, receiver: Any, service: ServiceAccount
) -> None:
    openid = sandbox.person("张三")
    sandbox.control("POST", "/people/张三/messages", {"text": "待办"})
    service.send_menu(openid, "请表决", [("yes:1", "同意"), ("no:1", "不同意")], "谢谢")
    sandbox.control("POST", "/people/张三/taps", {"choice_id": "no:1"})
    incoming = received(sandbox, receiver)
    assert (incoming.text, incoming.menu_choice_id) == ("不同意", "no:1")
    missing = sandbox.raw("POST", "/people/张三/taps", {"choice_id": "maybe"})
    assert missing.status_code == 404


def test_an_unanswered_callback_is_tried_three_times_with_the_same_message(
    sandbox: Any, receiver: Any
) -> None:
    sandbox.person("张三")
    receiver.answers = [500, 503, 200]
    push = sandbox.control("POST", "/people/张三/messages", {"text": "在吗"})["callback"]
    assert [attempt["status"] for attempt in push["attempts"]] == [500, 503, 200]
    keys = {received(sandbox, receiver, number).dedupe_key for number in range(3)}
    assert len(keys) == 1
    receiver.answers = [500] * 9
    push = sandbox.control("POST", "/people/张三/messages", {"text": "在吗"})["callback"]
    assert not push["answered"]
    assert len(receiver.seen) == 6


def test_a_callback_can_be_repeated_and_switched_off(sandbox: Any, receiver: Any) -> None:
    sandbox.person("张三")
    push = sandbox.control("POST", "/people/张三/messages", {"text": "一"})["callback"]
    sandbox.control("POST", f"/callbacks/{push['id']}/repeat")
    first, again = (received(sandbox, receiver, number) for number in (0, 1))
    assert first == again
    sandbox.control("PUT", "/callback", {"url": None})
    sandbox.control("POST", "/people/张三/messages", {"text": "二"})
    assert len(receiver.seen) == 2
    assert sandbox.raw("POST", "/callbacks/1/repeat").status_code == 404


def test_the_address_check_wants_the_echo(sandbox: Any, receiver: Any) -> None:
    assert sandbox.control("POST", "/callback/check")["ok"]
    receiver.echo = False
    assert not sandbox.control("POST", "/callback/check")["ok"]


def test_the_end_of_a_template_job_comes_as_an_event(
    sandbox: Any, receiver: Any, service: ServiceAccount
) -> None:
    data = {field.keyword: "值" for field in TEMPLATE.fields}
    openid = sandbox.person("张三")
    for result in ("success", "failed:user block"):
        body = {"name": "张三", "template_result": result}
        sandbox.control("POST", "/people", body)
        before = len(receiver.seen)
        msgid = service.send_template(openid, TEMPLATE.platform_id, data, f"c-{result}")
        eventually(lambda before=before: len(receiver.seen) > before)  # type: ignore[misc]  # default
        incoming = received(sandbox, receiver)
        assert incoming.event == "templatesendjobfinish"
        assert (incoming.job_msgid, incoming.job_status) == (msgid, result)
        assert sandbox.heard("张三")[-1]["status"] == result


def test_long_fields_are_cut_without_a_word(sandbox: Any) -> None:
    openid = sandbox.person("张三")
    body = {
        "touser": openid,
        "template_id": TEMPLATE.platform_id,
        "data": template_data("一二三四五六七八九十" * 2 + "余"),
    }
    assert post(sandbox, SEND, body)["errcode"] == 0
    values = sandbox.heard("张三")[0]["data"].values()
    assert {len(value) for value in values} == {20}


def changed(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    merged = {**body, **changes}
    return {name: value for name, value in merged.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": None}, 40003),
        ({"touser": "oNobody"}, 40003),
        ({"touser": 7}, 40003),
        ({"template_id": None}, 40037),
        ({"template_id": "approval_invitation"}, 40037),
        ({"data": None}, 47001),
        ({"data": "x"}, 47001),
        ({"data": {}}, 47003),
        ({"data": template_data("")}, 47003),
        ({"data": template_data("两\n行")}, 47003),
        ({"data": template_data() | {"thing99": {"value": "x"}}}, 47003),
        ({"data": dict.fromkeys(template_data(), "bare")}, 47003),
        ({"client_msg_id": 7}, 47001),
    ],
)
def test_template_messages_are_checked(sandbox: Any, changes: dict[str, Any], errcode: int) -> None:
    body = {
        "touser": sandbox.person("张三"),
        "template_id": TEMPLATE.platform_id,
        "data": template_data(),
    }
    answer = post(sandbox, SEND, changed(body, **changes))
    assert answer["errcode"] == errcode
    assert " rid: " in answer["errmsg"]
    assert sandbox.heard("张三") == []


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"msgtype": "video"}, 40008),
        ({"text": None}, 47001),
        ({"text": {"content": ""}}, 44004),
        ({"text": {"content": "长" * 683}}, 45002),
        ({"msgtype": "msgmenu", "msgmenu": {"head_content": "h", "list": []}}, 47001),
        ({"msgtype": "msgmenu", "msgmenu": {"head_content": "h", "list": [{"id": 1}]}}, 47001),
        ({"touser": "oNobody"}, 40003),
    ],
)
def test_chat_messages_are_checked(sandbox: Any, changes: dict[str, Any], errcode: int) -> None:
    openid = sandbox.person("张三")
    sandbox.control("POST", "/people/张三/messages", {"text": "在吗"})
    body = {"touser": openid, "msgtype": "text", "text": {"content": "在"}}
    assert post(sandbox, CHAT, changed(body, **changes))["errcode"] == errcode
    assert sandbox.heard("张三") == []


def test_escapes_reach_people_as_they_were_written(sandbox: Any) -> None:
    openid = sandbox.person("张三")
    sandbox.control("POST", "/people/张三/messages", {"text": "在吗"})
    body = {"touser": openid, "msgtype": "text", "text": {"content": "在"}}
    assert post(sandbox, CHAT, json.dumps(body).encode())["errcode"] == 0
    assert sandbox.heard("张三")[0]["text"] == "\\u5728"


@pytest.mark.parametrize(
    ("body", "headers", "errcode"),
    [
        (b"", {}, 44002),
        (b"{", {}, 47001),
        (b"[]", {}, 47001),
        (b"\xff", {}, 47001),
        (b"touser=o", {"Content-Type": "application/x-www-form-urlencoded"}, 47001),
    ],
)
def test_a_body_must_be_a_json_object(
    sandbox: Any, body: bytes, headers: dict[str, str], errcode: int
) -> None:
    assert post(sandbox, SEND, body, headers=headers)["errcode"] == errcode


def test_tokens_methods_and_addresses_are_checked(sandbox: Any) -> None:
    url = sandbox.settings.wechat_url
    assert post(sandbox, SEND, {}, token="")["errcode"] == 41001
    assert post(sandbox, SEND, {}, token="guess")["errcode"] == 40001
    assert requests.get(url + SEND, timeout=5).json()["errcode"] == 43002
    assert post(sandbox, "/cgi-bin/user/info", {})["errcode"] == 43001
    assert post(sandbox, "/cgi-bin/token", {})["errcode"] == 40066
    withdrawn = "/cgi-bin/message/wxopen/template/uniform_send"
    assert post(sandbox, withdrawn, {})["errcode"] == 45109
    assert post(sandbox, "/cgi-bin/stable_token", {"grant_type": "x"})["errcode"] == 40002


def test_the_token_of_the_mini_program_is_not_the_service_accounts(sandbox: Any) -> None:
    settings = sandbox.settings
    body = {
        "grant_type": "client_credential",
        "appid": settings.mini_appid,
        "secret": settings.mini_secret.get_secret_value(),
    }
    token = post(sandbox, "/cgi-bin/stable_token", body, token="")["access_token"]
    assert len(token) == 512
    assert post(sandbox, SEND, {}, token=token)["errcode"] == 40001


def test_a_message_opens_five_answers_for_48_hours(sandbox: Any, service: ServiceAccount) -> None:
    openid = sandbox.person("张三")
    sandbox.control("POST", "/people/张三/messages", {"text": "在吗"})
    for number in range(5):
        service.send_text(openid, f"第 {number} 条")
    assert errcode_of(lambda: service.send_text(openid, "第六条")) == 45047
    sandbox.control("POST", "/people/张三/messages", {"text": "再问"})
    sandbox.control("POST", "/clock/advance", {"hours": 47, "minutes": 59})
    service.send_text(openid, "还来得及")
    sandbox.control("POST", "/clock/advance", {"minutes": 1})
    assert errcode_of(lambda: service.send_text(openid, "太晚了")) == 45015


def test_a_follow_opens_three_answers_for_one_minute(sandbox: Any, service: ServiceAccount) -> None:
    openid = sandbox.person("张三", follows=False)
    sandbox.control("POST", "/people/张三/follow")
    for number in range(3):
        service.send_text(openid, f"第 {number} 条")
    assert errcode_of(lambda: service.send_text(openid, "第四条")) == 45047
    sandbox.control("POST", "/clock/advance", {"minutes": 1})
    assert errcode_of(lambda: service.send_text(openid, "太晚了")) == 45015


def errcode_of(call: Callable[[], object]) -> int | None:
    with pytest.raises(PlatformError) as caught:
        call()
    return caught.value.errcode


def test_a_login_code_lives_five_minutes(sandbox: Any) -> None:
    sandbox.person("张三")
    settings = sandbox.settings
    code = sandbox.control("POST", "/people/张三/login-code")["code"]
    sandbox.control("POST", "/clock/advance", {"minutes": 5})
    query = {
        "appid": settings.mini_appid,
        "secret": settings.mini_secret.get_secret_value(),
        "js_code": code,
        "grant_type": "authorization_code",
    }
    answer = requests.get(f"{settings.wechat_url}/sns/jscode2session", params=query, timeout=5)
    assert answer.json()["errcode"] == 40029


def test_the_clock_file_moves_with_the_control_api(sandbox: Any) -> None:
    sandbox.control("PUT", "/clock", {"now": "2025-01-20T09:00:00+08:00"})
    shown = sandbox.control("POST", "/clock/advance", {"days": 7, "hours": 1})["now"]
    assert shown.startswith("2025-01-27T10:00:0")
    everyone_sees = SettableClock(sandbox.settings.clock_file)()
    assert everyone_sees.isoformat().startswith("2025-01-27T02:00:0")
    sandbox.person("张三")
    sandbox.control("POST", "/people/张三/messages", {"text": "在吗"})
    message = sandbox.control("GET", "/messages")["messages"][0]
    assert message["at"].startswith("2025-01-27T10:00:0")
    for bad in ({"now": "2025-01-20T09:00:00"}, {"now": "soon"}, {}):
        assert sandbox.raw("PUT", "/clock", bad).status_code == 400


def test_callbacks_carry_sandbox_time(sandbox: Any, receiver: Any) -> None:
    sandbox.person("张三")
    sandbox.control("PUT", "/clock", {"now": "2025-01-20T09:00:00+08:00"})
    sandbox.control("POST", "/people/张三/messages", {"text": "在吗"})
    incoming = received(sandbox, receiver)
    assert incoming.created_at.isoformat().startswith("2025-01-20T01:00:0")


def test_people_are_the_same_after_a_reset_and_everything_after_a_restart(
    start_sandbox: Callable[[str], Any], tmp_path: Path
) -> None:
    first = start_sandbox("http://127.0.0.1:9")
    first.control("PUT", "/callback", {"url": None})
    openid = first.person("张三")
    first.control("POST", "/people/张三/messages", {"text": "在吗"})
    kept = first.control("GET", "/messages")
    file = tmp_path / "wechat-sandbox.json"
    eventually(lambda: file.exists() and "在吗" in file.read_text(encoding="utf-8"))
    second = start_sandbox("http://127.0.0.1:9")
    assert second.control("GET", "/messages") == kept
    assert second.control("GET", "/people/张三")["openids"]["service"] == openid
    second.control("POST", "/reset")
    assert second.control("GET", "/people") == {"people": []}
    assert second.person("张三") == openid


def test_latency_does_not_make_callers_queue(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All twenty are kept waiting at the same time; if they queued, they would never meet."""
    together, kept = Barrier(20), list[float]()

    def keep_waiting(seconds: float) -> None:
        kept.append(seconds)
        together.wait(PATIENCE_SECONDS)

    token = service_account(sandbox.settings).access_token
    monkeypatch.setattr(answering, "time", SimpleNamespace(sleep=keep_waiting))
    sandbox.control("PUT", "/latency", {"ms": 300})
    at_once([lambda: post(sandbox, SEND, {}, token=token)] * 20)
    assert kept == [0.3] * 20


def test_faults_last_as_often_as_told(sandbox: Any) -> None:
    body = {"call": "*", "kind": "errcode", "code": 45009, "times": 2}
    sandbox.control("POST", "/faults", body)
    codes = [post(sandbox, SEND, {}, token="t")["errcode"] for _ in range(3)]
    assert codes == [45009, 45009, 40001]
    assert sandbox.control("GET", "/calls")["calls"] == {SEND: 3}
    assert sandbox.control("DELETE", "/calls") == {"calls": {}}
    bad = sandbox.raw("POST", "/faults", {"call": "*", "kind": "earthquake"})
    assert bad.status_code == 400
    assert bad.json()["errors"][0]["field"] == "kind"


def test_a_token_lives_on_for_five_minutes_beside_its_successor() -> None:
    now = [0.0]
    tokens = Tokens(lambda: now[0])
    first, seconds = tokens.stable("wx", force=False)
    assert seconds == 7200
    now[0] = 6899
    assert tokens.stable("wx", force=False)[0] == first
    now[0] = 6900
    second, _ = tokens.stable("wx", force=False)
    assert second != first
    assert (tokens.errcode(first, "wx"), tokens.errcode(second, "wx")) == (0, 0)
    now[0] = 7200
    assert (tokens.errcode(first, "wx"), tokens.errcode(second, "wx")) == (42001, 0)


def test_forced_refreshes_are_few_and_kill_the_old_token() -> None:
    now = [0.0]
    tokens = Tokens(lambda: now[0])
    first, _ = tokens.stable("wx", force=False)
    second, _ = tokens.stable("wx", force=True)
    assert tokens.errcode(first, "wx") == 40001
    now[0] = 29
    assert tokens.stable("wx", force=True)[0] == second
    for number in range(19):
        now[0] = 30 + number * 30
        tokens.stable("wx", force=True)
    now[0] += 30
    with pytest.raises(QuotaUsedUp):
        tokens.stable("wx", force=True)


def test_a_repeat_is_protected_for_ten_minutes() -> None:
    now = [0.0]
    sends = RecentSends(lambda: now[0])
    assert sends.take("o", "c", 1) == 1
    now[0] = 599
    assert sends.take("o", "c", 2) == 1
    now[0] = 600
    assert sends.take("o", "c", 3) == 3


def test_the_emulator_refuses_production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match="production"):
        create_sandbox(load_settings())


def test_every_control_route_is_in_the_table_and_on_the_page(sandbox: Any) -> None:
    routes = sandbox.control("GET", "")["routes"]
    assert {
        "method": "GET",
        "path": "/sandbox/messages",
        "about": "所有人的往来消息，可选 ?after=消息编号",
    } in routes
    assert all(route["about"] for route in routes)
    page = requests.get(sandbox.settings.wechat_url + "/", timeout=5)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "微信沙箱" in page.content.decode()
    assert "https://" not in page.text.replace("https?:", "")


def test_it_runs_as_a_program_and_logs_no_call(tmp_path: Path, free_port: int) -> None:
    address = f"http://127.0.0.1:{free_port}"
    environment = {
        **os.environ,
        "TIBAO_DATA_DIR": str(tmp_path),
        "TIBAO_WECHAT_URL": address,
        "TIBAO_SERVICE_AES_KEY": base64.b64encode(bytes(32)).decode().rstrip("="),
    }
    with subprocess.Popen([TIBAO, "sandbox"], env=environment, stderr=subprocess.PIPE) as server:
        try:
            # A loaded machine may take long; a server told to end while it starts may not end.
            eventually(lambda: answers(f"{address}/sandbox/clock"))
        finally:
            server.terminate()
        _, log = server.communicate()
    assert b"clock" not in log, "calls name tokens"


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).ok
    except requests.RequestException:
        return False


@pytest.mark.deep
@pytest.mark.browser
def test_the_page_lets_someone_write_and_tap(
    sandbox: Any, service: ServiceAccount, page: Page
) -> None:
    openid = sandbox.person("张三")
    sandbox.control("POST", "/people/张三/messages", {"text": "待办"})
    service.send_menu(openid, "请表决", [("yes", "同意"), ("no", "不同意")], "谢谢")
    page.goto(sandbox.settings.wechat_url + "/")
    page.get_by_role("button", name="张三").click()
    page.get_by_label("写给服务号").fill("帮助")
    page.get_by_role("button", name="发送").click()
    page.locator(".said.out", has_text="帮助").wait_for()
    page.get_by_role("button", name="不同意").click()
    page.locator(".said.out", has_text="不同意").wait_for()
    page.locator(".push", has_text="已应答").first.wait_for()
    written = [m["text"] for m in sandbox.control("GET", "/messages")["messages"]]
    assert written == ["待办", "请表决", "帮助", "不同意"]
