"""What surrounds every request: its id, the security headers, the access log, strict JSON."""

import logging
import time
from typing import Any

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from pydantic_core import from_json

from backend.http.envelope import request_id

access_log = logging.getLogger("tibao.access")

# An answer of the API is data: a browser that opens it directly may load and run nothing, and what
# somebody handed in is of no origin, least of all ours.
API_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
SAFE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
# The documentation page carries its own inline script and data: pictures.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)


ESCAPED_ZERO = rb"\u0000"


class StrictJson(DefaultJSONProvider):
    """Reads JSON with limited depth, real Unicode and no NaN; anything else is a ValueError."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """The value in `s`; raises ValueError, also for zero bytes: PostgreSQL keeps none."""
        if ESCAPED_ZERO in (s if isinstance(s, bytes) else s.encode()):
            raise ValueError("a zero byte")
        return from_json(s, allow_inf_nan=False)


def _start() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    headers = response.headers
    endpoint = request.endpoint
    headers["X-Request-Id"] = request_id()
    headers.update(SAFE_HEADERS)
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = API_POLICY if _is_data(endpoint) else PAGE_POLICY
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    _log(response)
    return response


def _is_data(endpoint: str | None) -> bool:
    return endpoint is None or not endpoint.startswith(("openapi.", "swagger."))


def _log(response: Response) -> None:
    # The rule and not the path: ids and tokens stay out of the log.
    actor = g.get("actor")
    access_log.info(
        "%s %s %d %.1fms request=%s person=%s",
        request.method,
        request.url_rule.rule if request.url_rule else "(no route)",
        response.status_code,
        (time.perf_counter() - g.started) * 1000,
        request_id(),
        actor.person_id if actor else "-",
    )


def install(app: Flask) -> None:
    """Frame every request of `app`."""
    app.json = StrictJson(app)
    app.before_request(_start)
    app.after_request(_finish)
