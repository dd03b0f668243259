"""A PC of an office with the desk in its browser, and what can be wrong with a page there."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, ViewportSize

from tests.e2e.phone import PATIENCE_MS, bring_axe

SIZES = (
    ViewportSize(width=1366, height=600),
    ViewportSize(width=1093, height=480),
    ViewportSize(width=1920, height=1080),
)
# Contrasts that nobody decided count as wrong too.
LOOK = """async rules => {
    const found = await axe.run(document, {
        resultTypes: ['violations', 'incomplete'],
        ...(rules.length ? { runOnly: { type: 'rule', values: rules } } : {}),
    })
    const undecided = found.incomplete.filter(({ id }) => id === 'color-contrast')
    return [...found.violations, ...undecided].map(({ id, nodes }) => [id, nodes.map(n => n.html)])
}"""
# What another width can change: the sheet of styles hides and shows nothing by width.
OF_SIZE = ("color-contrast", "scrollable-region-focusable", "target-size")
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
# Below 15 px nobody reads; below 32 px the mouse misses. A link within text is as high as its line.
PRESSED = "button, summary, select, textarea, .go, input:not([type=checkbox]):not([type=radio])"
TOO_SMALL = """pressed => [...document.querySelectorAll('body *')].flatMap(element => {
    const box = element.getBoundingClientRect()
    if (!box.width || !box.height || box.right < 0) return []
    const words = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
    const written = words.some(({ data }) => data.trim())
    const small = written && parseFloat(getComputedStyle(element).fontSize) < 15
    const low = element.matches(pressed) && box.height < 31.5
    return small || low ? [`too small: ${element.outerHTML.slice(0, 120)}`] : []
})"""


class Desk:
    """Whatever the browser complains of, such as a broken policy, is kept in `complaints`."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport=SIZES[0], locale="zh-CN")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", lambda line: self._note(line.text))
        self.address = address

    def open(self, path: str = "/desk/") -> int:
        """A page by its address; its status."""
        answer = self.page.goto(f"{self.address}{path}")
        return answer.status if answer else 0

    def takes(self, name: str, value: str) -> None:
        """Hold a cookie that was set elsewhere."""
        cookie: Any = {"name": name, "value": value, "url": self.address}
        self.context.add_cookies([cookie])

    def here(self) -> str:
        """The path of this page, without the list that it was opened from."""
        return urlsplit(self.page.url).path

    def press(self, name: str) -> None:
        """Press a button or follow a link by its words."""
        either = self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        )
        either.first.click()

    def wrong(self) -> list[Any]:
        """What is wrong with this page, in any of the sizes: by axe, wider than the screen, or too
        small to read or to meet."""
        found: list[Any] = []
        bring_axe(self.page)
        for size in SIZES:
            self.page.set_viewport_size(size)
            found += self.page.evaluate(LOOK, [] if size is SIZES[0] else list(OF_SIZE))
            found += ["too wide"] if self.page.evaluate(TOO_WIDE) else []
        found += self.page.evaluate(TOO_SMALL, PRESSED)
        self.page.set_viewport_size(SIZES[0])
        return found

    def _note(self, line: str) -> None:
        """A refusal is a page of its own: that its status is no 200 is meant."""
        if "Failed to load resource" not in line:
            self.complaints.append(line)

    def close(self) -> None:
        """Put the PC away; it must not have complained."""
        self.context.close()
        assert self.complaints == []
