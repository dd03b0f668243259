"""Clocks stand still for those whom an open objection keeps from acting, and run on afterwards."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.standing_still import limits_held
from backend.domain.states import State
from backend.domain.wording import until, written
from backend.services.case import reminders
from backend.services.public_notice.objections import PaperObjection
from backend.services.reads import chat
from backend.services.reads.cases import LimitLeft, read_case
from backend.services.reads.todos import Todo, my_todos
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Purchase
from backend.wechat import replies
from tests.build.comparing import entered_with_scan, withdrawn_on_paper
from tests.build.holidays import announce
from tests.build.looking import (
    BRING_TO,
    R1,
    assert_sound,
    at,
    case,
    letters,
    limits,
)
from tests.build.village import Village

STANDS_STILL = {
    "cleared": ("registration", "reviewer"),
    "registered": ("contract", "manager"),
    "contracted": ("payment_request", "manager"),
    "payment_requested": ("payment", "reviewer"),
    "payment_reviewed": ("payment", "cashier"),
}

TASK = "核实、答复异议并送达"  # of whoever handles the objection, whom nothing holds up


def on_paper(village: Village, purchase: Purchase, owner: UUID | None = None) -> Objection:
    """A paper in time of an unknown author turns up, which the clerk enters now."""
    with village.ctx.sessions() as tx:
        notice = tx.scalars(
            select(PublicNotice.id).where(PublicNotice.purchase_id == purchase.id)
        ).one()
    paper = PaperObjection("need", "不同意投保", "业主三", at("2025-03-05 10:00"), owner)
    return entered_with_scan(village.ctx, village.actor("clerk"), notice, paper)


def stopped(village: Village, state: str) -> tuple[Purchase, DeadlineRecord, Objection]:
    """A case in this state with an objection that nobody has verified, and the limit it stopped."""
    purchase = BRING_TO[state](village)
    objection = on_paper(village, purchase)
    return purchase, limits(village, purchase, "paused")[STANDS_STILL[state][0]], objection


def todo_of(village: Village, name: str) -> Todo:
    (todo,) = my_todos(village.ctx, village.actor(name)).items
    return todo


def settle(village: Village, objection: Objection) -> None:
    """What it held up goes on; its author, whom nobody knows, is still given the letter."""
    village.clerk.verifies(objection.id, None, "经核对，名册中没有此人")


@pytest.mark.parametrize("state", STANDS_STILL)
def test_nobody_is_reminded_or_late_while_an_objection_is_open(
    village: Village, state: str
) -> None:
    purchase, limit, objection = stopped(village, state)
    assert case(village, purchase).state == state
    assert limit.next_reminder_at is None
    told = len(letters(village, purchase))
    for _ in range(40):
        village.clock.advance(days=1)
        reminders.sweep(village.ctx)
    assert {data["task"] for _, _, data in letters(village, purchase)[told:]} == {TASK}
    settle(village, objection)
    assert limits(village, purchase)[limit.kind].ends_on > village.clock().date()
    assert_sound(village)


@pytest.mark.parametrize("state", STANDS_STILL)
def test_the_days_that_were_left_run_on_once_it_is_settled(village: Village, state: str) -> None:
    """Entered on Wednesday, settled on Monday of the week after next: as many days as before."""
    purchase, limit, objection = stopped(village, state)
    entered, left = village.clock().date(), limit.days_left
    assert left
    village.clock.advance(days=19)
    settle(village, objection)
    runs = limits(village, purchase)[limit.kind]
    assert (runs.started_on, runs.days) == (village.clock().date(), left)
    assert runs.ends_on >= limit.ends_on
    assert (runs.paused_on, runs.days_left, runs.pause_words) == (None, None, None)
    assert runs.explanation[0]["rule"] == "ran_on"
    assert f"尚余 {left} 个工作日" in runs.explanation[0]["text"]
    assert limit.paused_on == entered
    assert runs.next_reminder_at is not None


def test_five_working_days_are_five_again_after_the_pause(village: Village) -> None:
    purchase, limit, objection = stopped(village, "cleared")
    assert (str(limit.paused_on), limit.days_left) == ("2025-03-11", 5)
    village.clock.set(at("2025-03-28 16:00"))  # a Friday
    settle(village, objection)
    # Tomb-sweeping day, Friday 4 April, is no working day.
    assert str(limits(village, purchase)["registration"].ends_on) == "2025-04-07"


def test_what_is_settled_on_the_same_day_costs_no_day(village: Village) -> None:
    purchase, limit, objection = stopped(village, "registered")
    settle(village, objection)
    assert limits(village, purchase)["contract"].ends_on == limit.ends_on


def test_who_had_let_the_limit_pass_stays_late_and_is_not_reminded_meanwhile(
    village: Village,
) -> None:
    purchase = BRING_TO["cleared"](village)
    village.clock.set(at("2025-04-02 09:00"))  # eleven working days after the five
    was = limits(village, purchase)["registration"]
    objection = on_paper(village, purchase)
    late = limits(village, purchase)["registration"]
    assert (late.state, late.ends_on, late.days_left) == ("open", was.ends_on, None)
    told = len(letters(village, purchase))
    village.clock.advance(days=5)
    reminders.sweep(village.ctx)
    assert {data["task"] for _, _, data in letters(village, purchase)[told:]} == {TASK}
    settle(village, objection)
    again = limits(village, purchase)["registration"]
    assert (again.state, again.ends_on, again.pause_words) == ("open", was.ends_on, None)
    assert again.next_reminder_at is not None
    assert_sound(village)


def test_whoever_is_late_reads_how_late_and_why_nobody_can_act(village: Village) -> None:
    purchase = BRING_TO["registered"](village)
    village.clock.advance(days=60)
    objection = on_paper(village, purchase)
    todo = todo_of(village, "manager")
    since = written(village.clock().date())
    assert todo.due_words == f"异议{objection.number}还没有处理完，自{since}起不能办理"
    assert re.fullmatch("已逾期[0-9]+个工作日", todo.left_words)
    assert (todo.mine, todo.overdue) == (False, True)
    limit = limits(village, purchase)["contract"]
    assert todo.due == limit.ends_before
    for who in ("manager", "auditor"):
        seen = read_case(village.ctx, village.actor(who), purchase.id, words=False)
        assert seen.left[limit.id] == LimitLeft(todo.left_words, late=True)
    settle(village, objection)
    todo = todo_of(village, "manager")
    assert (todo.mine, todo.left_words[-6:]) == (True, "，请立即办理")


def test_the_chat_says_the_end_of_what_is_late_and_why_nobody_can_act(village: Village) -> None:
    purchase = BRING_TO["registered"](village)
    village.clock.advance(days=60)
    objection = on_paper(village, purchase)
    with village.ctx.sessions() as tx:
        running = chat.deadlines(tx, village.ctx, village.actor("manager").person_id)
    said = replies.deadlines(
        [limit for limit in running if limit.task == todo_of(village, "manager").task]
    )
    assert said is not None
    assert until(limits(village, purchase)["contract"].ends_before) in said
    assert said.endswith("起不能办理")
    assert objection.number in said


def test_the_last_day_is_not_over_and_stays_a_day(village: Village) -> None:
    purchase = BRING_TO["cleared"](village)
    village.clock.set(at(f"{limits(village, purchase)['registration'].ends_on} 20:00"))
    objection = on_paper(village, purchase)
    assert limits(village, purchase, "paused")["registration"].days_left == 1
    village.clock.set(at("2025-04-02 09:00"))
    settle(village, objection)
    assert str(limits(village, purchase)["registration"].ends_on) == "2025-04-03"


@pytest.mark.parametrize("state", STANDS_STILL)
def test_the_list_says_since_when_why_and_how_much_is_left(village: Village, state: str) -> None:
    _, limit, objection = stopped(village, state)
    because = f"异议{objection.number}还没有处理完，自{written(village.clock().date())}起暂停计算"
    assert limit.pause_words == because
    village.clock.advance(days=60)
    todo = todo_of(village, "manager")
    assert (todo.due_words, todo.left_words) == (
        because,
        f"尚余{limit.days_left}个工作日，处理完毕后接着计算",
    )
    assert (todo.mine, todo.overdue, todo.due) == (False, False, None)
    seen = read_case(village.ctx, village.actor("manager"), limit.subject.id, words=False)
    assert seen.left[limit.id] == LimitLeft(todo.left_words, late=False)
    assert "不计时" in todo.advice


def test_two_objections_are_both_named_and_both_hold_it(village: Village) -> None:
    purchase, limit, first = stopped(village, "registered")
    village.clock.advance(days=2)
    second = on_paper(village, purchase)
    both = limits(village, purchase, "paused")["contract"]
    assert both.pause_words is not None
    assert both.pause_words.startswith(
        f"异议{first.number}、{second.number}还没有处理完，自2025年3月"
    )
    assert (both.paused_on, both.days_left) == (limit.paused_on, limit.days_left)
    settle(village, first)
    still = limits(village, purchase, "paused")["contract"]
    assert still.pause_words is not None
    assert first.number not in still.pause_words
    settle(village, second)
    assert limits(village, purchase).keys() == {"contract", "objection_answer"}


def test_a_withdrawn_one_lets_it_run_on_too(village: Village) -> None:
    purchase, _, objection = stopped(village, "contracted")
    clerk = village.actor("clerk")
    withdrawn_on_paper(village.ctx, clerk, objection.id, village.upload("clerk"))
    assert limits(village, purchase).keys() == {"payment_request"}


def test_one_that_is_verified_suspends_the_notice_and_ends_what_stood_still(
    village: Village,
) -> None:
    purchase, limit, objection = stopped(village, "payment_requested")
    village.clerk.verifies(objection.id, village.owners[2], None)
    assert case(village, purchase).state == "suspended"
    with village.ctx.sessions() as tx:
        gone = tx.get_one(DeadlineRecord, limit.id)
        assert (gone.state, gone.pause_words) == ("cancelled", None)
    notice = limits(village, purchase, "paused")["public_notice_period"]
    assert notice.pause_words is not None
    assert notice.pause_words.startswith(f"异议{objection.number}还没有处理完")
    assert_sound(village)


def test_the_public_notice_itself_never_stands_still_for_an_unknown_author(
    village: Village,
) -> None:
    purchase, _ = village.posted()
    before = limits(village, purchase)["public_notice_period"]
    village.clock.set(at("2025-03-06 10:00"))
    on_paper(village, purchase)
    after = limits(village, purchase)["public_notice_period"]
    assert (after.state, after.ends_on) == ("open", before.ends_on)


def test_what_the_bank_was_told_to_pay_is_confirmed_in_time(village: Village) -> None:
    """Nobody is kept from confirming; only when the bank refuses does the clock stand still."""
    purchase = village.reviewed()
    village.cashier.orders_payment(purchase.id)
    objection = on_paper(village, purchase)
    assert limits(village, purchase).keys() == {"payment", "objection_answer"}
    village.cashier.rejects_payment(purchase.id, "账号有误")
    assert limits(village, purchase, "paused").keys() == {"payment"}
    settle(village, objection)
    assert limits(village, purchase).keys() == {"payment", "objection_answer"}


def test_a_limit_that_begins_while_an_objection_is_open_stands_still_from_the_start(
    village: Village,
) -> None:
    purchase, _, _ = stopped(village, "payment_requested")
    village.reviewer.returns_papers(purchase.id, "发票看不清")
    begun = limits(village, purchase, "paused")["payment_request"]
    assert (begun.paused_on, begun.days_left) == (begun.started_on, 15)


def test_days_off_announced_meanwhile_do_not_wake_it_and_count_afterwards(
    village: Village,
) -> None:
    purchase, limit, objection = stopped(village, "cleared")
    announce(village, 2025, ["2025-03-13", "2025-03-14"])
    assert limits(village, purchase, "paused")["registration"].ends_on == limit.ends_on
    village.clock.set(at("2025-03-12 10:00"))
    settle(village, objection)
    assert str(limits(village, purchase)["registration"].ends_on) == "2025-03-21"
    announce(village, 2025, ["2025-03-13", "2025-03-14", "2025-03-17"])
    runs = limits(village, purchase)["registration"]
    assert (str(runs.ends_on), runs.explanation[0]["rule"]) == ("2025-03-24", "ran_on")


def test_only_what_waits_for_the_objection_stands_still() -> None:
    assert {state: limits_held(R1, state) for state in State if limits_held(R1, state)} == {
        state: {kind} for state, (kind, _) in STANDS_STILL.items()
    }
