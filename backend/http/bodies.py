"""Paths and bodies that several audiences send or read."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from backend.http.fields import Reason, Statement
from backend.http.present import Input, Output


class StatementIn(Input):
    """A dated statement."""

    statement: Statement


class ReasonIn(Input):
    """Why."""

    reason: Reason


class NoticeIdPath(BaseModel):
    """A notice by its id."""

    notice_id: UUID


class CoverTermsOut(Output):
    """What a plan promises. Money in fen; `cover_last_day` is still covered."""

    sum_insured_fen: int
    deductible_fen: int
    cover_from: date
    cover_last_day: date
    cover_ends_before: date
    scope_of_cover: str
    exclusions: str
    service_commitments: str
