"""Objections as their author and the centre both see them."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.domain.objection import NEXT, Source
from backend.http.present import Output, present
from backend.http.routes import PREFIX
from backend.store.notices import Objection

# Room for a text that is too long to be told so.
OBJECTION_LIMIT = 256 * 1024


class FiledObjectionOut(BaseModel):
    """The objection's number, how it stands, and what that means; whether its words are published.

    `receipt_url` is null for one that came on paper: its author has the receipt.
    """

    id: UUID
    number: str
    status: str
    message: str
    publication: str
    publication_reason: str | None
    receipt_url: str | None


class ObjectionStatusOut(Output):
    """How the objection now stands."""

    id: UUID
    number: str
    kind: str
    status: str
    answer: str | None


def present_filed(filed: Objection) -> Response:
    """The answer to an objection that was just received, whichever way it came."""
    answer = FiledObjectionOut(
        id=filed.id,
        number=filed.number,
        status=filed.status,
        message=NEXT[filed.status],
        publication=filed.publication,
        publication_reason=filed.publication_reason,
        receipt_url=receipt_url(filed.id) if filed.source == Source.MINI_PROGRAM else None,
    )
    return present(answer, 201)


def receipt_url(objection_id: UUID) -> str:
    """The address of an objection's receipt, below our own."""
    return f"{PREFIX}/objections/{objection_id}/receipt"


class ObjectionPath(BaseModel):
    """An objection by its id."""

    objection_id: UUID
