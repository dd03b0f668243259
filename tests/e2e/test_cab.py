"""In the cab: what must be seen at once, on the smallest phone, in every print, without network."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, ViewportSize

from tests.e2e.phone import Phone

pytestmark = [pytest.mark.deep, pytest.mark.stack, pytest.mark.browser]

PhoneOf = Callable[..., Phone]

# WeChat's font setting for each print: the ordinary one and three larger.
FONTS = (16, 20, 24, 30)
SMALLEST = ViewportSize(width=320, height=640)
ESTATE = ("乾州新区金鸡岭棚户区改造安置住宅小区" * 3)[:38]
LIFT = "北侧消防兼无障碍担架电梯（1号）"
INSURER = "中国人民财产保险股份有限公司湘西土家族苗族自治州分公司"
LAST_MOMENT = "可提异议，截止"


def with_long_names(phone: Phone) -> None:
    """What the service says of lifts, with names as long as they get."""

    def longer(route: Route) -> None:
        answer = route.fetch()
        told: dict[str, Any] = answer.json()
        told["lift"] |= {"estate": ESTATE, "name": LIFT}
        if told["cover"]:
            told["payer"] = f"保障范围内，修理费由{INSURER}出。"
        route.fulfill(response=answer, body=json.dumps(told))

    phone.page.route("**/api/v1/public/lifts/*", longer)


def in_sight(phone: Phone, words: str) -> bool:
    """Whether these words are on the screen, with nothing over them, without scrolling."""
    found: bool = (
        phone.page.get_by_text(words)
        .filter(visible=True)
        .first.evaluate(
            """element => {
            const { left, top, right, bottom } = element.getBoundingClientRect()
            const seen = (x, y) => {
                const on = document.elementFromPoint(x, y)
                return on !== null && (element.contains(on) || on.contains(element))
            }
            const middle = (left + right) / 2
            const edge = (bottom - top) / 5
            return bottom <= innerHeight && seen(middle, top + edge) && seen(middle, bottom - edge)
        }"""
        )
    )
    return found


@pytest.mark.parametrize("font", FONTS)
def test_the_first_screen_says_who_pays_until_when_and_whom_to_call(
    font: int, facts: dict[str, str], phone_of: PhoneOf
) -> None:
    phone = phone_of("电梯里的人", font)
    phone.page.set_viewport_size(SMALLEST)
    with_long_names(phone)
    for lift, words in (
        ("noticed", ["目前没有维修保险", "修理费由业主出", LAST_MOMENT]),
        ("insured", ["已投保，保到", INSURER]),
        ("nobody", ["目前没有维修保险", "修理费由业主出"]),
    ):
        phone.open(f"pages/lift/lift?token={facts[lift]}")
        for each in [*words, "被困请拨", "先按轿厢里的报警按钮", "119"]:
            phone.sees(each)
            assert in_sight(phone, each), f"{lift}: {each}"
    phone.connect(False)
    for path in (f"token={facts['insured']}", "token=0123456789abcdefghjkmnpqrs", "token=NONE", ""):
        phone.page.evaluate("path => { location.hash = path }", f"#/pages/lift/lift?{path}")
        phone.sees("被困请拨")
        assert in_sight(phone, "119"), path
    phone.connect(True)


def test_the_number_stays_wherever_one_scrolls(facts: dict[str, str], phone_of: PhoneOf) -> None:
    phone = phone_of("读到最后的人", 30)
    phone.page.set_viewport_size(SMALLEST)
    for path in (f"lift/lift?token={facts['noticed']}", f"notice/notice?number={facts['number']}"):
        phone.open(f"pages/{path}")
        phone.sees("打电话问")
        phone.page.evaluate(
            "() => { const p = document.querySelector('main'); p.scrollTop = p.scrollHeight }"
        )
        assert in_sight(phone, "119"), path


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
        assert in_sight(phone, words), words
    phone.tap("请写明反对什么、为什么。")
    assert phone.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert in_sight(phone, "意见和理由")
