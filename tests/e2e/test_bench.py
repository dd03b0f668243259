"""The bench, the emulator's page of phones, on small screens, with everything on it open."""

import pytest
from playwright.sync_api import Page

from tests.build.screens import check_it_fits
from tests.e2e.city import City
from tests.e2e.phone import violations

pytestmark = [pytest.mark.deep, pytest.mark.stack, pytest.mark.browser]


def test_the_bench_fits_small_screens_and_fingers(city: City, page: Page) -> None:
    page.goto(city.settings.wechat_url)
    page.get_by_role("button", name="1栋1单元").first.click()
    page.get_by_text("每次调用延迟").wait_for()
    page.get_by_text("公示中").first.wait_for()
    check_it_fits(page, "bench")
    assert violations(page) == []
    for opened in ("服务号", "跳到…", "更多人…"):
        page.get_by_text(opened, exact=True).first.click()
        check_it_fits(page, f"bench with {opened}")
    assert violations(page) == []
