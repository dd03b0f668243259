"""What an objection may count on: its moment, its answer, a notice not bent around it."""

import re
import threading
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.limits import LIMIT_TITLES
from backend.domain.objection import NEXT, ObjectionStatus
from backend.services.case import reminders
from backend.services.case.case import lock
from backend.services.public_notice import notices, objections
from backend.services.public_notice.notices import SubmittedPhoto
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import applications, plans
from backend.store.audit import AuditEntry
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection
from backend.store.people import OwnerVerification
from backend.store.purchases import Purchase
from backend.store.registry import Household, Insurer, Owner, Unit
from tests.build.comparing import entered_with_scan
from tests.build.holidays import announce
from tests.build.looking import (
    approve,
    assert_sound,
    at,
    case,
    codes,
    letters,
    limits,
    notice_of,
    objection_of,
    planned_for,
    post,
    steps,
    suspended,
)
from tests.build.village import PREMIUM_FEN, Village
from tests.build.waiting import PATIENCE_SECONDS, eventually, somebody_waits_for_a_lock


def object_to(village: Village, name: str, notice: UUID) -> Objection:
    return objections.file_objection(village.ctx, village.actor(name), notice, "price", "保费偏高")


def on_paper(village: Village, notice: UUID, received: str, owner: UUID | None = None) -> Objection:
    paper = PaperObjection("need", "不同意投保", "业主三", at(received), owner)
    return entered_with_scan(village.ctx, village.actor("clerk"), notice, paper)


def reply(village: Village, objection: Objection, text: str = "将组织说明会") -> Objection:
    return village.clerk.answers(objection.id, text)


def audited(village: Village, objection: Objection, action: str) -> list[bytes]:
    with village.ctx.sessions() as tx:
        query = select(AuditEntry.body).where(
            AuditEntry.subject_id == str(objection.id), AuditEntry.action == action
        )
        return list(tx.scalars(query.order_by(AuditEntry.seq)))


def around_new_year(village: Village) -> tuple[Purchase, UUID]:
    """A notice from 28 December 2026 to 4 January 2027, whose days off are not announced yet."""
    with village.ctx.sessions() as tx:
        tx.get_one(Insurer, village.insurer).selected_until = date(2028, 1, 1)
        tx.commit()
    begins, ends = date(2027, 4, 1), date(2028, 4, 1)
    purchase = planned_for(village, village.lifts, cover_from=begins, cover_ends_before=ends)
    approve(village, purchase)
    village.clock.set(at("2026-12-28 09:00"))
    return purchase, post(village, purchase)


# --- a notice that grows ---


def test_an_objection_within_the_announced_end_is_on_time_after_all(village: Village) -> None:
    purchase, notice = around_new_year(village)
    village.clock.set(at("2027-01-05 10:00"))
    late = object_to(village, "owner0", notice)
    unknown = on_paper(village, notice, "2027-01-05 09:30")
    assert (late.status, unknown.status) == ("late", "late")
    announce(village, 2027, ["2027-01-04"])
    assert objection_of(village, late).status == "verified"
    assert objection_of(village, unknown).status == "received"
    assert case(village, purchase).state == "suspended"
    assert notice_of(village, notice).days_left == 1
    assert limits(village, purchase).keys() == {"objection_answer", "settlement"}
    assert b'"status":"verified"' in audited(village, late, "objection.admit_late")[0]
    assert steps(village, purchase)[-1].actor_id is None
    assert_sound(village)


def test_an_objection_after_the_announced_end_stays_late(village: Village) -> None:
    purchase, notice = around_new_year(village)
    village.clock.set(at("2027-01-06 00:00"))
    late = object_to(village, "owner0", notice)
    announce(village, 2027, ["2027-01-04"])
    assert notice_of(village, notice).ends_before == at("2027-01-06 00:00")
    assert objection_of(village, late).status == "late"
    assert case(village, purchase).state == "posted"


def test_a_late_objection_that_was_answered_is_to_be_settled_once_it_is_on_time(
    village: Village,
) -> None:
    purchase, notice = around_new_year(village)
    village.clock.set(at("2027-01-05 10:00"))
    late = object_to(village, "owner0", notice)
    reply(village, late, "已逾期")
    assert "objection_answer" not in limits(village, purchase)
    announce(village, 2027, ["2027-01-04"])
    assert "objection_review" in limits(village, purchase)
    village.reviewer.dismisses(late.id, "不成立")
    assert case(village, purchase).state == "posted"


def test_an_import_waits_for_the_step_that_holds_the_case(village: Village) -> None:
    """It locks case and limits in the order that steps do, so neither waits for the other."""
    purchase, _ = around_new_year(village)
    importing = threading.Thread(target=announce, args=(village, 2027, ["2027-01-04"]))
    with village.ctx.sessions() as tx:
        lock(tx, purchase.id)
        importing.start()
        eventually(lambda: somebody_waits_for_a_lock(village.ctx.sessions))
        limit = select(DeadlineRecord).where(DeadlineRecord.purchase_id == purchase.id)
        assert tx.scalars(limit.with_for_update(nowait=True)).all()
        tx.commit()
    importing.join(PATIENCE_SECONDS)
    assert limits(village, purchase)["public_notice_period"].ends_on == date(2027, 1, 5)


# --- a revision ---


def test_the_same_plan_again_is_no_revision_and_ends_no_suspension(village: Village) -> None:
    purchase, notice, _ = suspended(village)
    insurer = village.actor("insurer")
    with pytest.raises(Refused) as refused:
        plans.revise_plan(village.ctx, insurer, purchase.id, village.terms(), "按异议修改")
    assert codes(refused) == ["plan_unchanged"]
    assert case(village, purchase).state == "suspended"
    assert notice_of(village, notice).state == "suspended"


@pytest.mark.parametrize(
    "changed",
    [
        {"lift_premiums": (PREMIUM_FEN, PREMIUM_FEN - 1)},
        {"lift_premiums": (PREMIUM_FEN - 1, PREMIUM_FEN + 1)},
        {"sum_insured_fen": 1},
        {"deductible_fen": 1},
        {"cover_from": date(2025, 4, 2)},
        {"cover_ends_before": date(2026, 3, 31)},
        {"scope_of_cover": "x"},
        {"exclusions": "x"},
        {"service_commitments": "x"},
    ],
    ids=str,
)
def test_any_changed_term_is_a_revision(village: Village, changed: dict[str, Any]) -> None:
    purchase = village.planned()
    if isinstance(premiums := changed.get("lift_premiums"), tuple):
        changed = {"lift_premiums": dict(zip(village.lifts, premiums, strict=True))}
    terms = replace(village.terms(), **changed)
    revised = plans.revise_plan(village.ctx, village.actor("insurer"), purchase.id, terms, "x")
    assert revised.plan_id != purchase.plan_id


def test_an_unanswered_objection_is_still_answered_after_a_revision(village: Village) -> None:
    purchase, notice, waiting = suspended(village)
    answered = object_to(village, "owner1", notice)
    reply(village, answered)
    insurer = village.actor("insurer")
    plans.revise_plan(village.ctx, insurer, purchase.id, village.terms(120_000), "降价")
    due = limits(village, purchase)["objection_answer"]
    assert due.about_id == waiting.id
    assert due.next_reminder_at is not None
    approve(village, case(village, purchase))
    post(village, case(village, purchase))
    reply(village, waiting, "已按意见下调保费")
    assert limits(village, purchase).keys() == {"public_notice_period"}
    assert case(village, purchase).state == "posted"


def test_a_closed_case_owes_no_answer(village: Village) -> None:
    purchase, _, waiting = suspended(village)
    applications.withdraw(village.ctx, village.actor("manager"), purchase.id, "x")
    assert limits(village, purchase) == {}
    reply(village, waiting)
    assert limits(village, purchase) == {}


# --- which days are left, which moment counts ---


def test_paper_from_before_a_resumption_brings_back_no_days(village: Village) -> None:
    purchase, notice, first = suspended(village)
    village.clock.set(at("2025-03-06 10:00"))
    objections.withdraw(village.ctx, village.actor("owner0"), first.id)
    assert notice_of(village, notice).ends_on == date(2025, 3, 13)
    village.clock.set(at("2025-03-11 10:00"))
    second = on_paper(village, notice, "2025-03-04 10:00", village.owners[1])
    assert second.status == "verified"
    # The notice ran on from the 6th: seven whole days, not the nine there are since the 4th.
    assert notice_of(village, notice).days_left == 7
    assert case(village, purchase).state == "suspended"


def test_an_objection_counts_from_when_it_was_sent_not_from_its_turn(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-10 23:59"))
    read = threading.Event()
    clock = village.ctx.clock

    def now_and_tell() -> datetime:
        moment = clock()
        read.set()
        return moment

    ctx = replace(village.ctx, clock=now_and_tell)
    owner, filed = village.actor("owner0"), list[Objection]()

    def file() -> None:
        filed.append(objections.file_objection(ctx, owner, notice, "price", "保费偏高"))

    with village.ctx.sessions() as tx:
        lock(tx, purchase.id)
        waiting = threading.Thread(target=file)
        waiting.start()
        assert read.wait(PATIENCE_SECONDS)
        village.clock.set(at("2025-03-11 00:01"))
        tx.commit()
    waiting.join(PATIENCE_SECONDS)
    assert [objection.status for objection in filed] == ["verified"]
    assert filed[0].received_at == at("2025-03-10 23:59")
    assert case(village, purchase).state == "suspended"


# --- the answer ---


def test_a_published_answer_is_not_overwritten(village: Village) -> None:
    _, _, objection = suspended(village)
    reply(village, objection, "将组织说明会")
    with pytest.raises(Refused) as refused:
        reply(village, objection, "不组织了")
    assert codes(refused) == ["objection_answered"]
    assert objection_of(village, objection).answer == "将组织说明会"
    [kept] = audited(village, objection, "objection.answer")
    assert sha256("将组织说明会".encode()).hexdigest().encode() in kept


def test_a_late_objection_is_answered_once(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-11 00:00"))
    late = object_to(village, "owner0", notice)
    reply(village, late, "已逾期")
    assert "objection_answer" not in limits(village, purchase)
    with pytest.raises(Refused, match="objection_answered"):
        reply(village, late, "改口")


def test_the_reviewer_is_reminded_of_what_was_answered_and_stays(
    village: Village,
) -> None:
    purchase, _, objection = suspended(village)
    village.clock.set(at("2025-03-05 10:00"))
    reply(village, objection)
    due = limits(village, purchase)["objection_review"]
    assert (due.about_id, due.started_on) == (objection.id, date(2025, 3, 5))
    before = len(letters(village, purchase))
    village.clock.set(at(f"{due.ends_on} 09:30"))
    reminders.sweep(village.ctx)
    told = [(name, data["task"]) for name, _, data in letters(village, purchase)[before:]]
    assert ("reviewer", LIMIT_TITLES["objection_review"]) in told
    objections.withdraw(village.ctx, village.actor("owner0"), objection.id)
    assert "objection_review" not in limits(village, purchase)


# --- whose it is ---


def test_what_came_by_mini_program_is_of_nobody_but_its_sender(village: Village) -> None:
    purchase, notice = village.posted()
    clerk, sender = village.actor("clerk"), village.actor("stranger")
    with village.ctx.sessions() as tx:
        home = tx.scalars(select(Household.id)).first()
        assert home
        tx.add(
            OwnerVerification(
                person_id=sender.person_id,
                kind="owner",
                subject_id=home,
                state="open",
                made_at=village.clock(),
            )
        )
        tx.commit()
    objection = object_to(village, "stranger", notice)
    for owner in (village.owners[0], village.owners[1]):
        with pytest.raises(Refused) as refused:
            objections.verify(village.ctx, clerk, objection.id, owner, None)
        assert codes(refused) == ["owner_is_not_the_author"]
    assert case(village, purchase).state == "posted"
    with village.ctx.sessions() as tx:
        tx.get_one(Owner, village.owners[1]).person_id = sender.person_id
        tx.commit()
    objections.verify(village.ctx, clerk, objection.id, village.owners[1], None)
    assert case(village, purchase).state == "suspended"


def test_who_objected_already_is_told_to_the_one_who_asks(village: Village) -> None:
    _, notice, _ = suspended(village)
    with pytest.raises(Refused) as refused:
        object_to(village, "owner0", notice)
    assert refused.value.refusals[0].message.startswith("您已就本次公示提出异议")
    with pytest.raises(Refused) as refused:
        on_paper(village, notice, "2025-03-03 00:01", village.owners[0])
    assert refused.value.refusals[0].message.startswith("该业主已就本次公示提出异议")


@pytest.mark.parametrize("status", ["verified", "received"])
def test_a_receipt_promises_a_pause_only_while_the_notice_runs(status: str) -> None:
    """Paper may turn up when the notice was cleared, and then suspends nothing."""
    assert re.search("仍在公示环节的.*暂缓实施", NEXT[ObjectionStatus(status)])


# --- where the notice hangs ---


def test_a_unit_that_is_built_later_does_not_hold_a_running_notice(village: Village) -> None:
    purchase = village.approved()
    manager = village.actor("manager")
    notice = notices.draft_notice(village.ctx, manager, purchase.id)
    with village.ctx.sessions() as tx:
        building = tx.get_one(Unit, village.units[0]).building_id
        new = Unit(building_id=building, name="3单元")
        tx.add(new)
        tx.commit()
        unit = new.id
    village.photograph(notice.id, "start")
    assert case(village, purchase).state == "posted"
    photo = SubmittedPhoto(unit, "start", "wide", village.upload("manager"), village.clock())
    with pytest.raises(Refused, match="place_not_in_notice"):
        notices.add_photo(village.ctx, manager, notice.id, photo)
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice.id, "end")
    cleared = notices.clear(village.ctx, village.actor("clerk"), purchase.id, "未收到纸质异议")
    assert cleared.state == "cleared"
    assert notice.content["places"] == ["1栋1单元", "1栋2单元"]
