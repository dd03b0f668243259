"""In the cab: what must be seen at once, on the smallest phone, in every print, without network."""

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize

from tests.e2e.longest import INSURER, stretched
from tests.e2e.phone import FONTS, Phone

pytestmark = [pytest.mark.deep, pytest.mark.stack, pytest.mark.browser]

PhoneOf = Callable[..., Phone]

SMALLEST = ViewportSize(width=320, height=568)
HEIGHTS = (640, 568)
LAST_MOMENT = "可提异议，截止"


@pytest.mark.parametrize("font", FONTS)
def test_the_first_screen_says_who_pays_until_when_and_whom_to_call(
    font: int, facts: dict[str, str], phone_of: PhoneOf
) -> None:
    phone = phone_of("电梯里的人", font)
    phone.page.set_viewport_size(SMALLEST)
    phone.page.route("**/api/v1/**", stretched)
    for lift, words in (
        ("noticed", ["目前没有维修保险", "修理费由业主出", LAST_MOMENT]),
        ("insured", ["已投保，保到", INSURER]),
        ("nobody", ["目前没有维修保险", "修理费由业主出"]),
    ):
        phone.open(f"pages/lift/lift?token={facts[lift]}")
        looked_for = [*words, "被困请拨", "先按轿厢里的报警按钮", "119"]
        phone.sees(*looked_for)
        for height in HEIGHTS:
            phone.page.set_viewport_size({"width": 320, "height": height})
            for each in looked_for:
                assert phone.shows(each), f"{lift}, {height} px high: {each}"
    phone.connect(False)
    for path in (f"token={facts['insured']}", "token=0123456789abcdefghjkmnpqrs", "token=NONE", ""):
        phone.page.evaluate("path => { location.hash = path }", f"#/pages/lift/lift?{path}")
        phone.sees("被困请拨")
        assert phone.shows("119"), path
    phone.connect(True)


def test_a_form_that_was_refused_shows_what_is_wrong_without_scrolling(
    facts: dict[str, str], phone_of: PhoneOf
) -> None:
    phone = phone_of("陈示例", 24)
    phone.page.set_viewport_size(SMALLEST)
    phone.page.route(
        "**/my-part",
        lambda route: route.fulfill(
            json={
                "notice_id": facts["notice"],
                "number": facts["number"],
                "eligibility": "waiting",
                "words": "您的业主核验正在办理。",
                "effect": "中心先核实您的身份。",
                "homes": [],
                "places": [],
                "filed": None,
                "channels": ["mini_program", "paper"],
            }
        ),
    )
    phone.open(f"pages/object/object?notice={facts['number']}")
    phone.tap("下一步：看一遍再提交")
    for words in ("还有 3 处要改", "请选择一个类别。"):
        phone.sees(words)
        assert phone.shows(words), words
    phone.tap("请写明反对什么、为什么。")
    assert phone.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert phone.shows("意见和理由")
