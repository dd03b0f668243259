"""The property company of an estate is merged, replaced by another one, or leaves."""

from sqlalchemy import select

from backend.store.messages import Outbox
from tests.build.calling import refused
from tests.build.looking import add_person, applied
from tests.build.players import Players, contract
from tests.build.village import Village, sign_in

WHY = {"reason": "物业服务合同期满"}


def told_of_the_company(village: Village) -> list[str]:
    """What the clerk hears of applications that nobody goes on with."""
    mine = select(Outbox.data).where(
        Outbox.person_id == village.actor("clerk").person_id,
        Outbox.natural_key.startswith("without_company/"),
    )
    with village.ctx.sessions() as tx:
        return [f"{data['estate']}{data['count']}" for data in tx.scalars(mine)]


def test_a_merged_company_goes_on_with_its_case_its_people_and_its_mandate(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.cleared().id}"
    players.did("reviewer", f"{here}/registration", status=201)
    merged = {"name": "示例物业集团公司", "takes_over": True, "reason": "吸收合并"}
    for _ in range(2):
        answer = players.post("clerk", f"/estates/{village.estate}/company", merged)
        assert answer.status_code == 204, answer.text
    signed = contract(village, players.upload("manager"))
    assert players.did("manager", f"{here}/contract", signed)["state"] == "contracted"
    assert told_of_the_company(village) == []


def test_another_company_begins_anew_and_the_clerk_hears_what_is_left(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{applied(village).id}"
    other = {"name": "另一物业公司"} | WHY
    there = f"/estates/{village.estate}/company"
    assert refused(players.post("reviewer", there, other), 403) == ["role_required"]
    assert players.post("clerk", there, other).status_code == 204
    assert players.get("manager", here).status_code == 404
    assert told_of_the_company(village) == ["示例小区1件无人办理"]
    new = add_person(village, "new manager")
    with village.ctx.sessions() as tx:
        sign_in(tx, village, "new manager")
        tx.commit()
    right = {"role": "property_manager", "scope_id": str(village.estate)}
    players.did("clerk", "/grants", {"person_id": str(new.person_id)} | right, 201)
    assert players.saw("new manager", here)["state"] == "applied"
    mandate = players.saw("new manager", "/todos/mine")["estates"][0]["mandate_until"]
    assert mandate is None  # the committee has not decided about this one


def test_a_company_that_left_leaves_no_right_behind_and_has_no_successor(
    players: Players, village: Village
) -> None:
    village.drafted()
    there = f"/estates/{village.estate}"
    assert players.post("clerk", f"{there}/company-departure", WHY).status_code == 204
    assert told_of_the_company(village) == ["示例小区1件无人办理"]
    assert players.saw("manager", "/todos/mine")["estates"] == []
    late = {"name": "示例物业集团公司", "takes_over": True} | WHY
    assert refused(players.post("clerk", f"{there}/company", late), 409) == ["not_managed"]
    nobody = {"name": "无物业"} | WHY
    assert refused(players.post("clerk", f"{there}/company", nobody), 422) == ["name_invalid"]
