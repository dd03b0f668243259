"""Ctrl+P on a list: A4 landscape, its heads on every page, nothing cut, and enough on a page."""

import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Route
from pypdf import PdfReader
from pypdfium2 import PdfDocument
from sqlalchemy import select

from backend.services.base.context import Context
from backend.store.registry import Estate
from tests.build.many_cases import copy_case
from tests.build.office import Office
from tests.build.village import Village

pytestmark = [pytest.mark.deep, pytest.mark.browser]

At = Callable[[str], Office]
ANYWHERE = "http://127.0.0.1:9"  # nobody listens there: every page is the desk's of this test
LEAST_ROWS = 22
MM = 72 / 25.4
BETWEEN_MARGINS = round((297 - 2 * 10) / 25.4 * 96)  # of the sheet, in the browser's pixels


def pages_of(browser: Browser, office: Office, address: str) -> list[str]:
    """The words of each page of what the browser prints."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ANYWHERE)
        with office.browser.get(path) as found:
            route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.data)

    page = browser.new_page(viewport={"width": BETWEEN_MARGINS, "height": 700})
    page.route("**/*", answer)
    page.goto(f"{ANYWHERE}{address}")
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= BETWEEN_MARGINS
    made = page.pdf(prefer_css_page_size=True)
    printed = PdfReader(io.BytesIO(made))
    page.close()
    for sheet in printed.pages:
        assert (round(sheet.mediabox.width / MM), round(sheet.mediabox.height / MM)) == (297, 210)
    with PdfDocument(made) as document:
        return ["".join(sheet.get_textpage().get_text_range().split()) for sheet in document]


def check(pages: list[str], heads: tuple[str, ...], row: str, total: int) -> None:
    for each in pages:
        assert [head for head in heads if head not in each] == []
    counts = [len(re.findall(row, each)) for each in pages]
    assert sum(counts) == total
    assert min(counts[:-1]) >= LEAST_ROWS, counts


def test_a_list_of_cases_prints_whole(
    at_desk: At, village: Village, ctx: Context, browser: Browser
) -> None:
    case = village.drafted()
    village.manager.applies(case.id, village.upload("manager"))
    copy_case(ctx, case.id, 50)
    pages = pages_of(browser, at_desk("clerk"), "/desk/cases?words=SQ-2031&sort=number")
    heads = ("编号", "小区", "状态", "最近的期限", "申请人", "电梯", "保费", "最近进展")
    check(pages, heads, r"SQ-2031-\d{6}", 50)


@pytest.mark.parametrize(
    ("address", "heads"),
    [
        ("/desk/estates", ("小区", "物业", "电梯")),
        ("/desk/posters", ("小区", "已印轿厢卡", "最近下单")),
    ],
)
def test_lists_whose_cells_have_two_lines_print_on_one(
    at_desk: At,
    village: Village,
    ctx: Context,
    browser: Browser,
    address: str,
    heads: tuple[str, ...],
) -> None:
    with ctx.sessions() as tx:
        like = tx.scalars(select(Estate)).one()
        for nth in range(50):
            row = Estate(
                name=f"印刷花园{nth:02d}",
                code=f"YS-{nth:03d}",
                address="示例路1号",
                district=like.district,
            )
            tx.add(row)
        tx.commit()
    pages = pages_of(browser, at_desk("clerk"), f"{address}?words=%E5%8D%B0%E5%88%B7")
    check(pages, heads, r"YS-\d{3}", 50)
