"""What a form of the desk asks for, and reading what was typed: texts, amounts, files."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from flask import request

from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.normal import normal_code
from backend.services.base.context import Actor, Context
from backend.services.files import uploads

PIECE = 64 * 1024
MOST_LETTERS = 10_000
PAPER_NUMBER = 60  # letters of a number on a paper, as over the API


class Kind(StrEnum):
    """How a field looks and what it becomes."""

    LINE = "line"
    TEXT = "text"
    FILE = "file"  # becomes the SHA-256 of what is kept
    YES = "yes"
    CHOICE = "choice"


Choices = Callable[[Context, Actor, UUID], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Field:
    """One input: `name` as the API calls it, so that refusals find it; `choices` are value and
    words."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    optional: bool = False
    choices: Choices | None = field(default=None, compare=False)


Given = Mapping[str, Any]


def digest(fields: Sequence[Field]) -> str:
    """What makes two submissions the same: the address, what was typed, the files' content."""
    found = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    for each in fields:
        found.update(f"{each.name}\n".encode())
        if each.kind is Kind.FILE:
            file = request.files.get(each.name)
            if file is not None:
                for piece in iter(partial(file.stream.read, PIECE), b""):
                    found.update(piece)
                file.stream.seek(0)
        else:
            found.update(request.form.get(each.name, "").encode())
    return found.hexdigest()


def typed(fields: Sequence[Field]) -> Mapping[str, str]:
    """What was typed, to be shown again."""
    return {
        each.name: request.form.get(each.name, "") for each in fields if each.kind is not Kind.FILE
    }


def read(fields: Sequence[Field]) -> Given:
    """What was typed, as values; files are left out (`read_files`).

    Raises Refused with everything that is missing or cannot be read.
    """
    found: dict[str, Any] = {}
    wrong: list[Refusal] = []
    for each in fields:
        try:
            if each.kind is Kind.FILE:
                _check_there(each)
            else:
                found[each.name] = _value(each, request.form.get(each.name, ""))
        except Refused as refused:
            wrong += refused.refusals
    if wrong:
        raise Refused(*wrong)
    return found


def read_files(ctx: Context, actor: Actor, fields: Sequence[Field]) -> Mapping[str, uploads.Read]:
    """The files of a form, looked into; raises Refused as `uploads.read_upload`, at their field."""
    found = {}
    for each in fields:
        file = request.files.get(each.name) if each.kind is Kind.FILE else None
        if file is not None and file.filename:
            try:
                found[each.name] = uploads.read_upload(ctx, actor, file.stream)
            except Refused as refused:
                at_field = (Refusal(r.code, r.message, each.name) for r in refused.refusals)
                raise Refused(*at_field, kind=refused.kind) from None
    return found


def _check_there(each: Field) -> None:
    file = request.files.get(each.name)
    if not each.optional and (file is None or not file.filename):
        raise refuse("field_missing", f"请选择“{each.label}”的文件（照片或 PDF）。", each.name)


def _value(each: Field, text: str) -> Any:
    text = text.strip()
    if "\0" in text:
        message = f"“{each.label}”里有看不见的字符，请重新填写。"
        raise refuse("text_characters_invalid", message, each.name)
    if each.kind is Kind.YES:
        return text == "yes"
    if each.kind is Kind.LINE:
        text = normal_code(text)
    if not text:
        if each.optional:
            return None
        raise refuse("field_missing", f"请填写“{each.label}”。", each.name)
    if len(text) > (PAPER_NUMBER if each.kind is Kind.LINE else MOST_LETTERS):
        raise refuse("text_too_long", f"“{each.label}”太长，请精简。", each.name)
    if each.kind is Kind.CHOICE:
        try:
            return UUID(text)
        except ValueError:
            raise refuse("field_invalid", f"请重新选择“{each.label}”。", each.name) from None
    return text
