"""A phone with the mini-program, worked as a person works it: by what stands on the screen."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.build.waiting import PATIENCE_SECONDS

PATIENCE_MS = PATIENCE_SECONDS * 1000
NORMAL, ELDER, LARGEST = 16, 24, 30  # WeChat's font setting
FONTS = (NORMAL, 20, ELDER, LARGEST)  # one for each print: the ordinary one and three larger
AXE = Path(__file__).parents[2] / "miniprogram_web/node_modules/axe-core/axe.min.js"
SMALL = ViewportSize(width=390, height=844)

IN_SIGHT = """element => {
    const { left, top, right, bottom } = element.getBoundingClientRect()
    const seen = (x, y) => {
        const on = document.elementFromPoint(x, y)
        return on !== null && (element.contains(on) || on.contains(element))
    }
    const middle = (left + right) / 2
    const edge = (bottom - top) / 5
    return bottom <= innerHeight && seen(middle, top + edge) && seen(middle, bottom - edge)
}"""

expect.set_options(timeout=PATIENCE_MS)


class Phone:
    """One person's phone. Whatever goes wrong inside a page is kept in `errors`."""

    def __init__(self, browser: Browser, wechat_url: str, owner: str, font: int = NORMAL) -> None:
        self._mini = f"{wechat_url}/mini/?as={quote(owner)}&font="
        self.font = font
        self.owner = owner
        self.errors: list[str] = []
        self.context = browser.new_context(viewport=SMALL, locale="zh-CN", has_touch=True)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str) -> None:
        """Open the mini-program at a page, as a link would."""
        self.page.goto("about:blank")
        self.page.goto(f"{self._mini}{self.font}#/{path}")

    def scan(self, printed: str) -> None:
        """Scan a code with the camera: the platform opens the lift page with `q`."""
        self.open(f"pages/lift/lift?q={quote(printed, safe='')}")

    def sees(self, *texts: str | re.Pattern[str]) -> None:
        """All of these can be read on the page, sooner or later."""
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def does_not_see(self, text: str) -> None:
        """This cannot be read on the page."""
        expect(self.page.get_by_text(text).filter(visible=True)).to_have_count(0)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """The button or link of this name."""
        exact = isinstance(name, str)
        either = self.page.get_by_role("button", name=name, exact=exact).or_(
            self.page.get_by_role("link", name=name, exact=exact)
        )
        return either.filter(visible=True).first

    def tap(self, *names: str | re.Pattern[str]) -> None:
        """Tap one button or link after the other."""
        for name in names:
            self.button(name).click()

    def reply(self, *names: str) -> None:
        """Tap one button after the other in the dialogs that open."""
        for name in names:
            dialog = self.page.get_by_role("dialog").filter(visible=True).last
            dialog.get_by_role("button", name=name, exact=True).click()

    def write(self, label: str | re.Pattern[str], text: str) -> None:
        """Write into the field of this label."""
        self.page.get_by_label(label).filter(visible=True).first.fill(text)

    def pick_file(self, button: str | re.Pattern[str], file: Path) -> None:
        """Take a picture: the phone's dialog hands over this file, after privacy was agreed to."""
        self.tap(button)
        dialog = self.page.get_by_role("dialog").filter(visible=True).last
        dialog.wait_for()
        if dialog.get_by_role("button", name="同意", exact=True).count():
            self.reply("同意")
        self.page.locator("input[type=file]").set_input_files(file)

    def draw(self, label: str | re.Pattern[str], *strokes: list[tuple[float, float]]) -> None:
        """Draw with a finger on the area of this label; points are fractions of its size."""
        area = self.page.get_by_label(label)
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        assert box
        for stroke in strokes:
            points = [
                (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke
            ]
            self.page.mouse.move(*points[0])
            self.page.mouse.down()
            for point in points[1:]:
                self.page.mouse.move(*point, steps=4)
            self.page.mouse.up()

    def shows(self, words: str) -> bool:
        """Whether these words are on the screen, with nothing over them, without scrolling."""
        found = self.page.get_by_text(words).filter(visible=True).first
        return bool(found.count()) and bool(found.evaluate(IN_SIGHT))

    def scroll_to_the_end(self) -> None:
        """Read the page down to its last line."""
        self.page.evaluate(
            "() => { const p = document.querySelector('main'); p.scrollTop = p.scrollHeight }"
        )

    def connect(self, connected: bool) -> None:
        """Enter or leave the dead spot that a lift cab is."""
        self.context.set_offline(not connected)

    def close(self) -> None:
        """Put it away; nothing went wrong inside."""
        self.context.close()
        assert not self.errors, self.errors


def bring_axe(page: Page) -> None:
    """Have axe on this page, and on every one that is opened here later: the browser keeps it, for
    sending 600 KB to each page takes longer than what axe does there."""
    if not page.evaluate("'axe' in window"):
        page.add_init_script(path=AXE)
        page.evaluate(AXE.read_text("utf-8"))


def violations(page: Page) -> list[str]:
    """What axe finds against accessibility on the page as it stands."""
    bring_axe(page)
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['id']}: {json.dumps([node['html'][:160] for node in found['nodes']][:3])}"
        for found in result["violations"]
    ]
