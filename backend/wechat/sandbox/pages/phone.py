"""The phone: the mini-program's web build under /mini/, and the way through to our own API.

The build's pages call their own origin, so that a browser treats page, API and the platform's
control routes as one; `/api/…` goes on to `public_url` as it came.
"""

import json
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request, send_from_directory
from urllib3 import PoolManager, Retry
from urllib3.exceptions import HTTPError
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from backend.domain.local_time import SHANGHAI
from backend.wechat.sandbox.memory.threads import THREADS
from backend.wechat.sandbox.parts import SandboxParts

BUILD = Path(__file__).resolve().parents[4] / "miniprogram_web" / "dist"
CLOCK_HEADER = "X-Sandbox-Now"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OWN_HEADERS = {"host", "connection", "content-length", "transfer-encoding"}
WAIT_SECONDS = 30.0
NOT_BUILT = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>小程序还没有生成</title>
<body style="margin: 2em auto; max-width: 30em; padding: 0 1em; font: 18px/1.7 sans-serif">
<h1>小程序还没有生成</h1>
<p>请在项目目录里运行 <code>make web</code>，然后刷新本页。</p>
</body>
</html>
"""


def mini_program(parts: SandboxParts, build: Path) -> Blueprint:
    """`/mini/` from `build`, where `make web` puts it (BUILD), and `/api/` from our own API."""
    blueprint = Blueprint("mini", __name__)
    pool = PoolManager(maxsize=THREADS, timeout=WAIT_SECONDS, retries=Retry(0, redirect=False))

    def serve_file(name: str = "index.html") -> AnyResponse:
        if not (build / "index.html").is_file():
            return Response(NOT_BUILT, 503, mimetype="text/html")
        try:
            answer = send_from_directory(build, name)
        except NotFound:
            return Response("没有这个文件", 404, mimetype="text/plain")
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    blueprint.add_url_rule("/mini", "slash", lambda: redirect("/mini/"))
    blueprint.add_url_rule("/mini/", "index", serve_file)
    blueprint.add_url_rule("/mini/<path:name>", "file", serve_file)
    blueprint.add_url_rule("/mini/host.js", "host", lambda: _host_script(parts))
    blueprint.add_url_rule(
        "/api/<path:rest>", "api", lambda rest: _pass_on(parts, pool), methods=METHODS
    )
    return blueprint


def _host_script(parts: SandboxParts) -> Response:
    """What the build cannot know: the address printed in front of a code, and sandbox time."""
    values = {"printed": f"{parts.settings.public_url}/e/", "now": _now(parts)}
    script = f"window.miniHost = {json.dumps(values)}\n"
    return Response(script, mimetype="text/javascript", headers={"Cache-Control": "no-store"})


def _pass_on(parts: SandboxParts, pool: PoolManager) -> Response:
    headers = {k: v for k, v in request.headers.items() if k.lower() not in OWN_HEADERS}
    query = request.query_string.decode()
    path = quote(request.path) + (f"?{query}" if query else "")
    try:
        answer = pool.request(
            request.method,
            parts.settings.public_url + path,
            body=request.get_data() or None,
            headers=headers,
            decode_content=False,
        )
    except HTTPError:
        return Response('{"errors": []}', 502, mimetype="application/json")
    passed_on = [(k, v) for k, v in answer.headers.items() if k.lower() not in OWN_HEADERS]
    return Response(answer.data, answer.status, [*passed_on, (CLOCK_HEADER, _now(parts))])


def _now(parts: SandboxParts) -> str:
    return parts.clock().astimezone(SHANGHAI).isoformat()
