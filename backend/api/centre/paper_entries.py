"""For the centre: another clerk compares what was entered from a paper with its scan."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.cases.paper_entries import PaperEntryOut
from backend.http.bodies import ReasonIn
from backend.http.parts import actor, context
from backend.http.present import present
from backend.http.routes import WRITTEN, Routes
from backend.services.public_notice import second_looks

routes = Routes("paper_entries", "中心：纸质材料的第二人核对")
DECIDED = "not_found officer_is_party role_required same_officer paper_entry_decided"


class PaperEntryPath(BaseModel):
    """What was entered from a paper."""

    paper_entry_id: UUID


@routes.post(
    "/paper-entries/<paper_entry_id>/confirmation",
    auth="person",
    answers={200: PaperEntryOut},
    refuses=(
        DECIDED,
        "already_decided case_closed namesake_signed not_open_for_cosigning objection_closed",
        "own_paper_entry paper_reused plan_changed step_not_possible",
    ),
)
def confirm_paper_entry(path: PaperEntryPath) -> Response:
    """核对纸质材料：与扫描件一致

    由录入人以外的经办办理，从这时起计入：联名计入申请，会议纪要计入审议，异议撤回。本人在手机上已经
    办理的，以本人为准。
    """
    made = second_looks.confirm(context(), actor(), path.paper_entry_id)
    return present(PaperEntryOut.model_validate(made))


@routes.post(
    "/paper-entries/<paper_entry_id>/refusal",
    auth="person",
    answers={200: PaperEntryOut},
    refuses=(WRITTEN, DECIDED),
)
def turn_down_paper_entry(path: PaperEntryPath, body: ReasonIn) -> Response:
    """退回录入的纸质材料

    由经办办理，写明原因；录入人核对以前也可以自己撤回。什么也不计入，可以重新录入。
    """
    made = second_looks.turn_down(context(), actor(), path.paper_entry_id, body.reason)
    return present(PaperEntryOut.model_validate(made))
