"""HTTP connections on which an answer must be there as a whole in the time that is left.

urllib3 bounds each wait for bytes, so that a server which sends one now and then could hold a call
for ever. Here every wait for the answer, its head too, has what the earlier ones left.
"""

import io
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from socket import socket
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection


@contextmanager
def _after_the_request() -> Iterator[None]:
    """A broken TLS line after the handshake is a lost answer like any other: the request may have
    been read. urllib3 calls it what it calls a certificate that nobody trusts."""
    try:
        yield
    except ssl.SSLError as error:
        if isinstance(error, TimeoutError):
            raise
        raise ConnectionResetError(str(error)) from None


class _Within(io.RawIOBase):
    """What a socket receives until a moment (monotonic); raises TimeoutError after it."""

    def __init__(self, sock: socket, received: io.RawIOBase, until: float) -> None:
        self._sock = sock
        self._received = received  # the socket lives as long as this
        self._until = until

    def readable(self) -> bool:
        """It is for nothing else."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Some bytes, as soon as there are any."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        with _after_the_request():
            return self._sock.recv_into(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._received.close()
        super().close()


class _Answer(HTTPResponse):
    """An answer that has the time which its connection has left when it is waited for."""

    def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        left = sock.gettimeout()
        if left is not None:
            received = self.fp.detach()
            self.fp = io.BufferedReader(_Within(sock, received, time.monotonic() + left))


class _Connection(HTTPConnection):
    response_class = _Answer


class _SecureConnection(HTTPSConnection):
    response_class = _Answer

    def send(self, data: Any) -> None:
        """Part of a request, once the other side has proved to be who it should be."""
        with _after_the_request():
            super().send(data)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def bounded(manager: PoolManager | ProxyManager) -> PoolManager | ProxyManager:
    """`manager`, whose time-outs bound whole answers."""
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return manager
