"""For the centre: what people say is wrong about them."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.http.fields import Yes
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, nothing, present
from backend.http.routes import WRITTEN, Routes
from backend.services.people import rectification_requests

routes = Routes("rectification_requests", "中心：个人信息更正")


class RectificationRequestPath(BaseModel):
    """A request by its id."""

    rectification_request_id: UUID


class OpenRectificationRequestOut(Output):
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


@routes.get(
    "/rectification-requests",
    auth="person",
    answers={200: Page[OpenRectificationRequestOut], 304: None},
    refuses=("not_found role_required",),
)
def open_requests(query: PageQuery) -> Response:
    """等待办理的更正请求"""
    rows = rectification_requests.open_requests(
        context(), actor(), query.after(), query.page_size + 1
    )
    items = [OpenRectificationRequestOut.model_validate(row) for row in rows[: query.page_size]]
    cursor = cursor_after(rows, query.page_size, lambda row: row.id)
    return present(Page[OpenRectificationRequestOut](items=items, next_cursor=cursor))


@routes.post(
    "/rectification-requests/<rectification_request_id>/answer",
    auth="person",
    answers={204: None},
    refuses=(
        WRITTEN,
        "not_found own_rectification_request rectification_request_closed role_required",
    ),
)
def close_request(path: RectificationRequestPath, body: RectificationAnswerIn) -> Response:
    """办结更正请求

    由经办办理，不能办理自己的。答复会告知本人。
    """
    rectification_requests.close_request(
        context(), actor(), path.rectification_request_id, body.done, body.answer
    )
    return nothing()
