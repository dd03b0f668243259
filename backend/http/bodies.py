"""Paths and bodies that several audiences send or read."""

from uuid import UUID

from pydantic import BaseModel

from backend.http.fields import Reason, Statement
from backend.http.present import Input


class StatementIn(Input):
    """A dated statement."""

    statement: Statement


class ReasonIn(Input):
    """Why."""

    reason: Reason


class NoticeIdPath(BaseModel):
    """A notice by its id."""

    notice_id: UUID
