"""Settings say what is wrong before anything starts."""

import json
import os
from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import production as production_rules
from backend.config import (
    TRIAL_SIGNING_KEY,
    BadSettings,
    Secret,
    Settings,
    environment,
    load_settings,
)
from tests.build.production import PRODUCTION

# The secrets that a machine makes.
RANDOM = {"secret_key", "service_secret", "mini_secret", "service_aes_key", "mini_aes_key"}
SANDBOX = {
    name: value.get_secret_value() if isinstance(value, Secret) else value
    for name, value in asdict(Settings()).items()
    if isinstance(value, str | Secret)
} | {"checkpoint_key": TRIAL_SIGNING_KEY}
GOOD = SANDBOX | {name.removeprefix("TIBAO_").lower(): value for name, value in PRODUCTION.items()}


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


@pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"TIBAO_MODE", "TIBAO_CHECKPOINT_KEY"}))
def test_production_refuses_every_sandbox_default(
    production: pytest.MonkeyPatch, name: str
) -> None:
    production.delenv(name)
    with pytest.raises(BadSettings, match=name):
        load_settings()


def test_only_who_signs_needs_the_key_that_signs(production: pytest.MonkeyPatch) -> None:
    assert load_settings().signing_key() == PRODUCTION["TIBAO_CHECKPOINT_KEY"]
    production.delenv("TIBAO_CHECKPOINT_KEY")
    settings = load_settings()
    with pytest.raises(BadSettings, match="TIBAO_CHECKPOINT_KEY"):
        settings.signing_key()
    assert Settings().signing_key() == TRIAL_SIGNING_KEY


ODD = [
    ("TIBAO_DEBUG", "1"),
    ("TIBAO_PROXY_HOPS", "0"),
    ("TIBAO_CLOCK_FILE", "/tmp/clock"),  # noqa: S108 - only a name
    ("TIBAO_DATA_DIR", "var"),
    ("TIBAO_SECRET_KEY", "short"),
    ("TIBAO_SECRET_KEY", "a" * 32),
    ("TIBAO_SECRET_KEY", " " * 40),
    ("TIBAO_SECRET_KEY", "0123456789" * 4),
    ("TIBAO_SECRET_KEY", "abcdefghijklmnopqrstuvwxyz0123456789"),
    ("TIBAO_SECRET_KEY", "qwertyuiop" * 4),
    ("TIBAO_SECRET_KEY", "change me to something secret, please"),
    ("TIBAO_SECRET_KEY", PRODUCTION["TIBAO_SECRET_KEY"] + " with a blank"),
    ("TIBAO_SECRET_KEY", Settings().secret_key.get_secret_value() + " "),
    ("TIBAO_SECRET_KEY", Settings().secret_key.get_secret_value().upper() + "-2"),
    ("TIBAO_SECRET_KEY", PRODUCTION["TIBAO_MINI_AES_KEY"]),
    ("TIBAO_OLD_SECRET_KEY", " "),
    ("TIBAO_OLD_SECRET_KEY", PRODUCTION["TIBAO_SECRET_KEY"]),
    ("TIBAO_OLD_SECRET_KEY", PRODUCTION["TIBAO_MINI_AES_KEY"]),
    ("TIBAO_OLD_SECRET_KEY", "a key as it was with a blank"),
    ("TIBAO_OLD_SECRET_KEY", Settings().secret_key.get_secret_value()),
    ("TIBAO_CHECKPOINT_KEY", " "),
    ("TIBAO_CHECKPOINT_KEY", TRIAL_SIGNING_KEY),
    ("TIBAO_CHECKPOINT_KEY", "MC4CAQAwBQYDK2VwBCIEI" + "A" * 43),
    ("TIBAO_CHECKPOINT_KEY", PRODUCTION["TIBAO_SECRET_KEY"]),
    ("TIBAO_SERVICE_SECRET", " "),
    ("TIBAO_SERVICE_SECRET", "0" * 32),
    ("TIBAO_MINI_SECRET", PRODUCTION["TIBAO_SERVICE_SECRET"]),
    ("TIBAO_SERVICE_TOKEN", "token"),
    ("TIBAO_MINI_TOKEN", PRODUCTION["TIBAO_SERVICE_TOKEN"]),
    ("TIBAO_MINI_TOKEN", "a" * 20),
    ("TIBAO_SERVICE_AES_KEY", "a" * 43),
    ("TIBAO_MINI_AES_KEY", PRODUCTION["TIBAO_SERVICE_AES_KEY"]),
    ("TIBAO_SERVICE_APPID", "wx1"),
    ("TIBAO_SERVICE_APPID", Settings().service_appid.upper()),
    ("TIBAO_MINI_APPID", PRODUCTION["TIBAO_SERVICE_APPID"]),
    ("TIBAO_DATABASE_URL", Settings().database_url),
    ("TIBAO_DATABASE_URL", "postgresql+psycopg://tibao:tibao@127.0.0.1/tibao"),
    ("TIBAO_DATABASE_URL", "postgresql+psycopg://tibao:xK4zQ9wLm2TfB7vR@db.tibao.cn/tibao"),
    (
        "TIBAO_DATABASE_URL",
        "postgresql+psycopg://tibao:xK4zQ9wLm2TfB7vR@localhost/tibao?hostaddr=10.0.0.7",
    ),
    (
        "TIBAO_DATABASE_URL",
        "postgresql+psycopg://tibao:xK4zQ9wLm2TfB7vR@db.tibao.cn/tibao?sslmode=prefer",
    ),
    ("TIBAO_REDIS_URL", Settings().redis_url),
    ("TIBAO_REDIS_URL", "redis://redis.tibao.cn:6379/0"),
    ("TIBAO_REDIS_URL", "redis://:pD8sY3hNc6JgW5eM@redis.tibao.cn:6379/0"),
    ("TIBAO_REDIS_URL", "rediss://redis.tibao.cn:6379/0"),
    ("TIBAO_REDIS_URL", "rediss://:redis@redis.tibao.cn:6379/0"),
    (
        "TIBAO_REDIS_URL",
        "rediss://:pD8sY3hNc6JgW5eM@redis.tibao.cn:6379/0?ssl_cert_reqs=none",
    ),
    *(("TIBAO_WECHAT_TIMEOUT_SECONDS", value) for value in ("0", "-1", "inf")),
    ("TIBAO_WECHAT_URL", "https://127.0.0.1:8401"),
    ("TIBAO_WECHAT_URL", "https://127.0.0.2"),
    ("TIBAO_WECHAT_URL", "http://api.weixin.qq.com"),
    ("TIBAO_WECHAT_URL", "https://api.weixin.qq.com.evil.example"),
    ("TIBAO_WECHAT_URL", "https://evilweixin.qq.com"),
    ("TIBAO_WECHAT_URL", "https://api.weixin.qq.com@evil.example"),
    ("TIBAO_WECHAT_URL", "https://api.weixin.qq.com/cgi-bin?x=1"),
    ("TIBAO_PUBLIC_URL", "http://tibao.example"),
    ("TIBAO_PUBLIC_URL", "https://tibao.example/path"),
    ("TIBAO_TEMPLATE_IDS", '{"escalation": " "}'),
    ("TIBAO_TEMPLATE_IDS", json.dumps(dict.fromkeys(("escalation", "receipt"), "k" * 43))),
]


@pytest.mark.parametrize(("name", "value"), ODD)
def test_production_refuses_what_is_odd(
    production: pytest.MonkeyPatch, name: str, value: str
) -> None:
    production.setenv(name, value)
    with pytest.raises(BadSettings, match=name) as refusal:
        load_settings()
    if len(value) > 10:
        assert value not in str(refusal.value)


def test_an_old_key_may_be_weak_since_it_goes(production: pytest.MonkeyPatch) -> None:
    production.setenv("TIBAO_OLD_SECRET_KEY", "0123456789" * 4)
    assert load_settings().old_secret_key == Secret("0123456789" * 4)


@pytest.mark.parametrize("host", ["127.0.0.2", "0.0.0.0", "[::1]", "10.0.0.7", "2130706433"])  # noqa: S104
@pytest.mark.parametrize("name", ["TIBAO_PUBLIC_URL", "TIBAO_WECHAT_URL"])
def test_no_public_address_is_a_number(
    production: pytest.MonkeyPatch, name: str, host: str
) -> None:
    production.setenv(name, f"https://{host}")
    with pytest.raises(BadSettings, match=name):
        load_settings()


@pytest.mark.parametrize("host", ["localhost", "localhost.", "tibao", "tibao.local", "x.localhost"])
def test_no_public_address_is_known_to_this_network_alone(
    production: pytest.MonkeyPatch, host: str
) -> None:
    production.setenv("TIBAO_PUBLIC_URL", f"https://{host}")
    with pytest.raises(BadSettings, match="TIBAO_PUBLIC_URL"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIBAO_DATABASE_URL", "postgresql+psycopg:///tibao?host=/var/run/postgresql"),
        ("TIBAO_DATABASE_URL", "postgresql+psycopg://tibao:xK4zQ9wLm2TfB7vR@127.0.0.1/tibao"),
        ("TIBAO_REDIS_URL", "unix:///run/valkey/valkey.sock"),
        ("TIBAO_REDIS_URL", "redis://:pD8sY3hNc6JgW5eM@127.0.0.1:6379/0"),
        (
            "TIBAO_REDIS_URL",
            "rediss://:pD8sY3hNc6JgW5eM@redis.tibao.cn:6379/0?ssl_ca_certs=/etc/ca.pem",
        ),
    ],
)
def test_production_takes_a_locked_server_of_this_machine(
    production: pytest.MonkeyPatch, name: str, value: str
) -> None:
    production.setenv(name, value)
    assert not load_settings().sandbox


@given(st.sampled_from(sorted(RANDOM)), st.integers(min_value=0))
def test_what_a_generator_makes_is_never_called_weak(name: str, seed: int) -> None:
    random = Random(seed)
    raw = random.randbytes(16 if name.endswith("_secret") else 32)
    text = b64encode(raw).decode().rstrip("=") if name.endswith("aes_key") else raw.hex()
    assert not production_rules.weak(text, production_rules.LEAST_BITS[name])


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8))
def test_a_piece_repeated_is_always_weak(piece: str) -> None:
    text = (piece * 64)[: len(piece) * (64 // len(piece))]
    assert production_rules.weak(text, production_rules.BITS_OF_A_KEY)


@given(st.integers(33, 126), st.integers(-3, 3))
def test_a_row_of_letters_is_always_weak(first: int, step: int) -> None:
    text = "".join(chr(33 + (first - 33 + step * place) % 94) for place in range(40))
    assert production_rules.weak(text, production_rules.BITS_OF_A_KEY)


@given(
    st.sampled_from(("secret_key", *production_rules.SHAPES)),
    st.sampled_from(["", " ", "-", "\n"]),
    st.sampled_from(["", " ", ".", "2026"]),
    st.sampled_from([str.lower, str.upper, str.title, str]),
)
def test_the_sandbox_s_values_are_refused_in_any_dress(
    name: str, before: str, after: str, dress: Callable[[str], str]
) -> None:
    texts = {**GOOD, name: before + dress(SANDBOX[name]) + after}
    assert name in dict(production_rules.faults(texts, SANDBOX))


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


@pytest.mark.parametrize("password", ["hunter2%zz", "hunter2 and more", "hunter2%"])
@pytest.mark.parametrize("name", ["TIBAO_DATABASE_URL", "TIBAO_OWNER_DATABASE_URL"])
def test_a_password_that_its_library_would_quote_is_refused_before(
    monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    """Figures before: a traceback with the password in the log of each program."""
    monkeypatch.setenv(name, f"postgresql+psycopg://tibao:{password}@127.0.0.1:1/tibao")
    with pytest.raises(BadSettings, match=f"{name}.*percent-encode") as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


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


def test_the_folder_of_a_city_s_own_fonts_must_be_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIBAO_DOCUMENT_FONTS", str(tmp_path))
    assert load_settings().document_fonts == tmp_path
    monkeypatch.setenv("TIBAO_DOCUMENT_FONTS", str(tmp_path / "elsewhere"))
    with pytest.raises(BadSettings, match="TIBAO_DOCUMENT_FONTS"):
        load_settings()
