"""Every page of the mini-program in a browser: accessible, on every screen, and in bad moments."""

import re
from collections.abc import Callable

import pytest

from backend.demo.cast import CAST
from tests.e2e.city import City
from tests.e2e.longest import stretched
from tests.e2e.pages import PAGES
from tests.e2e.phone import FONTS, LARGEST, NORMAL, Phone, violations

pytestmark = [pytest.mark.deep, pytest.mark.stack, pytest.mark.browser]

PhoneOf = Callable[..., Phone]

TARGET, ELDER_TARGET = 44, 60
WIDTHS = (320, 360, 390, 768)
# What is folded or still closed when a page comes up: with this it is open.
OPENED: dict[str, list[str | re.Pattern[str]]] = {
    "notice": ["看全部 20 台", "看全部 6 张", "为什么是这一刻？"],
    "verify": ["我不在名册上，或手机号换了"],
    "committee": ["看每台的保费", "不同意"],
    "data": ["我要更正"],
    "apply": [re.compile("^1栋统筹账户")],
    "lift": ["为什么是这一刻？", "通知我"],
    "joint": ["我不在名册上，或手机号换了"],
}
# Where a paragraph's words are written, beyond the edge of what is painted behind them.
STICKING_OUT = """() => {
    const found = []
    const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        if (!text.data.trim() || !text.parentElement.checkVisibility()) continue
        let box = text.parentElement
        let cut = false
        for (; box.tagName !== 'MAIN'; box = box.parentElement) {
            const style = getComputedStyle(box)
            cut ||= style.overflow !== 'visible'
            if (style.backgroundColor !== 'rgba(0, 0, 0, 0)') break
            if (style.borderLeftWidth !== '0px') break
        }
        const range = document.createRange()
        range.selectNodeContents(text)
        const { left, right } = range.getBoundingClientRect()
        const edge = box.getBoundingClientRect()
        if (!cut && (left < edge.left - 1 || right > edge.right + 1)) found.push(text.data.trim())
    }
    return found
}"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_every_screen_in_every_print_with_the_longest_names(
    name: str, facts: dict[str, str], phone_of: PhoneOf
) -> None:
    key, path, words = PAGES[name]
    phone = phone_of(CAST[key].shown)
    phone.page.route("**/api/v1/**", stretched)
    for phone.font in FONTS:
        phone.open(path.format(**facts))
        phone.sees(words)
        for closed in OPENED.get(name, []):
            phone.page.get_by_role("radio", name=closed).or_(phone.button(closed)).first.click()
        for width in WIDTHS:
            phone.page.set_viewport_size({"width": width, "height": 568})
            where = f"{name} at {width} px, font {phone.font}"
            assert overflow(phone) <= 0, where
            assert phone.page.evaluate(STICKING_OUT) == [], where
            assert not too_small(phone, TARGET if phone.font == NORMAL else ELDER_TARGET), where
            phone.scroll_to_the_end()
            assert phone.shows("119"), where
        if phone.font in (NORMAL, LARGEST):
            assert violations(phone.page) == []


def overflow(phone: Phone) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(
        phone.page.evaluate(
            "() => { const p = document.querySelector('main');"
            " return Math.max(document.documentElement.scrollWidth - innerWidth,"
            " p.scrollWidth - p.clientWidth) }"
        )
    )


def too_small(phone: Phone, least: int) -> list[str]:
    """Buttons, links and fields of the page that are lower than `least` pixels."""
    found: list[str] = phone.page.evaluate(
        """least => [...document.querySelectorAll('main button, main a[href], main input,'
            + ' main textarea, main [role=button], main [role=link], main [role=switch]')]
            .filter(e => e.getClientRects().length && getComputedStyle(e).opacity !== '0')
            .map(e => [e.closest('label') ?? e, e])
            .filter(([target]) => target.getBoundingClientRect().height < least - 0.5)
            .map(([, e]) => `${e.outerHTML.slice(0, 80)} ${e.getBoundingClientRect().height}`)""",
        least,
    )
    return found


def test_elder_mode_enlarges_the_words_and_is_remembered(
    facts: dict[str, str], phone_of: PhoneOf
) -> None:
    phone = phone_of("大字用户")
    phone.open(f"pages/lift/lift?token={facts['insured']}")
    heading = phone.page.get_by_text("保障范围内的故障")
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    before = heading.first.evaluate(size)
    phone.tap(re.compile("换成大字"))
    phone.page.wait_for_function("() => document.querySelector('.elder')")
    assert heading.first.evaluate(size) >= 1.3 * before
    phone.open(f"pages/lift/lift?token={facts['insured']}")
    phone.sees("保什么")
    assert heading.first.evaluate(size) >= 1.3 * before


def test_without_a_network_the_last_seen_page_is_shown_with_its_time(
    facts: dict[str, str], phone_of: PhoneOf
) -> None:
    phone = phone_of("电梯里的人")
    path = f"pages/lift/lift?token={facts['insured']}"
    phone.open(path)
    phone.sees("保什么")
    phone.connect(False)
    phone.page.evaluate("location.hash = '#/pages/about/about'")
    phone.sees("常见问题")
    phone.page.evaluate(f"location.hash = '#/{path}'")
    phone.sees("保什么", "没有网络")
    phone.connect(True)


@pytest.mark.parametrize(
    "forge",
    [
        lambda code: code[:-1],
        lambda code: code + "0000000",
        lambda code: code.replace("/e/", "/e/%2Fe%2F"),
        lambda code: code.replace("127.0.0.1", "tibao.example.org"),
        lambda code: code[:-3] + "abc",
        lambda code: "https://example.com/pay?to=me",
    ],
    ids=["truncated", "33 characters", "doubly encoded", "foreign host", "guessed", "another site"],
)
def test_a_wrong_code_gets_one_calm_page(
    forge: Callable[[str], str], city: City, phone_of: PhoneOf
) -> None:
    phone = phone_of("好奇的人")
    phone.scan(forge(city.code("已有保障")))
    phone.sees("这个二维码看不到电梯信息", "119")
    phone.does_not_see("示例花园")


def test_a_first_visit_without_a_network_says_so_on_every_page_with_the_number(
    facts: dict[str, str], phone_of: PhoneOf
) -> None:
    phone = phone_of("电梯里的人", LARGEST)
    phone.page.set_viewport_size({"width": 320, "height": 568})
    phone.open("pages/lift/lift")
    phone.sees("扫一扫电梯里的二维码")
    phone.connect(False)
    for name, (_, path, _) in PAGES.items():
        if name not in ("start", "wrong-code"):
            phone.page.evaluate("path => { location.hash = path }", f"#/{path.format(**facts)}")
            phone.sees("没有网络")
            assert phone.shows("119"), name
            assert overflow(phone) <= 0, name
    phone.connect(True)


BAD_LINKS = [
    "pages/notice/notice?number=%00",
    "pages/object/object?notice=nothing",
    "pages/receipt/receipt?id=nothing",
    "pages/fund/fund?id=nothing",
    "pages/fund/fund",
    "pages/account/account?lift=nothing",
    "pages/account/account",
    "pages/apply/apply?estate=nothing",
    "pages/case/case?id=nothing",
    "pages/case/case",
    "pages/joint/joint?case=nothing",
    "pages/papers/papers?case=nothing",
    "pages/change/change?case=nothing",
    "pages/apply/apply",
    "pages/posting/posting?notice=nothing",
    "pages/posting/posting",
]


def test_a_bad_link_gets_a_sentence_for_people_and_a_way_on(phone_of: PhoneOf) -> None:
    phone = phone_of(CAST["resident"].shown)
    for link in BAD_LINKS:
        phone.open(link)
        phone.sees(re.compile("^(回到首页|看看“我的”)$"))
        words = phone.page.locator("main").inner_text()
        assert not re.search("接口|[a-z]_id", words), link
        assert phone.shows("119"), link
