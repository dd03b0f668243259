"""The mini-program's calls: our client against the emulator, which is as strict as the platform."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Event, Semaphore
from typing import Any

import pytest
from PIL import Image

from backend.domain.errors import Refused
from backend.domain.objection import Verdict
from backend.pictures.code_reader import read_codes
from backend.wechat.client import ServiceAccount, service_account
from backend.wechat.mini_program import MiniProgram, mini_program
from backend.wechat.platform import MOST_ASKING, WeChatPlatform
from backend.wechat.reactions import PlatformError, Reaction, SendUnknown, reaction_to
from backend.wechat.sandbox.calls.field_rules import fits
from backend.wechat.templates import (
    SUBSCRIBE_TEMPLATES,
    TEMPLATES,
    fit_subscribe,
    ids_on_platform,
    platform_data,
)
from tests.build.waiting import PATIENCE_SECONDS

ENDING = SUBSCRIBE_TEMPLATES["notice_ending"]
VALUES = {
    "estate": "人民南路一号小区",
    "number": "GS-2025-000001",
    "due": "2025年10月11日 23:59",
    "left": "还有1天截止",
}
DATA = platform_data(ENDING, VALUES)
PAGE = "pages/notice/notice?number=GS-2025-000001"
CHECK = "/wxa/msg_sec_check"


@pytest.fixture
def mini(sandbox: Any) -> MiniProgram:
    return mini_program(sandbox.settings)


@pytest.fixture
def platform(sandbox: Any, mini: MiniProgram) -> WeChatPlatform:
    return WeChatPlatform(mini, service_account(sandbox.settings))


def openid_of(sandbox: Any, name: str = "张三", phone: str | None = None) -> str:
    made = sandbox.control("POST", "/people", {"name": name, "phone": phone})
    return str(made["openids"]["mini"])


def agree(sandbox: Any, name: str = "张三", answer: str = "accept") -> None:
    answers = {ENDING.platform_id: answer}
    sandbox.control("POST", f"/people/{name}/popup", {"answers": answers})


def send(mini: MiniProgram, openid: str, data: dict[str, str] = DATA) -> str | None:
    return mini.send_subscribe(openid, ENDING.platform_id, PAGE, data)


def errcode(mini: MiniProgram, openid: str, data: dict[str, str] = DATA) -> tuple[int | None, str]:
    with pytest.raises(PlatformError) as caught:
        send(mini, openid, data)
    return caught.value.errcode, caught.value.errmsg


class TestSubscribeMessages:
    def test_one_accepted_popup_is_one_message(self, sandbox: Any, mini: MiniProgram) -> None:
        openid = openid_of(sandbox)
        assert errcode(mini, openid)[0] == 43101
        agree(sandbox)
        msgid = send(mini, openid)
        [heard] = sandbox.heard("张三")
        assert (heard["type"], heard["msgid"], heard["template"]) == (
            "subscribe",
            msgid,
            "notice_ending",
        )
        assert heard["miniprogram"]["pagepath"] == PAGE
        assert errcode(mini, openid)[0] == 43101
        assert len(sandbox.heard("张三")) == 1

    def test_a_refused_popup_is_no_consent(self, sandbox: Any, mini: MiniProgram) -> None:
        openid = openid_of(sandbox)
        agree(sandbox, answer="reject")
        assert errcode(mini, openid)[0] == 43101

    def test_switching_off_takes_all_consents_away(self, sandbox: Any, mini: MiniProgram) -> None:
        openid = openid_of(sandbox)
        agree(sandbox)
        agree(sandbox)
        assert sandbox.control("GET", "/people/张三")["consents"] == {ENDING.platform_id: 2}
        off = {"template_ids": [ENDING.platform_id]}
        sandbox.control("POST", "/people/张三/switch-off", off)
        assert errcode(mini, openid)[0] == 43101

    @pytest.mark.parametrize(
        ("keyword", "value"),
        [
            ("thing1", "字" * 21),
            ("thing1", "一行\n两行"),
            ("thing1", ""),
            ("character_string2", "公示一号"),
            ("character_string2", "x" * 33),
            ("time3", "明天下午"),
            ("time3", "2025年13月1日 15:01"),
        ],
    )
    def test_a_wrong_value_is_refused_by_the_name_of_its_field(
        self, sandbox: Any, mini: MiniProgram, keyword: str, value: str
    ) -> None:
        openid = openid_of(sandbox)
        agree(sandbox)
        code, message = errcode(mini, openid, {**DATA, keyword: value})
        assert code == 47003
        assert f"data.{keyword}.value" in message
        # What was refused used nothing up.
        assert sandbox.control("GET", "/people/张三")["consents"] == {ENDING.platform_id: 1}

    @pytest.mark.parametrize("keyword", [f.keyword for f in ENDING.fields])
    def test_a_missing_field_is_refused_too(
        self, sandbox: Any, mini: MiniProgram, keyword: str
    ) -> None:
        openid = openid_of(sandbox)
        agree(sandbox)
        rest = {name: value for name, value in DATA.items() if name != keyword}
        assert errcode(mini, openid, rest)[0] == 47003

    def test_strangers_foreign_templates_and_bad_pages_are_refused(
        self, sandbox: Any, mini: MiniProgram
    ) -> None:
        openid = openid_of(sandbox)
        for args, code in (
            (("o-nobody", ENDING.platform_id, PAGE), 40003),
            ((openid, "sandbox-notice-ending", PAGE), 40037),
            ((openid, ENDING.platform_id, "/pages/notice/notice"), 41030),
        ):
            with pytest.raises(PlatformError) as caught:
                mini.send_subscribe(*args, DATA)
            assert caught.value.errcode == code

    def test_the_token_of_the_other_account_is_none(self, sandbox: Any, mini: MiniProgram) -> None:
        openid = openid_of(sandbox)
        service: ServiceAccount = service_account(sandbox.settings)
        with pytest.raises(PlatformError) as caught:
            service.post("/cgi-bin/message/subscribe/send", {"touser": openid})
        assert caught.value.errcode == 40001


@pytest.mark.parametrize(
    ("keyword", "value", "right"),
    [
        ("phrase1", "开始保障", True),
        ("phrase1", "保障已经开始", False),
        ("phrase1", "OK", False),
        ("date1", "2025年1月27日", True),
        ("date1", "2025-01-27", False),
        ("time1", "15:01", True),
        ("time1", "25:01", False),
        ("amount1", "¥1300.00", True),
        ("amount1", "12345678901元", False),
        ("phone_number1", "0743-1234567", True),
        ("phone_number1", "0" * 18, False),
        ("number1", "12.5", True),
        ("letter1", "a1", False),
        ("symbol1", "※", True),
        ("car_number1", "湘U12345", True),
        ("name1", "张三", True),
        ("name1", "张" * 11, False),
    ],
)
def test_each_kind_of_field_has_its_rule(keyword: str, value: str, right: bool) -> None:
    assert fits(keyword, value) is right


@pytest.mark.parametrize("template", SUBSCRIBE_TEMPLATES.values(), ids=lambda t: t.key)
def test_what_we_send_is_made_to_fit(template: Any) -> None:
    wild = {
        "thing": "很长的名字" * 9 + "\n",
        "phrase": "保障开始了吗 yes",
        "character_string": "编号GS-1" * 9,
        "time": "2025年1月7日 9:05",
        "date": "2025年1月7日",
    }
    for field in template.fields:
        fitted = fit_subscribe(field.keyword, wild[field.keyword.rstrip("0123456789")])
        assert fits(field.keyword, fitted), (field, fitted)


def test_both_accounts_call_the_fields_of_one_message_by_the_same_names() -> None:
    for key, template in SUBSCRIBE_TEMPLATES.items():
        assert {f.name for f in template.fields} == {f.name for f in TEMPLATES[key].fields}


def test_production_needs_an_id_for_every_subscribe_message() -> None:
    with pytest.raises(ValueError, match="cover_changed"):
        ids_on_platform(SUBSCRIBE_TEMPLATES, {"objection_answered": "x"}, sandbox=False)


class TestTextCheck:
    def test_ordinary_words_pass_and_marked_ones_do_not(
        self, sandbox: Any, platform: WeChatPlatform
    ) -> None:
        openid = openid_of(sandbox)
        sandbox.control("POST", "/people/张三/open")
        said = {
            words: platform.check_text(openid, words)
            for words in ("保费偏高", "保费偏高【待审】", "【违规】")
        }
        assert list(said.values()) == ["pass", "review", "risky"]
        sandbox.control("PUT", "/text-verdict", {"suggest": "review"})
        assert platform.check_text(openid, "保费偏高") == "review"

    def test_only_for_people_who_opened_the_mini_program_within_two_hours(
        self, sandbox: Any, mini: MiniProgram, platform: WeChatPlatform
    ) -> None:
        openid = openid_of(sandbox)
        with pytest.raises(PlatformError) as caught:
            mini.check_text(openid, "保费偏高", 2)
        assert caught.value.errcode == 61010
        sandbox.control("POST", "/people/张三/login-code")
        assert platform.check_text(openid, "保费偏高") == "pass"
        sandbox.control("POST", "/clock/advance", {"hours": 2, "minutes": 1})
        assert platform.check_text(openid, "保费偏高") == "unchecked"

    @pytest.mark.parametrize("words", ["", "字" * 2501])
    def test_what_cannot_be_checked_is_said_to_be_unchecked(
        self, sandbox: Any, platform: WeChatPlatform, words: str
    ) -> None:
        openid = openid_of(sandbox)
        sandbox.control("POST", "/people/张三/open")
        assert platform.check_text(openid, "字" * 2500) == "pass"
        assert platform.check_text(openid, words) == "unchecked"

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "errcode", "code": -1},
            {"kind": "errcode", "code": 45009},
            {"kind": "http", "code": 502},
            {"kind": "lost_before", "seconds": 1.5},
        ],
    )
    def test_a_platform_that_is_away_is_no_verdict(
        self, sandbox: Any, platform: WeChatPlatform, fault: dict[str, object]
    ) -> None:
        openid = openid_of(sandbox)
        sandbox.control("POST", "/people/张三/open")
        sandbox.control("POST", "/faults", {"call": CHECK, **fault})
        assert platform.check_text(openid, "保费偏高") == "unchecked"
        assert platform.check_text(openid, "保费偏高") == "pass"

    def test_its_quota_is_counted_by_the_minute_and_that_of_messages_by_the_day(self) -> None:
        assert reaction_to(45009, CHECK) is Reaction.BACK_OFF
        assert reaction_to(45009, "/wxa/getwxacodeunlimit") is Reaction.BACK_OFF
        assert reaction_to(45009, "/cgi-bin/message/subscribe/send") is Reaction.TOMORROW

    def test_version_and_scene_are_asked_for(self, sandbox: Any, mini: MiniProgram) -> None:
        openid = openid_of(sandbox)
        sandbox.control("POST", "/people/张三/open")
        with pytest.raises(PlatformError) as caught:
            mini.check_text(openid, "保费偏高", 5)
        assert caught.value.errcode == 40129
        with pytest.raises(PlatformError) as caught:
            mini.post(CHECK, {"openid": openid, "content": "保费偏高", "scene": 2})
        assert caught.value.errcode == 47001


class TestPhoneNumbers:
    def code(self, sandbox: Any, body: dict[str, str] | None = None) -> str:
        openid_of(sandbox, phone="13800000001")
        return str(sandbox.control("POST", "/people/张三/phone-code", body)["code"])

    def refused(self, platform: WeChatPlatform, code: str) -> str:
        with pytest.raises(Refused) as caught:
            platform.phone_number(code)
        return caught.value.refusals[0].code

    def test_a_code_gives_the_number_once(self, sandbox: Any, platform: WeChatPlatform) -> None:
        code = self.code(sandbox)
        assert platform.phone_number(code) == "13800000001"
        assert self.refused(platform, code) == "phone_code_invalid"

    def test_neither_old_nor_made_up_codes_nor_login_codes_work(
        self, sandbox: Any, platform: WeChatPlatform
    ) -> None:
        code = self.code(sandbox)
        login = sandbox.control("POST", "/people/张三/login-code")["code"]
        sandbox.control("POST", "/clock/advance", {"minutes": 5})
        for wrong in (code, "made-up", login):
            assert self.refused(platform, wrong) == "phone_code_invalid"

    def test_the_mark_of_another_app_proves_nothing(
        self, sandbox: Any, platform: WeChatPlatform
    ) -> None:
        code = self.code(sandbox, {"appid": "wx-of-somebody-else"})
        assert self.refused(platform, code) == "phone_code_invalid"

    def test_a_platform_that_is_away_says_so(self, sandbox: Any, platform: WeChatPlatform) -> None:
        code = self.code(sandbox)
        call = "/wxa/business/getuserphonenumber"
        for fault in ({"kind": "errcode", "code": -1}, {"kind": "lost_before", "seconds": 1.5}):
            sandbox.control("POST", "/faults", {"call": call, **fault})
            assert self.refused(platform, code) == "platform_unavailable"
        assert platform.phone_number(code) == "13800000001"

    def test_who_has_no_phone_cannot_show_one(self, sandbox: Any) -> None:
        openid_of(sandbox)
        answer = sandbox.raw("POST", "/people/张三/phone-code")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "no_phone")


class TestMiniCodes:
    def test_the_picture_carries_page_and_scene(self, platform: WeChatPlatform) -> None:
        scene = "0123456789ABCDEFGHJKMNPQRS"
        raw = platform.mini_code(scene, "pages/lift/lift", 430)
        assert raw[:1] != b"{"
        assert read_codes(Image.open(BytesIO(raw))) == [f"pages/lift/lift?scene={scene}"]

    @pytest.mark.parametrize("scene", ["", "x" * 33, "电梯", "a b", "a%41"])
    def test_a_scene_that_the_platform_would_refuse_is_not_sent(
        self, sandbox: Any, mini: MiniProgram, platform: WeChatPlatform, scene: str
    ) -> None:
        with pytest.raises(Refused) as caught:
            platform.mini_code(scene, "pages/lift/lift", 430)
        assert caught.value.refusals[0].code == "scene_invalid"
        # The platform's own refusal is JSON with HTTP 200, told from a picture by its first byte.
        with pytest.raises(PlatformError) as told:
            mini.code_picture(scene, "pages/lift/lift", 430)
        assert told.value.errcode == 40169

    def test_a_broken_answer_is_neither_a_picture_nor_an_error(
        self, sandbox: Any, mini: MiniProgram
    ) -> None:
        fault = {"call": "/wxa/getwxacodeunlimit", "kind": "http", "code": 502}
        sandbox.control("POST", "/faults", fault)
        with pytest.raises(SendUnknown):
            mini.code_picture("x", "pages/lift/lift", 430)


def test_while_the_platform_is_silent_only_a_few_wait_for_it(
    platform: WeChatPlatform, mini: MiniProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes later is told so soon, and the words count as not checked."""
    monkeypatch.setattr("backend.wechat.platform.PLACE_SECONDS", 0.01)
    speak, asking = Event(), Semaphore(0)

    def silent(code: str) -> str:
        asking.release()
        assert speak.wait(PATIENCE_SECONDS)
        return "13800138000"

    monkeypatch.setattr(mini, "phone_number", silent)
    with ThreadPoolExecutor(MOST_ASKING) as pool:
        waiting = [pool.submit(platform.phone_number, "code") for _ in range(MOST_ASKING)]
        for _ in range(MOST_ASKING):
            assert asking.acquire(timeout=PATIENCE_SECONDS)
        with pytest.raises(Refused) as told:
            platform.phone_number("late")
        assert told.value.refusals[0].code == "platform_unavailable"
        assert platform.check_text("openid", "保费偏高") is Verdict.UNCHECKED
        speak.set()
        assert {one.result() for one in waiting} == {"13800138000"}
    assert platform.phone_number("code") == "13800138000"
