"""One form, one effect: its key is kept with what it did, and sent again it does nothing."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

from flask import request
from sqlalchemy.exc import IntegrityError

from backend.desk import drafts, forms, gate
from backend.desk.forms import Field
from backend.desk.values import Kind
from backend.domain.errors import Refusal, Refused, refuse
from backend.http.envelope import collision
from backend.http.idempotent import PATTERN
from backend.http.parts import context
from backend.services.base.context import Context
from backend.services.files import uploads
from backend.services.people import idempotency
from backend.services.people.idempotency import Answer, Work

KEY = "key"
DONE = Answer(200, "")
# What a form does, with the SHA-256 of each file that it brought (None where it brought none).
Write = Callable[[Context, Mapping[str, Any]], object]


def key_of(refusals: Sequence[Refusal] = (), *, filled: bool = False) -> str:
    """The key of a form that is shown; one that was refused, or only filled, was not done and keeps
    its own, but where it is the key of another one."""
    is_of_another = any(refusal.code == "idempotency_key_reused" for refusal in refusals)
    again = (refusals or filled) and not is_of_another
    return request.form.get(KEY, "") if again else uuid4().hex


def do_once(fields: Sequence[Field], write: Write) -> None:
    """Do what this request's form says, once; its files are looked into before anything is locked.

    Raises Refused as `write` and `forms.read_files`, `field_missing` for a form without a key.
    """

    ctx, me, key = context(), gate.me(), request.form.get(KEY, "")
    if not re.fullmatch(PATTERN, key):
        raise refuse("field_missing", "表单不完整，请重新打开这一页。", KEY)

    def work(keep: Callable[[Work], Answer]) -> Answer:
        return keep(partial(_written, fields, write, forms.read_files(ctx, me, fields)))

    try:
        idempotency.answer_in_parts(ctx, me, key, forms.digest(fields), work)
    except IntegrityError as error:  # two at once: told beside the form, which keeps its words
        raise Refused(collision(error), kind="conflict") from None
    drafts.drop()


def _written(
    fields: Sequence[Field], write: Write, files: Mapping[str, uploads.Read], part: Context
) -> Answer:
    handed_in = {each.name: None for each in fields if each.kind is Kind.FILE}
    papers = {
        name: uploads.keep_upload(part, gate.me(), read).sha256 for name, read in files.items()
    }
    write(part, {**handed_in, **papers})
    return DONE
