"""Somebody at the officers' desk: a browser without script, on a PC of the office."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import exists, select
from werkzeug.test import TestResponse

from backend.clock import system_clock
from backend.desk.gate import COOKIE
from backend.domain import desk
from backend.services.base.context import Context
from backend.services.people import desk_sessions, sessions
from backend.store.people import SecondFactor
from tests.build.calling import told

# The addresses that forms read from a page were sent to, since a test began.
SENT: set[str] = set()
CHINESE = re.compile(r"[一-鿿]{2}")
HERE = "http://localhost"
SIGN_IN = "/desk/sign-in"


@dataclass
class Form:
    """A form of a page, with what its hidden fields hold, and what there is to choose from."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    options: dict[str, dict[str, str]] = field(default_factory=dict)

    def chosen(self, name: str, words: str) -> str:
        """What is sent when somebody chooses the one option of a field that has these words."""
        found = [each for said, each in self.options[name].items() if words in said]
        assert len(found) == 1, (words, self.options[name])
        (value,) = found
        return value


class Page(HTMLParser):
    """What a person finds on a page: its words, links by their words, forms."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.status = answer.status_code
        self.address = answer.request.path
        self.whole_address = answer.request.full_path
        self.words: list[str] = []
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self.keys: list[str] = []
        self._link: str | None = None
        self._select = self._textarea = self._option = ""
        self._in_key = False
        self.feed(answer.text)

    def form(self, action: str) -> Form:
        """The first form that goes to this address."""
        return next(form for form in self.forms if form.action == action)

    @property
    def text(self) -> str:
        """All words of the page, one after the other."""
        return " ".join(self.words)

    def form_to(self, end: str) -> Form:
        """The form that goes to an address with this end."""
        return next(form for form in self.forms if form.action.endswith(end))

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._in_key = tag == "code" and found.get("class") == "key"
        if tag == "a":
            self._link = found.get("href")
        elif tag == "form":
            self.forms.append(Form(found.get("action", ""), found.get("method", "get")))
        elif tag in ("input", "textarea", "select") and self.forms and "name" in found:
            self._filled_in(tag, found)
        elif tag == "option" and self._select:
            self._option = found.get("value", "")
            if "selected" in found:
                self.forms[-1].values[self._select] = self._option

    def _filled_in(self, tag: str, found: Mapping[str, str]) -> None:
        """What a browser sends of a field that nobody touched."""
        form, name, kind = self.forms[-1], found["name"], found.get("type", "text")
        form.names.append(name)
        if tag == "textarea":
            self._textarea = name
            form.values[name] = ""
        elif tag == "select":
            self._select = name
            form.values[name] = ""
        elif kind == "checkbox" and "checked" not in found:
            return
        elif kind != "file":
            form.values[name] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag == "option":
            self._option = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.forms[-1].values[self._textarea] += data
        if words := data.strip():
            self.words.append(words)
            if self._option:
                self.forms[-1].options.setdefault(self._select, {})[words] = self._option
            if self._in_key:
                self.keys.append(words.replace(" ", ""))
            if self._link:
                self.links.setdefault(words, self._link)


@dataclass
class Authenticator:
    """The app on somebody's phone; it never shows a number that it showed before."""

    secret: str = ""
    last: int = 0
    ahead: timedelta = timedelta(0)

    def code(self) -> str:
        """Six digits of now, or else those that come next."""
        totp = TOTP(self.secret)
        now = system_clock() + self.ahead
        self.last = max(totp.timecode(now.timestamp()), self.last + 1)
        return totp.generate_otp(self.last)


@dataclass
class Office:
    """A PC with its cookies. `phone` speaks with the API for whoever sits there."""

    browser: FlaskClient
    phone: FlaskClient
    authenticator: Authenticator = field(default_factory=Authenticator)

    def open(self, address: str) -> Page:
        """A page, as it is after all redirects."""
        return Page(self.browser.get(address, follow_redirects=True))

    def sign_in(self, token: str, at: str = SIGN_IN) -> Page:
        """Scan the code on the screen with the phone of this session, and come in."""
        text, number = self.shown_code()
        answer = self.confirm(token, text, number)
        assert answer.status_code == 204, answer.text
        page = self.come_in(at)
        return self.prove(page) if "六位数字" in page.text else page

    def sit_down(self, ctx: Context, token: str) -> None:
        """Be signed in as whoever holds this session of the API, without the code and the phone:
        as `sign_in` leaves it, an authenticator's number shown where they have one."""
        person_id = sessions.authenticate(ctx, token).person_id
        with ctx.sessions() as tx:
            proves = tx.scalar(select(exists().where(SecondFactor.person_id == person_id)))
            proved_at = system_clock() if proves else None
            opened = desk_sessions.open_session(
                tx, ctx, person_id, desk.place_of("127.0.0.1", ""), proved_at
            )
            tx.commit()
        self.browser.set_cookie(COOKIE, opened)

    def prove(self, page: Page) -> Page:
        """Write what the authenticator shows, which scans the code where the page has one."""
        if "绑定验证器" in page.text:
            self.authenticator = Authenticator(page.keys[0])
        return self.submit(page, digits=self.authenticator.code())

    def come_in(self, at: str = SIGN_IN) -> Page:
        """Press the button below the code."""
        waiting = self.open(at)
        return Page(self.fill(waiting, waiting.forms[-1]))

    def shown_code(self) -> tuple[str, int]:
        """What the code on the screen holds, and the number beside it."""
        page = self.open("/desk/sign-in")
        cookie = self.browser.get_cookie("tibao_desk_waiting")
        assert cookie is not None
        number = next(int(word) for word in page.words if word.isdecimal() and len(word) == 2)
        return cookie.value.partition(".")[2], number

    def confirm(self, token: str, text: str, number: int) -> TestResponse:
        """Choose a number on the phone."""
        return self.phone.post(
            f"/api/v1/desk-sign-ins/{text}",
            json={"screen_number": number},
            headers={"Authorization": f"Bearer {token}"},
        )

    def offered(self, token: str, text: str) -> list[int]:
        """The numbers that the phone shows."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = told(self.phone.get(f"/api/v1/desk-sign-ins/{text}", headers=headers))
        numbers: list[int] = answer["screen_numbers"]
        return numbers

    def submit(self, page: Page, **typed: Any) -> Page:
        """Fill in the last form of a page and send it; bytes are files."""
        return Page(self.send(page, **typed))

    def send(self, page: Page, **typed: Any) -> TestResponse:
        """The same, and the answer as it came."""
        return self.fill(page, page.forms[-1], **typed)

    def fill(self, page: Page, form: Form, **typed: Any) -> TestResponse:
        """The same with one form of several. What was typed in Chinese, a name among it, stands in
        no address that follows."""
        SENT.add(urlsplit(form.action or page.address).path)
        answer = self.browser.post(
            form.action or page.address,
            data={**form.values, **_as_sent(typed)},
            content_type="multipart/form-data",
            headers={"Origin": HERE, "Referer": f"{HERE}{page.whole_address}"},
            follow_redirects=True,
        )
        led_to = unquote(answer.request.full_path)
        said = [text for text in typed.values() if isinstance(text, str) and CHINESE.search(text)]
        assert not [text for text in said if text in led_to], led_to
        return answer


def _as_sent(typed: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: (BytesIO(value), f"{name}.pdf") if isinstance(value, bytes) else value
        for name, value in typed.items()
    }
