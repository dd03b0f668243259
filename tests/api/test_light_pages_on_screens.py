"""The light pages as phones, large print and paper show them, with the longest names and lists."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, ViewportSize
from sqlalchemy import select

from backend.api.public import light_pages
from backend.api.public.models import NoticeTextOut, PublicAccountOut, PublicLiftOut
from backend.domain.public_account import YEARS
from backend.services.base.context import Context
from backend.services.public import lift_tokens
from backend.services.reads.plan_cards import PlanCard
from backend.store.notices import PublicNotice
from tests.build.covered import insured_and_a_day_later
from tests.build.screens import check_it_fits
from tests.build.village import Village
from tests.e2e.phone import violations

pytestmark = [pytest.mark.deep, pytest.mark.browser]

# The ordinary print, WeChat's three elder sizes beside it, and what browsers are asked to bear.
PERCENT = (100, 133, 150, 167, 200)
SMALLEST = ViewportSize(width=320, height=568)
KINDS = ["lift", "notice", "account", "calm", "plan", "front"]
ESTATE = ("乾州新区金鸡岭棚户区改造安置住宅小区" * 3)[:38]
LIFT = "北侧消防兼无障碍担架电梯（1号）"
INSURER = "中国人民财产保险股份有限公司湘西土家族苗族自治州分公司"
LIFTS, OBJECTIONS = 20, 30

Show = Callable[[str], Page]

# Words that a printer would set in grey, or on a ground.
NOT_BLACK_ON_WHITE = """() => [...document.querySelectorAll('body *')]
    .filter(e => e.checkVisibility())
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(e => {
        const { color, backgroundColor } = getComputedStyle(e)
        const white = ['rgba(0, 0, 0, 0)', 'rgb(255, 255, 255)'].includes(backgroundColor)
        return color !== 'rgb(0, 0, 0)' || !white
    })
    .map(e => e.outerHTML.slice(0, 80))"""


def long_lift(shown: PublicLiftOut) -> PublicLiftOut:
    lift = shown.lift.model_copy(update={"estate": ESTATE, "name": LIFT, "maintainer": INSURER})
    notices = [
        notice.model_copy(
            update={
                "plan": notice.plan.model_copy(update={"insurer": INSURER}),
                "objections": notice.objections * OBJECTIONS,
            }
        )
        for notice in shown.notices
    ]
    payer = shown.payer.replace("示例保险", INSURER)
    return shown.model_copy(update={"lift": lift, "notices": notices, "payer": payer})


def long_notice(shown: NoticeTextOut) -> NoticeTextOut:
    lift = shown.content["lifts"][0] | {"address": f"{ESTATE}1栋1单元{LIFT}"}
    content = shown.content | {"title": f"{ESTATE}电梯维修保险方案公示", "lifts": [lift] * LIFTS}
    return shown.model_copy(
        update={"content": content, "objections": shown.objections * OBJECTIONS}
    )


def long_account(shown: PublicAccountOut) -> PublicAccountOut:
    [pool] = [each for each in shown.pools if each.years]
    longer = {"name": f"{ESTATE}1栋增值收益统筹账户", "years": [pool.years[0]] * YEARS}
    return shown.model_copy(
        update={
            "estate": ESTATE,
            "pools": [pool.model_copy(update=longer)] * LIFTS,
            "notices": shown.notices * LIFTS,
        }
    )


def long_plan(card: PlanCard | None) -> PlanCard | None:
    return card and replace(card, estate=ESTATE, insurer=INSURER, lifts=[card.lifts[0]] * LIFTS)


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages, with names and lists as long as they get."""
    longer = {
        "lift_shown": long_lift,
        "notice_shown": long_notice,
        "account_shown": long_account,
        "plan_card": long_plan,
    }
    for name, make in longer.items():
        real = getattr(light_pages, name)
        monkeypatch.setattr(light_pages, name, lambda *given, r=real, m=make: m(r(*given)))


def suspended(village: Village) -> None:
    _, notice = village.posted()
    village.person("owner0").objects(notice, "price", "保费偏高")


def lift_page(ctx: Context, village: Village) -> str:
    """Where the page of the village's first lift is."""
    issued = lift_tokens.issue_token(ctx, village.actor("clerk"), village.lifts[0], "首次张贴")
    return f"/e/{issued.token}"


@pytest.fixture
def paths(ctx: Context, village: Village, longest: None) -> dict[str, str]:
    """Where the pages are, of a lift and a notice that are as long as they get."""
    village.posted()
    for name in ("owner0", "owner1"):
        with ctx.sessions() as tx:
            notice = tx.scalars(select(PublicNotice)).one()
        village.person(name).objects(notice.id, "price", "保费偏高")
    lift = lift_page(ctx, village)
    return {
        "lift": lift,
        "account": lift.replace("/e/", "/a/"),
        "notice": f"/n/{notice.number}",
        "calm": "/e/none",
        "plan": f"/p/{notice.plan_id}",
        "front": "/",
    }


@pytest.fixture
def show(client: FlaskClient, browser: Browser) -> Iterator[Show]:
    page = browser.new_page()

    def shown(path: str) -> Page:
        page.set_content(client.get(path).text)
        return page

    yield shown
    page.close()


def enlarge(page: Page, percent: int) -> None:
    """Print that is larger than usual, as whoever reads may set it."""
    page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_every_screen_in_every_print(
    paths: dict[str, str], show: Show, kind: str
) -> None:
    page = show(paths[kind])
    assert violations(page) == []
    for percent in PERCENT:
        enlarge(page, percent)
        check_it_fits(page, f"{kind} at {percent} %")
        page.set_viewport_size(SMALLEST)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        box = page.locator("a[href='tel:119']").first.bounding_box()
        assert box
        assert 0 <= box["y"] <= SMALLEST["height"] - box["height"], f"119 at {percent} %"


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (Village.posted, ["目前没有维修保险", "修理费由业主出", "可提异议，截止2025年3月10日"]),
        (suspended, ["目前没有维修保险", "修理费由业主出", "有书面异议，已暂停计时"]),
        (insured_and_a_day_later, ["已投保，保到2026年3月31日24:00", INSURER]),
        (Village.approved, ["目前没有维修保险", "修理费由业主出"]),
    ],
    ids=["posted", "suspended", "insured", "nothing yet"],
)
def test_the_first_screen_says_who_pays_until_when_to_object_and_whom_to_call(
    reach: Callable[[Village], object],
    words: list[str],
    ctx: Context,
    village: Village,
    longest: None,
    show: Show,
) -> None:
    reach(village)
    page = show(lift_page(ctx, village))
    page.set_viewport_size(SMALLEST)
    for percent in PERCENT:
        enlarge(page, percent)
        for each in (*words, "被困请拨", "先按轿厢里的报警按钮", "119"):
            box = page.get_by_text(each).first.bounding_box()
            assert box
            assert box["y"] + box["height"] <= SMALLEST["height"], f"{each} at {percent} %"


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


def test_paper_is_black_on_white_with_the_number_the_address_and_everything_that_is_folded(
    paths: dict[str, str], show: Show
) -> None:
    for kind in KINDS:
        page = show(paths[kind])
        page.emulate_media(media="print")
        assert page.evaluate(NOT_BLACK_ON_WHITE) == [], kind
        document = pdfium.PdfDocument(page.pdf(format="A4"))
        text = "".join(sheet.get_textpage().get_text_bounded() for sheet in document)
        assert "119" in text
        if kind != "calm":  # its address is whatever somebody typed
            assert paths[kind] in text.replace("\r\n", "")
        if kind == "notice":
            assert text.count("注册代码") == LIFTS
        if kind == "plan":
            assert text.count("1号梯") == LIFTS
        page.emulate_media(media="screen")
