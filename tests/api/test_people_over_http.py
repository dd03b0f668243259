"""Over HTTP: a part ends, somebody else has it, and what was open goes on with them."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backend.domain.local_time import local_date
from backend.domain.roles import ROLE_NAMES, Role
from backend.services.case import handover
from backend.services.messages.outbox import role_ended
from backend.store.messages import Outbox
from backend.store.people import AccessGrant
from backend.store.registry import CommitteeMember
from tests.build.looking import BRING_TO, add_person
from tests.build.players import Players
from tests.build.village import Village, sign_in

FLAT = {"estate_code": "E1", "building": "1栋", "unit": "1单元", "room": "101", "name": "冯样零"}


@pytest.fixture(autouse=True)
def administrator(village: Village) -> None:
    comes(village, "administrator", "administrator")


def comes(village: Village, name: str, role: str | None = None) -> str:
    """Somebody new who is signed in; their id."""
    actor = add_person(village, name, role)
    with village.ctx.sessions() as tx:
        sign_in(tx, village, name)
        tx.commit()
    return str(actor.person_id)


def grant_of(players: Players, village: Village, name: str) -> str:
    person_id = str(village.actor(name).person_id)
    grants = players.saw("clerk", "/grants?page_size=50")["items"]
    (own,) = [each["id"] for each in grants if each["person_id"] == person_id]
    return str(own)


def applied(village: Village) -> UUID:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    return purchase.id


def test_the_manager_changes_and_the_new_one_goes_on(players: Players, village: Village) -> None:
    purchase_id = applied(village)
    new = comes(village, "new manager")
    body = {
        "person_id": new,
        "role": "property_manager",
        "scope_id": str(village.estate),
    }
    players.did("clerk", "/grants", body, 201)
    ended = f"/api/v1/grants/{grant_of(players, village, 'manager')}"
    assert players.client.delete(ended, headers=players.headers("clerk")).status_code == 204
    assert players.get("manager", f"/purchases/{purchase_id}").status_code == 404
    assert players.saw("manager", "/todos/mine")["items"] == []
    (todo,) = players.saw("new manager", "/todos/mine")["items"]
    assert todo["purchase_id"] == str(purchase_id)
    players.did("new manager", f"/purchases/{purchase_id}/withdrawal", {"reason": "不办了"})


@pytest.mark.situation("P14")
def test_the_clerk_leaves_and_the_administrator_sees_it(players: Players, village: Village) -> None:
    applied(village)
    ended = f"/api/v1/grants/{grant_of(players, village, 'clerk')}"
    answer = players.client.delete(ended, headers=players.headers("administrator"))
    assert answer.status_code == 204
    (lack,) = players.saw("administrator", "/todos/mine")["unattended"]
    assert (lack["role"], lack["role_name"], lack["cases"]) == ("clerk", "中心经办", 1)
    new = comes(village, "new clerk")
    players.did("administrator", "/grants", {"person_id": new, "role": "clerk"}, 201)
    assert players.saw("administrator", "/todos/mine")["unattended"] == []


def goes(village: Village, role: str) -> None:
    """Nobody has this role any more, whether it was granted or comes from the roster."""
    now = village.clock()
    with village.ctx.sessions() as tx:
        held = AccessGrant.role == role
        tx.execute(update(AccessGrant).where(held).values(valid_until=now))
        if role == "committee_member":
            tx.execute(update(CommitteeMember).values(left_on=local_date(now)))
            village.clock.set(now + timedelta(days=1))  # it ended with the day
        tx.commit()


def told(village: Village, name: str) -> list[tuple[str, str, str]]:
    """What was sent to this person of what waits for somebody: the part, how many, where."""
    with village.ctx.sessions() as tx:
        rows = tx.scalars(
            select(Outbox)
            .where(Outbox.person_id == village.actor(name).person_id, Outbox.template == "handover")
            .order_by(Outbox.id)
        ).all()
        return [(row.data["role"], row.data["count"], row.data["estate"]) for row in rows]


LEFT_ALONE = {
    "applied": "clerk",
    "funds_queried": "insurer",
    "planned": "committee_member",
    "registered": "property_manager",
    "cleared": "reviewer",
    "payment_reviewed": "cashier",
}


@pytest.mark.parametrize("state", LEFT_ALONE)
def test_of_each_part_that_nobody_has_the_administrator_hears_and_reads(
    players: Players, village: Village, state: str
) -> None:
    role = Role(LEFT_ALONE[state])
    BRING_TO[state](village)
    handover.sweep(village.ctx)
    assert players.saw("administrator", "/todos/mine")["unattended"] == []
    goes(village, role)
    handover.sweep(village.ctx)
    (lack,) = players.saw("administrator", "/todos/mine")["unattended"]
    assert (lack["role"], lack["cases"], lack["places"]) == (role, 1, ["示例小区"])
    assert told(village, "administrator") == [(ROLE_NAMES[role], "1件无人办理", "示例小区")]
    with village.ctx.sessions() as tx:
        leaves = Outbox.template == "handover"
        assert tx.scalars(select(Outbox.id).where(leaves, ~role_ended(village.clock()))).all()


def test_what_waits_beside_the_cases_is_not_left_alone_either(
    players: Players, village: Village
) -> None:
    players.did("member2", "/owner-verifications/owner", FLAT, 201)
    wrong = {"what": "房屋", "text": "应为 102"}
    players.did("owner1", "/me/rectification-requests", wrong, 201)
    assert players.saw("administrator", "/todos/mine")["unattended"] == []
    goes(village, "clerk")
    handover.sweep(village.ctx)
    (lack,) = players.saw("administrator", "/todos/mine")["unattended"]
    assert (lack["role"], lack["cases"], lack["places"]) == ("clerk", 2, ["全市"])
    assert told(village, "administrator") == [("中心经办", "2件无人办理", "全市")]
    new = comes(village, "new clerk")
    players.did("administrator", "/grants", {"person_id": new, "role": "clerk"}, 201)
    assert told(village, "new clerk") == [("中心经办", "2件待办理", "全市")]
    assert players.saw("administrator", "/todos/mine")["unattended"] == []


def test_a_succession_that_nobody_else_may_confirm_is_told(
    players: Players, village: Village
) -> None:
    merged = {"name": "示例集团", "file_sha256": players.upload("administrator"), "reason": "合并"}
    players.did("administrator", f"/estates/{village.estate}/succession", merged, 201)
    for role in ("clerk", "reviewer"):
        goes(village, role)
    (lack,) = players.saw("administrator", "/todos/mine")["unattended"]
    assert (lack["role"], lack["cases"], lack["places"]) == ("reviewer", 1, ["示例小区"])
    new = comes(village, "new reviewer")
    players.did("administrator", "/grants", {"person_id": new, "role": "reviewer"}, 201)
    assert told(village, "new reviewer") == [("中心复核", "1件待办理", "示例小区")]
    assert players.saw("administrator", "/todos/mine")["unattended"] == []


def test_another_account_that_nobody_else_may_confirm_is_told(
    players: Players, village: Village
) -> None:
    account = {"bank_name": "新示例银行", "bank_account": "6222000000000002", "reason": "迁址"}
    letter = {"file_sha256": players.upload("clerk")}
    players.did("clerk", f"/insurers/{village.insurer}/payee-changes", account | letter, 201)
    assert players.saw("administrator", "/todos/mine")["unattended"] == []
    for role in ("reviewer", "cashier"):
        goes(village, role)
    handover.sweep(village.ctx)
    (lack,) = players.saw("administrator", "/todos/mine")["unattended"]
    assert (lack["role"], lack["cases"], lack["places"]) == ("reviewer", 1, ["全市"])
    assert told(village, "administrator") == [("中心复核", "1件无人办理", "全市")]


def test_a_flat_is_sold_and_that_is_taken_back(players: Players, village: Village) -> None:
    homes = players.saw("owner0", "/me")["homes"]
    ended = players.post("clerk", "/ownership-endings", FLAT | {"reason": "已过户"})
    assert ended.status_code == 204
    assert players.saw("owner0", "/me")["homes"] == []
    restored = players.post("clerk", "/ownership-restorations", FLAT | {"reason": "登记错误"})
    assert restored.status_code == 204
    assert players.saw("owner0", "/me")["homes"] == homes
    gone = f"/api/v1/me/homes/{homes[0]['owner_id']}"
    assert players.client.delete(gone, headers=players.headers("owner0")).status_code == 204
    assert players.saw("owner0", "/me")["homes"] == []
    assert players.client.delete(gone, headers=players.headers("owner0")).status_code == 404


def test_the_clerk_is_away_and_a_colleague_stands_in(players: Players, village: Village) -> None:
    purchase_id = applied(village)
    own = grant_of(players, village, "clerk")
    until = (village.clock() + timedelta(days=7)).isoformat()
    body = {"person_id": str(village.actor("cashier").person_id), "until": until}
    given = players.did("clerk", f"/grants/{own}/delegation", body, 201)["id"]
    (kept,) = [each for each in players.saw("clerk", "/grants")["items"] if each["id"] == given]
    assert kept["stands_in_for"] == str(village.actor("clerk").person_id)
    path = f"/purchases/{purchase_id}/funds-query"
    seen = {"upkeep_statement": "正常", "upkeep_record_sha256": players.upload("cashier")}
    players.did("cashier", path, seen)
    assert players.saw("cashier", f"/purchases/{purchase_id}")["state"] == "funds_queried"
