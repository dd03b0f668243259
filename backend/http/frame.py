"""What surrounds every request: its id, the security headers, the access log, strict JSON."""

import logging
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from pydantic_core import from_json

from backend.http.envelope import request_id
from backend.http.parts import parts

access_log = logging.getLogger("tibao.access")

# No page of ours needs a plug-in, another base, or a form that is sent as such; nobody frames us.
NOWHERE = "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# An answer of the API is data: a browser that opens it directly may load and run nothing, and what
# somebody handed in is of no origin, least of all ours.
API_POLICY = f"default-src 'none'; {NOWHERE}; sandbox"
SAFE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
# For a year no browser asks for us without TLS; only for a host that people reach by https.
ONLY_HTTPS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
# The documentation page carries its own inline script and data: pictures.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data:; {NOWHERE}"
)


ESCAPED_ZERO = rb"\u0000"


class StrictJson(DefaultJSONProvider):
    """Reads JSON with limited depth, real Unicode and no NaN; anything else is a ValueError."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """The value in `s`; raises ValueError, also for zero bytes: PostgreSQL keeps none."""
        if ESCAPED_ZERO in (s if isinstance(s, bytes) else s.encode()):
            raise ValueError("a zero byte")
        return from_json(s, allow_inf_nan=False)


def safe_headers(public_url: str) -> Sequence[tuple[str, str]]:
    """What every answer carries where people reach us at this address."""
    return (*SAFE_HEADERS, ONLY_HTTPS) if public_url.startswith("https://") else SAFE_HEADERS


def _start() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    headers = response.headers
    endpoint = request.endpoint
    headers["X-Request-Id"] = request_id()
    for name, value in safe_headers(parts().public_url):
        headers.setdefault(name, value)
    if response.location:  # of the router, which believes the caller about our host
        there = urlsplit(response.location)
        headers["Location"] = urlunsplit(("", "", there.path, there.query, there.fragment))
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
