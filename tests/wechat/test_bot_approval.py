"""The committee decides in chat: by name, on the plan that was shown, once each."""

import pytest
from sqlalchemy import select, update

from backend.services.people import lockouts
from backend.services.purchase import plans
from backend.store.messages import ChatTurn, Outbox
from backend.store.purchases import Purchase
from backend.store.registry import CommitteeMember
from backend.store.signatures import Approval
from backend.wechat.choices import Choice, open_choice
from tests.build.talk import Talk
from tests.build.village import PREMIUM_FEN, Village


def state(talk: Talk, purchase: Purchase) -> str:
    with talk.ctx.sessions() as tx:
        return tx.get_one(Purchase, purchase.id).state


def answers(talk: Talk) -> list[tuple[str, str | None]]:
    with talk.ctx.sessions() as tx:
        rows = tx.execute(select(Approval.answer, Approval.reason).order_by(Approval.id))
        return [(row.answer, row.reason) for row in rows]


class TestApproval:
    def test_every_member_is_invited_and_any_word_opens_the_plan(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        assert talk.invitations() == 3
        answer = talk.says("member0", "收到")
        assert "请您审议电梯维修保险方案" in answer
        assert "示例保险" in answer
        assert f"电梯2台，保费合计{2 * PREMIUM_FEN // 100:,}元" in answer
        assert "方案校验码：" in answer
        assert "[同意]\n[不同意]\n[查看方案]" in answer

    def test_two_of_three_taps_approve(self, talk: Talk, purchase: Purchase) -> None:
        talk.says("member0", "收到")
        first = talk.taps("member0", "同意")
        assert "陈委员，您的意见已记录：同意" in first
        assert "目前同意1人、不同意0人，在任委员3人" in first
        assert state(talk, purchase) == "planned"
        talk.says("member1", "收到")
        assert "方案审议通过" in talk.taps("member1", "同意")
        assert state(talk, purchase) == "approved"
        talk.taps("member0", "不同意")
        assert "没有待审议的方案" in talk.says("member0", "保费偏高")

    def test_after_the_decision_nothing_waits(self, talk: Talk, purchase: Purchase) -> None:
        for name in ("member0", "member1"):
            talk.says(name, "收到")
            talk.taps(name, "同意")
        assert "没有待审议的方案" in talk.says("member2", "同意")

    def test_text_decides_only_on_a_plan_that_was_shown(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        answer = talk.says("member0", "同意")
        assert answer.startswith("请先看方案")
        assert "[同意]" in answer
        assert answers(talk) == []
        assert "已记录：同意" in talk.says("member0", "同意。")
        assert answers(talk) == [("approve", None)]

    def test_a_refusal_asks_for_its_reason(self, talk: Talk, purchase: Purchase) -> None:
        talk.says("member0", "收到")
        assert "理由" in talk.taps("member0", "不同意")
        assert answers(talk) == []
        quoted = talk.says("member0", "保费偏高，比隔壁贵")
        assert quoted.startswith("电梯困人")
        assert talk.ctx.city.emergency.phone.value in quoted.splitlines()[0]
        assert "“保费偏高，比隔壁贵”" in quoted
        assert "[提交这个意见]\n[先不提交]" in quoted
        assert answers(talk) == []
        recorded = talk.taps("member0", "提交这个意见")
        assert "已记录：不同意。\n理由：“保费偏高，比隔壁贵”" in recorded
        assert answers(talk) == [("refuse", "保费偏高，比隔壁贵")]

    def test_what_was_quoted_may_be_written_anew_or_taken_back(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        talk.says("member0", "收到")
        talk.says("member0", "不同意 我想问问别的业主再说")
        assert "没有提交" in talk.taps("member0", "先不提交")
        talk.says("member0", "不同意 太贵了")
        assert "“保费偏高”" in talk.says("member0", "保费偏高")
        assert answers(talk) == []
        assert "已记录：不同意" in talk.says("member0", "是的")
        assert answers(talk) == [("refuse", "保费偏高")]

    def test_a_tap_confirms_the_words_that_stood_above_it_and_no_others(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        talk.says("member0", "收到")
        talk.says("member0", "不同意 太贵了")
        older = talk.newest_choice("member0", "提交这个意见")
        talk.says("member0", "保障范围太窄")
        fields = (
            "<MsgType>text</MsgType><MsgId>1</MsgId><Content>提交这个意见</Content>"
            f"<bizmsgmenuid>{older}</bizmsgmenuid>"
        )
        talk.receives("member0", fields)
        assert answers(talk) == []
        assert "“保障范围太窄”" in talk.emulator.heard("member0")[-1]["text"]

    @pytest.mark.parametrize("text", ["1", "？", "，，", "👍", "为什么这么贵", "保多少钱？"])
    def test_a_number_or_a_question_never_becomes_a_reason(
        self, talk: Talk, purchase: Purchase, text: str
    ) -> None:
        talk.says("member0", "收到")
        talk.taps("member0", "不同意")
        talk.says("member0", text)
        talk.says("member0", "是的")
        assert answers(talk) == []

    def test_while_a_reason_is_awaited_commands_still_work(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        talk.says("member0", "收到")
        talk.taps("member0", "不同意")
        assert talk.says("member0", "帮助").startswith("您可以发送")
        assert "没有提交" in talk.says("member0", "取消")
        assert answers(talk) == []
        assert "[同意]" in talk.says("member0", "方案")

    def test_a_refusal_with_its_reason_in_one_message(self, talk: Talk, purchase: Purchase) -> None:
        for name in ("member0", "member1"):
            talk.says(name, "方案")
            talk.says(name, "不同意 保费偏高")
            answer = talk.says(name, "确认提交")
        assert "方案未通过" in answer
        assert state(talk, purchase) == "refused"

    def test_a_reason_of_twenty_thousand_characters_is_refused_with_advice(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        talk.says("member0", "收到")
        talk.taps("member0", "不同意")
        assert "理由最多500字" in talk.says("member0", "贵" * 15_000)
        assert "“贵”" in talk.says("member0", "贵")
        assert "已记录" in talk.says("member0", "是")

    def test_a_member_may_change_the_own_answer_until_the_quorum(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        talk.says("member0", "收到")
        talk.taps("member0", "同意")
        talk.says("member0", "不同意 再想想")
        answer = talk.taps("member0", "提交这个意见")
        assert "目前同意0人、不同意1人" in answer
        assert answers(talk) == [("approve", None), ("refuse", "再想想")]

    @pytest.mark.parametrize(
        "text", ["我改主意了", "我改主意了，同意", "改成同意", "撤回", "我想改"]
    )
    def test_a_mind_is_changed_in_words_and_the_plan_comes_again(
        self, talk: Talk, purchase: Purchase, text: str
    ) -> None:
        talk.says("member0", "收到")
        talk.says("member0", "不同意 保费偏高")
        talk.taps("member0", "提交这个意见")
        answer = talk.says("member0", text)
        assert "可以更改" in answer
        assert "[同意]\n[不同意]" in answer
        assert answers(talk) == [("refuse", "保费偏高")]
        talk.taps("member0", "同意")
        assert answers(talk)[-1] == ("approve", None)

    def test_an_answer_to_an_older_plan_shows_the_new_one(
        self, talk: Talk, village: Village, purchase: Purchase
    ) -> None:
        talk.says("member0", "收到")
        plans.revise_plan(
            village.ctx, village.actor("insurer"), purchase.id, village.terms(100_000), "降价"
        )
        answer = talk.taps("member0", "同意")
        assert answer.startswith("方案已修改")
        assert "第2版" in answer
        assert "与前一版相比，改了：\n· 保费合计：2,600元 → 2,000元" in answer
        assert "1栋1单元1号梯（1,000元）" in answer
        assert answers(talk) == []
        assert "已记录：同意" in talk.says("member0", "同意")

    def test_the_whole_plan_with_its_link(self, talk: Talk, purchase: Purchase) -> None:
        talk.says("member0", "收到")
        answer = talk.taps("member0", "查看方案")
        assert "示例小区 1栋 · 2台\nSQ-2025-000001 第1版" in answer
        assert "1栋2单元1号梯：1,300元" in answer
        assert "保障范围：故障维修" in answer
        assert f"/p/{purchase.plan_id}" in answer
        assert "[不同意]" in answer

    def test_a_member_with_a_declared_interest_is_recused(
        self, talk: Talk, village: Village, purchase: Purchase
    ) -> None:
        with talk.ctx.sessions() as tx:
            member = village.actor("member0").person_id
            mine = update(CommitteeMember).where(CommitteeMember.person_id == member)
            tx.execute(mine.values(recused=True))
            tx.commit()
        assert "应当回避" in talk.says("member0", "同意")
        assert answers(talk) == []

    def test_a_command_reminds_of_the_plan_that_waits(self, talk: Talk, purchase: Purchase) -> None:
        assert "您有1个方案待审议" in talk.says("member0", "进度")
        talk.says("member0", "方案")
        talk.taps("member0", "同意")
        assert "待审议，回复" not in talk.says("member0", "进度")

    @pytest.mark.usefixtures("cases_from_before")
    def test_two_plans_are_offered_to_choose_from(
        self, talk: Talk, village: Village, purchase: Purchase
    ) -> None:
        second = village.planned()
        answer = talk.says("member0", "收到")
        assert "您有2个方案待审议" in answer
        label = f"示例小区 1栋 · 2台 {second.number} 2,600元"
        assert f"[{label}]" in answer
        assert second.number in talk.taps("member0", label)
        talk.taps("member0", "同意")
        with talk.ctx.sessions() as tx:
            assert tx.scalars(select(Approval.plan_id)).all() == [second.plan_id]

    def test_a_forged_choice_is_plain_text(
        self, talk: Talk, village: Village, purchase: Purchase
    ) -> None:
        assert purchase.plan_id is not None
        theirs = talk.offered(village.actor("member1").person_id, "approve", purchase.plan_id)
        fields = (
            "<MsgType>text</MsgType><MsgId>1</MsgId><Content>随便</Content>"
            f"<bizmsgmenuid>{theirs}</bizmsgmenuid>"
        )
        talk.receives("member0", fields)
        assert answers(talk) == []

    def test_a_choice_opens_only_for_the_person_it_was_offered_to(
        self, talk: Talk, village: Village
    ) -> None:
        anna, bert = (village.actor(name).person_id for name in ("member0", "member1"))
        given, cipher = talk.offered(anna, "approve", village.insurer), talk.ctx.cipher
        assert len(given) <= 31
        assert open_choice(cipher, anna, given) == Choice("approve", village.insurer)
        assert open_choice(cipher, bert, given) is None
        assert open_choice(cipher, anna, "r" + given[1:]) is None

    def test_no_name_or_reason_lies_open_in_a_row(
        self, talk: Talk, village: Village, purchase: Purchase
    ) -> None:
        talk.says("member0", "方案")
        talk.says("member0", "不同意 保费偏高")
        talk.taps("member0", "提交这个意见")
        with talk.ctx.sessions() as tx:
            written = [str(data) for data in tx.scalars(select(Outbox.data))]
            assert tx.scalars(select(ChatTurn.expects)).all() == ["answer"]
        assert not [data for data in written if "陈样零" in data or "偏高" in data]


def test_a_member_who_is_kept_out_decides_nothing_in_chat_and_is_told_the_rescue_s_number(
    talk: Talk, purchase: Purchase, village: Village
) -> None:
    talk.says("member0", "收到")
    member = village.actor("member0").person_id
    lockout = lockouts.lock_out(talk.ctx, None, member, "手机丢失")
    for word in ("同意", "待办", "电梯困人了"):
        answer = talk.says("member0", word)
        assert "账号已被停用" in answer
        assert talk.ctx.city.emergency.phone.value in answer
        assert "[" not in answer
    assert "账号已被停用" in talk.taps("member0", "同意")
    assert answers(talk) == []
    lockouts.let_in(talk.ctx, None, lockout, "到中心核对")
    talk.says("member0", "收到")
    assert "已记录：同意" in talk.taps("member0", "同意")
