"""Objections: who may object, what holds a case, and how it goes on."""

from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.limits import LIMIT_TITLES
from backend.domain.objection import MOST_PHONE_WITHDRAWALS, ON_PAPER_NOW
from backend.services.case import reminders
from backend.services.public_notice import objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.public_notice.own_objections import my_objections
from backend.services.purchase import applications, registrations
from backend.services.purchase.payments import request_payment
from backend.store.audit import AuditEntry
from backend.store.notices import Objection, PublicNotice
from backend.store.people import OwnerVerification
from backend.store.purchases import Purchase
from backend.store.registry import Household, Owner
from tests.build.comparing import entered_with_scan
from tests.build.looking import (
    add_building,
    also,
    assert_sound,
    at,
    case,
    codes,
    letters,
    limits,
    notice_of,
    objection_of,
    pool,
    steps,
    suspended,
)
from tests.build.objecting import dismissed
from tests.build.village import PREMIUM_FEN, Village


def object_to(village: Village, name: str, notice: UUID, text: str = "保费偏高") -> Objection:
    return village.person(name).objects(notice, "price", text)


def on_paper(
    village: Village, notice: UUID, received_at: datetime, owner: UUID | None = None
) -> Objection:
    paper = PaperObjection("need", "不同意投保", "业主三", received_at, owner)
    return village.clerk.enters_paper(notice, paper)


def withdraw(village: Village, name: str, objection: Objection) -> Objection:
    return village.person(name).withdraws_objection(objection.id)


def clear(village: Village, purchase: Purchase) -> Purchase:
    return village.clerk.clears(purchase.id, "未收到纸质异议")


# --- suspension and resumption ---


def test_an_affected_owner_suspends_the_case_and_the_money_stays_held(village: Village) -> None:
    purchase, notice, objection = suspended(village)
    assert objection.status == "verified"
    assert case(village, purchase).state == "suspended"
    assert notice_of(village, notice).state == "suspended"
    assert limits(village, purchase, "paused").keys() == {"public_notice_period"}
    assert limits(village, purchase).keys() == {"objection_answer", "settlement"}
    assert pool(village)[1] == 2 * PREMIUM_FEN


@pytest.mark.parametrize(
    ("filed", "withdrawn", "ends_on"),
    [
        # The notice runs from 3 to 10 March. Filed on the 5th, five whole days are left.
        ("2025-03-05 10:00", "2025-03-20 10:00", "2025-03-25"),
        # The day of filing is not whole, however early or late in the day.
        ("2025-03-05 00:00", "2025-03-20 23:59", "2025-03-25"),
        # On the last day none is left whole: at least one runs on.
        ("2025-03-10 23:59", "2025-03-17 09:00", "2025-03-18"),
        # The day it ends moves past the weekend: 20 + 2 is a Saturday.
        ("2025-03-08 09:00", "2025-03-20 09:00", "2025-03-24"),
        # Withdrawn at once, it never ends before the day that was posted.
        ("2025-03-04 09:00", "2025-03-04 10:00", "2025-03-10"),
        ("2025-03-10 09:00", "2025-03-10 10:00", "2025-03-11"),
    ],
)
def test_the_whole_days_that_were_left_run_on(
    village: Village, filed: str, withdrawn: str, ends_on: str
) -> None:
    purchase, notice = village.posted()
    village.clock.set(at(filed))
    objection = object_to(village, "owner0", notice)
    village.clock.set(at(withdrawn))
    withdraw(village, "owner0", objection)
    running = notice_of(village, notice)
    assert (running.state, running.ends_on) == ("open", date.fromisoformat(ends_on))
    assert running.starts_on == date(2025, 3, 3)
    assert limits(village, purchase)["public_notice_period"].ends_on == running.ends_on
    assert case(village, purchase).state == "posted"


def test_with_several_objections_the_last_one_settled_lets_the_notice_run_on(
    village: Village,
) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-05 10:00"))
    first = object_to(village, "owner0", notice)
    village.clock.set(at("2025-03-07 10:00"))
    second = object_to(village, "owner1", notice)
    third = on_paper(village, notice, at("2025-03-06 10:00"), village.owners[2])
    assert [o.status for o in (first, second, third)] == ["verified"] * 3
    village.clock.set(at("2025-03-18 10:00"))
    withdraw(village, "owner0", first)
    dismissed(village, second.id, "与事实不符")
    assert case(village, purchase).state == "suspended"
    village.clerk.enters_withdrawal(third.id, village.upload("clerk"))
    assert case(village, purchase).state == "posted"
    # Counted from the first that was filed, on the 5th.
    assert notice_of(village, notice).ends_on == date(2025, 3, 24)


def test_an_earlier_unverified_objection_is_the_first_for_counting(village: Village) -> None:
    _, notice = village.posted()
    village.clock.set(at("2025-03-05 10:00"))
    unverified = on_paper(village, notice, at("2025-03-04 10:00"))
    village.clock.set(at("2025-03-07 10:00"))
    object_to(village, "owner0", notice)
    assert unverified.status == "received"
    assert notice_of(village, notice).days_left == 6


def test_a_second_suspension_counts_from_the_end_that_was_posted_last(village: Village) -> None:
    purchase, notice, first = suspended(village)
    village.clock.set(at("2025-03-06 10:00"))
    withdraw(village, "owner0", first)
    assert notice_of(village, notice).ends_on == date(2025, 3, 13)
    village.clock.set(at("2025-03-11 10:00"))
    second = object_to(village, "owner1", notice)
    assert notice_of(village, notice).days_left == 2
    village.clock.set(at("2025-03-17 10:00"))
    withdraw(village, "owner1", second)
    assert notice_of(village, notice).ends_on == date(2025, 3, 19)
    assert [step.action for step in steps(village, purchase)][-4:] == [
        *("suspend", "resume", "suspend", "resume"),
    ]


def test_nobody_is_reminded_of_a_notice_that_stands_still(village: Village) -> None:
    purchase, _, objection = suspended(village)
    village.clerk.answers(objection.id, "将组织说明会")
    before = len(letters(village, purchase))
    for day in range(4, 31):
        village.clock.set(datetime.fromisoformat(f"2025-03-{day:02d}T09:30+08:00"))
        reminders.sweep(village.ctx)
    todos = {data["task"] for _, _, data in letters(village, purchase)[before:]}
    assert todos == {LIMIT_TITLES["objection_review"]}


def test_an_answer_that_settles_nothing_leaves_the_case_suspended(village: Village) -> None:
    purchase, _, objection = suspended(village)
    village.clerk.answers(objection.id, "将组织说明会")
    assert case(village, purchase).state == "suspended"
    assert limits(village, purchase).keys() == {"objection_review", "settlement"}
    withdraw(village, "owner0", objection)
    assert case(village, purchase).state == "posted"


def test_a_dismissed_objection_is_given_reasons_and_lets_the_case_go_on(
    village: Village,
) -> None:
    purchase, _, objection = suspended(village)
    with pytest.raises(Refused, match="text_required"):
        village.clerk.answers(objection.id, " ")
    dismissed(village, objection.id, "与本方案无关")
    assert objection_of(village, objection).status == "inadmissible"
    assert case(village, purchase).state == "posted"
    with pytest.raises(Refused, match="objection_closed"):
        withdraw(village, "owner0", objection)


# --- unverified, late, not entitled ---


def test_an_unverified_objection_does_not_suspend_but_blocks_clearing(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-05 10:00"))
    paper = on_paper(village, notice, village.clock())
    assert case(village, purchase).state == "posted"
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice, "end")
    with pytest.raises(Refused) as refused:
        clear(village, purchase)
    assert codes(refused) == ["objection_open"]
    village.clerk.verifies(paper.id, None, "不是本栋业主")
    assert objection_of(village, paper).status == "not_entitled"
    assert clear(village, purchase).state == "cleared"


def test_verified_after_the_end_it_still_suspends_and_one_day_at_least_runs_on(
    village: Village,
) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-10 22:00"))
    paper = on_paper(village, notice, village.clock())
    village.clock.set(at("2025-03-12 09:00"))
    village.clerk.verifies(paper.id, village.owners[2], None)
    assert case(village, purchase).state == "suspended"
    assert notice_of(village, notice).days_left == 1
    village.clerk.enters_withdrawal(paper.id, village.upload("clerk"))
    assert notice_of(village, notice).ends_on == date(2025, 3, 13)


def test_a_late_objection_is_answered_and_does_not_suspend(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-11 00:00"))
    late = object_to(village, "owner0", notice)
    assert late.status == "late"
    assert case(village, purchase).state == "posted"
    village.photograph(notice, "end")
    assert clear(village, purchase).state == "cleared"
    village.clerk.answers(late.id, "已逾期，供改进参考")
    assert objection_of(village, late).status == "late"
    assert limits(village, purchase).keys() == {"registration"}


def test_who_was_late_may_object_anew_when_the_notice_runs_on(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-10 22:00"))
    on_time = on_paper(village, notice, village.clock())
    village.clock.set(at("2025-03-11 09:00"))
    late = object_to(village, "owner0", notice)
    village.clock.set(at("2025-03-12 09:00"))
    village.clerk.verifies(on_time.id, village.owners[2], None)
    withdraw(village, "owner0", late)
    anew = object_to(village, "owner0", notice)
    assert anew.status == "verified"
    assert case(village, purchase).state == "suspended"


def test_paper_counts_from_when_it_was_received(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-11 09:00"))
    on_time = on_paper(village, notice, at("2025-03-10 23:59"), village.owners[2])
    assert on_time.status == "verified"
    assert case(village, purchase).state == "suspended"


@pytest.mark.parametrize("received", ["2025-03-02 12:00", "2025-03-05 10:01"])
def test_paper_was_received_after_the_start_and_before_now(village: Village, received: str) -> None:
    _, notice = village.posted()
    village.clock.set(at("2025-03-05 10:00"))
    with pytest.raises(Refused, match="received_at_invalid"):
        on_paper(village, notice, at(received))


def test_owners_elsewhere_and_strangers_do_not_object(village: Village) -> None:
    purchase, notice = village.posted()
    add_building(village)
    for name in ("neighbour", "stranger", "manager"):
        with pytest.raises(Refused) as refused:
            object_to(village, name, notice)
        assert codes(refused) == ["not_an_affected_owner"]
    with village.ctx.sessions() as tx:
        neighbour = tx.scalars(
            select(Owner.id).where(Owner.person_id == village.actor("neighbour").person_id)
        ).one()
    with pytest.raises(Refused, match="owner_unknown"):
        on_paper(village, notice, village.clock(), neighbour)
    assert case(village, purchase).state == "posted"


def test_who_waits_to_be_verified_is_heard_and_counts_once_verified(village: Village) -> None:
    purchase, notice = village.posted()
    with village.ctx.sessions() as tx:
        home = tx.scalars(select(Household.id).order_by(Household.id)).first()
        assert home
        verification = OwnerVerification(
            person_id=village.actor("stranger").person_id,
            kind="owner",
            subject_id=home,
            state="open",
            made_at=village.clock(),
        )
        tx.add(verification)
        tx.commit()
    objection = object_to(village, "stranger", notice)
    assert objection.status == "received"
    with pytest.raises(Refused, match="objection_already_filed"):
        object_to(village, "stranger", notice)
    with village.ctx.sessions() as tx:
        bound = tx.get_one(Owner, village.owners[0])
        bound.person_id = village.actor("stranger").person_id
        tx.commit()
    village.clerk.verifies(objection.id, village.owners[0], None)
    assert case(village, purchase).state == "suspended"
    with pytest.raises(Refused) as refused:
        object_to(village, "stranger", notice)
    assert codes(refused) == ["objection_already_filed"]


# --- what an objection says ---


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("price", " \n", "text_required"),
        ("price", "字" * 20_000, "text_too_long"),
        ("noise", "太吵", "objection_kind_unknown"),
    ],
)
def test_an_objection_has_a_kind_and_words(
    village: Village, kind: str, text: str, code: str
) -> None:
    _, notice = village.posted()
    with pytest.raises(Refused) as refused:
        village.person("owner0").objects(notice, kind, text)
    assert codes(refused) == [code]


def test_an_owner_objects_once_to_a_notice_until_it_is_withdrawn(village: Village) -> None:
    _, notice, first = suspended(village)
    with pytest.raises(Refused) as refused:
        object_to(village, "owner0", notice)
    assert codes(refused) == ["objection_already_filed"]
    with pytest.raises(Refused) as refused:
        on_paper(village, notice, village.clock(), village.owners[0])
    assert codes(refused) == ["objection_already_filed"]
    withdraw(village, "owner0", first)
    assert object_to(village, "owner0", notice).status == "verified"


def test_there_is_nothing_to_object_to_before_posting_or_after_it_was_replaced(
    village: Village,
) -> None:
    purchase = village.approved()
    draft = village.manager.drafts_notice(purchase.id)
    with pytest.raises(Refused, match="not_found"):
        object_to(village, "owner0", draft.id)
    village.manager.withdraws(purchase.id, "x")
    with pytest.raises(Refused, match="notice_not_running"):
        object_to(village, "owner0", draft.id)


def test_a_closed_case_takes_no_more_objections(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice, "end")
    clear(village, purchase)
    applications.terminate(village.ctx, village.actor("reviewer"), purchase.id, "x")
    with pytest.raises(Refused) as refused:
        object_to(village, "owner0", notice)
    assert codes(refused) == ["notice_not_running"]
    assert limits(village, purchase) == {}


# --- withdrawing ---


def test_only_the_author_withdraws_or_the_clerk_with_signed_paper(village: Village) -> None:
    _, _, objection = suspended(village)
    for name in ("owner1", "manager", "stranger", "reviewer"):
        with pytest.raises(Refused, match="not_found"):
            withdraw(village, name, objection)
    with pytest.raises(Refused) as refused:
        withdraw(village, "clerk", objection)
    assert codes(refused) == ["withdrawal_paper_missing"]
    with pytest.raises(Refused) as refused:
        village.clerk.enters_withdrawal(objection.id, village.upload("owner0"))
    assert codes(refused) == ["file_unknown"]


def test_who_comes_and_goes_objects_always_and_withdraws_in_writing_in_the_end(
    village: Village,
) -> None:
    """Filing is a right (JS annex 二（一）4); coming and going by phone has an end [D]."""
    purchase, notice = village.posted()
    before = len(letters(village, purchase))
    for _ in range(MOST_PHONE_WITHDRAWALS):
        withdraw(village, "owner0", object_to(village, "owner0", notice))
    last = object_to(village, "owner0", notice)
    assert last.status == "verified"
    assert case(village, purchase).state == "suspended"
    (shown, *_) = my_objections(village.ctx, village.actor("owner0"))
    assert (shown.id, shown.can_withdraw) == (last.id, False)
    assert shown.next.endswith(ON_PAPER_NOW)
    with pytest.raises(Refused) as refused:
        withdraw(village, "owner0", last)
    assert codes(refused) == ["withdrawals_used_up"]
    assert len(letters(village, purchase)) - before < 60
    village.clerk.enters_withdrawal(last.id, village.upload("clerk"))
    assert objection_of(village, last).status == "withdrawn"
    assert object_to(village, "owner1", notice).status == "verified"


def test_each_owner_comes_and_goes_for_themselves(village: Village) -> None:
    _, notice = village.posted()
    for _ in range(MOST_PHONE_WITHDRAWALS):
        withdraw(village, "owner0", object_to(village, "owner0", notice))
    assert withdraw(village, "owner1", object_to(village, "owner1", notice)).status == "withdrawn"


def test_an_owner_who_objected_on_paper_may_withdraw_in_the_mini_program(village: Village) -> None:
    purchase, notice = village.posted()
    paper = on_paper(village, notice, village.clock(), village.owners[1])
    withdraw(village, "owner1", paper)
    assert case(village, purchase).state == "posted"


# --- after the clearing ---


def test_paper_that_turns_up_after_the_clearing_holds_the_case(village: Village) -> None:
    """It was received in time, so the step of the day must wait, whichever it is."""
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice, "end")
    clear(village, purchase)
    paper = on_paper(village, notice, at("2025-03-10 12:00"), village.owners[1])
    assert paper.status == "verified"
    assert case(village, purchase).state == "suspended"
    with pytest.raises(Refused) as refused:
        village.reviewer.registers(purchase.id)
    assert codes(refused) == ["step_not_possible"]
    dismissed(village, paper.id, "与本方案无关")
    assert case(village, purchase).state == "posted"
    ends_before = notice_of(village, notice).ends_before
    assert ends_before
    village.clock.set(ends_before)
    village.photograph(notice, "end")
    clear(village, purchase)
    village.reviewer.registers(purchase.id)
    assert case(village, purchase).state == "registered"


def test_paper_that_turns_up_before_the_payment_holds_the_money(village: Village) -> None:
    purchase = village.contracted()
    with village.ctx.sessions() as tx:
        notice = tx.scalars(select(PublicNotice.id)).one()
    on_paper(village, notice, at("2025-03-10 12:00"), None)  # whose it is is not known yet
    with pytest.raises(Refused) as refused:
        request_payment(village.ctx, village.actor("manager"), purchase.id)
    assert codes(refused) == ["invoice_missing", "objection_open"]


# --- who does it, who learns what ---


def test_who_handled_an_objection_does_not_register_the_case(village: Village) -> None:
    purchase, notice = village.posted()
    also(village, "reviewer", "clerk")
    reviewer = village.actor("reviewer")
    paper = PaperObjection("need", "不同意投保", "业主三", village.clock(), None)
    objection = entered_with_scan(village.ctx, reviewer, notice, paper)
    objections.verify(village.ctx, reviewer, objection.id, None, "不是本栋业主")
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice, "end")
    clear(village, purchase)
    with pytest.raises(Refused) as refused:
        registrations.register(village.ctx, reviewer, purchase.id)
    assert codes(refused) == ["same_officer"]


def test_who_registered_a_case_does_not_handle_its_objections(village: Village) -> None:
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice, "end")
    clear(village, purchase)
    village.reviewer.registers(purchase.id)
    also(village, "reviewer", "clerk")
    paper = PaperObjection("need", "不同意投保", "业主三", at("2025-03-10 12:00"), None)
    with pytest.raises(Refused) as refused:
        village.reviewer.enters_paper(notice, paper)
    assert codes(refused) == ["same_officer"]


def test_the_history_of_the_case_does_not_say_who_objected(village: Village) -> None:
    purchase, _, objection = suspended(village)
    withdraw(village, "owner0", objection)
    author = village.actor("owner0").person_id
    assert author not in {step.actor_id for step in steps(village, purchase)}
    with village.ctx.sessions() as tx:
        by_author = tx.scalars(
            select(AuditEntry.action).where(AuditEntry.actor_id == author).order_by(AuditEntry.seq)
        ).all()
    assert by_author == ["objection.file", "objection.withdraw"]
    assert_sound(village)


def test_what_was_written_is_sealed_and_numbered(village: Village) -> None:
    _, _, objection = suspended(village)
    assert objection.number == "YY-2025-000001"
    written = village.ctx.cipher.open(Objection.text_sealed, objection.id, objection.text_sealed)
    assert written == "保费偏高"
    assert "保费偏高".encode() not in objection.text_sealed
