"""A request and its answer as the web server hands them to `Served`, without one."""

import asyncio
import json
from collections.abc import AsyncIterator

from backend.http.served import Headers


class Sent:
    """The headers of a request; what is no text has a name and no value."""

    def __init__(self, *headers: tuple[str, str | None]) -> None:
        self._headers = headers

    def keys(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self._headers))

    def get(self, name: str) -> str | None:
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> list[str]:
        return [value for given, value in self._headers if given == name and value is not None]


class Request:
    """A request without its body."""

    query_string = ""
    http_version = "1.1"
    scheme = "http"
    client = "192.0.2.7:1234"
    server = "127.0.0.1:8400"

    def __init__(self, method: str, path: str, *headers: tuple[str, str | None]) -> None:
        self.method = method
        self.path = path
        self.headers: Headers = Sent(*headers)


class Talk:
    """The pieces of a body, and then its answer."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        self._pieces = pieces
        self._ends = ends
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        if not self._ends:
            await asyncio.Event().wait()
        yield b""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, dict(headers), body

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["errors"][0]["code"])


class Trickle(Talk):
    """A body that comes byte by byte, for ever."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b"a"
