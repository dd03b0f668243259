"""A test client whose every act is one in a real browser: an address is opened there, and a form is
filled in as it stands on the screen, field by field, and its button pressed."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Locator, Response, ViewportSize
from playwright.sync_api import Page as Tab
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, TestResponse

from tests.e2e.phone import PATIENCE_MS

SIZE = ViewportSize(width=1366, height=600)
FORMS = """forms => forms.map(form => [
    form.method, form.getAttribute('action'), [...form.elements].map(({ name }) => name)
])"""
FIELDS = """form => [...form.elements].map(
    ({ name, type, value, checked }) => ({ name, type, value, checked })
)"""
TICKED = ("checkbox", "radio")
NOT_WRITTEN = ("hidden", "fieldset", "button", "output")


class ChromiumClient(FlaskClient):
    """One window of its own, with script or without."""

    def __init__(self, desk: Flask, browser: Browser, address: str, script: bool) -> None:
        super().__init__(desk, desk.response_class)
        self.address = address
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport=SIZE, locale="zh-CN", java_script_enabled=script, accept_downloads=True
        )
        self.tab: Tab = self.context.new_page()
        self.tab.set_default_timeout(PATIENCE_MS)
        self.tab.on("console", lambda line: self._note(line.text))

    def open(self, *args: Any, **asked: Any) -> TestResponse:
        """What the client would ask for, asked by the browser: the page after all redirects."""
        (path,) = args
        answer: Response | None
        if asked.get("method") == "POST":
            answer = self._sends(path, asked.get("data") or {})
        else:
            answer = self.tab.goto(self.address + path)
        assert answer is not None
        for each in self.context.cookies():
            self.set_cookie(each["name"], each["value"])
        here = urlsplit(self.tab.url)
        request = EnvironBuilder(path=here.path, query_string=here.query).get_request()
        body = [self.tab.content().encode()]
        return self.response_wrapper(
            body, str(answer.status), Headers(answer.headers), request=request
        )

    def downloads(self, words: str) -> bytes:
        """What comes when this link is followed."""
        with self.tab.expect_download() as file:
            self.tab.get_by_role("link", name=words).first.click()
        return file.value.path().read_bytes()

    def put_away(self) -> None:
        """Close the window; the browser must not have complained, as of a broken policy."""
        self.context.close()
        assert self.complaints == []

    def _note(self, line: str) -> None:
        """A refusal is a page of its own: that its status is no 200 is meant."""
        if "Failed to load resource" not in line:
            self.complaints.append(line)

    def _sends(self, path: str, typed: Mapping[str, Any]) -> Response:
        """Fill in the form on the screen that goes there, and press its button."""
        all_forms = self.tab.locator("form")
        fits = [
            at
            for at, (method, action, names) in enumerate(all_forms.evaluate_all(FORMS))
            if method == "post"
            and (action or urlsplit(self.tab.url).path) == path
            and typed.keys() <= set(names)
        ]
        assert fits, f"no form on {self.tab.url} goes to {path} with {sorted(typed)}"
        form = all_forms.nth(fits[0])
        pressed, seen = form.locator("button:not([name])").first, dict[str, int]()
        for field in form.evaluate(FIELDS):
            name = field["name"]
            if not name or field["type"] in NOT_WRITTEN:
                continue
            nth = seen[name] = seen.get(name, -1) + 1
            place = form.locator(f'[name="{name}"]').nth(nth)
            if field["type"] != "submit":
                _fill(place, field, typed.get(name))
            elif name in typed:
                pressed = place
        with self.tab.expect_navigation() as done:
            pressed.click()
        return done.value


def _fill(place: Locator, field: Mapping[str, Any], wanted: Any) -> None:
    """Bring one field to what is wanted; None is one that is left empty, or without its tick."""
    if field["type"] in TICKED:
        ticked = wanted == field["value"] or (
            isinstance(wanted, list | tuple) and field["value"] in wanted
        )
        if ticked != field["checked"]:
            _bring_up(place)
            place.set_checked(ticked)
    elif isinstance(wanted, tuple) and isinstance(wanted[0], BytesIO):
        content, name = wanted
        kind = "application/pdf" if content.getvalue().startswith(b"%PDF") else "image/png"
        place.set_input_files({"name": name, "mimeType": kind, "buffer": content.getvalue()})
    elif field["type"] == "select-one":
        if (wanted or "") != field["value"]:
            place.select_option(str(wanted or ""))
    elif field["type"] != "file" and str(wanted or "") != field["value"]:
        _bring_up(place)
        place.fill(str(wanted or ""))


def _bring_up(place: Locator) -> None:
    """Open what a field is folded away in."""
    if not place.is_visible():
        place.locator("xpath=ancestor::details[1]/summary").click()
