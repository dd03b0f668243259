"""A PC of an office, for a rehearsal (演练): one click and somebody is signed in at the desk there.

The emulator does what people do, over HTTP as they: opens the desk's sign-in page, scans the code
with the person's phone, chooses the number that stands on the screen, presses the button, and shows
a code of the person's authenticator where one is asked for. What the
desk then gives to its browser is handed on to the one that clicked: a cookie belongs to a host, on
whatever port. Where there is no emulator, and in production there is none, nobody can do this.
"""

import json
import re
from collections.abc import Mapping
from html import escape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from urllib3 import BaseHTTPResponse, PoolManager, Retry
from urllib3.exceptions import HTTPError
from werkzeug.wrappers import Response as AnyResponse

from backend.config import address
from backend.domain.errors import Refused, refuse
from backend.wechat.sandbox.parts import SandboxParts
from backend.wechat.sandbox.play import acts

WAIT_SECONDS = 30.0
SIGN_IN, SECOND_FACTOR = "/desk/sign-in", "/desk/second-factor"
WORD = re.compile(r'name="form_word" value="([0-9a-f.]+)"')
KEY = re.compile(r'<code class="key">([A-Z2-7 ]+)</code>')
OTHER_VERSION = "工作台的页面和模拟器不是同一个版本。"
CODE = re.compile(r"/desk-sign-in/([A-Za-z0-9_-]+)")
NUMBER = re.compile(r'class="number">([0-9]+)<')
WAITING = "_waiting"  # for a phone: the code of a page that somebody left
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_ANSWER = "工作台现在没有应答，请稍候再试。"
SORRY = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>没有打开工作台</title>
<body style="margin: 2em auto; max-width: 30em; padding: 0 1em; font: 18px/1.7 sans-serif">
<h1>没有打开工作台</h1>
<p>{}</p>
</body>
</html>
"""


def office_pc(parts: SandboxParts) -> Blueprint:
    """`POST /office-pc/<name>`: the desk, with this person signed in."""
    blueprint = Blueprint("office_pc", __name__)
    pool = PoolManager(timeout=WAIT_SECONDS, retries=Retry(0, redirect=False))

    def sit_down(name: str) -> AnyResponse:
        try:
            cookies = _Pc(parts, pool, request.cookies).sign_in(name)
        except (Refused, HTTPError) as problem:
            refused = problem.refusals[0].message if isinstance(problem, Refused) else ""
            return Response(SORRY.format(escape(refused) or NO_ANSWER), 502)
        host = request.host.partition(":")[0]
        response = redirect(f"http://{host}:{parts.settings.desk_port}/desk/", 303)
        for cookie in cookies:
            response.headers.add("Set-Cookie", cookie)
        return response

    blueprint.add_url_rule("/office-pc/<name>", "sit_down", sit_down, methods=["POST"])
    return blueprint


class _Pc:
    """A browser at the desk, with its cookies, and a phone beside it."""

    def __init__(self, parts: SandboxParts, pool: PoolManager, before: Mapping[str, str]) -> None:
        """`before` are the cookies of whoever sat there, whose place is taken."""
        self._parts, self._pool = parts, pool
        self._desk = address(parts.settings.desk_port)
        self._cookies = SimpleCookie(
            {name: value for name, value in before.items() if not name.endswith(WAITING)}
        )
        self._given: list[str] = []

    def sign_in(self, name: str) -> list[str]:
        """Sign this person in; the cookies as the desk set them.

        Raises Refused with the words of whoever said no, HTTPError where nobody answered.
        """
        code = acts.login_code(self._parts, name)
        screen = self._browse("GET", SIGN_IN).data.decode()
        text, number = CODE.search(screen), NUMBER.search(screen)
        if text is None or number is None:
            raise refuse("desk_unreadable", OTHER_VERSION)
        token = self._phone("POST", "/sessions", {"code": code})["token"]
        chosen = {"screen_number": int(number[1])}
        self._phone("POST", f"/desk-sign-ins/{text[1]}", chosen, token)
        self._browse("POST", SIGN_IN, {})
        self._prove(name)
        return self._given

    def _prove(self, name: str) -> None:
        """Show a code of the person's authenticator, where the desk asks for one; an authenticator
        that is new scans the page first."""
        if SECOND_FACTOR not in self._browse("GET", "/desk/").headers.get("Location", ""):
            return
        screen = self._browse("GET", SECOND_FACTOR).data.decode()
        word, key = WORD.search(screen), KEY.search(screen)
        if word is None:
            raise refuse("desk_unreadable", OTHER_VERSION)
        if key:
            person = self._parts.state.person(name)
            self._parts.state.keep_secret(person, key[1].replace(" ", ""))
        digits = acts.authenticator_code(self._parts, name)
        self._browse("POST", SECOND_FACTOR, {"form_word": word[1], "digits": digits})

    def _browse(self, method: str, path: str, form: Any = None) -> BaseHTTPResponse:
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in self._cookies.items())
        headers = {"Cookie": cookie, **(FORM if form is not None else {})}
        body = urlencode(form) if form is not None else None
        answer = self._pool.request(method, self._desk + path, headers=headers, body=body)
        if answer.status >= 400:
            raise refuse("desk_refused", "工作台没有让这个人进入。")
        for given in answer.headers.getlist("Set-Cookie"):
            self._cookies.load(given)
            self._given.append(given)
        return answer

    def _phone(self, method: str, path: str, body: Any, token: str = "") -> Any:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self._parts.settings.public_url}/api/v1{path}"
        answer = self._pool.request(method, url, headers=headers, body=json.dumps(body))
        found = json.loads(answer.data) if answer.data else {}
        if answer.status >= 400:
            raise refuse("phone_refused", found["errors"][0]["message"])
        return found
