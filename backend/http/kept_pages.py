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
            *self._of_all(environ),
        ]
        if known:
            start_response("304 NOT MODIFIED", headers)
            return []
        headers.append(("Content-Type", page.media_type))
        headers.append(("Content-Length", str(len(page.body))))
        start_response("200 OK", headers)
        return [page.body]

    def _of_all(self, environ: WSGIEnvironment) -> list[tuple[str, str]]:
        request_id = new_request_id(environ.get("HTTP_X_REQUEST_ID"))
        return [("X-Request-Id", request_id), *self._headers]


def send(page: LiftPage) -> Response:
    """The page as an answer of Flask."""
    response = Response(page.body, content_type=page.media_type)
    response.headers["ETag"] = page.etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Content-Security-Policy"] = page.policy
    response.make_conditional(request)
    return response
