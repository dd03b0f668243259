"""The officers' desk in a real browser, let in by a phone; nothing of the city changes here."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.demo.cast import CAST, OFFICERS, SCREENERS
from backend.domain.personal import masked_name
from tests.build.pc import Desk
from tests.e2e.city import City
from tests.e2e.phone import Phone

pytestmark = [pytest.mark.deep, pytest.mark.stack, pytest.mark.browser]

CLERK = "办示例 中心经办"
LETTERS = ("收件处每天登记，公示期内查过。" * 200)[:2_000]
DOORS = ("中心复核", "中心出纳", "领导小组", "审计", "系统管理员", "保险机构", "物业经理")
OFFICES = {"领导小组": "监督部门", "物业经理": "物业"}  # as the desk calls them


@pytest.fixture
def desk(city: City, browser: Browser) -> Iterator[Desk]:
    place = Desk(browser, f"http://127.0.0.1:{city.settings.desk_port}")
    yield place
    place.close()


def come_in(desk: Desk, phone: Phone) -> None:
    """Scan the code on the screen, choose its number, press the button."""
    code, number = desk.page.inner_text("code"), desk.page.inner_text(".number")
    phone.open("pages/mine/mine")
    phone.tap("扫码登录电脑上的工作台", "扫电脑上的码")
    phone.write("二维码里的内容", code)
    phone.reply("确定")
    phone.tap(number)
    phone.sees("已确认")
    desk.press("手机上已确认，进入工作台")


def test_a_clerk_comes_in_by_phone_works_with_forms_and_leaves(
    desk: Desk, phone_of: Callable[..., Phone], tmp_path: Path
) -> None:
    desk.open()
    come_in(desk, phone_of(CLERK))
    expect(desk.page.get_by_role("heading", name="今日待办")).to_be_visible()
    desk.press("案件")
    desk.page.get_by_label("状态").select_option(label="公示中")
    desk.press("查询")
    narrowed = desk.page.url
    desk.page.get_by_role("link", name=re.compile("SQ-")).first.click()
    expect(desk.page.get_by_text("还不能办理").first).to_be_visible()
    desk.page.pdf(path=tmp_path / "case.pdf")

    desk.open(f"{desk.here()}/clear")
    desk.page.get_by_label("未收到纸质异议的确认").fill("收件处查到今天为止")
    desk.press("确认公示无异议")
    expect(desk.page.get_by_role("alert")).to_contain_text("公示期尚未届满")
    expect(desk.page.get_by_label("未收到纸质异议的确认")).to_have_value("收件处查到今天为止")
    desk.page.goto(narrowed)
    expect(desk.page.get_by_label("状态")).to_have_value("posted")

    desk.press("退出")
    expect(desk.page.get_by_role("heading", name="用手机登录")).to_be_visible()
    desk.open("/desk/cases")
    expect(desk.page.get_by_role("heading", name="用手机登录")).to_be_visible()


def test_one_click_on_the_bench_opens_the_desk_as_one_officer_after_the_other(
    city: City, page: Page
) -> None:
    page.goto(city.settings.wechat_url)
    doors = page.get_by_role("region", name="工作台", exact=True)
    with page.expect_popup() as opened:
        doors.get_by_role("button", name="中心经办").click()
    pc = opened.value
    expect(pc.get_by_role("heading", name="今日待办")).to_be_visible()
    expect(pc.get_by_text("演示环境")).to_be_visible()
    for office in (*DOORS, "中心经办"):
        doors.get_by_role("button", name=office).click()
        expect(pc.locator(".who")).to_have_text(re.compile(OFFICES.get(office, office)))
        expect(pc.get_by_role("heading", name="今日待办")).to_be_visible()


def test_officers_of_the_demo_have_names_and_the_desk_shows_a_part_of_each(
    city: City, page: Page
) -> None:
    page.goto(f"{city.settings.wechat_url}")
    doors = page.get_by_role("region", name="工作台", exact=True)
    with page.expect_popup() as opened:
        doors.get_by_role("button", name="审计").click()
    pc = opened.value
    pc.get_by_role("link", name="人员与授权").click()
    for key in set(OFFICERS).difference(SCREENERS):
        expect(pc.get_by_text(masked_name(CAST[key].name)).first).to_be_visible()
    expect(pc.get_by_text("未登记姓名")).to_have_count(0)


def test_a_session_that_is_ended_from_the_phone_loses_no_letter_and_shows_none_to_the_next_person(
    desk: Desk, phone_of: Callable[..., Phone]
) -> None:
    clerk = phone_of(CLERK)
    desk.open()
    come_in(desk, clerk)
    desk.open("/desk/cases?state=posted")
    desk.page.get_by_role("link", name=re.compile("SQ-")).first.click()
    here = desk.here()
    desk.open(f"{here}/clear")
    desk.page.get_by_label("未收到纸质异议的确认").fill(LETTERS)

    clerk.open("pages/desk/desk")
    clerk.sees("127.0.0.*")
    ends = clerk.page.get_by_text("结束这个登录").filter(visible=True)
    open_on_pcs = ends.count()
    clerk.tap("结束这个登录")  # the newest, which is here
    expect(ends).to_have_count(open_on_pcs - 1)
    desk.press("确认公示无异议")
    expect(desk.page.get_by_role("alert")).to_contain_text("只有您本人看得到")
    assert desk.wrong() == []

    come_in(desk, phone_of("核示例 中心复核"))
    expect(desk.page.locator(".who")).to_have_text("中心复核")
    expect(desk.page.get_by_text(LETTERS[:20])).to_have_count(0)
    desk.page.go_back()
    expect(desk.page.get_by_text(LETTERS[:20])).to_have_count(0)
    desk.open()
    desk.press("退出")

    desk.open(f"{here}/clear")
    come_in(desk, clerk)
    expect(desk.page.get_by_label("未收到纸质异议的确认")).to_have_value(LETTERS)
