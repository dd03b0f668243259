"""Answers for public pages in memory before Flask wakes up: the reads that whole cities make.

Only the plain case is taken: GET, no query, a page that is kept and fresh, and no If-None-Match or
exactly its tag. Whatever else goes to the route, which gives the same answer through `send`.
"""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Response, request

from backend.http.envelope import new_request_id
from backend.http.frame import SAFE_HEADERS
from backend.http.lift_pages import CACHE_CONTROL, LiftPage, LiftPages


class KeptPages:
    """Wraps the app; answers from `pages` what they hold."""

    def __init__(self, app: WSGIApplication, pages: LiftPages) -> None:
        self._app = app
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The kept page or its 304, or what the app says."""
        if environ["REQUEST_METHOD"] == "GET" and not environ.get("QUERY_STRING"):
            page = self._pages.peek(environ["PATH_INFO"])
            asked = environ.get("HTTP_IF_NONE_MATCH")
            if page is not None and (asked is None or asked == page.etag):
                return _answer(page, asked is not None, environ, start_response)
        return self._app(environ, start_response)


def send(page: LiftPage) -> Response:
    """The page as an answer of Flask."""
    response = Response(page.body, content_type=page.media_type)
    response.headers["ETag"] = page.etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Content-Security-Policy"] = page.policy
    response.make_conditional(request)
    return response


def _answer(
    page: LiftPage, known: bool, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    headers = [
        ("ETag", page.etag),
        ("Cache-Control", CACHE_CONTROL),
        ("Content-Security-Policy", page.policy),
        ("X-Request-Id", new_request_id(environ.get("HTTP_X_REQUEST_ID"))),
        *SAFE_HEADERS,
    ]
    if known:
        start_response("304 NOT MODIFIED", headers)
        return []
    headers.append(("Content-Type", page.media_type))
    headers.append(("Content-Length", str(len(page.body))))
    start_response("200 OK", headers)
    return [page.body]
