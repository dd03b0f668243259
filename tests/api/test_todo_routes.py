"""The reads behind the committee's and the property manager's pages, as the API tells them."""

from tests.build.calling import refused
from tests.build.players import Players
from tests.build.village import Village


def test_a_member_reads_the_plan_and_answers_it(players: Players, village: Village) -> None:
    village.planned()
    (plan,) = players.saw("member0", "/plans/waiting")["items"]
    assert plan["due"].endswith("+08:00")
    assert plan["tally"] == {"approve": 0, "refuse": 0, "members": 3, "needed": 2}
    players.did("member0", f"/plans/{plan['plan_id']}/answers", {"answer": "approve"})
    (again,) = players.saw("member0", "/plans/waiting")["items"]
    assert again["my_answer"] == "approve"
    (given,) = players.saw("member0", "/plans/answered")["items"]
    assert (given["answer"], given["medium"]) == ("approve", "小程序")


def test_a_second_device_that_answers_after_the_decision_is_told_so(
    players: Players, village: Village
) -> None:
    village.planned()
    (plan,) = players.saw("member2", "/plans/waiting")["items"]
    for name in ("member0", "member1"):
        players.did(name, f"/plans/{plan['plan_id']}/answers", {"answer": "approve"})
    village.clock.advance(minutes=1)
    late = players.post("member2", f"/plans/{plan['plan_id']}/answers", {"answer": "approve"})
    assert refused(late, 409) == ["already_decided"]
    assert players.saw("member2", "/plans/waiting")["items"] == []


def test_the_manager_reads_todos_estates_and_balances(players: Players, village: Village) -> None:
    village.approved()
    found = players.saw("manager", "/todos/mine")
    (todo,) = found["items"]
    assert (todo["mine"], todo["overdue"]) == (True, False)
    (estate,) = found["estates"]
    assert estate["mandate_until"] == "2025-12-31"
    assert estate["accounts"][0]["available_fen"] == 1_000_000


def test_an_owner_reads_the_draft_that_waits_for_signatures(
    players: Players, village: Village
) -> None:
    draft = village.drafted("owners", "owner0")
    (joint,) = players.saw("owner1", "/cosignatures/mine")["items"]
    assert (joint["purchase_id"], joint["signed"]["can_sign"]) == (str(draft.id), True)
