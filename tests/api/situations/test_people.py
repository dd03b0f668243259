"""People who apply, decide and handle: estates without a committee, terms, seats, grants."""

from datetime import date

import pytest
from sqlalchemy import select, update

from backend.domain.local_time import local_date
from backend.services.case import handover, reminders
from backend.store.messages import Outbox
from backend.store.people import Person
from backend.store.registry import Committee, CommitteeMember
from tests.build.calling import refused
from tests.build.looking import also
from tests.build.owners_case import applied_by_owners
from tests.build.players import Players, application, change, plan
from tests.build.village import Village, called, sign_in


@pytest.mark.situation("P4")
def test_without_a_committee_three_owners_apply_and_nobody_is_asked_to_approve(
    players: Players, village: Village
) -> None:
    change(village.ctx, update(Committee).values(term_until=date(2025, 1, 1)))
    case = players.did("manager", "/purchases", application(village), 201)
    form = {"form_sha256": players.upload("manager")}
    alone = players.post("manager", f"/purchases/{case['id']}/application", form)
    assert refused(alone, 409) == ["committee_not_in_office"]
    players.did("manager", f"/purchases/{case['id']}/withdrawal", {"reason": "由业主申请"})
    here = f"/purchases/{applied_by_owners(village).id}"
    seen = {"upkeep_statement": "维保正常", "upkeep_record_sha256": players.upload("clerk")}
    players.did("clerk", f"{here}/funds-query", seen)
    for lift in village.lifts:
        found = {"lift_id": str(lift), "result": "passed", "findings": "运行平稳"}
        players.did("insurer", f"{here}/surveys", found, 201)
    assert players.did("insurer", f"{here}/plans", plan(village), 201)["state"] == "approved"
    assert not any(invited(village, f"member{number}") for number in range(3))


def elected(village: Village) -> list[str]:
    """The committee's term ends today; three others, known to the centre, follow."""
    today = local_date(village.clock())
    names = [f"new{number}" for number in range(3)]
    with village.ctx.sessions() as tx:
        tx.execute(update(Committee).values(term_until=today))
        committee = Committee(
            estate_id=village.estate, term_from=today, term_until=date(2028, 7, 1)
        )
        people = [Person(name_sealed=None, created_at=village.clock()) for _ in names]
        tx.add_all([committee, *people])
        tx.flush()
        for name, person in zip(names, people, strict=True):
            seat = CommitteeMember(
                committee_id=committee.id, position="委员", name_sealed=b"", recused=False
            )
            seat.name_hash, seat.person_id = name.encode(), person.id
            tx.add(seat)
            village.people[name] = type(village.actor("clerk"))(person.id)
            sign_in(tx, village, name)
        tx.commit()
    return names


@pytest.mark.situation("P5")
def test_a_new_committee_is_invited_and_decides_anew(players: Players, village: Village) -> None:
    purchase = village.planned()
    here, answers = f"/purchases/{purchase.id}", f"/plans/{purchase.plan_id}/answers"
    players.did("member0", answers, {"answer": "approve"})
    village.clock.advance(days=1)
    names = elected(village)
    handover.invite_who_came(village.ctx)
    assert {name for name in names if invited(village, name)} == set(names)
    late = players.post("member1", answers, {"answer": "approve"})
    assert refused(late, 404) == ["not_found"]
    tally = players.did(names[0], answers, {"answer": "approve"})
    assert (tally["approvals"], tally["decided"]) == (1, None)
    assert players.did(names[1], answers, {"answer": "approve"})["decided"] == "approve"
    assert players.saw("manager", here)["state"] == "approved"


@pytest.mark.situation("P5")
def test_what_a_committee_applied_for_is_seen_to_by_the_next_one(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{village.drafted('committee', 'member0').id}"
    form = {"form_sha256": players.upload("member0")}
    players.did("member0", f"{here}/application", form)
    names = elected(village)
    handover.sweep(village.ctx)
    handover.invite_who_came(village.ctx)
    assert players.get("member0", here).status_code == 404
    players.did("clerk", f"{here}/return", {"reason": "第二页没有盖章"})
    (todo,) = players.saw(names[1], "/todos/mine")["items"]
    assert todo["mine"]
    again = {"form_sha256": players.upload(names[1])}
    assert players.did(names[1], f"{here}/application", again)["state"] == "applied"


def invited(village: Village, name: str) -> bool:
    return "approval_invitation" in letters_to(village, name)


def letters_to(village: Village, name: str) -> list[str]:
    """The templates of what this person was written."""
    mine = select(Outbox.template).where(Outbox.person_id == village.actor(name).person_id)
    with village.ctx.sessions() as tx:
        return list(tx.scalars(mine))


@pytest.mark.situation("P28")
def test_nobody_of_the_property_company_sits_on_the_committee(
    players: Players, village: Village
) -> None:
    change(village.ctx, update(CommitteeMember).values(person_id=None))
    asked = {"estate_code": "E1", "name": called("陈样", 0)}
    claim = players.did("manager", "/owner-verifications/committee-member", asked, 201)
    there = f"/owner-verifications/{claim['id']}/decision"
    answer = players.post("clerk", there, {"verified": True, "reason": "备案表核对一致"})
    assert refused(answer, 409) == ["manager_and_member"]


@pytest.mark.situation("P31")
def test_of_an_application_by_owners_the_owners_are_reminded_and_not_the_company(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{applied_by_owners(village).id}"
    seen = {"upkeep_statement": "维保正常", "upkeep_record_sha256": players.upload("clerk")}
    players.did("clerk", f"{here}/funds-query", seen)
    village.clock.advance(days=60)
    reminders.sweep(village.ctx)
    assert "deadline_reminder" in letters_to(village, "owner0")
    assert letters_to(village, "manager") == []


@pytest.mark.situation("P33")
def test_one_person_with_every_part_at_the_centre_takes_one_of_them_in_a_case(
    players: Players, village: Village
) -> None:
    for role in ("reviewer", "cashier"):
        also(village, "clerk", role)
    purchase, notice = village.posted()
    here = f"/purchases/{purchase.id}"
    village.clock.advance(days=12)
    village.photograph(notice, "end")
    told = {"statement": "未收到纸质异议"}
    if "late_photos_unexplained" in players.post("clerk", f"{here}/clearance", told).text:
        told["late_photos_statement"] = "每日巡查有记录"
    assert players.did("clerk", f"{here}/clearance", told)["state"] == "cleared"
    assert refused(players.post("clerk", f"{here}/registration"), 409) == ["same_officer"]
    players.did("reviewer", f"{here}/registration", status=201)
