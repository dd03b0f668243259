"""The ways back before the contract, over HTTP: who takes them, and what the others then see."""

import pytest

from backend.services.base.context import Context
from backend.services.case import reminders, steps
from backend.store.registry import Owner
from tests.build.calling import refused
from tests.build.insurers import add_insurer
from tests.build.looking import BRING_TO, add_person, applied, letters, refused_plan, suspended
from tests.build.players import SIGNED_BY_THREE, Players, application, paper_application, plan
from tests.build.village import Village, sign_in

REASON = {"reason": "制动器无法修复"}


@pytest.mark.situation("P9", "drop_lift")
@pytest.mark.parametrize("state", ["planned", "survey_failed"])
def test_a_lift_leaves_a_case_and_one_lift_stays(
    players: Players, village: Village, state: str
) -> None:
    here = f"/purchases/{BRING_TO[state](village).id}"
    first, second = map(str, village.lifts)
    gone = players.did("manager", f"{here}/lift-removal", {"lift_id": first, **REASON})
    assert (gone["state"], gone["plan_id"]) == ("funds_queried", None)
    seen = players.saw("insurer", here)
    assert [lift["id"] for lift in seen["lifts"]] == [second]
    assert seen["transitions"][-1]["reason"] == REASON["reason"]
    answer = players.post("manager", f"{here}/lift-removal", {"lift_id": second, **REASON})
    assert refused(answer, 409) == ["last_lift"]
    answer = players.post("manager", f"{here}/lift-removal", {"lift_id": first, **REASON})
    assert refused(answer, 422) == ["lift_not_in_purchase"]
    sound = {"lift_id": second, "result": "passed", "findings": "运行平稳"}
    players.did("insurer", f"{here}/surveys", sound, 201)
    for_one = plan(village, lifts=[{"lift_id": second, "premium_fen": 130_000}])
    assert players.did("insurer", f"{here}/plans", for_one, 201)["state"] == "planned"
    players.did("manager", "/purchases", application(village, lift_ids=[first]), 201)


@pytest.mark.situation("change_insurer")
def test_another_insurer_takes_a_case_over(players: Players, village: Village) -> None:
    other = str(add_insurer(village))
    here = f"/purchases/{village.planned().id}"
    wanted = {"insurer_id": other, "reason": "报价过高"}
    changed = players.did("manager", f"{here}/insurer-change", wanted)
    assert (changed["state"], changed["insurer_id"]) == ("funds_queried", other)
    assert refused(players.post("insurer", f"{here}/plans", plan(village)), 404) == ["not_found"]
    seen = players.saw("other", here)
    assert {lift["survey"] for lift in seen["lifts"]} == {None}
    answer = players.post("manager", f"{here}/insurer-change", wanted)
    assert refused(answer, 409) == ["insurer_unchanged"]


@pytest.mark.situation("P15", "undo_reject")
def test_a_rejection_is_undone_by_the_reviewer(players: Players, village: Village) -> None:
    here = f"/purchases/{applied(village).id}"
    players.did("clerk", f"{here}/rejection", {"reason": "材料不齐"})
    assert players.saw("reviewer", here)["possible_actions"] == ["undo_reject"]
    assert players.saw("clerk", here)["possible_actions"] == []
    again = players.did("reviewer", f"{here}/rejection-reversal", {"reason": "误办"})
    assert again["state"] == "applied"


@pytest.mark.situation("request_plan")
def test_after_a_refusal_the_applicant_asks_for_another_plan(
    players: Players, village: Village
) -> None:
    here = f"/purchases/{refused_plan(village).id}"
    asked = players.did("manager", f"{here}/plan-request", {"reason": "委员们嫌贵"})
    assert asked["state"] == "funds_queried"
    assert players.did("insurer", f"{here}/plans", plan(village), 201)["state"] == "planned"


@pytest.mark.situation("lapse")
def test_a_draft_that_nobody_sees_to_is_seen_to_have_lapsed(
    players: Players, village: Village, ctx: Context
) -> None:
    here = f"/purchases/{village.drafted().id}"
    (limit,) = players.saw("manager", here)["deadlines"]
    assert (limit["kind"], limit["task"]) == ("completion", "备好申请表或联名，提交申请")
    village.clock.advance(days=120)
    steps.sweep(ctx)
    done = players.saw("manager", here)
    assert (done["state"], done["state_name"]) == ("lapsed", "逾期终止")
    assert done["possible_actions"] == []


@pytest.mark.situation("lapse")
@pytest.mark.parametrize("state", ["refused", "short_of_funds", "suspended"])
def test_what_waits_for_ever_lapses_and_gives_the_money_back(
    players: Players, village: Village, state: str
) -> None:
    """An objection that was answered and not withdrawn, a plan that nobody changes, an account that
    stays too poor."""
    if state != "suspended":
        here = f"/purchases/{BRING_TO[state](village).id}"
    else:
        purchase, _, objection = suspended(village)
        here = f"/purchases/{purchase.id}"
        players.did("clerk", f"/objections/{objection.id}/answer", {"answer": "可到中心查阅"})
    assert players.saw("manager", here)["state"] == state
    village.clock.advance(days=400)
    steps.sweep(village.ctx)
    done = players.saw("manager", here)
    assert (done["state"], done["available_fen"]) == ("lapsed", 1_000_000)
    assert [limit for limit in done["deadlines"] if limit["state"] in ("open", "paused")] == []
    lifts = players.saw("auditor", f"/estates/{village.estate}/lifts")["items"]
    assert {lift["covered_until"] for lift in lifts} == {None}


@pytest.mark.situation("P2")
def test_a_limit_that_stands_still_says_why_to_those_who_look(
    players: Players, village: Village
) -> None:
    """An objection in time of an unknown author turns up when only the cashier is waited for."""
    purchase = village.reviewed()
    here = f"/purchases/{purchase.id}"
    notice = players.saw("clerk", here)["notice"]["id"]
    paper = {"kind": "need", "text": "不同意投保", "objector": "业主三"}
    when = {"received_at": "2025-03-05T10:00:00+08:00", "file_sha256": players.upload("clerk")}
    players.did("clerk", f"/notices/{notice}/paper-objections", {**paper, **when}, 201)
    for name in ("manager", "cashier"):
        seen = players.saw(name, here)["deadlines"]
        (paused,) = (each for each in seen if each["state"] == "paused")
        assert (paused["kind"], paused["paused_on"]) == ("payment", "2025-03-11")
        assert paused["days_left"] == 7
        assert paused["pause_words"].endswith("还没有处理完，自2025年3月11日（周二）起暂停计算")
    (listed,) = players.saw("reviewer", "/deadlines?state=paused")["items"]
    assert listed["pause_words"] == paused["pause_words"]
    assert refused(players.post("cashier", f"{here}/payment-order", {}), 409) == ["objection_open"]
    told = len(letters(village, purchase))
    village.clock.advance(days=40)
    reminders.sweep(village.ctx)
    late = [(name, data["task"]) for name, _, data in letters(village, purchase)[told:]]
    assert {task for _, task in late} == {"核实、答复异议并送达"}
    assert {name for name, _ in late} == {"clerk", "supervisor"}


def test_an_answer_on_paper_is_printed_given_and_entered_before_the_reviewer_rules(
    players: Players, village: Village
) -> None:
    with village.ctx.sessions() as tx:
        tx.get_one(Owner, village.owners[2]).person_id = None
        tx.commit()
    _, notice = village.posted()
    paper = {
        "kind": "need",
        "text": "不同意投保",
        "received_at": village.clock().isoformat(),
        "objector": "冯样二",
        "owner_id": str(village.owners[2]),
        "file_sha256": players.upload("clerk"),
    }
    there = players.did("clerk", f"/notices/{notice}/paper-objections", paper, 201)["id"]
    there = f"/objections/{there}"
    assert refused(players.get("clerk", f"{there}/letter"), 409) == ["letter_not_due"]
    players.did("clerk", f"{there}/answer", {"answer": "比选记录可到中心查阅"})
    letter = players.get("clerk", f"{there}/letter")
    assert (letter.mimetype, letter.data[:5]) == ("application/pdf", b"%PDF-")
    words = {"answer": "保费经公开遴选"}
    early = players.post("reviewer", f"{there}/dismissal", words)
    assert refused(early, 409) == ["answer_not_delivered"]
    given = {
        "how": "by_post",
        "given_on": village.clock().date().isoformat(),
        "file_sha256": players.upload("clerk"),
    }
    assert players.did("clerk", f"{there}/delivery", given)["delivered_on"] == given["given_on"]
    assert players.did("reviewer", f"{there}/dismissal", words)["status"] == "inadmissible"


def test_three_owners_without_a_phone_apply_at_the_counter(
    players: Players, village: Village
) -> None:
    add_person(village, "clerk2", "clerk")
    with village.ctx.sessions() as tx:
        for owner in village.owners:
            tx.get_one(Owner, owner).person_id = None
        sign_in(tx, village, "clerk2")
        tx.commit()
    form = paper_application(village, SIGNED_BY_THREE, players.upload("clerk"))
    case = players.did("clerk", "/paper-applications", form, 201)
    here = f"/purchases/{case['id']}"
    assert (case["state"], case["applicant"], case["on_paper"]) == ("drafted", "owners", True)
    assert refused(players.post("clerk", f"{here}/application", {}), 409) == ["own_entry"]
    assert players.did("clerk2", f"{here}/application", {})["state"] == "applied"
    letter = players.get("clerk", f"{here}/applicants-letter")
    assert (letter.mimetype, letter.data[:5]) == ("application/pdf", b"%PDF-")
    (waits,) = players.saw("clerk2", "/todos/mine")["letters_due"]
    assert (waits["purchase_id"], waits["step_name"], waits["printed"]) == (
        case["id"],
        "提交申请",
        True,
    )
    assert refused(players.get("manager", f"{here}/applicants-letters"), 404) == ["not_found"]
    slip = {"how": "handed_over", "given_on": village.clock().date().isoformat()}
    slip |= {"file_sha256": players.upload("clerk")}
    (made,) = players.saw("clerk", f"{here}/applicants-letters")["items"]
    there = f"{here}/applicants-letters/{made['id']}/delivery"
    announced = players.post("clerk", there, slip | {"how": "announced"})
    assert refused(announced, 422) == ["delivery_way_invalid"]
    assert players.did("clerk", there, slip)["how_name"] == "当面送达"
    assert players.did("clerk", f"{there}-reversal", {"reason": "送错了人"})["waits"]
    (read,) = players.saw("clerk", f"{here}/applicants-letters")["items"]
    assert (read["version"], read["how"], read["waits"]) == (2, None, True)
    why = {"reason": "业主不买了"}
    early = players.post("clerk", f"{here}/withdrawal", why)
    assert refused(early, 409) == ["applicants_word_missing"]
    players.did("clerk", f"{here}/applicants-word", {"file_sha256": players.upload("clerk")})
    assert players.did("clerk", f"{here}/withdrawal", why)["state"] == "withdrawn"
