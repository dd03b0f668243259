"""What control routes have in common: their input, and how they show a callback."""

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict

from backend.domain.errors import refuse
from backend.domain.local_time import SHANGHAI
from backend.wechat.sandbox.callbacks.messages import Push

Json = dict[str, Any]


class Input(BaseModel):
    """A body; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


_Model = TypeVar("_Model", bound=BaseModel)


def read(model: type[_Model]) -> _Model:
    """The request's body. Raises pydantic's ValidationError."""
    return model.model_validate_json(request.get_data() or b"{}")


def after() -> int:
    """The number that the caller has seen everything up to. Raises Refused `invalid_after`."""
    text = request.args.get("after", "0")
    if not text.isdecimal():
        raise refuse("invalid_after", "after 应是消息或回调的编号", "after")
    return int(text)


def shown_push(push: Push) -> Json:
    """A callback, its time as in Shanghai."""
    shown = push.model_dump(mode="json")
    shown["at"] = push.at.astimezone(SHANGHAI).isoformat(timespec="seconds")
    return shown
