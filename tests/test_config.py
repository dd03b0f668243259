"""Settings say what is wrong before anything starts."""

import os
from pathlib import Path

import pytest

from backend.config import BadSettings, Settings, environment, load_settings

PRODUCTION = {
    "TIBAO_MODE": "production",
    "TIBAO_SECRET_KEY": "k" * 32,
    "TIBAO_PUBLIC_URL": "https://tibao.example",
    "TIBAO_WECHAT_URL": "https://platform.example",
    "TIBAO_SERVICE_APPID": "wx1",
    "TIBAO_SERVICE_SECRET": "s1",
    "TIBAO_SERVICE_TOKEN": "t1",
    "TIBAO_SERVICE_AES_KEY": "a" * 43,
    "TIBAO_MINI_APPID": "wx2",
    "TIBAO_MINI_SECRET": "s2",
    "TIBAO_MINI_TOKEN": "t2",
    "TIBAO_MINI_AES_KEY": "b" * 43,
}


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
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=name):
        load_settings()


def test_no_secret_shows_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIBAO_SERVICE_AES_KEY", "a-private-key")
    with pytest.raises(BadSettings) as refusal:
        load_settings()
    assert "a-private-key" not in str(refusal.value)


def test_a_child_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings().model_copy(update={"api_port": 1234, "debug": True})
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_in_the_sandbox_every_process_follows_the_same_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIBAO_DATA_DIR", "elsewhere")
    assert str(Settings(_env_file=None).clock_file) == "elsewhere/clock"
