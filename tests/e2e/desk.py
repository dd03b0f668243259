"""A PC of an office with the desk in its browser, and what can be wrong with a page there."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, ViewportSize

from tests.e2e.phone import AXE, PATIENCE_MS

SIZES = (
    ViewportSize(width=1366, height=600),
    ViewportSize(width=1093, height=480),
    ViewportSize(width=1920, height=1080),
)
# Contrasts that nobody decided count as wrong too.
LOOK = """async () => {
    const found = await axe.run(document)
    const undecided = found.incomplete.filter(({ id }) => id === 'color-contrast')
    return [...found.violations, ...undecided].map(({ id, nodes }) => [id, nodes.map(n => n.html)])
}"""
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


class Desk:
    """Whatever the browser complains of, such as a broken policy, is kept in `complaints`."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport=SIZES[0], locale="zh-CN")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", lambda line: self._note(line.text))
        self._address = address

    def open(self, path: str = "/desk/") -> None:
        """A page by its address."""
        self.page.goto(f"{self._address}{path}")

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
        """What is wrong with this page, in any of the sizes: by axe, or wider than the screen."""
        found: list[Any] = []
        for size in SIZES:
            self.page.set_viewport_size(size)
            self.page.evaluate(Path(AXE).read_text("utf-8"))
            found += self.page.evaluate(LOOK)
            found += ["too wide"] if self.page.evaluate(TOO_WIDE) else []
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
