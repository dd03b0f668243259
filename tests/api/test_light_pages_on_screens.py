"""The light pages as phones, large print and paper show them, with the longest names and lists."""

from collections.abc import Callable, Iterator

import pypdfium2 as pdfium
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from backend.api.public import light_pages
from backend.api.public.models import NoticeTextOut, PublicLiftOut
from backend.services.base.context import Context
from backend.services.public import lift_tokens
from backend.store.notices import PublicNotice
from tests.build.village import Village

pytestmark = [pytest.mark.deep, pytest.mark.browser]

WIDTHS = (320, 360, 390, 768)
ESTATE = ("乾州新区金鸡岭棚户区改造安置住宅小区" * 3)[:38]
LIFT = "北侧消防兼无障碍担架电梯（1号）"
INSURER = "中国人民财产保险股份有限公司湘西土家族苗族自治州分公司"
LIFTS, OBJECTIONS = 20, 30

Show = Callable[[str], Page]


def long_lift(shown: PublicLiftOut) -> PublicLiftOut:
    lift = shown.lift.model_copy(update={"estate": ESTATE, "name": LIFT, "maintainer": INSURER})
    plan = shown.notices[0].plan.model_copy(update={"insurer": INSURER})
    objections = shown.notices[0].objections * OBJECTIONS
    notice = shown.notices[0].model_copy(update={"plan": plan, "objections": objections})
    return shown.model_copy(update={"lift": lift, "notices": [notice]})


def long_notice(shown: NoticeTextOut) -> NoticeTextOut:
    lift = shown.content["lifts"][0] | {"address": f"{ESTATE}1栋1单元{LIFT}"}
    content = shown.content | {"title": f"{ESTATE}电梯维修保险方案公示", "lifts": [lift] * LIFTS}
    return shown.model_copy(
        update={"content": content, "objections": shown.objections * OBJECTIONS}
    )


@pytest.fixture
def paths(ctx: Context, village: Village, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Where the pages are, of a lift and a notice that are as long as they get."""
    village.posted()
    for name in ("owner0", "owner1"):
        with ctx.sessions() as tx:
            notice = tx.scalars(select(PublicNotice)).one()
        village.person(name).objects(notice.id, "price", "保费偏高")
    issued = lift_tokens.issue_token(ctx, village.actor("clerk"), village.lifts[0], "首次张贴")
    for module, longer in (("lift_shown", long_lift), ("notice_shown", long_notice)):
        real = getattr(light_pages, module)
        monkeypatch.setattr(
            light_pages, module, lambda *given, r=real, make=longer: make(r(*given))
        )
    return {
        "lift": f"/e/{issued.token}",
        "notice": f"/n/{notice.number}",
        "calm": "/e/none",
        "plan": f"/p/{notice.plan_id}",
    }


@pytest.fixture
def show(client: FlaskClient, browser: Browser) -> Iterator[Show]:
    page = browser.new_page()

    def shown(path: str) -> Page:
        page.set_content(client.get(path).text)
        return page

    yield shown
    page.close()


@pytest.mark.parametrize("kind", ["lift", "notice", "calm", "plan"])
def test_no_screen_and_no_print_scrolls_sideways(
    paths: dict[str, str], show: Show, kind: str
) -> None:
    page = show(paths[kind])
    for percent in (100, 150, 200):
        page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 640})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{wide} px at {width} px and {percent} %"


def test_the_first_screen_says_who_pays_until_when_to_object_and_whom_to_call(
    paths: dict[str, str], show: Show
) -> None:
    page = show(paths["lift"])
    page.set_viewport_size({"width": 320, "height": 640})
    for words in ("这台电梯目前没有维修保险。", "修理费由业主出", "有书面异议，已暂停计时", "119"):
        box = page.get_by_text(words).first.bounding_box()
        assert box
        assert box["y"] + box["height"] <= 640, words


@pytest.mark.parametrize("kind", ["lift", "notice", "calm"])
def test_the_number_stays_on_the_screen_wherever_one_reads(
    paths: dict[str, str], show: Show, kind: str
) -> None:
    page = show(paths[kind])
    page.set_viewport_size({"width": 320, "height": 480})
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    box = page.locator("a[href='tel:119']").first.bounding_box()
    assert box
    assert 0 <= box["y"] <= 480 - box["height"]
    assert box["height"] >= 44


def test_a_long_notice_is_folded_and_its_contents_lead_down(
    paths: dict[str, str], show: Show
) -> None:
    page = show(paths["notice"])
    page.set_viewport_size({"width": 390, "height": 750})
    assert page.evaluate("document.body.scrollHeight") < 8 * 750
    assert not page.get_by_text("注册代码").first.is_visible()
    page.get_by_text(f"看全部 {LIFTS} 台").click()
    assert page.get_by_text("注册代码").first.is_visible()
    for link in page.locator("nav a").all():
        target = link.get_attribute("href") or ""
        assert page.locator(target).count() == 1


def test_paper_shows_the_number_the_address_and_everything_that_is_folded(
    paths: dict[str, str], show: Show
) -> None:
    for kind in ("lift", "notice"):
        page = show(paths[kind])
        page.emulate_media(media="print")
        for selector in (".rescue", ".rescue b", ".go"):
            for colour in page.locator(selector).all():
                assert colour.evaluate("e => getComputedStyle(e).color") == "rgb(0, 0, 0)"
        document = pdfium.PdfDocument(page.pdf(format="A4"))
        text = "".join(sheet.get_textpage().get_text_bounded() for sheet in document)
        assert "119" in text
        assert paths[kind] in text.replace("\r\n", "")
        if kind == "notice":
            assert text.count("注册代码") == LIFTS
        page.emulate_media(media="screen")
