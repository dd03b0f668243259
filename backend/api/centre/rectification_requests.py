"""For the centre: what people say is wrong about them."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.http.fields import Yes
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, nothing, present
from backend.http.routes import Routes
from backend.services.people import rectification_requests

routes = Routes("corrections", "中心：个人信息更正")


class CorrectionPath(BaseModel):
    """A request by its id."""

    correction_id: UUID


class OpenCorrectionOut(Output):
    """A request that waits; the name is masked, null when none was given."""

    id: UUID
    masked_name: str | None
    what: str
    text: str
    made_at: Moment


class RectificationAnswerIn(Input):
    """Whether it was corrected; the answer is for the person to read."""

    done: Yes
    answer: str = Field(max_length=rectification_requests.MAX_ANSWER)


@routes.get("/corrections", auth="person", answers={200: Page[OpenCorrectionOut], 304: None})
def open_corrections(query: PageQuery) -> Response:
    """等待办理的更正请求"""
    rows = rectification_requests.open_corrections(
        context(), actor(), query.after(), query.limit + 1
    )
    items = [OpenCorrectionOut.model_validate(row) for row in rows[: query.limit]]
    cursor = cursor_after(rows, query.limit, lambda row: row.id)
    return present(Page[OpenCorrectionOut](items=items, next_cursor=cursor))


@routes.post("/corrections/<correction_id>/settlement", auth="person", answers={204: None})
def settle_correction(path: CorrectionPath, body: RectificationAnswerIn) -> Response:
    """办结更正请求"""
    rectification_requests.settle(context(), actor(), path.correction_id, body.done, body.answer)
    return nothing()
