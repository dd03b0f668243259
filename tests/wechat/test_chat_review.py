"""What must not pass for an answer in chat: doubts, questions, old conversations, late messages."""

import pytest
from sqlalchemy import select

from backend.store.purchases import Approval, Purchase
from backend.wechat.bot import choice_id
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


@pytest.mark.parametrize(
    "text",
    [
        "同意，但是保费必须降低",
        "同意 除非涨价",
        "同意…才怪",
        "同意 不",
        "同意？",
        "反对票怎么投",
        "不同意的话怎么办",
        "反对的人太多了怎么办",
    ],
)
def test_a_condition_a_doubt_or_a_question_shows_the_choices_again(
    talk: Talk, purchase: Purchase, text: str
) -> None:
    talk.says("member0", "方案")
    answer = talk.says("member0", text)
    assert NOT_RECORDED in answer
    assert "[同意]\n[不同意]" in answer
    assert answers(talk) == []


def test_a_question_while_a_reason_is_awaited_is_no_reason(talk: Talk, purchase: Purchase) -> None:
    talk.says("member0", "方案")
    talk.taps("member0", "不同意")
    assert NOT_RECORDED in talk.says("member0", "反对的话会怎样")
    talk.taps("member0", "不同意")
    assert "[同意]" in talk.says("member0", "谢谢")
    assert answers(talk) == []


def test_an_unclear_word_without_any_plan_decides_nothing_and_says_so(talk: Talk) -> None:
    talk.knows("甲")
    assert "没有待审议的方案" in talk.says("甲", "反对票怎么投")


@pytest.mark.parametrize("text", ["点错了", "不用了", "算了", "算了吧。"])
def test_a_tap_by_mistake_is_taken_back(talk: Talk, purchase: Purchase, text: str) -> None:
    talk.says("member0", "方案")
    talk.taps("member0", "不同意")
    assert "没有提交" in talk.says("member0", text)
    assert answers(talk) == []


def test_a_text_days_later_is_not_the_reason_that_was_asked_for(
    talk: Talk, purchase: Purchase, clock: ManualClock
) -> None:
    talk.says("member0", "方案")
    talk.taps("member0", "不同意")
    later(talk, clock, days=2)
    assert "[同意]" in talk.says("member0", "电梯又坏了")
    assert answers(talk) == []


def test_a_reason_within_two_hours_is_recorded(
    talk: Talk, purchase: Purchase, clock: ManualClock
) -> None:
    talk.says("member0", "方案")
    talk.taps("member0", "不同意")
    later(talk, clock, hours=1, minutes=59)
    talk.says("member0", "保费偏高")
    assert answers(talk) == [("refuse", "保费偏高")]


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


def test_a_bare_word_after_a_newer_invitation_asks_which_plan_is_meant(
    talk: Talk, village: Village, purchase: Purchase, clock: ManualClock
) -> None:
    talk.says("member0", "方案")
    later(talk, clock, minutes=1)
    second = village.planned()
    assert "您有2个方案待审议" in talk.says("member0", "同意")
    assert "您有2个方案待审议" in talk.says("member0", "同意")
    assert answers(talk) == []
    talk.taps("member0", f"示例小区 {second.number} 2,600.00元")
    talk.says("member0", "同意")
    assert answered_plans(talk) == {second.plan_id}


def test_a_tap_that_arrives_after_a_newer_answer_changes_nothing(
    talk: Talk, village: Village, purchase: Purchase, clock: ManualClock
) -> None:
    assert purchase.plan_id is not None
    later(talk, clock, minutes=1)
    talk.says("member0", "方案")
    talk.says("member0", "不同意 保费偏高")
    approve = choice_id(talk.ctx, village.actor("member0").person_id, "a", purchase.plan_id)
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
    approve = choice_id(talk.ctx, village.actor("member0").person_id, "a", purchase.plan_id)
    fields = f"{BY_HAND}<Content>同意</Content><bizmsgmenuid>{approve}</bizmsgmenuid>"
    talk.receives("member0", fields)
    with talk.ctx.sessions() as tx:
        assert tx.scalars(select(Approval.answered_at)).all() == [written]


def test_whoever_has_answered_has_nothing_left_to_do(talk: Talk, purchase: Purchase) -> None:
    assert "审议保险方案" in talk.says("member0", "待办")
    talk.says("member0", "方案")
    talk.taps("member0", "同意")
    assert "您目前没有待办事项" in talk.says("member0", "待办")
