"""How tests speak with the API: who is calling, and what was answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse


@dataclass(frozen=True)
class SignedInPerson:
    """Someone with a session; `headers` carry it."""

    id: UUID
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


SignIn = Callable[[str], SignedInPerson]
LoginCode = Callable[[str], str]


def told(answer: TestResponse) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.data)


def refused(answer: TestResponse, status: int) -> list[str]:
    """The codes of a refusal with this status, in the one envelope that there is."""
    assert answer.status_code == status, answer.text
    body = told(answer)
    assert set(body) == {"errors", "request_id"}
    assert body["request_id"] == answer.headers["X-Request-Id"]
    for error in body["errors"]:
        assert set(error) == {"code", "message", "field"}
        assert any("\u4e00" <= letter <= "\u9fff" for letter in error["message"]), error
    return [error["code"] for error in body["errors"]]
