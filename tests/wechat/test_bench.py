"""The page of the emulator as a bench for people: phones, the wall with its codes, the clock."""

from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Page

from backend.wechat.client import service_account
from backend.wechat.sandbox.pages.bench import FILES
from backend.wechat.templates import TEMPLATES, platform_data
from tests.build.followers import REMINDER

ADDRESS = "http://127.0.0.1:8400/e/62ajq7z2dwnd2742savfcy4fcs"
CODE = {"title": "1栋1单元 1号梯", "note": "正在公示", "text": ADDRESS}


def test_the_codes_of_the_wall_come_with_their_pictures(sandbox: Any) -> None:
    assert sandbox.control("GET", "/wall") == {"codes": []}
    sandbox.control("PUT", "/wall", {"codes": [CODE]})
    (hanging,) = sandbox.control("GET", "/wall")["codes"]
    assert hanging.pop("svg").startswith("<svg")
    assert hanging == CODE


def test_the_wall_survives_an_emulator_that_forgets_its_people(sandbox: Any) -> None:
    sandbox.control("PUT", "/wall", {"codes": [CODE]})
    sandbox.control("POST", "/reset")
    assert len(sandbox.control("GET", "/wall")["codes"]) == 1


@pytest.mark.parametrize(
    "codes",
    [[{**CODE, "title": ""}], [{**CODE, "text": "x" * 501}], [{"text": ADDRESS}], [CODE] * 61],
)
def test_a_code_needs_a_title_and_a_text_of_reasonable_length(sandbox: Any, codes: Any) -> None:
    assert sandbox.raw("PUT", "/wall", {"codes": codes}).status_code == 400


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2025-01-23T18:00:00+08:00", "2025-01-24T09:00:00+08:00"),
        ("2025-01-25T10:00:00+08:00", "2025-01-26T09:00:00+08:00"),  # a Sunday made up for
        ("2025-01-27T10:00:00+08:00", "2025-02-05T09:00:00+08:00"),  # over the Spring Festival
    ],
)
def test_the_next_working_morning_knows_the_holidays(sandbox: Any, now: str, morning: str) -> None:
    sandbox.control("PUT", "/clock", {"now": now})
    assert sandbox.control("POST", "/clock/working-morning")["now"] == morning


def test_the_page_asks_nobody_else_for_its_files(sandbox: Any) -> None:
    host = sandbox.settings.wechat_url
    for file in FILES.iterdir():
        served = requests.get(f"{host}/page/{file.name}", timeout=5)
        assert served.status_code == 200
        kind = {".css": "text/css", ".js": "text/javascript"}[file.suffix]
        assert served.headers["Content-Type"].startswith(kind)
        assert "https://" not in served.text
    assert requests.get(f"{host}/page/..%2Fpage.html", timeout=5).status_code == 404


def test_where_no_desk_runs_the_click_says_so(sandbox: Any) -> None:
    sandbox.person("办示例 中心经办")
    answer = requests.post(f"{sandbox.settings.wechat_url}/office-pc/办示例 中心经办", timeout=5)
    assert answer.status_code == 502
    assert "工作台现在没有应答" in answer.text
    nobody = requests.post(f"{sandbox.settings.wechat_url}/office-pc/无此人", timeout=5)
    assert "无此人" in nobody.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.deep
@pytest.mark.browser
def test_a_phone_scans_a_code_and_shows_its_chat(sandbox: Any, page: Page) -> None:
    sandbox.person("住示例 住户")
    sandbox.control("PUT", "/wall", {"codes": [CODE]})
    page.goto(sandbox.settings.wechat_url + "/")
    page.get_by_role("button", name="1栋1单元").click()
    wait_for_frame(page, f"pages/lift/lift?q={quote(ADDRESS, safe='')}")
    page.get_by_role("tab", name="服务号").click()
    page.get_by_label("写给服务号").fill("帮助")
    page.get_by_role("button", name="发送").click()
    page.locator(".said.out", has_text="帮助").wait_for()


@pytest.mark.deep
@pytest.mark.browser
def test_a_tap_on_a_template_message_opens_its_page(sandbox: Any, page: Page) -> None:
    service = service_account(sandbox.settings)
    openid = sandbox.person("业示例")
    reminder = TEMPLATES["deadline_reminder"]
    values = {**REMINDER, "estate": "示例小区 6栋 · 4台"}
    opens = {"appid": sandbox.settings.mini_appid, "pagepath": "pages/committee/committee"}
    service.send_template(
        openid, reminder.platform_id, platform_data(reminder, values), "c1", miniprogram=opens
    )
    page.goto(sandbox.settings.wechat_url + "/")
    page.get_by_role("button", name="业示例").first.click()
    page.get_by_role("tab", name="服务号").click()
    page.get_by_text("示例小区 6栋 · 4台").wait_for()
    page.get_by_role("button", name="进入小程序查看").click()
    wait_for_frame(page, "pages/committee/committee")


def wait_for_frame(page: Page, part: str) -> None:
    page.wait_for_function(
        "part => document.querySelector('iframe').src.includes(part) ||"
        " document.querySelector('iframe').contentWindow.location.hash.includes(part)",
        arg=part,
    )
