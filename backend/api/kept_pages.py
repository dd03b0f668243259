"""Answers for lift pages in memory before Flask wakes up: the one read that whole cities make.

Only the plain case is taken: GET, no query, a page that is kept and fresh, and no If-None-Match or
exactly its tag. Whatever else goes to the route, which would give the same answer.
"""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from backend.api.envelope import new_request_id
from backend.api.frame import DATA_HEADERS
from backend.api.lift_pages import CACHE_CONTROL, LiftPages, Page
from backend.api.routes import PREFIX

PATH = f"{PREFIX}/public/lifts/"


class KeptPages:
    """Wraps the app; answers from `pages` what they hold."""

    def __init__(self, app: WSGIApplication, pages: LiftPages) -> None:
        self._app = app
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The kept page or its 304, or what the app says."""
        path: str = environ["PATH_INFO"]
        if (
            path.startswith(PATH)
            and environ["REQUEST_METHOD"] == "GET"
            and not environ.get("QUERY_STRING")
        ):
            page = self._pages.peek(path[len(PATH) :])
            asked = environ.get("HTTP_IF_NONE_MATCH")
            if page is not None and (asked is None or asked == page.etag):
                return _answer(page, asked is not None, environ, start_response)
        return self._app(environ, start_response)


def _answer(
    page: Page, known: bool, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    headers = [
        ("ETag", page.etag),
        ("Cache-Control", CACHE_CONTROL),
        ("X-Request-Id", new_request_id(environ.get("HTTP_X_REQUEST_ID"))),
        *DATA_HEADERS,
    ]
    if known:
        start_response("304 NOT MODIFIED", headers)
        return []
    headers.append(("Content-Type", "application/json"))
    headers.append(("Content-Length", str(len(page.body))))
    start_response("200 OK", headers)
    return [page.body]
