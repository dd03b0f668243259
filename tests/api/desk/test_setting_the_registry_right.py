"""小区与电梯: what the registry keeps is set right by a form with its reason, by its keepers."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from backend.services.base.context import Context
from backend.store.audit import AuditEntry
from backend.store.people import AccessGrant
from backend.store.registry import Building, Estate, Lift, Unit
from tests.build.office import Office, Page
from tests.build.players import Players, change, populate_neighbours
from tests.build.village import Village

At = Callable[[str], Office]
WHY = "依使用登记证更正"


def here(village: Village) -> str:
    return f"/desk/estates/{village.estate}"


def correct(office: Office, address: str, **typed: str) -> Page:
    return office.submit(office.open(address), **typed)


def lift_of(ctx: Context, lift_id: UUID) -> Lift:
    with ctx.sessions() as tx:
        return tx.get_one(Lift, lift_id)


def test_a_code_is_set_right_once_with_its_reason(
    at_desk: At, village: Village, ctx: Context
) -> None:
    clerk = at_desk("clerk")
    address = f"{here(village)}/lift/{village.lifts[0]}/code"
    form = clerk.open(address)
    assert village.codes[0] in form.text
    again = clerk.submit(form, registration_code=village.codes[1], reason=WHY)
    assert again.status == 409
    assert "是另一台电梯的" in again.text
    assert "请填写“理由”" in clerk.submit(form, registration_code="3110-x", reason="").text
    for _ in range(2):
        page = clerk.submit(form, registration_code=" 3110 9999 ", reason=WHY)
        assert "已办理：更正注册代码" in page.text
    assert lift_of(ctx, village.lifts[0]).registration_code == "31109999"
    with ctx.sessions() as tx:
        links = select(func.count()).where(AuditEntry.action == "lift.correct_code")
        assert tx.scalar(links) == 1


def test_a_lift_stands_still_runs_again_and_is_taken_out(
    at_desk: At, village: Village, ctx: Context
) -> None:
    clerk = at_desk("clerk")
    start = f"{here(village)}/lift/{village.lifts[0]}"
    today = village.clock().date()
    late = correct(clerk, f"{start}/stop", since="2099-01-01", reason=WHY)
    assert "日期还没有到" in late.text
    page = correct(clerk, f"{start}/stop", since=today.isoformat(), reason=WHY)
    assert "起停用" in page.text
    assert lift_of(ctx, village.lifts[0]).stopped_on == today
    assert "起停用" not in correct(clerk, f"{start}/restart", reason=WHY).text
    page = correct(clerk, f"{start}/retire", on=today.isoformat(), reason=WHY, replaced_by="")
    assert village.codes[0] not in page.text
    assert lift_of(ctx, village.lifts[0]).retired_on == today
    assert clerk.open(f"{start}/stop").status == 404


def test_places_get_other_names_and_an_estate_somebody_who_manages_alone(
    at_desk: At, village: Village, ctx: Context
) -> None:
    with ctx.sessions() as tx:
        building = tx.scalars(select(Building)).one().id
        unit = tx.scalars(select(Unit).limit(1)).one().id
    clerk = at_desk("clerk")
    page = correct(clerk, f"{here(village)}/building/{building}/name", name="甲栋", reason=WHY)
    assert "甲栋" in page.text
    page = correct(clerk, f"{here(village)}/unit/{unit}/name", name="东单元", reason=WHY)
    assert "东单元" in page.text
    address = f"{here(village)}/estate/{village.estate}/manager"
    correct(clerk, address, manager="示例公司，依产权证", reason=WHY)
    with ctx.sessions() as tx:
        assert tx.get_one(Estate, village.estate).sole_manager == "示例公司，依产权证"
    correct(clerk, address, manager="", reason=WHY)
    with ctx.sessions() as tx:
        assert tx.get_one(Estate, village.estate).sole_manager is None


@pytest.mark.parametrize("who", ["auditor", "reviewer", "manager"])
def test_others_are_not_shown_the_way_and_are_refused(
    at_desk: At, village: Village, ctx: Context, who: str
) -> None:
    office = at_desk(who)
    assert "更正代码" not in office.open(here(village)).words
    page = office.open(f"{here(village)}/lift/{village.lifts[0]}/code")
    assert page.status in (403, 404)
    assert lift_of(ctx, village.lifts[0]).registration_code == village.codes[0]


def test_nothing_of_another_estate_is_set_right_through_ones_own(
    at_desk: At, players: Players, ctx: Context
) -> None:
    village = players.village
    other = populate_neighbours(village)
    clerk = at_desk("clerk")
    for address in (
        f"{here(village)}/lift/{other.lift}/code",
        f"{here(village)}/unit/{other.unit}/name",
        f"{here(village)}/lift/{village.lifts[0]}/nonsense",
        f"{here(village)}/nonsense/{village.lifts[0]}/code",
    ):
        assert clerk.open(address).status == 404, address
    assert (
        at_desk("other_manager").open(f"{here(village)}/lift/{village.lifts[0]}/code").status == 404
    )


def test_whose_office_ended_over_a_form_sets_nothing_right(
    at_desk: At, village: Village, ctx: Context
) -> None:
    clerk = at_desk("clerk")
    form = clerk.open(f"{here(village)}/lift/{village.lifts[0]}/stop")
    mine = AccessGrant.person_id == village.actor("clerk").person_id
    change(ctx, update(AccessGrant).where(mine).values(role="supervisor"))
    assert clerk.submit(form, since=date(2025, 1, 1).isoformat(), reason=WHY).status == 403
    assert lift_of(ctx, village.lifts[0]).stopped_on is None
