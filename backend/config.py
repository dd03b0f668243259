"""Settings from the environment, typed and checked once at start.

Every name is read as `TIBAO_<NAME>` from the environment, then from a `.env` file. In
`TIBAO_MODE=production` anything unsafe refuses to start.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SANDBOX_ONLY = (
    "secret_key",
    "service_appid",
    "service_secret",
    "service_token",
    "service_aes_key",
    "mini_appid",
    "mini_secret",
    "mini_token",
    "mini_aes_key",
)


class Settings(BaseSettings):
    """Everything a process of the house needs to know from outside."""

    model_config = SettingsConfigDict(
        env_prefix="TIBAO_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    mode: Literal["sandbox", "production"] = "sandbox"
    city: str = Field("jishou", description="name of a file in backend/cities, without .toml")
    database_url: str = "postgresql+psycopg://tibao@127.0.0.1:5433/tibao"
    redis_url: str = "redis://127.0.0.1:6380/0"
    data_dir: Path = Field(Path("var"), description="uploads and the local servers' own data")
    secret_key: SecretStr = Field(
        SecretStr("sandbox-only-secret-never-use-this-in-production"),
        description="session, search-hash and field-encryption keys derive from it",
    )
    debug: bool = False
    clock_file: Path | None = Field(
        None, description="settable clock, sandbox mode only; there it is DATA_DIR/clock by default"
    )

    api_host: str = "127.0.0.1"
    api_port: int = Field(8400, ge=1, le=65535)
    public_url: str = Field("http://127.0.0.1:8400", description="how people reach the API")
    proxy_hops: int = Field(
        0, ge=0, le=8, description="how many proxies of ours add to X-Forwarded-For"
    )

    wechat_url: str = Field("http://127.0.0.1:8401", description="the platform's host")
    wechat_timeout_seconds: float = 5.0
    service_appid: str = "wx5ad00d5ad00d5001"
    service_secret: SecretStr = SecretStr("sandbox-service-secret")
    service_token: SecretStr = SecretStr("sandboxcallbacktoken")
    service_aes_key: SecretStr = SecretStr("c2FuZGJveGNhbGxiYWNrYWVza2V5c2FuZGJveGtleTA")
    mini_appid: str = "wx5ad00d5ad00d5002"
    mini_secret: SecretStr = SecretStr("sandbox-mini-secret")
    mini_token: SecretStr = SecretStr("sandboxminitoken")
    mini_aes_key: SecretStr = SecretStr("c2FuZGJveG1pbmlwcm9ncmFtYWVza2V5c2FuZGJveG1")
    template_ids: dict[str, str] = Field(
        default_factory=dict,
        description="JSON: template key → the id from the account's console; for production",
    )
    subscribe_template_ids: dict[str, str] = Field(
        default_factory=dict,
        description="the same for the subscribe messages of the mini-program",
    )

    @property
    def sandbox(self) -> bool:
        """Whether the emulator stands in for the platform."""
        return self.mode == "sandbox"

    @field_validator("service_aes_key", "mini_aes_key")
    @classmethod
    def _whole_key(cls, key: SecretStr) -> SecretStr:
        if not re.fullmatch("[A-Za-z0-9+/]{43}", key.get_secret_value()):
            raise ValueError("must be the 43 characters that the platform's console shows")
        return key

    @model_validator(mode="after")
    def _fits_the_mode(self) -> Self:
        if self.sandbox:
            self.clock_file = self.clock_file or self.data_dir / "clock"
        elif unsafe := list(self._unsafe()):
            raise ValueError("refusing to start in production: " + "; ".join(unsafe))
        return self

    def _unsafe(self) -> Iterator[str]:
        """What must not reach production, one sentence each."""
        for name in SANDBOX_ONLY:
            if getattr(self, name) == type(self).model_fields[name].default:
                yield f"TIBAO_{name.upper()} is the sandbox default"
        if len(self.secret_key.get_secret_value()) < 32:
            yield "TIBAO_SECRET_KEY is shorter than 32 characters"
        platform = urlsplit(self.wechat_url)
        if platform.scheme != "https" or platform.hostname in LOOPBACK:
            yield "TIBAO_WECHAT_URL is not the platform's https address"
        if urlsplit(self.public_url).scheme != "https":
            yield "TIBAO_PUBLIC_URL is not https"
        if self.clock_file is not None:
            yield "TIBAO_CLOCK_FILE sets a settable clock"
        if self.debug:
            yield "TIBAO_DEBUG is on"


class BadSettings(Exception):
    """The environment does not make usable settings; the message says which name and why."""


def load_settings() -> Settings:
    """Read and check the settings; raises BadSettings with one clear line."""
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = "TIBAO_" + "_".join(str(part) for part in problem["loc"]).upper()
            message = problem["msg"].removeprefix("Value error, ")
            lines.append(message if not problem["loc"] else f"{name}: {message}")
        raise BadSettings("; ".join(lines)) from None


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment, changed so that a child's settings are the same as these."""
    values = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if isinstance(value, dict):
            value = json.dumps(value)
        values[f"TIBAO_{name.upper()}"] = "" if value is None else str(value)
    return {**os.environ, **values}
