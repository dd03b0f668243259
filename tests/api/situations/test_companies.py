"""The property company of an estate is merged, replaced by another one, or leaves."""

from sqlalchemy import select

from backend.store.messages import Outbox
from backend.store.registry import Estate, PropertyCompany
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


def managed_by(village: Village) -> str | None:
    """The company on record."""
    with village.ctx.sessions() as tx:
        company = PropertyCompany.id == Estate.property_company_id
        here = select(PropertyCompany.name).join(Estate, company)
        return tx.scalar(here.where(Estate.id == village.estate))


def merged(players: Players, name: str = "示例物业集团公司") -> dict[str, str]:
    """What the clerk enters of a company that took over the present one."""
    return {"name": name, "file_sha256": players.upload("clerk"), "reason": "吸收合并"}


def heard_of_the_company(village: Village, name: str) -> list[str]:
    """What somebody hears of the companies of the estate."""
    mine = select(Outbox.data).where(
        Outbox.person_id == village.actor(name).person_id,
        Outbox.natural_key.startswith("company/"),
    )
    with village.ctx.sessions() as tx:
        return [data["count"] for data in tx.scalars(mine.order_by(Outbox.id))]


def mandate(players: Players, name: str = "manager") -> str | None:
    """Until when the committee's mandate runs, for a manager."""
    ((estate),) = players.saw(name, "/todos/mine")["estates"]
    until: str | None = estate["mandate_until"]
    return until


def test_a_merged_company_goes_on_with_its_case_its_people_and_its_mandate(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.cleared().id}"
    players.did("reviewer", f"{here}/registration", status=201)
    there = f"/estates/{village.estate}/succession"
    entered = players.did("clerk", there, merged(players), 201)
    players.did("reviewer", f"/successions/{entered['id']}/confirmation")
    signed = contract(village, players.upload("manager"))
    assert players.did("manager", f"{here}/contract", signed)["state"] == "contracted"
    assert mandate(players) is not None
    assert told_of_the_company(village) == []


def test_nothing_passes_on_until_another_officer_has_seen_the_notice_of_it(
    players: Players, village: Village
) -> None:
    add_person(village, "administrator", "administrator")
    there = f"/estates/{village.estate}/succession"
    unproved = merged(players) | {"file_sha256": "0" * 64}
    assert refused(players.post("clerk", there, unproved), 422) == ["file_unknown"]
    entered = players.did("clerk", there, merged(players), 201)
    one = f"/successions/{entered['id']}"
    for name in ("member0", "administrator", "reviewer"):
        assert heard_of_the_company(village, name) == ["物业承继登记待确认"]
    assert heard_of_the_company(village, "clerk") == []
    assert [each["id"] for each in players.saw("reviewer", "/todos/mine")["successions"]] == [
        entered["id"]
    ]
    assert players.saw("cashier", "/todos/mine")["successions"] == []
    for name in ("reviewer", "member0"):
        assert players.get(name, f"/files/{entered['file_sha256']}").status_code == 200
    assert players.get("owner0", f"/files/{entered['file_sha256']}").status_code == 404
    assert managed_by(village) == "示例物业"
    assert refused(players.post("clerk", f"{one}/confirmation"), 403) == ["own_succession"]
    assert refused(players.post("cashier", f"{one}/confirmation"), 403) == ["role_required"]
    assert refused(players.post("clerk", there, merged(players, "乙物业")), 409) == [
        "succession_open"
    ]
    company = f"/estates/{village.estate}/company"
    assert refused(players.post("clerk", company, {"name": "乙物业"} | WHY), 409) == [
        "succession_open"
    ]
    assert players.did("reviewer", f"{one}/confirmation")["confirmed"]
    assert managed_by(village) == "示例物业集团公司"
    for name in ("member0", "administrator"):
        assert heard_of_the_company(village, name)[1:] == ["物业公司已由新公司承继"]
    assert players.saw("reviewer", "/todos/mine")["successions"] == []
    for again in ("confirmation", "refusal"):
        answer = players.post("reviewer", f"{one}/{again}", None if again[0] == "c" else WHY)
        assert refused(answer, 409) == ["succession_decided"]


def test_what_was_turned_down_changes_nothing_and_may_be_entered_anew(
    players: Players, village: Village
) -> None:
    there, until = f"/estates/{village.estate}/succession", mandate(players)
    entered = players.did("clerk", there, merged(players), 201)
    why = {"reason": "公告不是该公司的"}
    turned_down = players.did("reviewer", f"/successions/{entered['id']}/refusal", why)
    assert turned_down["turned_down_because"] == "公告不是该公司的"
    assert heard_of_the_company(village, "clerk") == ["物业承继登记已退回"]
    assert (managed_by(village), mandate(players)) == ("示例物业", until)
    mine = players.did("clerk", there, merged(players), 201)
    players.did("clerk", f"/successions/{mine['id']}/refusal", {"reason": "登记错了小区"})
    assert (managed_by(village), mandate(players)) == ("示例物业", until)


def test_a_mandate_ends_with_its_company_and_does_not_run_again_when_that_comes_back(
    players: Players, village: Village
) -> None:
    before = mandate(players)
    assert before is not None
    for name in ("另一物业公司", "示例物业"):
        there = f"/estates/{village.estate}/company"
        assert players.post("clerk", there, {"name": name} | WHY).status_code == 204
    assert heard_of_the_company(village, "member0") == ["物业公司已更换", "物业公司已更换"]
    right = {"role": "property_manager", "scope_id": str(village.estate)}
    again = {"person_id": str(village.actor("manager").person_id)} | right
    players.did("clerk", "/grants", again, 201)
    assert mandate(players) is None
    entered = players.did("clerk", f"/estates/{village.estate}/succession", merged(players), 201)
    players.did("reviewer", f"/successions/{entered['id']}/confirmation")
    assert mandate(players) is None  # there was none to pass on


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
    late = players.post("clerk", f"{there}/succession", merged(players))
    assert refused(late, 409) == ["not_managed"]
    nobody = {"name": "无物业"} | WHY
    assert refused(players.post("clerk", f"{there}/company", nobody), 422) == ["name_invalid"]
