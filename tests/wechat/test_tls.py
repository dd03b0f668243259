"""The platform is whoever proves to be it: no certificate that we do not trust, no way around."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from socket import create_server, socket
from threading import Thread

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.config import Settings
from backend.wechat.mini_program import mini_program
from backend.wechat.reactions import PlatformError, SendUnknown

PEM = "own.pem"


class _Answers(BaseHTTPRequestHandler):
    """Says yes, or sends on from below `/elsewhere`, and keeps what it was asked."""

    heard: list[str] = []  # noqa: RUF012 - of the one server of a test

    def do_GET(self) -> None:
        self.heard.append(self.path)
        leads_on = self.path.startswith("/elsewhere")
        self.send_response(302 if leads_on else 200)
        if leads_on:
            self.send_header("Location", self.path.removeprefix("/elsewhere"))
        self.end_headers()
        self.wfile.write(b'{"openid": "o-1", "session_key": "x"}')

    def log_message(self, *_: object) -> None:
        """Keep the tests' output quiet."""


def _own_certificate(folder: Path) -> ssl.SSLContext:
    """What anybody can make for this address, signed by nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.weixin.qq.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / PEM
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@contextmanager
def _listening(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    _Answers.heard.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine's own proxy stands between us and nobody here."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_an_impostor_of_the_platform_hears_no_secret(tmp_path: Path) -> None:
    with _listening(_own_certificate(tmp_path)) as impostor:
        with pytest.raises(PlatformError, match="SSLError"):
            mini_program(Settings(wechat_url=impostor)).code_to_session("code")
        assert _Answers.heard == []
        # It would have heard everything of one who trusts it.
        requests.get(f"{impostor}/?secret=x", verify=str(tmp_path / PEM), timeout=20)
        assert _Answers.heard == ["/?secret=x"]


def test_nobody_sends_our_secret_on_to_another_address() -> None:
    with _listening() as platform:
        with pytest.raises((PlatformError, SendUnknown)):
            mini_program(Settings(wechat_url=f"{platform}/elsewhere")).code_to_session("code")
        assert len(_Answers.heard) == 1


def test_a_line_that_breaks_after_the_request_was_read_leaves_it_open_whether_it_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []
    context = _own_certificate(tmp_path)

    def answer(server: socket) -> None:
        line, _ = server.accept()
        secure = context.wrap_socket(line, server_side=True)
        heard.append(secure.recv(65536))
        plain = socket(fileno=secure.detach())
        plain.sendall(b"no record of TLS, in the middle of an answer")
        plain.close()

    with create_server(("127.0.0.1", 0)) as server:
        Thread(target=answer, args=(server,), daemon=True).start()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / PEM))
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(SendUnknown, match="ProtocolError"):
            mini_program(Settings(wechat_url=url)).code_to_session("code")
    assert heard
