"""Through the web server that production uses."""

from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page

from tests.build.players import Players
from tests.build.village import TOKEN
from tests.build.waiting import PATIENCE_SECONDS


@pytest.mark.deep
@pytest.mark.browser
def test_the_documentation_opens_without_the_internet(port: int, page: Page) -> None:
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.goto(f"http://127.0.0.1:{port}/openapi/swagger")
    page.get_by_text("/api/v1/public/lifts/{token}").wait_for()
    assert complaints == []


def test_whoever_sends_too_much_gets_to_read_why(port: int, players: Players) -> None:
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


def test_the_access_log_is_written_and_names_no_secret(port: int, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{port}/api/v1/public/lifts/secret-token-of-a-lift"
    answer = requests.get(
        url, headers={"Authorization": "Bearer secret-session"}, timeout=PATIENCE_SECONDS
    )
    request_id = answer.headers["X-Request-Id"]
    log = (tmp_path / "api.log").read_text(encoding="utf-8")
    [line] = [line for line in log.splitlines() if request_id in line]
    assert "INFO tibao.access GET /api/v1/public/lifts/<" in line
    assert "secret" not in log
