"""For the centre: who manages an estate changes."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.estates import EstatePath
from backend.api.cases.successions import SuccessionOut
from backend.domain.texts import PLACE_LIMIT
from backend.http.bodies import ReasonIn
from backend.http.fields import Reason, Sha256
from backend.http.parts import actor, context
from backend.http.present import Input, nothing, present
from backend.http.routes import PROVED, WRITTEN, Routes
from backend.services.people import companies, successions

routes = Routes("companies", "小区换物业公司、物业公司承继")
DECIDED = "not_found officer_is_party role_required succession_decided"


class SuccessionPath(BaseModel):
    """A succession by its id."""

    succession_id: UUID


class CompanyIn(Input):
    """The company that manages from now on."""

    name: str = Field(max_length=PLACE_LIMIT)
    reason: Reason


class SuccessionIn(Input):
    """The company that took over the present one, and the notice of it."""

    name: str = Field(max_length=PLACE_LIMIT)
    file_sha256: Sha256
    reason: Reason


@routes.post(
    "/estates/<estate_id>/company",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, PROVED, "name_invalid not_found role_required succession_open"),
)
def change_company(path: EstatePath, body: CompanyIn) -> Response:
    """登记小区换了物业公司

    由经办或系统管理员办理。原物业人员的权限和业委会给原物业的委托随即终止，是否委托新的由业委会另行
    决定。合并、改名的，请登记为承继。
    """
    companies.change_company(context(), actor(), path.estate_id, body.name, body.reason)
    return nothing()


@routes.post(
    "/estates/<estate_id>/company-departure",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, PROVED, "not_found role_required succession_open"),
)
def company_left(path: EstatePath, body: ReasonIn) -> Response:
    """登记物业公司撤出小区

    由经办或系统管理员办理。物业人员的权限和业委会的委托随即终止；它在办的申请要由业委会另行委托，
    或者由业主、业委会另行申请。
    """
    companies.change_company(context(), actor(), path.estate_id, None, body.reason)
    return nothing()


@routes.post(
    "/estates/<estate_id>/succession",
    auth="person",
    answers={201: SuccessionOut},
    creates=True,
    refuses=(
        WRITTEN,
        PROVED,
        "file_unknown name_invalid not_found not_managed officer_is_party role_required "
        "succession_open",
    ),
)
def enter_succession(path: EstatePath, body: SuccessionIn) -> Response:
    """登记物业公司承继（合并、改名）

    由经办或系统管理员办理，须上传合并公告、承继合同或名称变更通知书。业委会（没有的，申请的业主）和
    系统管理员随即收到消息；另一位工作人员确认之前，什么都不变。
    """
    made = successions.enter(
        context(), actor(), path.estate_id, body.name, body.file_sha256, body.reason
    )
    return present(SuccessionOut.model_validate(made), 201)


@routes.post(
    "/successions/<succession_id>/confirmation",
    auth="person",
    answers={200: SuccessionOut},
    refuses=(WRITTEN, PROVED, DECIDED, "own_succession"),
)
def confirm_succession(path: SuccessionPath) -> Response:
    """确认物业公司承继

    由登记人以外的经办、复核或系统管理员办理。物业人员的权限、业委会的委托和在办的申请由新公司承接，
    原公司的委托终止。
    """
    made = successions.confirm(context(), actor(), path.succession_id)
    return present(SuccessionOut.model_validate(made))


@routes.post(
    "/successions/<succession_id>/refusal",
    auth="person",
    answers={200: SuccessionOut},
    refuses=(WRITTEN, DECIDED),
)
def turn_down_succession(path: SuccessionPath, body: ReasonIn) -> Response:
    """退回物业公司承继登记

    由经办、复核或系统管理员办理，写明原因；登记人也可以自己撤回。物业公司和委托照旧。
    """
    made = successions.turn_down(context(), actor(), path.succession_id, body.reason)
    return present(SuccessionOut.model_validate(made))
