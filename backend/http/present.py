"""From values to answers: models, moments, entity tags."""

import hashlib
from datetime import datetime
from functools import cache
from mimetypes import guess_extension
from typing import Annotated, Any

from flask import Response, g, request
from pydantic import BaseModel, ConfigDict, PlainSerializer

from backend.domain.local_time import SHANGHAI


def local(moment: datetime) -> str:
    """A moment as people's clocks show it: ISO 8601 with +08:00."""
    return moment.astimezone(SHANGHAI).isoformat()


# `json_schema` of the plain type stays: a date-time.
Moment = Annotated[datetime, PlainSerializer(local, when_used="json")]

# A model is made ready when it is first used, under a lock of pydantic's: most are not, in a day.
WHEN_ASKED = ConfigDict(defer_build=True)


class Asked(BaseModel):
    """What a request brings beside its path. The library wants the schema of a header, query or
    form to read each request: it is drawn up once."""

    @classmethod
    def model_json_schema(cls, *choices: Any, **options: Any) -> dict[str, Any]:
        """As pydantic has it."""
        return super().model_json_schema(*choices, **options) if choices or options else _plain(cls)


@cache
def _plain(model: type[Asked]) -> dict[str, Any]:
    return super(Asked, model).model_json_schema()


class Input(Asked):
    """A body or query that a client sends: nothing unknown, no blanks around texts."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, **WHEN_ASKED)


class Output(BaseModel):
    """An answer; it can be read straight from the dataclass or record of the same shape."""

    model_config = ConfigDict(from_attributes=True, **WHEN_ASKED)


def etag_of(body: bytes) -> str:
    """A strong tag: the same bytes have the same one."""
    return hashlib.sha256(body).hexdigest()[:32]


def present(model: BaseModel, status: int = 200) -> Response:
    """The model as JSON. Reads carry an ETag and answer 304 to a matching If-None-Match."""
    body = model.model_dump_json().encode()
    response = Response(body, status, mimetype="application/json")
    if request.method in ("GET", "HEAD"):
        response.set_etag(etag_of(body))
        if "actor" not in g:  # what one person may read stays in no cache
            response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    return response


def present_file(content: bytes, media_type: str, sha256: str) -> Response:
    """A kept file, to be saved and not shown: a browser runs nothing of it as ours, in the sandbox
    of `frame`. Named after its hash, which is its ETag too."""
    response = Response(content, mimetype=media_type)
    response.set_etag(sha256)
    response.headers["Content-Disposition"] = f"attachment; filename={named(media_type, sha256)}"
    response.make_conditional(request)
    return response


def named(media_type: str, sha256: str) -> str:
    """What a kept file is called where it is saved."""
    return f"tibao-{sha256[:12]}{guess_extension(media_type) or ''}"


def nothing() -> Response:
    """204: done, and there is nothing to say."""
    return Response(status=204)


PDF_FILE = {
    "description": "PDF 文件",
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}


def present_pdf(number: str, content: bytes) -> Response:
    """A paper that one person may have, to be kept under its number; it stays in no cache."""
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
