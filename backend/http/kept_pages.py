"""Answers in memory before Flask wakes up: the reads that whole cities make, and whether we live.

Only the plain case is taken: GET, no query, a page that is kept and fresh, and no If-None-Match or
exactly its tag. Whatever else goes to the route, which gives the same answer through `send`.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Response, request

from backend.http.envelope import new_request_id
from backend.http.frame import API_POLICY, safe_headers
from backend.http.lift_pages import LiftPage, LiftPages
from backend.http.served import Answer

ALIVE = "/healthz"
# Whether this process lives, and nothing else: who restarts it for more, helps nobody.
ALIVE_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", API_POLICY),
    ("Content-Type", "application/json"),
)


class KeptPages:
    """Wraps the app; answers from `pages` what they hold."""

    def __init__(self, app: WSGIApplication, pages: LiftPages, public_url: str) -> None:
        self._app = app
        self._pages = pages
        self._headers = safe_headers(public_url)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The kept page or its 304, or what the app says."""
        answer = None
        if environ["REQUEST_METHOD"] == "GET" and not environ.get("QUERY_STRING"):
            answer = self.at_once(environ["PATH_INFO"], partial(_of_environ, environ))
        if answer is None:
            return self._app(environ, start_response)
        status, headers, body = answer
        start_response(f"{status} {HTTPStatus(status).phrase.upper()}", headers)
        return [body]

    def at_once(self, path: str, header: Callable[[str], str | None]) -> Answer | None:
        """What a GET without a query is answered, if that lies in memory: it waits for nobody and
        asks nobody. `header` gives what was sent under a name in small letters."""
        if path == ALIVE:
            return 200, [*ALIVE_HEADERS, *self._of_all(header)], b'{"status":"ok"}'
        page = self._pages.peek(path)
        if page is None:
            return None
        known = header("if-none-match")
        if known is None:
            body, of_body = page.sent(takes_gzip(header("accept-encoding") or ""))
            return 200, [*self._of_all(header), *of_body], body
        return (304, [*self._of_all(header), *page.headers], b"") if known == page.etag else None

    def _of_all(self, header: Callable[[str], str | None]) -> list[tuple[str, str]]:
        return [("X-Request-Id", new_request_id(header("x-request-id"))), *self._headers]


def _of_environ(environ: WSGIEnvironment, name: str) -> str | None:
    value: str | None = environ.get(f"HTTP_{name.upper().replace('-', '_')}")
    return value


@lru_cache
def takes_gzip(accepted: str) -> bool:
    """Whether whoever sends this Accept-Encoding takes gzip: named, and not with a weight of 0."""
    for each in accepted.split(","):
        name, _, weight = each.replace(" ", "").lower().partition(";")
        if name == "gzip":
            return weight.rstrip("0.") != "q="
    return False


def send(page: LiftPage) -> Response:
    """The page as an answer of Flask."""
    body, headers = page.sent(takes_gzip(request.headers.get("Accept-Encoding", "")))
    response = Response(body, headers=list(headers))
    response.make_conditional(request)
    return response
