"""Idempotency-Key around a write: the same request twice is done once and answered twice."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, request
from pydantic import BaseModel, Field

from backend.domain.errors import Refused
from backend.http.envelope import answer_refused
from backend.http.parts import actor, context, working_in
from backend.services.base.context import Context
from backend.services.people import idempotency
from backend.services.people.idempotency import Answer

DESCRIPTION = "同一请求重试时沿用同一个值，只会办理一次，并得到第一次的答复"
PATTERN = r"^[A-Za-z0-9._:-]{8,64}$"


class RequiredKey(BaseModel):
    """The header of writes that create something."""

    key: str = Field(alias="Idempotency-Key", pattern=PATTERN, description=DESCRIPTION)


class OptionalKey(BaseModel):
    """The header of all other writes."""

    key: str = Field(default="", alias="Idempotency-Key", pattern=PATTERN, description=DESCRIPTION)


Header = RequiredKey | OptionalKey

# Views whose services ask the platform, or have a file read (see `asks_platform`).
ASKING: set[Callable[..., Response]] = set()
# What may be otherwise a moment later uses up no key.
PASSING = ("unavailable", "too_many")


def asks_platform(view: Callable[..., Response]) -> Callable[..., Response]:
    """Marks a view whose service writes, asks the platform and writes again; or has a file read in
    between, which takes as long.

    What it wrote first is there for good before the platform is asked, and nothing is locked
    meanwhile; so its answer is kept after it. Natural keys refuse what a crash in between repeats.
    """
    ASKING.add(view)
    return view


def answer_once(view: Callable[..., Response], header: type[Header]) -> Callable[..., Response]:
    """`view`, run once per key, after its input was found valid: invalid input costs no key."""

    @wraps(view)
    def once(header: Header, **inputs: Any) -> Response:
        if not header.key:
            return view(**inputs)
        made: list[Response] = []

        def work(part: Context) -> Answer:
            with working_in(part):
                made.append(_decided(view, inputs))
            return Answer(made[0].status_code, made[0].get_data(as_text=True))

        answer = idempotency.answer_once(
            context(), actor(), header.key, _request(), work, as_one=view not in ASKING
        )
        if made:
            return made[0]
        again = Response(answer.body, answer.status, mimetype="application/json")
        again.headers["Idempotent-Replay"] = "true"
        return again

    once.__annotations__ = {**view.__annotations__, "header": header}
    return once


def _decided(view: Callable[..., Response], inputs: dict[str, Any]) -> Response:
    """The view's answer; a refusal is an answer too, and is kept like one."""
    try:
        return view(**inputs)
    except Refused as refused:
        if refused.kind in PASSING:
            raise
        return answer_refused(refused)


def _request() -> str:
    """What makes two requests the same: method, address and content (not a form's boundary)."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.files:
        for name, file in request.files.items(multi=True):
            digest.update(f"{name}\n{file.filename}\n{file.mimetype}\n".encode())
            digest.update(hashlib.sha256(file.stream.read()).digest())
            file.stream.seek(0)
    else:
        digest.update(request.get_data())
    return digest.hexdigest()
