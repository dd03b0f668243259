"""Answers in memory before Flask wakes up: the reads that whole cities make, and whether we live.

Only the plain case is taken: GET, no query, a page that is kept and fresh, and no If-None-Match or
exactly its tag. Whatever else goes to the route, which gives the same answer through `send`.
"""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Response, request

from backend.http.envelope import new_request_id
from backend.http.frame import API_POLICY, safe_headers
from backend.http.lift_pages import CACHE_CONTROL, LiftPage, LiftPages

ALIVE = "/healthz"
VARY = "Accept-Encoding"


class KeptPages:
    """Wraps the app; answers from `pages` what they hold."""

    def __init__(self, app: WSGIApplication, pages: LiftPages, public_url: str) -> None:
        self._app = app
        self._pages = pages
        self._headers = safe_headers(public_url)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The kept page or its 304, or what the app says."""
        answer = self.at_once(environ, start_response)
        return self._app(environ, start_response) if answer is None else answer

    def at_once(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes] | None:
        """The answer, if it lies in memory: it waits for nobody and asks nobody."""
        if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
            return None
        if environ["PATH_INFO"] == ALIVE:
            return self._alive(environ, start_response)
        page = self._pages.peek(environ["PATH_INFO"])
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if page is None or asked not in (None, page.etag):
            return None
        return self._page(page, asked is not None, environ, start_response)

    def _alive(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Whether this process lives, and nothing else: who restarts it for more, helps nobody."""
        headers = [
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", API_POLICY),
            ("Content-Type", "application/json"),
        ]
        start_response("200 OK", headers + self._of_all(environ))
        return [b'{"status":"ok"}']

    def _page(
        self, page: LiftPage, known: bool, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        headers = [
            ("ETag", page.etag),
            ("Cache-Control", CACHE_CONTROL),
            ("Content-Security-Policy", page.policy),
            ("Vary", VARY),
            *self._of_all(environ),
        ]
        if known:
            start_response("304 NOT MODIFIED", headers)
            return []
        body = page.packed
        if takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            headers.append(("Content-Encoding", "gzip"))
        else:
            body = page.body
        headers.append(("Content-Type", page.media_type))
        headers.append(("Content-Length", str(len(body))))
        start_response("200 OK", headers)
        return [body]

    def _of_all(self, environ: WSGIEnvironment) -> list[tuple[str, str]]:
        request_id = new_request_id(environ.get("HTTP_X_REQUEST_ID"))
        return [("X-Request-Id", request_id), *self._headers]


def takes_gzip(accepted: str) -> bool:
    """Whether whoever sends this Accept-Encoding takes gzip: named, and not with a weight of 0."""
    for each in accepted.split(","):
        name, _, weight = each.replace(" ", "").lower().partition(";")
        if name == "gzip":
            return weight.rstrip("0.") != "q="
    return False


def send(page: LiftPage) -> Response:
    """The page as an answer of Flask."""
    packed = takes_gzip(request.headers.get("Accept-Encoding", ""))
    response = Response(page.packed if packed else page.body, content_type=page.media_type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = VARY
    response.headers["ETag"] = page.etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Content-Security-Policy"] = page.policy
    response.make_conditional(request)
    return response
