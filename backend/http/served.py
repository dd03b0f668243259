"""Between the web server and the app: a client that is slow, or means harm, costs no thread.

The server speaks RSGI with `Served`, its own protocol: of a request it makes for Python only what
is looked at. A body is heard out before a thread is asked, and the whole answer leaves without one.
Pages kept in memory, and whether we live, are answered at once. Reads, writes and logins have
threads of their own: what stops one kind, a locked row or a silent platform, stops no other.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from typing import Any, Protocol, TypeVar
from wsgiref.types import WSGIApplication, WSGIEnvironment

from backend.domain.errors import Refusal
from backend.http.envelope import OUR_FAULT, envelope, log, new_request_id
from backend.http.frame import API_POLICY, access_log

# Status, headers, body.
Answer = tuple[int, list[tuple[str, str]], bytes]
# What a GET of this path without a query is answered without a thread, None for everything else;
# the value of a header is asked for by its name in small letters.
AtOnce = Callable[[str, Callable[[str], str | None]], Answer | None]
# How many bytes a request may send; asked in a thread, and only of what may be large.
MostBytes = Callable[[WSGIEnvironment], int]
# A refusal and the request's id: its content type, content security policy and body.
InWords = Callable[[Refusal, str], tuple[str, str, str]]
Result = TypeVar("Result")

# Else the web server names itself, and with it whatever is known to be wrong with it.
WHO_SERVES = ("Server", "tibao")
READERS, WRITERS, LOGINS = 8, 8, 4
MOST_WITHIN = 64  # requests of one kind that work or wait for a thread
READING = ("GET", "HEAD", "OPTIONS")
LOGIN = ("POST", "/api/v1/sessions")

# A body has some seconds, and more as it comes: a phone in a stairwell sends this much a second.
BODY_SECONDS = 10.0
LEAST_BYTES_A_SECOND = 8 * 1024
SMALL = 64 * 1024  # bytes: what anybody may send
# Bytes of all bodies together. Large ones have a room of their own, so that they keep out no login
# and no objection, however slowly they come.
MOST_SMALL_HELD = 32 * 2**20
MOST_LARGE_HELD = 128 * 2**20
MOST_HEARD_OUT = 64 * 2**20  # bytes of a body that is too large

TOO_SLOW = Refusal("body_too_slow", "网络太慢，内容没有传完，请换个网络再试。")
BUSY = Refusal("busy", "系统繁忙，请稍后再试。")
DRAIN_SECONDS = 5
# In the place of a header that is no text: the server keeps it to itself.
UNREADABLE = "?"
# But of this one every limit would take it for the address of one and the same caller.
WHO_ASKS = "x-forwarded-for"
UNTOLD = -1  # the length of a body that comes in pieces
# The server ends a body with an empty piece; one that broke off, or was malformed, with two.
ENDS_OF_WHOLE_BODY = 1


class Headers(Protocol):
    """A request's headers, by names in small letters."""

    def keys(self) -> Iterable[str]:
        """Each name once."""

    def get(self, name: str) -> str | None:
        """The first value that is text."""

    def get_all(self, name: str) -> list[str]:
        """All values that are text."""


class Scope(Protocol):
    """A request without its body, as RSGI tells it; the path is decoded."""

    method: str
    path: str
    query_string: str
    http_version: str
    scheme: str
    client: str
    server: str
    headers: Headers


class Exchange(Protocol):
    """The pieces of a request's body, and where its answer goes."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces; never with `anext(…, default)`, which kills the server's process."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """The whole answer."""


class _Refused(Exception):
    """What cannot be handed to the app is answered here."""

    def __init__(self, status: int, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.status = status
        self.refusal = refusal


class _Threads:
    """A few threads and a short queue before them; who finds it full is sent away at once."""

    def __init__(self, name: str, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, name)
        self._within = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        if self._within >= MOST_WITHIN:
            raise _Refused(503, BUSY)
        self._within += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._within -= 1


class _Room:
    """Memory for bodies that are on their way."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0

    def take(self, size: int) -> None:
        if self._held + size > self._most:
            raise _Refused(503, BUSY)
        self._held += size

    def leave(self, size: int) -> None:
        self._held -= size


def _as_the_api(refusal: Refusal, request_id: str) -> tuple[str, str, str]:
    return "application/json", API_POLICY, envelope(request_id, refusal)


class Served:
    """The app for a server that speaks RSGI; no web sockets."""

    def __init__(
        self,
        app: WSGIApplication,
        at_once: AtOnce,
        most_bytes: MostBytes,
        headers: Iterable[tuple[str, str]] = (),
        in_words: InWords = _as_the_api,
    ) -> None:
        """`headers` go with what is refused here, as the app sends them with all it answers;
        `in_words` tells it, as the API does unless given."""
        self._app = app
        self._at_once = at_once
        self._most_bytes = most_bytes
        self._headers = list(headers)
        self._in_words = in_words
        self._reads = _Threads("reads", READERS)
        self._writes = _Threads("writes", WRITERS)
        self._logins = _Threads("logins", LOGINS)
        self._small = _Room(MOST_SMALL_HELD)
        self._large = _Room(MOST_LARGE_HELD)

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request: with a page in memory, or as the app does once the body is here, or
        with our refusal."""
        if answer := self._in_memory(scope):
            status, headers, body = answer
        else:  # in a task of asyncio's, which its time limits can end; the server's own has none
            status, headers, body = await asyncio.ensure_future(self._worked_on(scope, exchange))
        headers.append(WHO_SERVES)
        exchange.response_bytes(status, headers, body)

    def _in_memory(self, scope: Scope) -> Answer | None:
        if scope.method != "GET" or scope.query_string:
            return None
        try:
            return self._at_once(scope.path, scope.headers.get)
        except Exception as fault:
            return self._refusal(scope, _Refused(500, OUR_FAULT), fault)

    async def _worked_on(self, scope: Scope, exchange: Exchange) -> Answer:
        try:
            return await self._of_app(environ_of(scope), exchange)
        except _Refused as refused:
            return self._refusal(scope, refused)
        except Exception as fault:  # the app answers its own: this came before it, or in its place
            return self._refusal(scope, _Refused(500, OUR_FAULT), fault)

    async def _of_app(self, environ: WSGIEnvironment, exchange: Exchange) -> Answer:
        announced, most = _length(environ), SMALL
        if announced > SMALL or announced == UNTOLD:
            most = await self._threads(environ).run(partial(self._most_bytes, environ))
        body, room = BytesIO(), self._large if most > SMALL else self._small
        try:
            heard = await _hear(exchange, body, announced, most, room) if announced else 0
            body.seek(0)
            environ["CONTENT_LENGTH"] = str(heard)
            environ["wsgi.input"] = body
            return await self._threads(environ).run(partial(_run, self._app, environ))
        finally:
            room.leave(body.getbuffer().nbytes)
            body.close()  # before a slow client takes the answer

    def _threads(self, environ: WSGIEnvironment) -> _Threads:
        if environ["REQUEST_METHOD"] in READING:
            return self._reads
        login = (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == LOGIN
        return self._logins if login else self._writes

    def _refusal(self, scope: Scope, refused: _Refused, fault: Exception | None = None) -> Answer:
        status, refusal = refused.status, refused.refusal
        request_id = new_request_id(scope.headers.get("x-request-id"))
        words = "%s - %d %s request=%s person=-"
        access_log.info(words, scope.method, status, refusal.code, request_id)
        if fault:
            log.error("unanswered, request %s", request_id, exc_info=fault)
        kind, policy, body = self._in_words(refusal, request_id)
        headers = [
            *self._headers,
            ("Content-Type", kind),
            ("X-Request-Id", request_id),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", policy),
        ]
        if not fault:
            headers.append(("Retry-After", "2"))
        return status, headers, body.encode()


async def _hear(pieces: Exchange, body: BytesIO, announced: int, most: int, room: _Room) -> int:
    """Fill `body`; returns how many bytes were sent, or announced if that is more.

    What is more than `most` is heard, since a sender whose connection breaks while it sends does
    not get to see the answer, and dropped.
    """
    began, heard, ends = asyncio.get_running_loop().time(), 0, 0
    try:
        async with asyncio.timeout_at(began + BODY_SECONDS) as patience:
            async for piece in pieces:
                ends += not piece
                heard += len(piece)
                if max(heard, announced) <= most:
                    room.take(len(piece))
                    body.write(piece)
                if heard >= MOST_HEARD_OUT:
                    return max(heard, announced)
                patience.reschedule(began + BODY_SECONDS + heard / LEAST_BYTES_A_SECOND)
    except TimeoutError:
        raise _Refused(408, TOO_SLOW) from None
    if heard < announced or ends > ENDS_OF_WHOLE_BODY:
        raise _Refused(408, TOO_SLOW)
    return heard


def environ_of(scope: Scope) -> WSGIEnvironment:
    """What WSGI calls the things of RSGI's scope; without the body."""
    host, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _byte_by_byte(scope.path),
        "QUERY_STRING": _byte_by_byte(scope.query_string),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    headers = scope.headers
    for given in headers.keys():  # noqa: SIM118 - it has them, and is no mapping
        if "_" in given:
            continue  # would be taken for the header with a hyphen, which our proxies write
        values = headers.get_all(given)
        if not values and given == WHO_ASKS:
            continue
        name = given.upper().replace("-", "_")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        environ[key] = ",".join(values or [UNREADABLE])
    return environ


def _byte_by_byte(text: str) -> str:
    """As WSGI has it: a letter for each byte that was sent."""
    return text.encode(errors="replace").decode("latin-1")


def end_with_parent() -> None:
    """End this process when the web server's main one is gone, however that ended.

    A worker whose parent was killed would go on serving, on old code and old settings, beside the
    worker of the next parent: both may listen on the same port.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), name="parent", daemon=True).start()


def _outlive(parent: Any) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(DRAIN_SECONDS)
    os._exit(1)


def _length(environ: WSGIEnvironment) -> int:
    """How many bytes the body says it has, UNTOLD when it comes in pieces; else there is none."""
    if environ.pop("HTTP_TRANSFER_ENCODING", None):  # it is whole when the app gets it
        return UNTOLD
    text = environ.get("CONTENT_LENGTH", "0")
    return int(text) if text.isdecimal() else UNTOLD


def _run(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """The whole answer, with everything done that comes after it."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        started.append((status, headers))

    pieces = app(environ, start_response)
    try:
        body = b"".join(pieces)
    finally:
        if close := getattr(pieces, "close", None):
            close()
    status, headers = started[-1]
    return int(status[:3]), headers, body
