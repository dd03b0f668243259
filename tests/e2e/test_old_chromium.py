"""The desk in the browsers that offices have: 360, UOS and Kylin are Chromium of 86 and later.

`make old-browser` brings Chromium 88 for x86-64; without it there is nothing to try. Playwright
opens pages there, and presses nothing: that needs what is newer than 105.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Browser

from tests.build.chromium import ARGUMENTS
from tests.e2e.city import City
from tests.e2e.desk import Desk

pytestmark = [pytest.mark.deep, pytest.mark.stack, pytest.mark.browser]

START = Path(__file__).parents[2] / "miniprogram_web/old_chromium/unpacked/start"
FILTER = """() => {
    document.querySelector('select[name=state]').value = 'posted'
    document.querySelector('form.filter').submit()
}"""
SUBMIT = """words => {
    document.querySelector('textarea').value = words
    document.querySelector('form[enctype]').submit()
}"""
FIRST = "document.querySelector('tbody a').getAttribute('href')"
CLERK = "办示例 中心经办"


@pytest.fixture
def old_browser(browser: Browser) -> Iterator[Browser]:
    if not START.is_file():
        pytest.skip("no old Chromium: `make old-browser` brings one")
    old = browser.browser_type.launch(executable_path=START, args=ARGUMENTS)
    yield old
    old.close()


@pytest.fixture
def desk(city: City, old_browser: Browser) -> Iterator[Desk]:
    """With the clerk signed in."""
    place = Desk(old_browser, f"http://127.0.0.1:{city.settings.desk_port}")
    sits_down = f"{city.settings.wechat_url}/office-pc/{quote(CLERK)}"
    answer = requests.post(sits_down, timeout=30, allow_redirects=False)
    for name, value in answer.cookies.items():
        cookie: Any = {"name": name, "value": value, "url": city.settings.wechat_url}
        place.context.add_cookies([cookie])
    yield place
    place.close()


def test_the_same_pages_open_filter_and_submit(desk: Desk, old_browser: Browser) -> None:
    assert old_browser.version.startswith("88.")
    for address in ("/desk/", "/desk/cases", "/desk/parts", "/desk/second-factor"):
        desk.open(address)
        assert desk.wrong() == [], address
    desk.open("/desk/cases")
    with desk.page.expect_navigation():
        desk.page.evaluate(FILTER)
    assert "state=posted" in desk.page.url
    case = desk.page.evaluate(FIRST).partition("?")[0]
    desk.open(case)
    assert desk.wrong() == []
    desk.open(f"{case}/clear")
    with desk.page.expect_navigation():
        desk.page.evaluate(SUBMIT, "收件处查到今天为止")
    assert "公示期尚未届满" in desk.page.inner_text("[role=alert]")
    assert desk.page.input_value("textarea") == "收件处查到今天为止"
    assert desk.wrong() == []
