"""Idempotency-Key around a write: the same request twice is done once and answered twice."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, TypeVar

from flask import Response, g, request
from pydantic import Field

from backend.domain.errors import Refused
from backend.domain.second_factor import ASKED
from backend.http.envelope import answer_refused
from backend.http.parts import actor, context, working_in
from backend.http.present import Asked
from backend.services.base.context import Context
from backend.services.people import idempotency
from backend.services.people.idempotency import Answer, Work

DESCRIPTION = "同一请求重试时沿用同一个值，只会办理一次，并得到第一次的答复"
PATTERN = r"^[A-Za-z0-9._:-]{8,64}$"


class RequiredKey(Asked):
    """The header of writes that create something."""

    key: str = Field(alias="Idempotency-Key", pattern=PATTERN, description=DESCRIPTION)


class OptionalKey(Asked):
    """The header of all other writes."""

    key: str = Field(default="", alias="Idempotency-Key", pattern=PATTERN, description=DESCRIPTION)


Header = RequiredKey | OptionalKey
T = TypeVar("T")

# Views that wait for somebody outside between what they write (see `in_parts`).
IN_PARTS: set[Callable[..., Response]] = set()
PIECE = 64 * 1024  # bytes of a file that are looked at together
# What may be otherwise a moment later uses up no key.
PASSING = ("unavailable", "too_many")


@dataclass
class Parts:
    """A request that is written in parts: how one is kept with its answer, and the last answer."""

    keep: Callable[[Work], Answer]
    last: Response | None = None


def in_parts(view: Callable[..., Response]) -> Callable[..., Response]:
    """Marks a view that asks the platform, or has a file read, which takes as long.

    Nothing is locked and nothing unsaved meanwhile: the view says itself, with `as_one`, what it
    writes together with which answer.
    """
    IN_PARTS.add(view)
    return view


def as_one(write: Callable[[], T], shown: Callable[[T], Response]) -> tuple[T, Response]:
    """In a view marked `in_parts`: what `write` writes is there together with its answer (`shown`
    of it), or not at all. Returns both. The answer of a later part takes this one's place."""
    parts: Parts | None = g.get("parts")
    if parts is None:  # without a key no answer is kept
        written = write()
        return written, shown(written)
    made: list[tuple[T, Response]] = []

    def work(part: Context) -> Answer:
        with working_in(part):
            written = write()
            made.append((written, shown(written)))
        return _to_keep(made[0][1])

    parts.keep(work)
    parts.last = made[0][1]
    return made[0]


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
            return _to_keep(made[0])

        def work_in_parts(keep: Callable[[Work], Answer]) -> Answer:
            g.parts = parts = Parts(keep)
            made.append(_decided(view, inputs))
            answer = _to_keep(made[0])
            return answer if made[0] is parts.last else keep(lambda _: answer)

        whose = context(), actor(), header.key, _request()
        if view in IN_PARTS:
            answer = idempotency.answer_in_parts(*whose, work_in_parts)
        else:
            answer = idempotency.answer_once(*whose, work)
        if made and _to_keep(made[0]) == answer:
            return made[0]
        again = Response(answer.body, answer.status, mimetype="application/json")
        again.headers["Idempotent-Replay"] = "true"
        return again

    once.__annotations__ = {**view.__annotations__, "header": header}
    return once


def _to_keep(response: Response) -> Answer:
    return Answer(response.status_code, response.get_data(as_text=True))


def _decided(view: Callable[..., Response], inputs: dict[str, Any]) -> Response:
    """The view's answer; a refusal is an answer too, and is kept like one."""
    try:
        return view(**inputs)
    except Refused as refused:
        if refused.kind in PASSING or refused.refusals[0].code in ASKED:
            raise
        return answer_refused(refused)


def _request() -> str:
    """What makes two requests the same: method, address and content (not a form's boundary)."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.files:
        for name, file in request.files.items(multi=True):
            digest.update(f"{name}\n{file.filename}\n{file.mimetype}\n".encode())
            content = hashlib.sha256()
            for piece in iter(partial(file.stream.read, PIECE), b""):
                content.update(piece)
            digest.update(content.digest())
            file.stream.seek(0)
    else:
        digest.update(request.get_data())
    return digest.hexdigest()
