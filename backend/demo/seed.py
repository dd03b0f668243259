"""The small demo city: workbooks imported, people let in. It settles what its own people asked."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from openpyxl import load_workbook

from backend.demo.cast import (
    ALONE,
    CAST,
    COMMITTEE,
    ESTATE_CODE,
    HOUSE,
    INSURER,
    OFFICERS,
    OTHER_BANK,
    OWNERS_FLAT,
    SCREENERS,
    SERVICE_ROLES,
)
from backend.demo.stage import DemoFailed, DemoStage, Json
from backend.domain.local_time import SHANGHAI
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.base.own_words import keep_name
from backend.services.people import grants
from backend.services.workbooks.balances_import import import_balances
from backend.services.workbooks.balances_sheets import BALANCES_SHEETS
from backend.services.workbooks.registry_import import import_registry
from backend.services.workbooks.registry_sheets import REGISTRY_SHEETS
from backend.services.workbooks.templates import write_workbook
from backend.services.workbooks.workbook import ImportReport
from backend.store.people import Person

WORKBOOKS = Path(__file__).parents[2] / "tests" / "data"
MANDATE_PAPER = "示例花园业委会委托书〔2024〕7号（虚构）"
# The day of the opening balances in the workbook, and two years before.
OPENED, OPENED_BEFORE = datetime(2024, 12, 31), datetime(2022, 12, 31)  # noqa: DTZ001 - cells have no zone
BEGINS = datetime(2025, 1, 13, 9, tzinfo=SHANGHAI)


def import_workbooks(ctx: Context) -> None:
    """The demo estate's inventory and the centre's opening balances."""
    registry = (WORKBOOKS / "demo_registry.xlsx").read_bytes()
    _check(import_registry(ctx, registry, dry_run=False, mandate_paper=MANDATE_PAPER))
    _check(import_balances(ctx, (WORKBOOKS / "demo_balances.xlsx").read_bytes(), dry_run=False))


def import_workbooks_with_a_house(ctx: Context) -> None:
    """The same, and in the estate a house that one owner has alone."""
    book = load_workbook(WORKBOOKS / "demo_registry.xlsx", read_only=True)
    rows: dict[str, list[list[Any]]] = {
        sheet.name: [list(row) for row in book[sheet.name].iter_rows(min_row=2, values_only=True)]
        for sheet in REGISTRY_SHEETS
    }
    building, unit, room = HOUSE
    player, lift = CAST[ALONE], rows["电梯"][0]
    rows["楼栋单元"].append([building, unit])
    rows["房屋业主"].append([building, unit, room, 860, player.name, player.phone])
    rows["电梯"].append(["DEMO3110000099", building, unit, *lift[3:]])
    registry = write_workbook(REGISTRY_SHEETS, rows)
    _check(import_registry(ctx, registry, dry_run=False, mandate_paper=MANDATE_PAPER))
    _check(import_balances(ctx, (WORKBOOKS / "demo_balances.xlsx").read_bytes(), dry_run=False))


def import_other_bank(ctx: Context) -> None:
    """A second bank, at which a part of the income of 6栋 lies."""
    rows: dict[str, list[list[Any]]] = {
        "银行": [[OTHER_BANK, "样板农商银行吉首支行（虚构）", date(2024, 12, 31), "30000.00", 0]],
        "分户账": [],
        "统筹账户": [["DEMO-TC-0601", ESTATE_CODE, "6栋", None, "30000.00"]],
        "保险机构": [],
    }
    _check(import_balances(ctx, write_workbook(BALANCES_SHEETS, rows), dry_run=False))


def import_workbooks_of_pools(ctx: Context) -> None:
    """The same estate where the whole city's pools pay: two years earlier, and no pool yet."""
    registry = (WORKBOOKS / "demo_registry.xlsx").read_bytes()
    _check(import_registry(ctx, registry, dry_run=False, mandate_paper=MANDATE_PAPER))
    book = load_workbook(WORKBOOKS / "demo_balances.xlsx", read_only=True)
    rows: dict[str, list[list[Any]]] = {
        sheet.name: [list(row) for row in book[sheet.name].iter_rows(min_row=2, values_only=True)]
        for sheet in BALANCES_SHEETS
    }
    flats, (bank,) = rows["分户账"], rows["银行"]
    for row in (bank, *flats):
        row[row.index(OPENED)] = OPENED_BEFORE
    pools, rows["统筹账户"] = rows["统筹账户"], []
    bank[3] = str(Decimal(str(bank[3])) - sum(Decimal(str(row[-1])) for row in pools))
    _check(import_balances(ctx, write_workbook(BALANCES_SHEETS, rows), dry_run=False))


def _check(report: ImportReport) -> None:
    if report.problems:
        raise DemoFailed(f"导入失败：{report.problems[0]}")


def let_people_in(
    stage: DemoStage,
    ctx: Context,
    appid: str,
    *,
    screened: bool = False,
    alone: bool = False,
    imported: Callable[[], None] = lambda: None,
) -> None:
    """Everybody signs in; the first officer gets the first right on the server, the rest by API.
    Who pays or gives rights binds an authenticator at the desk first. `screened`: the estate's
    district takes part; `alone`: an owner does who has a house alone. `imported` is back when the
    estate is there."""
    absent = {*(() if screened else SCREENERS), *(() if alone else (ALONE,))}
    ids = stage.enter(*(key for key in CAST if key not in absent))
    first = grants.person_of(ctx, appid, stage.openid("administrator"))
    grants.grant(ctx, None, first, Role.ADMINISTRATOR)
    _keep_names(ctx, ids)
    stage.sits_down("administrator")
    for role in SERVICE_ROLES:
        stage.act("administrator", "POST", "/grants", {"person_id": ids[role], "role": role})
    stage.sits_down("cashier")
    imported()
    home = found(stage.act("clerk", "GET", "/estates"), "code", ESTATE_CODE)
    estate = home["id"]
    insurer = found(stage.act("clerk", "GET", "/insurers"), "name", INSURER)["id"]
    _grant(stage, ids["manager"], "property_manager", estate)
    _grant(stage, ids["insurer"], "insurer", insurer)
    for key in SCREENERS if screened else ():
        body = {"person_id": ids[key], "role": key, "scope_id": home["district_id"]}
        stage.act("administrator", "POST", "/grants", body)
    asked = [*_asked(stage), *([_owns(stage, ALONE, HOUSE)] if alone else [])]
    for verification in asked:
        settled = {"verified": True, "reason": "已核对身份证件与名册"}
        stage.act("clerk", "POST", f"/owner-verifications/{verification}/decision", settled)
    stage.catch_up()


def _keep_names(ctx: Context, ids: Mapping[str, str]) -> None:
    """Who works for an office has a name, as whoever is invited has."""
    with ctx.sessions() as tx:
        for key in filter(ids.__contains__, OFFICERS):
            keep_name(ctx.cipher, tx.get_one(Person, UUID(ids[key])), CAST[key].name)
        tx.commit()


def _asked(stage: DemoStage) -> list[str]:
    """Owner and committee of the cast say who they are; the ids of what they asked."""
    asked = []
    if not stage.act("owner", "GET", "/me")["homes"]:
        asked.append(_owns(stage, "owner", OWNERS_FLAT))
    for key in COMMITTEE:
        if not stage.act(key, "GET", "/me")["seats"]:
            seat = {"estate_code": ESTATE_CODE, "name": CAST[key].name}
            path = "/owner-verifications/committee-member"
            asked.append(str(stage.act(key, "POST", path, seat)["id"]))
    return asked


def _owns(stage: DemoStage, key: str, flat: tuple[str, str, str]) -> str:
    """Somebody says that they own this flat; the id of what they asked."""
    building, unit, room = flat
    place = {"estate_code": ESTATE_CODE, "building": building, "unit": unit, "room": room}
    body = {**place, "name": CAST[key].name}
    return str(stage.act(key, "POST", "/owner-verifications/owner", body)["id"])


def _grant(stage: DemoStage, person_id: str, role: str, scope_id: UUID) -> None:
    body = {"person_id": person_id, "role": role, "scope_id": scope_id}
    stage.act("clerk", "POST", "/grants", body)


def found(listed: Json, field: str, value: str) -> Json:
    """The one of the listed items whose field has this value; raises DemoFailed without it."""
    for item in listed["items"]:
        if item[field] == value:
            one: Json = item
            return one
    raise DemoFailed(f"没有找到 {field} = {value}")
