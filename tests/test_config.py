"""Settings say what is wrong before anything starts."""

import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from backend.config import BadSettings, Secret, environment, load_settings
from tests.build.production import PRODUCTION


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env` and no setting of the person who runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TIBAO_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_complete_production_environment_starts(production: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert not settings.sandbox
    assert settings.clock_file is None


@pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"TIBAO_MODE"}))
def test_production_refuses_every_sandbox_default(
    production: pytest.MonkeyPatch, name: str
) -> None:
    production.delenv(name)
    with pytest.raises(BadSettings, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIBAO_DEBUG", "1"),
        ("TIBAO_CLOCK_FILE", "/tmp/clock"),  # noqa: S108 - only a name
        ("TIBAO_SECRET_KEY", "short"),
        ("TIBAO_SECRET_KEY", "a" * 32),
        ("TIBAO_SECRET_KEY", " " * 32),
        ("TIBAO_SERVICE_SECRET", " "),
        ("TIBAO_WECHAT_URL", "https://127.0.0.1:8401"),
        ("TIBAO_WECHAT_URL", "http://platform.example"),
        ("TIBAO_PUBLIC_URL", "http://tibao.example"),
    ],
)
def test_production_refuses_what_is_unsafe(
    production: pytest.MonkeyPatch, name: str, value: str
) -> None:
    production.setenv(name, value)
    with pytest.raises(BadSettings, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIBAO_API_PORT", "eighty"),
        ("TIBAO_API_PORT", "70000"),
        ("TIBAO_MODE", "test"),
        ("TIBAO_SERVICE_AES_KEY", "too-short"),
        ("TIBAO_PROXY_HOPS", "9"),
        *(("TIBAO_WECHAT_TIMEOUT_SECONDS", value) for value in ("nan", "-5", "0", "inf")),
        *(("TIBAO_DATABASE_URL", value) for value in ("foo", "mysql://tibao@db/tibao")),
        ("TIBAO_DATABASE_URL", "postgresql+psycopg://tibao:hun@ter2@127.0.0.1:1/tibao"),
        ("TIBAO_DATABASE_URL", "postgresql+psycopg://tibao@127.0.0.1:port/tibao"),
        *(("TIBAO_REDIS_URL", value) for value in ("foo", "http://127.0.0.1")),
        *(("TIBAO_PUBLIC_URL", value) for value in ("https://", "tibao.example", "http://[")),
        ("TIBAO_TEMPLATE_IDS", "[" * 100_000),
        ("TIBAO_DEBUG", "perhaps"),
        ("TIBAO_TEMPLATE_IDS", "escalation=7"),
        ("TIBAO_TEMPLATE_IDS", '{"escalation": 7}'),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=name):
        load_settings()


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIBAO_API_PORT", "eighty")
    monkeypatch.setenv("TIBAO_MODE", "test")
    with pytest.raises(BadSettings, match=r"TIBAO_MODE: .*; TIBAO_API_PORT: "):
        load_settings()


def test_a_file_says_what_the_environment_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = [
        "# what this machine needs",
        "TIBAO_CITY = hefei",
        "TIBAO_API_PORT=1234",
        "TIBAO_SECRET_KEY='k=v and # more'",
        'TIBAO_TEMPLATE_IDS={"escalation": "id-7"}',
        "TIBAO_REDIS_URL=",
        "",
        "export SOMETHING_ELSE=1",
        "TIBAO_SERVICE_TOKEN=ends with a quote'",
        'TIBAO_MINI_TOKEN="a\u2028b"',
    ]
    (tmp_path / ".env").write_text("\ufeff" + "\r\n".join(lines), "utf-8")
    monkeypatch.setenv("TIBAO_API_PORT", "4321")
    monkeypatch.setenv("TIBAO_DATABASE_URL", "")
    settings = load_settings()
    assert (settings.city, settings.api_port) == ("hefei", 4321)
    assert settings.secret_key == Secret("k=v and # more")
    assert settings.service_token == Secret("ends with a quote'")
    assert settings.mini_token == Secret("a\u2028b")
    assert settings.template_ids == {"escalation": "id-7"}
    assert settings.redis_url.startswith("redis://")
    assert settings.database_url.startswith("postgresql")


@pytest.mark.parametrize(
    "line", [b"no setting", b"= value", b"two words = 1", "密钥".encode("gbk")]
)
def test_a_line_that_is_not_understood_is_refused(tmp_path: Path, line: bytes) -> None:
    (tmp_path / ".env").write_bytes(b"TIBAO_CITY=hefei\n" + line)
    with pytest.raises(BadSettings, match=r"\.env"):
        load_settings()


def test_no_secret_shows_in_print(monkeypatch: pytest.MonkeyPatch) -> None:
    password = "postgresql+psycopg://tibao:hunter2@127.0.0.1:1/tibao"
    monkeypatch.setenv("TIBAO_DATABASE_URL", password)
    settings = load_settings()
    shown = f"{settings!r} {settings.secret_key} {asdict(settings)['secret_key']}"
    assert "sandbox-only" not in shown
    assert "hunter2" not in shown


def test_no_secret_shows_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIBAO_SERVICE_AES_KEY", "a-private-key")
    with pytest.raises(BadSettings) as refusal:
        load_settings()
    assert "a-private-key" not in str(refusal.value)


def test_a_child_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(load_settings(), api_port=1234, debug=True)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_in_the_sandbox_every_process_follows_the_same_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIBAO_DATA_DIR", "elsewhere")
    assert str(load_settings().clock_file) == "elsewhere/clock"
