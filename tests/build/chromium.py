"""The Chromium of the tests: it reaches this machine and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """The browser, for as long as the block runs; a process holds one Playwright at a time."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
