"""What people are told of a case: the right ones, once, in words that fit, and nobody's secrets."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select, update

from backend.domain.purchase import Decision
from backend.domain.roles import Role
from backend.services.case import reminders
from backend.services.case import steps as case_steps
from backend.services.case.case import at_hand
from backend.services.case.notifications import OBJECTION_TODOS, Taken, notify_progress
from backend.services.public_notice import objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import applications, payments, plans
from backend.store.messages import Outbox
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase, Transition
from backend.wechat.templates import TEMPLATES, VALUE_LIMIT
from tests.build.comparing import entered_with_scan
from tests.build.looking import (
    BRING_TO,
    R1,
    add_person,
    also,
    at,
    case,
    letters,
    steps,
    suspended,
    vote,
)
from tests.build.village import Village

APP = Path(__file__).parents[2] / "miniprogram_stub" / "app.json"
CHINESE = re.compile("[\u4e00-\u9fff]")
MOMENT = re.compile(r"20[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日 [0-9]{2}:[0-9]{2}")


def everything(village: Village) -> Purchase:
    """A case that was revised, suspended, run on, paid after a rejection, covered and cancelled."""
    purchase, _, objection = suspended(village)
    insurer, owner = village.actor("insurer"), village.actor("owner0")
    plans.revise_plan(village.ctx, insurer, purchase.id, village.terms(120_000), "按异议修改")
    objections.withdraw(village.ctx, owner, objection.id)
    for name in ("member0", "member1"):
        vote(village, case(village, purchase), name, "approve")
    return purchase


def per_step(village: Village, purchase: Purchase) -> dict[str, list[str]]:
    """Who was told of each step, by the step's number and action."""
    names = {actor.person_id: name for name, actor in village.people.items()}
    actions = {str(step.id): f"{step.seq} {step.action}" for step in steps(village, purchase)}
    told: dict[str, list[str]] = {action: [] for action in actions.values()}
    with village.ctx.sessions() as tx:
        rows = tx.scalars(select(Outbox).where(Outbox.natural_key.startswith("progress/")))
        for row in rows:
            told[actions[row.natural_key.split("/")[1]]].append(names[row.person_id])
    return told


@pytest.mark.parametrize("state", [*BRING_TO, "insured", "everything"])
def test_every_message_fits_its_template_and_says_something(village: Village, state: str) -> None:
    own = {"insured": Village.insured, "everything": everything}
    purchase = {**BRING_TO, **own}[state](village)
    for _, template, data in letters(village, purchase):
        fields = {field.name for field in TEMPLATES[template].fields}
        assert data.keys() - {"link"} == fields | {"page"}
        for name, value in data.items():
            if name in ("page", "link"):
                continue
            assert 0 < len(value) <= VALUE_LIMIT, (template, name, value)
            if name in ("at", "due", "received"):
                assert MOMENT.fullmatch(value), value
            elif name == "number":
                assert value.startswith(purchase.number)
            else:
                assert CHINESE.search(value), (template, name, value)


def test_the_todos_of_objections_fit_too() -> None:
    for todos in OBJECTION_TODOS.values():
        for todo in todos.values():
            assert 0 < len(todo) <= VALUE_LIMIT


def test_a_step_is_told_once_to_each_person(village: Village) -> None:
    also(village, "manager", "insurer", village.insurer)
    purchase = village.insured()
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    told = per_step(village, purchase)
    assert all(max(Counter(names).values(), default=1) == 1 for names in told.values())
    assert told["1 draft"] == []
    assert told["2 apply"] == ["clerk"]
    assert set(told["3 query_funds"]) == {"insurer", "manager"}
    assert set(told["9 register"]) == {"manager", "insurer"}
    assert {"manager", "member0", "member1", "member2"} == set(told["16 begin_cover"])


def test_members_are_invited_to_a_plan_and_hear_of_it_only_so(village: Village) -> None:
    purchase = village.planned()
    told = Counter((name, template) for name, template, _ in letters(village, purchase))
    for member in ("member0", "member1", "member2"):
        assert told[member, "approval_invitation"] == 1
        assert told[member, "purchase_progress"] == 0
    _, _, invitation = next(
        letter for letter in letters(village, purchase) if letter[1] == "approval_invitation"
    )
    assert invitation == {
        "estate": "示例小区 1栋 · 2台",
        "subject": "电梯维修保险方案",
        "number": f"{purchase.number}-1",
        "amount": "2,600元",
        "due": "2025年3月10日 23:59",
        "page": "pages/committee/committee",
        "link": f"/p/{purchase.plan_id}",
    }


def test_the_member_who_applied_hears_of_progress_and_is_invited_once(village: Village) -> None:
    purchase = village.drafted("committee", "member0")
    form = village.upload("member0")
    applications.apply(village.ctx, village.actor("member0"), purchase.id, form)
    village.clerk.queries_funds(purchase.id, "维保正常")
    for lift in village.lifts:
        plans.record_survey(
            village.ctx, village.actor("insurer"), purchase.id, lift, "passed", "平稳"
        )
    plans.submit_plan(village.ctx, village.actor("insurer"), purchase.id, village.terms())
    mine = [
        (template, data.get("state"))
        for name, template, data in letters(village, purchase)
        if name == "member0"
    ]
    assert mine == [("purchase_progress", "资金已查询"), ("approval_invitation", None)]


def test_another_plan_invites_anew(village: Village) -> None:
    purchase = village.planned()
    insurer = village.actor("insurer")
    plans.revise_plan(village.ctx, insurer, purchase.id, village.terms(120_000), "更正")
    numbers = [
        data["number"]
        for name, template, data in letters(village, purchase)
        if (name, template) == ("member0", "approval_invitation")
    ]
    assert numbers == [f"{purchase.number}-1", f"{purchase.number}-2"]


def test_an_objection_is_told_once_to_each_and_never_whose_it_is(village: Village) -> None:
    purchase, notice = village.posted()
    before = len(letters(village, purchase))
    objections.file_objection(
        village.ctx, village.actor("owner0"), notice, "price", "冯样零认为保费偏高，住101室"
    )
    told = letters(village, purchase)[before:]
    assert Counter(name for name, _, _ in told).most_common(1)[0][1] == 1
    by_name = {name: (template, data) for name, template, data in told}
    assert by_name["clerk"][0] == "objection_received"
    assert by_name["clerk"][1]["task"] == "处理并答复异议"
    assert by_name["manager"][1]["state"] == "暂缓实施"
    assert {"insurer", "member0"} <= by_name.keys()
    for word in ("冯样零", "101", "偏高", str(village.owners[0])):
        assert word not in str([data for _, _, data in told])


def test_an_objection_that_does_not_suspend_is_told_to_clerk_and_manager(village: Village) -> None:
    purchase, notice = village.posted()
    before = len(letters(village, purchase))
    paper = PaperObjection("price", "不同意", "某业主", village.clock(), None)
    entered_with_scan(village.ctx, village.actor("clerk"), notice, paper)
    village.clock.set(at("2025-03-11 09:00"))
    objections.file_objection(village.ctx, village.actor("owner1"), notice, "price", "晚了")
    told = letters(village, purchase)[before:]
    assert sorted((name, data["task"], data["count"]) for name, _, data in told) == [
        ("clerk", "核实异议人身份", "共1件"),
        ("clerk", "逾期提出，登记并答复", "共2件"),
        ("manager", "等待中心核实", "共1件"),
        ("manager", "逾期提出，公示不受影响", "共2件"),
    ]


def test_telling_the_same_step_again_writes_nothing(village: Village) -> None:
    purchase = village.planned()
    before = letters(village, purchase)
    with village.ctx.sessions() as tx:
        step = tx.scalars(select(Transition).order_by(Transition.seq.desc())).first()
        assert step
        row = tx.get_one(Purchase, purchase.id)
        told = R1.find(step.from_state, step.action)
        assert told
        decision = Decision(told, Role(step.role), None, ())
        notify_progress(at_hand(tx, village.ctx, row), [Taken(step, decision)])
        tx.commit()
    assert letters(village, purchase) == before


def test_nothing_is_told_of_a_step_that_was_refused(village: Village) -> None:
    purchase = village.contracted()
    before = letters(village, purchase)
    with pytest.raises(Exception, match="invoice_missing"):
        payments.request_payment(village.ctx, village.actor("manager"), purchase.id)
    assert letters(village, purchase) == before


def test_those_who_handle_another_part_are_not_asked_to_act(village: Village) -> None:
    """The clerk of the case could also register others, but not this one."""
    also(village, "clerk", "reviewer")
    purchase = village.cleared()
    told = per_step(village, purchase)
    assert told["8 clear"] == ["reviewer"]


def test_who_lost_the_role_hears_nothing_more(village: Village) -> None:
    purchase = village.drafted()
    add_person(village, "successor", "property_manager", village.estate)
    form = village.upload("manager")
    applications.apply(village.ctx, village.actor("manager"), purchase.id, form)
    with village.ctx.sessions() as tx:
        left = update(AccessGrant).where(
            AccessGrant.person_id == village.actor("manager").person_id
        )
        tx.execute(left.values(valid_until=village.clock()))
        tx.commit()
    village.clerk.queries_funds(purchase.id, "维保正常")
    assert set(per_step(village, purchase)["3 query_funds"]) == {"insurer", "successor"}


def test_nobody_is_invited_to_a_plan_that_is_decided_or_replaced_meanwhile(
    village: Village,
) -> None:
    purchase = village.planned()

    def invitations() -> Counter[str]:
        with village.ctx.sessions() as tx:
            rows = tx.scalars(select(Outbox).where(Outbox.template == "approval_invitation"))
            return Counter(row.state for row in rows)

    assert invitations() == {"created": 3}
    insurer = village.actor("insurer")
    plans.revise_plan(village.ctx, insurer, purchase.id, village.terms(100_000), "降价")
    assert invitations() == {"superseded": 3, "created": 3}
    for name in ("member0", "member1"):
        vote(village, case(village, purchase), name, "approve")
    assert invitations() == {"superseded": 6}


@pytest.mark.parametrize("state", [*BRING_TO, "insured", "everything"])
def test_every_message_names_the_buildings_and_opens_a_page_that_is_there(
    village: Village, state: str
) -> None:
    own = {"insured": Village.insured, "everything": everything}
    purchase = {**BRING_TO, **own}[state](village)
    village.clock.advance(days=40)
    reminders.sweep(village.ctx)
    published = set(json.loads(APP.read_text(encoding="utf-8"))["pages"])
    written = letters(village, purchase)
    for name, template, data in written:
        assert "1栋 · 2台" in data["estate"] + data.get("lift", ""), (name, template)
        assert data["page"].partition("?")[0] in published


def test_who_applied_opens_the_case_and_whoever_sees_to_it_their_own_page(village: Village) -> None:
    purchase, _, _ = suspended(village)
    opened = {
        (name, template): data["page"]
        for name, template, data in letters(village, purchase)
        if template != "approval_invitation"
    }
    assert opened["manager", "purchase_progress"] == f"pages/case/case?id={purchase.id}"
    assert opened["member0", "purchase_progress"] == f"pages/case/case?id={purchase.id}"
    assert opened["clerk", "objection_received"] == "pages/mine/mine"
