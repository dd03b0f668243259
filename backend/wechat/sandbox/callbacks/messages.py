"""What is pushed to us, before it is sealed: for which account, in which form, and its fate."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from backend.config import Settings

Form = Literal["xml", "json"]


class Attempt(BaseModel):
    """One POST to us and what came back; no `status` when there was no answer in time."""

    status: int | None
    answer: str
    milliseconds: int


class Push(BaseModel):
    """One callback: the message before it is encrypted, and the attempts to deliver it."""

    id: int
    app: str
    at: datetime
    person: str
    kind: str
    summary: str
    plain: str
    attempts: list[Attempt] = Field(default_factory=list)
    answered: bool = False


@dataclass(frozen=True)
class Account:
    """One of our accounts as the platform's console shows it: `app` is `service` or `mini`."""

    app: str
    appid: str
    original_id: str
    token: str
    aes_key: str
    default_url: str
    form: Form


def accounts(settings: Settings) -> tuple[Account, Account]:
    """The service account and the mini-program."""
    public = settings.public_url.rstrip("/")
    service = Account(
        "service",
        settings.service_appid,
        "gh_5ad00d5ad00d",
        settings.service_token.get_secret_value(),
        settings.service_aes_key.get_secret_value(),
        f"{public}/wechat/service/callback",
        "xml",
    )
    mini = Account(
        "mini",
        settings.mini_appid,
        "gh_5ad00d5ad00e",
        settings.mini_token.get_secret_value(),
        settings.mini_aes_key.get_secret_value(),
        f"{public}/wechat/mini/callback",
        "json",
    )
    return service, mini


def written(form: Form, fields: Mapping[str, Any]) -> str:
    """The fields as they are pushed; a list stands as one element for each entry."""
    return _xml({"xml": fields}) if form == "xml" else json.dumps(fields)


def _xml(fields: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, entry) for entry in value)
    if isinstance(value, Mapping):
        inner = _xml(value)
    elif isinstance(value, str):
        inner = "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    else:
        inner = str(value)
    return f"<{name}>{inner}</{name}>"
