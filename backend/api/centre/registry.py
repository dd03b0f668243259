"""For the centre: lifts, places and accounts that change."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.estates import EstatePath
from backend.api.centre.lift_tokens import LiftIdPath
from backend.domain.texts import PLACE_LIMIT
from backend.http.bodies import ReasonIn
from backend.http.fields import MOST_ITEMS, Day, Reason, RegistrationCode
from backend.http.parts import actor, context
from backend.http.present import Input, nothing, present
from backend.http.routes import PROVED, WRITTEN, Routes
from backend.services.registry import accounts, lifts, management, places

routes = Routes("registry", "电梯、楼栋和账户的变更")


class BuildingPath(BaseModel):
    """A building by its id."""

    building_id: UUID


class UnitPath(BaseModel):
    """A unit by its id."""

    unit_id: UUID


class LiftCodeIn(Input):
    """The code on the certificate of use, and why it differs."""

    registration_code: RegistrationCode
    reason: Reason


class LiftStopIn(Input):
    """Since when it stands still, and why."""

    since: Day
    reason: Reason


class LiftRetirementIn(Input):
    """When it was taken out, why, and for which other lift."""

    on: Day
    reason: Reason
    replaced_by: UUID | None = None


class SoleManagerIn(Input):
    """The owner who manages the estate alone, and on what that rests; null for nobody any more."""

    manager: Reason | None
    reason: Reason


class PlaceNameIn(Input):
    """The name from now on, and why."""

    name: str = Field(max_length=PLACE_LIMIT)
    reason: Reason


class UnitAccountIn(Input):
    """The account of one unit."""

    unit_id: UUID
    number: str = Field(max_length=PLACE_LIMIT)
    name: str = Field(max_length=PLACE_LIMIT)


class AccountSplitIn(Input):
    """An account for each unit of the building, and by whose decision."""

    parts: list[UnitAccountIn] = Field(min_length=1, max_length=MOST_ITEMS)
    reason: Reason


class AccountMergeIn(Input):
    """The building's account, and by whose decision."""

    number: str = Field(max_length=PLACE_LIMIT)
    name: str = Field(max_length=PLACE_LIMIT)
    reason: Reason


class AccountPartOut(BaseModel):
    """What an account got, in fen."""

    number: str
    amount_fen: int


class NewAccountsOut(BaseModel):
    """The accounts from now on."""

    accounts: list[AccountPartOut]


@routes.post(
    "/lifts/<lift_id>/registration-code",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, "lift_code_taken lift_retired not_found role_required"),
)
def correct_lift_code(path: LiftIdPath, body: LiftCodeIn) -> Response:
    """更正电梯的注册代码

    由经办或系统管理员办理。原代码仍认得是这台电梯；已公示、已签的材料保留原样。
    """
    lifts.correct_code(context(), actor(), path.lift_id, body.registration_code, body.reason)
    return nothing()


@routes.post(
    "/lifts/<lift_id>/stop",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, "day_in_future lift_retired not_found role_required"),
)
def stop_lift(path: LiftIdPath, body: LiftStopIn) -> Response:
    """登记电梯停用

    由经办或系统管理员办理。停用的电梯不能投保；已有的保障不受影响。
    """
    lifts.stop(context(), actor(), path.lift_id, body.since, body.reason)
    return nothing()


@routes.post(
    "/lifts/<lift_id>/restart",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, "lift_retired not_found role_required"),
)
def restart_lift(path: LiftIdPath, body: ReasonIn) -> Response:
    """登记电梯恢复使用

    由经办或系统管理员办理。
    """
    lifts.restart(context(), actor(), path.lift_id, body.reason)
    return nothing()


@routes.post(
    "/lifts/<lift_id>/retirement",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, "day_in_future lift_unknown not_found role_required"),
)
def retire_lift(path: LiftIdPath, body: LiftRetirementIn) -> Response:
    """登记电梯拆除（报废、更换）

    由经办或系统管理员办理。二维码随即停用，之后不能再为它申请；更换的，先导入新电梯。
    """
    lifts.retire(context(), actor(), path.lift_id, body.on, body.reason, body.replaced_by)
    return nothing()


@routes.post(
    "/buildings/<building_id>/name",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, "not_found place_name_taken role_required"),
)
def rename_building(path: BuildingPath, body: PlaceNameIn) -> Response:
    """楼栋改名

    由经办或系统管理员办理。已公示、已签的材料保留原名；导入表写原名的会提示改用现名。
    """
    places.rename_building(context(), actor(), path.building_id, body.name, body.reason)
    return nothing()


@routes.post(
    "/estates/<estate_id>/sole-manager",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, PROVED, "not_found role_required"),
)
def set_sole_manager(path: EstatePath, body: SoleManagerIn) -> Response:
    """登记由产权人单独管理

    由经办或系统管理员办理。没有物业服务企业、由一名产权人单独管理的小区（附件一3），登记后可以申请；
    不再单独管理的，manager 为空。
    """
    management.set_sole_manager(context(), actor(), path.estate_id, body.manager, body.reason)
    return nothing()


@routes.post(
    "/units/<unit_id>/name",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, "not_found place_name_taken role_required"),
)
def rename_unit(path: UnitPath, body: PlaceNameIn) -> Response:
    """单元改名

    由经办或系统管理员办理，与楼栋改名相同。
    """
    places.rename_unit(context(), actor(), path.unit_id, body.name, body.reason)
    return nothing()


@routes.post(
    "/buildings/<building_id>/account-split",
    auth="person",
    answers={200: NewAccountsOut},
    refuses=(
        WRITTEN,
        "account_in_use account_number_taken account_parts_differ not_found role_required",
    ),
)
def split_account(path: BuildingPath, body: AccountSplitIn) -> Response:
    """把楼栋的统筹账户按单元拆分

    由复核办理。余额按各单元房屋的建筑面积分到分；有申请正在用它办理的，等办结再拆。
    """
    parts = [(part.unit_id, accounts.NewAccount(part.number, part.name)) for part in body.parts]
    shares = accounts.split_account(context(), actor(), path.building_id, parts, body.reason)
    given = [AccountPartOut(number=share.name, amount_fen=share.fen) for share in shares]
    return present(NewAccountsOut(accounts=given))


@routes.post(
    "/buildings/<building_id>/account-merge",
    auth="person",
    answers={200: NewAccountsOut},
    refuses=(WRITTEN, "account_in_use account_number_taken not_found role_required"),
)
def merge_accounts(path: BuildingPath, body: AccountMergeIn) -> Response:
    """把各单元的统筹账户合并为楼栋的

    由复核办理。有申请正在用其中一个办理的，等办结再合并。
    """
    into = accounts.NewAccount(body.number, body.name)
    total = accounts.merge_accounts(context(), actor(), path.building_id, into, body.reason)
    return present(NewAccountsOut(accounts=[AccountPartOut(number=body.number, amount_fen=total)]))
