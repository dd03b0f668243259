"""Through the web server that production uses."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page

from backend.local.processes import LOOPBACK
from tests.build.clock import MORNING
from tests.build.databases import Databases
from tests.build.screens import check_it_fits
from tests.build.served import LOG, served, village_for_all
from tests.build.snapshots import Snapshots
from tests.build.village import TOKEN
from tests.build.waiting import PATIENCE_SECONDS
from tests.e2e.phone import violations


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its log and its data."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def port(
    databases: Databases, snapshots: Snapshots, valkey_port: int, emulator_url: str, folder: Path
) -> Iterator[int]:
    """One server for all tests here, with the village's people signed in."""
    with (
        village_for_all(databases, snapshots, valkey_port, folder) as settings,
        served(replace(settings, wechat_url=emulator_url), MORNING, folder) as port,
    ):
        yield port


@pytest.mark.deep
@pytest.mark.browser
@pytest.mark.usefixtures("node")
def test_the_documentation_opens_without_the_internet_for_everybody(port: int, page: Page) -> None:
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.goto(f"http://127.0.0.1:{port}/openapi/swagger")
    page.get_by_text("/api/v1/public/lifts/{token}", exact=True).wait_for()
    assert complaints == []
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.locator("#operations-owners-file_objection .opblock-summary-control").click()
    page.get_by_text("objection_already_filed", exact=True).wait_for()
    assert violations(page) == []
    check_it_fits(page, "API page")
    page.get_by_role("button", name="Authorize").click()
    page.get_by_text("login-code").last.wait_for()
    assert violations(page) == []
    check_it_fits(page, "API page, with its form for a token")


def test_whoever_sends_too_much_gets_to_read_why(port: int) -> None:
    headers = {"Authorization": f"Bearer {TOKEN.format('clerk')}"}
    answer = requests.post(
        f"http://127.0.0.1:{port}/api/v1/uploads",
        files={"file": ("big.pdf", b"%PDF-1.4" + b" " * 30_000_000)},
        headers=headers,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "too_large"


def test_a_body_may_come_in_pieces(port: int) -> None:
    pieces = iter([b'{"code":', b' "unknown"}'])
    answer = requests.post(
        f"http://127.0.0.1:{port}/api/v1/sessions",
        data=pieces,
        headers={"Content-Type": "application/json"},
        timeout=PATIENCE_SECONDS,
    )
    assert answer.json()["errors"][0]["code"] == "login_code_invalid"


def test_a_body_whose_pieces_break_off_is_not_taken_for_a_whole_one(port: int) -> None:
    with socket.create_connection((LOOPBACK, port), PATIENCE_SECONDS) as connection:
        connection.sendall(
            b"POST /api/v1/sessions HTTP/1.1\r\nHost: tibao\r\nContent-Type: application/json\r\n"
            b'Transfer-Encoding: chunked\r\n\r\n12\r\n{"code":"unknown"}\r\nno length\r\n'
        )
        assert b"body_too_slow" in connection.recv(10_000)


def test_a_header_that_is_no_text_is_refused_where_it_is_looked_at(port: int) -> None:
    with socket.create_connection((LOOPBACK, port), PATIENCE_SECONDS) as connection:
        connection.sendall(
            b"POST /api/v1/purchases HTTP/1.1\r\nHost: tibao\r\nContent-Type: application/json\r\n"
            + f"Authorization: Bearer {TOKEN.format('manager')}\r\n".encode()
            + b"Idempotency-Key: \xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\r\nContent-Length: 2\r\n\r\n{}"
        )
        assert b"Idempotency-Key" in connection.recv(10_000)


def test_a_query_that_was_not_escaped_is_read(port: int) -> None:
    with socket.create_connection((LOOPBACK, port), PATIENCE_SECONDS) as connection:
        connection.sendall("GET /api/v1/nowhere?q=梯 HTTP/1.1\r\nHost: tibao\r\n\r\n".encode())
        assert b'"not_found"' in connection.recv(10_000)


def test_the_access_log_is_written_and_names_no_secret(port: int, folder: Path) -> None:
    url = f"http://127.0.0.1:{port}/api/v1/public/lifts/secret-token-of-a-lift"
    answer = requests.get(
        url, headers={"Authorization": "Bearer secret-session"}, timeout=PATIENCE_SECONDS
    )
    request_id = answer.headers["X-Request-Id"]
    log = (folder / LOG).read_text(encoding="utf-8")
    [line] = [line for line in log.splitlines() if request_id in line]
    assert "INFO tibao.access GET /api/v1/public/lifts/<" in line
    assert "secret" not in log
