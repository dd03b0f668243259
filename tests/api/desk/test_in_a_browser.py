"""The desk as a browser has it: a whole day on real forms without script, money, people and papers
with it."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from jinja2 import Template
from playwright.sync_api import Browser, FilePayload, expect
from playwright.sync_api import Page as Tab
from sqlalchemy import select

from backend.desk import gate
from backend.desk.gate import COOKIE
from backend.desk.sections import section_of
from backend.domain.actions import Action
from backend.services.base.context import Context
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase, Transition
from tests.build.banks import statement
from tests.build.chromium import ARGUMENTS
from tests.build.desk_moments import INSURER, Moments
from tests.build.desk_pages import NO_PAGES, PAGES, SHOWN_BY_FORMS, Looked
from tests.build.in_chromium import ChromiumClient
from tests.build.many_cases import copy_turns
from tests.build.office import Authenticator, Office
from tests.build.pc import Desk
from tests.build.players import Players, appoint
from tests.build.premiums import DUE_FEN, premiums_due
from tests.build.proving import SECRET
from tests.build.served import in_thread
from tests.build.village import TOKEN, Village
from tests.build.working_day import Day, from_application_to_policy

pytestmark = [pytest.mark.deep, pytest.mark.browser]

Pc = Callable[[str, bool], Office]
At = Callable[[str], Office]
FRAMED = "desk/base.html"
OLD = Path(__file__).parents[3] / "miniprogram_web/old_chromium/unpacked"
PRESS = """name => [...document.querySelectorAll('main button')]
    .find(({ textContent }) => textContent.trim() === name).click()"""
FILTER = """() => {
    document.querySelector('.filter [name=words]').value = 'SQ-2025'
    document.querySelector('form.filter').submit()
}"""
SUBMIT = """words => {
    document.querySelector('#name').value = words
    document.querySelector('main form').submit()
}"""
TEMPLATES = Path(gate.__file__).parent / "templates" / "desk"


@pytest.fixture
def address(desk: Flask) -> Iterator[str]:
    """Where the desk of this test is, for real browsers."""
    with in_thread(desk) as address:
        yield address


@pytest.fixture
def pc(
    desk: Flask, address: str, browser: Browser, client: FlaskClient, village: Village
) -> Iterator[Pc]:
    """A window in which somebody of the village comes in by the code on the screen."""
    windows: list[ChromiumClient] = []
    authenticators: dict[str, Authenticator] = {}

    def sits_down(name: str, script: bool) -> Office:
        window = ChromiumClient(desk, browser, address, script)
        windows.append(window)
        place = Office(window, client)
        place.authenticator = authenticators.setdefault(name, Authenticator(SECRET))
        place.sign_in(TOKEN.format(name))
        return place

    yield sits_down
    for window in windows:
        window.put_away()


def test_a_whole_day_goes_by_forms_in_a_browser_without_script(
    pc: Pc, village: Village, ctx: Context
) -> None:
    from_application_to_policy(Day(lambda name: pc(name, False), village, ctx))


def test_a_batch_is_paid_a_leaver_hands_over_and_a_sample_is_drawn_in_a_browser(
    pc: Pc, village: Village, ctx: Context
) -> None:
    cases = premiums_due(village, 5, elsewhere=(4,))
    cashier = pc("cashier", True)
    screen = tab_of(cashier)
    cashier.open("/desk/payments")
    expect(screen.get_by_text("更换了收款账户")).to_be_visible()
    for tick in screen.get_by_role("checkbox").all():
        tick.check()
    screen.get_by_role("button", name="生成批次和银行文件").click()
    expect(screen.get_by_text("还没有提交银行")).to_be_visible()
    assert window_of(cashier).downloads("下载银行批量文件").startswith(b"PK")
    screen.get_by_role("button", name="已提交银行").click()
    numbers = sorted(set(re.findall(r"BF-[-0-9]+", screen.inner_text("main"))))
    lines = [(f"R{n}", DUE_FEN, number, "成功") for n, number in enumerate(numbers[:2])]
    lines += [("R2", DUE_FEN, numbers[2], "失败"), ("R3", DUE_FEN + 1, numbers[3], "成功")]
    file: FilePayload = {"name": "对账单.xlsx", "mimeType": "", "buffer": statement(lines)}
    screen.locator("input[type=file]").set_input_files(file)
    screen.get_by_role("button", name="导入并核对").click()
    expect(screen.get_by_text("可以确认2行，银行没有付成1行，其他1行")).to_be_visible()
    screen.get_by_role("button", name="登记退回").first.click()
    screen.get_by_role("button", name="确认勾选的已付款").click()
    expect(screen.get_by_text("已付款", exact=True)).to_have_count(2)

    appoint(village, "supervisor", "administrator")
    appoint(village, "auditor", "cashier")
    with ctx.sessions() as tx:
        theirs = AccessGrant.person_id == village.actor("cashier").person_id
        right = tx.scalars(select(AccessGrant.id).where(theirs)).one()
    administrator = pc("supervisor", True)
    screen = tab_of(administrator)
    administrator.open(f"/desk/people/{right}/end")
    screen.get_by_role("link", name="先移交案件").click()
    screen.get_by_label("接手人").select_option(str(village.actor("auditor").person_id))
    screen.get_by_role("button", name="看能移交哪些").click()
    screen.get_by_role("button", name=re.compile(r"移交这\d件")).click()
    expect(screen.get_by_role("status")).to_be_visible()

    auditor = pc("auditor", True)
    screen = tab_of(auditor)
    auditor.open("/desk/audit")
    screen.get_by_label("种子").fill("7")
    screen.get_by_label("抽几件（最多200）").fill("3")
    screen.get_by_role("button", name="抽取").click()
    rows = screen.get_by_role("row").filter(has_text="SQ-")
    expect(rows).to_have_count(3)
    drawn = rows.all_inner_texts()
    screen.reload()
    assert rows.all_inner_texts() == drawn
    assert len(cases) == 5


def window_of(place: Office) -> ChromiumClient:
    assert isinstance(place.browser, ChromiumClient)
    return place.browser


def tab_of(place: Office) -> Tab:
    return window_of(place).tab


def test_every_page_is_named(desk: Flask) -> None:
    pages = {rule.endpoint for rule in desk.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - NO_PAGES == PAGES.keys(), "name it in tests/build/desk_pages.py"
    assert pages >= NO_PAGES


WAYS = """() => [
    [...document.querySelectorAll('nav.side [aria-current]')].map(way => way.getAttribute('href')),
    [...document.querySelectorAll('main p.soft.small a, main .tabs a, main .beside a')]
        .map(way => way.getAttribute('href'))]"""
# Pages of whoever sits there, and what finds things of all sections, belong to none.
OF_NO_SECTION = {"sessions", "my_rights", "search", "sample", "second_factor.ask"}


class Eyes:
    """Somebody who looks at every page of the desk, at each moment of a case, in one window."""

    def __init__(self, pc: Desk, at_desk: At, players: Players, desk: Flask) -> None:
        self.pc, self.moments = pc, Moments(players)
        self._addresses = desk.url_map.bind("")
        self._at_desk = at_desk
        self._offices: dict[str, Office] = {}
        self.wrong: dict[str, object] = {}

    def look(self) -> None:
        """Note what is wrong, page by page."""
        pages = [each for few in PAGES.values() for each in few]
        for moment in self.moments.all():
            for looked in pages:
                if looked.moment == moment:
                    self._look_at(looked)

    def sits_down(self, who: str) -> None:
        """Let the window be signed in as somebody, or (empty) as nobody."""
        self.pc.context.clear_cookies()
        if not who:
            return
        if who not in self._offices:
            self._offices[who] = self._at_desk(who)
        cookie = self._offices[who].browser.get_cookie(COOKIE)
        assert cookie
        self.pc.takes(COOKIE, cookie.value)

    def _look_at(self, looked: Looked) -> None:
        self.sits_down(looked.who)
        here = looked.address.format(**self.moments.known)
        status = self.pc.open(here)
        if looked.press:
            with self.pc.page.expect_navigation() as done:
                self.pc.page.evaluate(PRESS, looked.press)
            status = done.value.status
        if folder := os.environ.get("TIBAO_TEST_PICTURES"):
            name = re.sub(r"[^a-z_-]+", "_", looked.address.partition("/desk/")[2])
            path = Path(folder) / f"{looked.moment}-{looked.who}-{name}.png"
            self.pc.page.screenshot(path=path)
        named = f"{looked.moment}, {looked.who}: {looked.address} {looked.press}"
        if status != looked.status:
            self.wrong[named] = status, self.pc.page.inner_text("main")[:200]
        elif found := [*self.pc.wrong(), *self.pc.complaints, *self._lost(here, looked)]:
            self.wrong[named] = found
        self.pc.complaints.clear()

    def _lost(self, here: str, looked: Looked) -> Iterator[str]:
        """That it is not said in which section this is, or no way leads back to that."""
        marked, ways = self.pc.page.evaluate(WAYS)
        own = self._endpoint(here)
        if not looked.who or looked.press or looked.status == 404:
            return
        if {own, own.partition(".")[0]} & OF_NO_SECTION:
            return
        if len(marked) != 1:
            yield f"{marked} are marked on the left"
            return
        front = self._endpoint(marked[0])
        back = [section_of(self._endpoint(way)) for way in ways]
        if own != front and section_of(front) not in back:
            yield f"nothing leads back to {marked[0]}"

    def _endpoint(self, address: str) -> str:
        return str(self._addresses.match(urlsplit(address).path)[0])


def test_every_page_reads_in_all_sizes_with_names_as_long_as_they_get(
    desk: Flask, address: str, browser: Browser, at_desk: At, players: Players
) -> None:
    shown: set[str] = set()

    def note(_: Flask, template: Template, **__: object) -> None:
        shown.add(str(template.name).removeprefix("desk/"))

    eyes = Eyes(Desk(browser, address), at_desk, players, desk)
    with template_rendered.connected_to(note, desk):
        eyes.look()
    eyes.pc.close()
    assert eyes.wrong == {}
    pages = {each.name for each in TEMPLATES.glob("*.html") if FRAMED in each.read_text("utf-8")}
    assert pages - shown == SHOWN_BY_FORMS


@pytest.mark.parametrize("version", ["88", "103"])
def test_the_same_pages_open_filter_and_submit_in_the_browsers_that_offices_have(
    version: str, address: str, browser: Browser, at_desk: At, players: Players, desk: Flask
) -> None:
    """360, UOS and Kylin are Chromium of 86 and later. Playwright opens pages there, and presses
    nothing: that needs what is newer than 105."""
    start = OLD / version / "start"
    if not start.is_file():
        pytest.skip("no old Chromium: `make old-browser` brings two")
    old = browser.browser_type.launch(executable_path=start, args=ARGUMENTS)
    assert old.version.startswith(f"{version}.")
    eyes = Eyes(Desk(old, address), at_desk, players, desk)
    eyes.look()
    eyes.sits_down("clerk")
    page = eyes.pc.page
    eyes.pc.open("/desk/cases")
    with page.expect_navigation():
        page.evaluate(FILTER)
    assert "words=SQ-2025" in page.url
    assert eyes.moments.known["number"] in page.inner_text("tbody")
    eyes.pc.open("/desk/insurers/new")
    with page.expect_navigation():
        page.evaluate(SUBMIT, INSURER)
    assert "已经登记" in page.inner_text("[role=alert]")
    assert page.input_value("#name") == INSURER
    eyes.pc.close()
    old.close()
    assert eyes.wrong == {}


SEND = """() => { setTimeout(() => document.querySelector('main form button').click()) }"""


def test_one_form_in_two_tabs_is_done_once_and_neither_loses_what_was_typed(
    pc: Pc, village: Village
) -> None:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    case = f"/desk/cases/{purchase.id}"
    clerk = pc("clerk", True)
    one = tab_of(clerk)
    other = one.context.new_page()
    words = {one: "第二页没有盖章", other: "签名表缺第三页，请补齐以后再交"}
    for tab, reason in words.items():
        tab.goto(f"{window_of(clerk).address}{case}/return_application")
        tab.locator("main textarea").fill(reason)
    for tab in words:  # both at the same moment
        tab.evaluate(SEND)
    for tab in words:
        expect(tab.get_by_role("status").or_(tab.get_by_role("alert")).first).to_be_visible()
    late = next(tab for tab in words if tab.get_by_role("alert").count())
    first = next(tab for tab in words if tab is not late)
    expect(first.get_by_role("status")).to_contain_text("已办理：退回补正")
    expect(late.get_by_text("您打开这张表单以后")).to_be_visible()
    expect(late.locator("main textarea").first).to_have_value(words[late])
    expect(late.locator(".summary:focus")).to_have_count(1)

    first.go_back()  # to the form that was done
    expect(first.get_by_text("案件有了新进展，这一步您现在不能办理")).to_be_visible()
    first.get_by_role("link", name="看案件现在的情况").click()
    expect(first.get_by_role("heading", level=1)).to_contain_text("申请准备中")
    with village.ctx.sessions() as tx:
        taken = Transition.action == Action.RETURN_APPLICATION
        assert tx.scalars(select(Transition.reason).where(taken)).all() == [words[first]]


MOST_KEYS = 25
# Chromium drops keys pressed before a new page is first painted.
PAINTED = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
FOCUSED = """() => {
    const { activeElement: here } = document
    const { outlineStyle, outlineWidth } = getComputedStyle(here)
    const seen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2
    return [here.textContent.trim() || here.value || here.id, seen]
}"""


class Keys:
    """Somebody without a mouse: each key but those of words is counted, and where it leads to must
    be seen."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.pressed = tab, 0

    def tab_on(self) -> str:
        """What is focused then, in words."""
        self.tab.keyboard.press("Tab")
        self.pressed += 1
        expect(self.tab.locator(":focus")).to_have_count(1)  # a page's policy forbids asking twice
        words, seen = self.tab.evaluate(FOCUSED)
        assert seen, words
        return str(words)

    def go_to(self, wanted: str) -> None:
        """Tab until it is focused; what leads past the sections is taken."""
        self.tab.evaluate(PAINTED)
        while (found := self.tab_on()) != wanted:
            assert self.pressed < MOST_KEYS, (found, wanted)
            if found == "跳到内容":
                self.tab.keyboard.press("Enter")
                self.pressed += 1

    def enter(self) -> None:
        """Open or press what is focused; another page comes."""
        with self.tab.expect_navigation():
            self.tab.keyboard.press("Enter")
        self.pressed += 1


COMPOSED = """() => document.body.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'j', isComposing: true, bubbles: true }))"""


A_ROW_WITHOUT_A_WAY = """() => {
    const row = document.querySelector('main tbody tr')
    row.insertAdjacentHTML('afterend', '<tr><td><button></button></td></tr>')
    row.nextSibling.querySelector('button').focus()
}"""


def walks_by_letters(tab: Tab, rows: list[str]) -> None:
    """`j` and `k` walk the rows of a list, `/` leads to the search box and `?` to the help; in a
    field, and while an input method composes, they are letters."""
    tab.evaluate(PAINTED)
    press, focused = tab.keyboard.press, tab.locator(":focus")
    tab.evaluate(COMPOSED)
    expect(focused).to_have_count(0)
    for key, row in (("j", rows[0]), ("k", rows[0]), ("J", rows[1]), ("j", rows[1])):
        press(key)
        expect(focused).to_have_text(row)
    for key, row in (("j", rows[1]), ("k", rows[0])):
        tab.evaluate(A_ROW_WITHOUT_A_WAY)
        press(key)
        expect(focused).to_have_text(row)
    press("?")
    expect(tab.locator("main details[open].help")).to_have_count(1)
    press("/")
    for key in "jk?/":
        press(key)
    expect(tab.locator("#find:focus")).to_have_value("jk?/")


def test_a_step_is_taken_from_the_list_to_the_next_by_keys_alone(pc: Pc, village: Village) -> None:
    cases = premiums_due(village, 2)
    copy_turns(village.ctx, cases[0], cases[1:])
    with village.ctx.sessions() as tx:
        first, second = (tx.get_one(Purchase, case).number for case in cases)
    cashier = pc("cashier", True)
    keys = Keys(tab_of(cashier))
    cashier.open("/desk/")
    walks_by_letters(keys.tab, [str(first), str(second)])
    cashier.open("/desk/")
    keys.go_to(str(first))
    keys.enter()
    for _ in ("opened", "submitted"):
        keys.go_to("通知银行拨付")
        keys.enter()
    expect(keys.tab.get_by_role("status")).to_contain_text("已办理：通知银行拨付")
    keys.go_to(f"下一件：{second} 拨付保费至保险机构")
    keys.enter()
    assert str(second) in keys.tab.inner_text("main h1")
    assert keys.pressed <= MOST_KEYS
