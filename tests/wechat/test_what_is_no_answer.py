"""What must not pass for an answer in chat: doubts, questions, old conversations, late messages."""

import pytest
from sqlalchemy import select

from backend.store.purchases import Purchase
from backend.store.signatures import Approval
from tests.build.clock import ManualClock
from tests.build.talk import Talk
from tests.build.village import Village

NOT_RECORDED = "没有作为答复记录"
BY_HAND = "<MsgType>text</MsgType><MsgId>7</MsgId>"  # written at 9:00, when the clock starts


def answers(talk: Talk) -> list[tuple[str, str | None]]:
    with talk.ctx.sessions() as tx:
        rows = tx.execute(select(Approval.answer, Approval.reason).order_by(Approval.id))
        return [(row.answer, row.reason) for row in rows]


def answered_plans(talk: Talk) -> set[object]:
    with talk.ctx.sessions() as tx:
        return set(tx.scalars(select(Approval.plan_id)))


def later(talk: Talk, clock: ManualClock, **units: float) -> None:
    """Move our clock and the platform's."""
    clock.advance(**units)
    talk.emulator.control("PUT", "/clock", {"now": clock().isoformat()})


def test_a_condition_is_recorded_as_no_answer(talk: Talk, purchase: Purchase) -> None:
    """`test_bot_thinking` knows many more."""
    talk.says("member0", "方案")
    assert NOT_RECORDED in talk.says("member0", "同意，但是保费必须降低")
    talk.taps("member0", "不同意")
    assert NOT_RECORDED in talk.says("member0", "反对的话会怎样")
    assert answers(talk) == []


@pytest.mark.usefixtures("cases_from_before")
def test_a_text_after_a_newer_plan_came_is_not_the_reason_for_the_older(
    talk: Talk, village: Village, purchase: Purchase, clock: ManualClock
) -> None:
    talk.says("member0", "方案")
    talk.taps("member0", "不同意")
    later(talk, clock, minutes=1)
    village.planned()
    assert "您有2个方案待审议" in talk.says("member0", "保费偏高")
    assert answers(talk) == []


def test_a_bare_word_hours_after_the_plan_was_shown_shows_it_again(
    talk: Talk, purchase: Purchase, clock: ManualClock
) -> None:
    talk.says("member0", "方案")
    later(talk, clock, hours=3)
    assert talk.says("member0", "同意").startswith("请先看方案")
    assert answers(talk) == []
    talk.says("member0", "同意")
    assert answers(talk) == [("approve", None)]


@pytest.mark.usefixtures("cases_from_before")
def test_a_bare_word_after_a_newer_invitation_asks_which_plan_is_meant(
    talk: Talk, village: Village, purchase: Purchase, clock: ManualClock
) -> None:
    talk.says("member0", "方案")
    later(talk, clock, minutes=1)
    second = village.planned()
    assert "您有2个方案待审议" in talk.says("member0", "同意")
    assert "您有2个方案待审议" in talk.says("member0", "同意")
    assert answers(talk) == []
    talk.taps("member0", f"示例小区 1栋 · 2台 {second.number} 2,600元")
    talk.says("member0", "同意")
    assert answered_plans(talk) == {second.plan_id}


def test_a_tap_that_arrives_after_a_newer_answer_changes_nothing(
    talk: Talk, village: Village, purchase: Purchase, clock: ManualClock
) -> None:
    assert purchase.plan_id is not None
    later(talk, clock, minutes=1)
    talk.says("member0", "方案")
    talk.says("member0", "不同意 保费偏高")
    talk.taps("member0", "提交这个意见")
    approve = talk.offered(village.actor("member0").person_id, "approve", purchase.plan_id)
    fields = f"{BY_HAND}<Content>同意</Content><bizmsgmenuid>{approve}</bizmsgmenuid>"
    talk.receives("member0", fields)
    assert "另有答复" in talk.emulator.heard("member0")[-1]["text"]
    assert answers(talk) == [("refuse", "保费偏高")]


def test_a_word_written_before_the_plan_was_shown_is_not_about_it(
    talk: Talk, purchase: Purchase, clock: ManualClock
) -> None:
    later(talk, clock, minutes=1)
    talk.says("member0", "方案")
    talk.receives("member0", f"{BY_HAND}<Content>同意</Content>")
    assert answers(talk) == []


def test_an_answer_is_on_record_with_the_time_it_was_written(
    talk: Talk, village: Village, purchase: Purchase, clock: ManualClock
) -> None:
    assert purchase.plan_id is not None
    written = clock()
    later(talk, clock, minutes=1)
    approve = talk.offered(village.actor("member0").person_id, "approve", purchase.plan_id)
    fields = f"{BY_HAND}<Content>同意</Content><bizmsgmenuid>{approve}</bizmsgmenuid>"
    talk.receives("member0", fields)
    with talk.ctx.sessions() as tx:
        assert tx.scalars(select(Approval.answered_at)).all() == [written]


def test_whoever_has_answered_has_nothing_left_to_do(talk: Talk, purchase: Purchase) -> None:
    assert "审议保险方案" in talk.says("member0", "待办")
    talk.says("member0", "方案")
    talk.taps("member0", "同意")
    answer = talk.says("member0", "待办")
    assert "没有等您办的事项" in answer
    assert "等别人办的（您不用办）：\n\n业委会委员审议" in answer
