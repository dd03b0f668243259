"""What the bot makes of a message, from values alone: no rows, no platform."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.approval import Tally
from backend.domain.cover import CoverTerms
from backend.domain.errors import Refusal
from backend.domain.local_time import SHANGHAI
from backend.services.messages.conversations import Expects, Turn
from backend.services.reads.chat import Known, Seat
from backend.services.reads.plan_cards import Change, LiftInPlan, PlanCard
from backend.store.city_files import load_city
from backend.wechat import replies
from backend.wechat.bot import ChatBot, Decide, LookUp, Recorded, Step
from backend.wechat.choices import Choice
from backend.wechat.incoming import Incoming
from backend.wechat.replies import Menu, Text

NOON = datetime(2025, 3, 3, 12, 0, 0, 500_000, tzinfo=SHANGHAI)
CITY = load_city("jishou")
BOT = ChatBot(lambda plan_id: f"https://lift.example/p/{plan_id}", CITY)
NUMBER = CITY.centre.phone.value
RESCUE = CITY.emergency.phone.value
TRAPPED = f"电梯困人：先按轿厢报警按钮，没有人应答请拨打 {RESCUE}。"

DOUBTS = [
    "同意，但是保费必须降低",
    "同意 除非涨价",
    "同意…才怪",
    "同意 不",
    "同意？",
    "反对票怎么投",
    "不同意的话怎么办",
    "反对的人太多了怎么办",
]
ALMOST = [
    *("好", "可以", "行", "没意见", "OK", "我投赞成票", "同义", "通意", "不行", "嗯"),
    *("反对票", "是的", "同 意", "不 同 意", "赞 成！"),
]
URGENT = [
    *(
        "我被锁在电梯里了",
        "我困里面了",
        "我们出不去了，快来",
        "电梯卡了",
        "电梯卡5楼",
        "电梯停在5楼不动",
    ),
    *("电梯打不开", "救救孩子", "放我出去", "呼吸困难", "电梯里有烟", "火灾", "救护车", "卡住了"),
    *("help me", "出不来了怎么办", "出不去怎么办", "有人吗", "按铃没人理，谁来帮忙"),
    *(
        "紧急电话打不通",
        "电话打不通 电梯里",
        "trapped",
        "掉进井道了",
        "停在5楼了",
        "我们卡住了",
        "昏迷了",
    ),
    *("按了铃，没人应", "透不过气", "流血了", "烧起来了", "我困在里边", "快来", "卡三层"),
    *("救命", "被困电梯了", "电梯困人", "我被关在电梯里", "119", "困在里面出不来了", "电梯卡住了"),
    *("电梯卡在3楼了", "我卡在3楼了", "着火了", "有人晕倒了", "电梯停了，我在里面", "SOS", "1 1 9"),
    *("我在电梯里", "停电了，我们都在电梯里", "老人摔倒了", "喘不过气", "快来人", "困梯", "被夹了"),
    *("孩子在里面", "电梯突然停了", "电梯里有人", "关人了", "我妈困电梯了", "停在半空，电梯不动了"),
    *("我们卡在3楼和4楼之间的电梯里了", "电梯门打不开", "有人受伤，快打120", "電梯突然墜落 救命！"),
]
HEARD = ["收到", "知道了", "嗯", "收到，谢谢", "好的知道了", "嗯嗯！", "明白", "我知道了"]
PEOPLE = ["人工", "客服", "电话", "投诉", "我要找人工客服", "你们的电话是多少", "转人工！"]
SLIPS = ["点错了", "不用了", "算了", "算了吧。"]


def plan(number: str = "SQ-2025-000001", **changed: Any) -> PlanCard:
    """A plan that was submitted at eleven."""
    card = PlanCard(
        plan_id=uuid4(),
        purchase_id=uuid4(),
        number=number,
        revision=1,
        estate="示例小区",
        insurer="示例保险",
        paid_by="增值收益统筹账户",
        premium_fen=260_000,
        terms=CoverTerms(
            sum_insured_fen=5_000_000,
            deductible_fen=0,
            cover_from=date(2025, 4, 1),
            cover_ends_before=date(2026, 4, 1),
            scope_of_cover="故障维修",
            exclusions="人为损坏",
            service_commitments="半小时到场",
        ),
        content_hash="0" * 64,
        area="1栋 · 2台",
        lifts=[LiftInPlan(code, "1号梯", "1栋1单元", 130_000) for code in ("3110", "3111")],
        due=None,
        made_at=NOON - timedelta(hours=1),
    )
    return replace(card, **changed)


def member(
    *waiting: PlanCard, asked: Expects | None = None, ago: timedelta = timedelta(0)
) -> Known:
    """A member for whom these plans wait; the bot asked about the first one so long `ago`."""
    turn = Turn(asked, waiting[0].plan_id, NOON - ago) if asked else None
    return Known(NOON, turn, Seat("陈", recused=False), waiting)


STRANGER = Known(NOON, None, None, ())


def incoming(kind: str = "text", **fields: Any) -> Incoming:
    nothing = {
        "msg_id": "1",
        "dedupe_key": "msg:1",
        "openid": "o-of-somebody",
        "created_at": NOON.replace(microsecond=0),
        "text": "",
        "menu_choice_id": "",
        "event": "",
        "event_key": "",
        "job_msgid": "",
        "job_status": "",
        "entries": (),
    }
    return Incoming(**{**nothing, "kind": kind, **fields})


def hears(text: str, known: Known, **fields: Any) -> Step:
    return BOT.answer(incoming(text=text, **fields), None, known)


def words(step: Step) -> str:
    """All that is said, with its choices."""
    lines = []
    for reply in step.replies:
        match reply:
            case Text(text):
                lines.append(text)
            case Menu(head, choices, tail):
                lines += [head, *(f"[{label}]" for _, label in choices), tail]
    return "\n".join(lines)


def offered(step: Step) -> Sequence[Choice]:
    return [
        choice for reply in step.replies if isinstance(reply, Menu) for choice, _ in reply.choices
    ]


class TestAnyone:
    @pytest.mark.parametrize("text", ["帮助", "幫助！", "?", "ＨＥＬＰ", "取消"])
    def test_help(self, text: str) -> None:
        assert words(hears(text, STRANGER)).startswith("您可以发送")

    @pytest.mark.parametrize(
        ("text", "act"),
        [
            ("待办", LookUp("todo", "")),
            ("截止", LookUp("deadlines", "")),
            ("进度", LookUp("progress", "")),
            ("进度 SQ-2025-000001", LookUp("progress", "sq-2025-000001")),
            ("电梯 3110", LookUp("lift", "3110")),
        ],
    )
    def test_a_question_is_looked_up_and_then_answered(self, text: str, act: LookUp) -> None:
        assert hears(text, STRANGER) == Step(None, act=act)
        assert words(BOT.after(act, "查到了", STRANGER)) == "查到了"

    def test_a_lift_needs_its_code(self) -> None:
        assert words(hears("电梯", STRANGER)).startswith(replies.WHICH_LIFT)

    @pytest.mark.parametrize("text", URGENT)
    def test_whoever_may_be_trapped_hears_the_rescues_number_before_anything(
        self, text: str
    ) -> None:
        for known in (STRANGER, member(plan()), member(plan(), asked="answer")):
            said = words(hears(text, known))
            assert said.startswith(f"请马上拨打 {RESCUE}")
            assert "不要扒门" in said
            assert "[同意]" not in said

    @pytest.mark.parametrize("text", URGENT)
    @pytest.mark.parametrize("asked", ["reason", "confirm"])
    def test_a_cry_is_never_a_reason_and_what_was_asked_stays_open(
        self, asked: Expects, text: str
    ) -> None:
        known = member(plan(), asked=asked)
        assert known.turn
        known = replace(
            known, turn=replace(known.turn, reason="太贵" if asked == "confirm" else "")
        )
        step = hears(text, known)
        assert words(step) == replies.emergency(CITY.emergency)
        assert step.turn == known.turn
        assert not offered(step)
        assert "“保费偏高”" in words(hears("保费偏高", replace(known, turn=step.turn)))

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "电梯上个月困人两次",
                "去年电梯多次困人，不同意",
                "不同意，电梯老是困人",
                "以前着火过",
            ),
            *("电梯停了三天", "电梯总停在半空，先修好再说", "电梯停了两个星期"),
            *("因为电梯经常卡住", "电梯困人后维保半天不来", "我妈在里面被困过三回"),
        ],
    )
    def test_a_reason_that_speaks_of_trapped_people_is_still_a_reason(self, text: str) -> None:
        step = hears(text, member(plan(), asked="reason"))
        assert words(step).startswith(f"请马上拨打 {RESCUE}")
        assert f"“{text.removeprefix('不同意，')}”" in words(step)

    @pytest.mark.parametrize(
        "text",
        ["进度 SQ-2025-000119", "电梯 31104331002024050119", "经济困难怎么办", "同意", "保费119元"],
    )
    def test_a_number_or_a_hardship_is_no_emergency(self, text: str) -> None:
        assert not words(hears(text, STRANGER)).startswith("请马上拨打")

    @pytest.mark.parametrize("text", PEOPLE)
    def test_whoever_wants_a_person_hears_the_centres_name_and_number(self, text: str) -> None:
        said = words(hears(text, STRANGER))
        assert said.startswith(f"请拨打{CITY.centre.name.value}电话 {NUMBER}")
        assert said.endswith(TRAPPED)
        assert "小程序" in said

    @pytest.mark.parametrize(
        "text",
        ["帮助", "今天天气真好", "方案", "同意", "改主意", "电梯", "你好", "人工", "我改主意了"],
    )
    def test_nobody_is_left_without_a_number_to_call(self, text: str) -> None:
        assert NUMBER in words(hears(text, STRANGER))

    @pytest.mark.parametrize("what", ["todo", "deadlines", "progress", "lift"])
    def test_nor_is_whoever_asked_for_what_is_not_there(self, what: Any) -> None:
        assert NUMBER in words(BOT.after(LookUp(what, ""), None, STRANGER))

    @pytest.mark.parametrize(
        ("text", "act"),
        [
            ("截止什么时候", LookUp("deadlines", "")),
            ("什么时候截止？", LookUp("deadlines", "")),
            ("待办有哪些", LookUp("todo", "")),
            ("我有什么待办吗", LookUp("todo", "")),
            ("进度 6栋", LookUp("progress", "6栋")),
            ("6栋进度怎么样了", LookUp("progress", "6栋")),
            ("5栋", LookUp("progress", "5栋")),
            ("六号楼", LookUp("progress", "六号楼")),
            ("進度怎麼樣了", LookUp("progress", "")),
        ],
    )
    def test_a_question_may_have_other_words_around_it(self, text: str, act: LookUp) -> None:
        assert hears(text, STRANGER).act == act

    def test_thanks_are_answered_kindly(self) -> None:
        assert words(hears("谢谢", STRANGER)) == replies.THANKS

    def test_unknown_words_get_a_helpful_answer(self) -> None:
        assert words(hears("今天天气真好", STRANGER)).startswith(replies.UNKNOWN)

    def test_whoever_is_no_member_learns_why_there_is_nothing_to_decide(self) -> None:
        for text in ("同意", "反对票怎么投", "方案"):
            assert words(hears(text, STRANGER)).startswith(replies.NO_PLAN)

    def test_a_menu_tap_is_a_command_and_other_events_want_no_answer(self) -> None:
        tap = incoming("event", event="click", event_key="todo")
        assert BOT.answer(tap, None, STRANGER).act == LookUp("todo", "")
        assert BOT.answer(incoming("event", event="view"), None, STRANGER) == Step(None)

    def test_a_picture_is_answered_with_a_request_for_words(self) -> None:
        said = words(BOT.answer(incoming("image"), None, STRANGER))
        assert said.startswith(replies.NOT_TEXT)
        asked = member(plan(), asked="reason")
        for kind in ("image", "voice"):
            said = words(BOT.answer(incoming(kind), None, asked))
            assert RESCUE in said.splitlines()[0]
            assert said.endswith(replies.WHY_IN_WORDS)


class TestAMember:
    def test_any_word_opens_the_plan_that_waits(self) -> None:
        card = plan()
        step = hears("收到", member(card))
        assert "请您审议电梯维修保险方案" in words(step)
        assert offered(step) == [
            Choice("approve", card.plan_id),
            Choice("refuse", card.plan_id),
            Choice("plan", card.plan_id),
        ]
        assert step.turn == Turn("answer", card.plan_id, NOON)

    def test_a_plan_shown_for_words_of_no_command_comes_with_the_rescues_number(self) -> None:
        said = words(hears("上面有东西在响", member(plan())))
        assert said.startswith("电梯困人")
        assert "119" in said.splitlines()[0]
        assert "请您审议电梯维修保险方案" in said

    def test_but_not_again_once_they_have_answered_it(self) -> None:
        answered = member(plan(answered="approve"))
        assert words(hears("收到", answered)).startswith(replies.UNKNOWN)
        assert words(hears("你好", answered)).startswith(replies.WELCOME)
        assert "[同意]" in words(hears("方案", answered))

    def test_text_decides_only_on_the_plan_that_was_shown(self) -> None:
        card = plan()
        first = hears("同意", member(card))
        assert first.act is None
        assert words(first).startswith(replies.SEE_FIRST)
        shown = member(card, asked="answer")
        assert hears("同意。", shown).act == Decide(card.plan_id, "approve", None)
        refused = hears("不同意 保费偏高", shown)
        assert refused.act is None
        assert "“保费偏高”" in words(refused)

    @pytest.mark.parametrize("text", DOUBTS)
    def test_a_condition_a_doubt_or_a_question_shows_the_choices_again(self, text: str) -> None:
        step = hears(text, member(plan(), asked="answer"))
        assert step.act is None
        assert words(step).startswith(replies.UNCLEAR)
        assert "[同意]\n[不同意]" in words(step)

    def test_the_reason_that_was_asked_for_is_quoted_and_counts_with_a_yes(self) -> None:
        card = plan()
        reason = "保费偏高，比隔壁贵"
        step = hears(reason, member(card, asked="reason"))
        assert step.act is None
        assert f"“{reason}”" in words(step)
        assert step.turn == Turn("confirm", card.plan_id, NOON, reason)
        asked = replace(member(card), turn=step.turn)
        act = Decide(card.plan_id, "refuse", reason)
        assert BOT.answer(incoming(), offered(step)[0], asked).act == act
        for yes in ("是", "确认", "好的", "确认提交！"):
            assert hears(yes, asked).act == act
        for no in ("不", "取消", "先不提交"):
            assert words(hears(no, asked)) == replies.CANCELLED

    @pytest.mark.parametrize("text", ALMOST)
    def test_what_is_almost_a_vote_is_none_and_hears_why(self, text: str) -> None:
        for asked in ("answer", "reason", None):
            step = hears(text, member(plan(), asked=asked))
            assert step.act is None
            assert "没有作为答复记录" in words(step)
            assert "[同意]\n[不同意]" in words(step)

    def test_what_is_almost_a_vote_after_the_vote_is_a_courtesy(self) -> None:
        said = words(hears("好的", member(plan(answered="approve"), asked="answer")))
        assert said.startswith("您的答复已经记录：同意（示例小区 1栋 · 2台）")
        assert words(hears("好的", STRANGER)) == replies.FINE

    def test_without_a_plan_that_waits_nothing_can_be_changed(self) -> None:
        assert words(hears("我改主意了", member())).startswith(replies.NOTHING_TO_CHANGE)

    def test_what_a_revision_changes_is_said_with_the_plan(self) -> None:
        change = Change("premium_fen", "保费合计", "3,000元", "2,600元")
        said = words(hears("方案", member(plan(revision=2, changes=[change]))))
        assert "示例小区 1栋 · 2台" in said
        assert "改了：\n· 保费合计：3,000元 → 2,600元" in said

    @pytest.mark.parametrize("text", SLIPS)
    def test_a_tap_by_mistake_is_taken_back(self, text: str) -> None:
        card = plan()
        step = hears(text, member(card, asked="reason"))
        assert step == Step(Turn("answer", card.plan_id, NOON), [Text(replies.CANCELLED)])

    def test_a_question_while_a_reason_is_awaited_is_no_reason(self) -> None:
        asked = member(plan(), asked="reason")
        for text in ("反对的话会怎样", "谢谢", "帮助", "1", "保费是多少？", "为什么这么贵", *HEARD):
            step = hears(text, asked)
            assert not isinstance(step.act, Decide)
            assert step.turn is None or not step.turn.reason

    @pytest.mark.parametrize(
        "text",
        [
            "哪家保险公司都不赔",
            "我不清楚钱用到哪里了",
            "如何理赔没有写明",
            "保费为什么比别的小区贵",
        ],
    )
    def test_a_reason_may_hold_words_of_a_question(self, text: str) -> None:
        assert f"“{text}”" in words(hears(text, member(plan(), asked="reason")))

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "请改成三年",
                "要改成便宜的保险",
                "改一下保费",
                "保险公司不更改条款不行",
                "撤回这个方案",
            ),
            *("反对的理由是太贵", "不同意价格高", "同意的人太少"),
        ],
    )
    def test_a_reason_may_sound_like_a_vote_or_a_change_of_mind(self, text: str) -> None:
        card = plan()
        step = hears(text, member(card, asked="reason"))
        assert step.act is None
        assert step.turn == Turn("confirm", card.plan_id, NOON, text)
        assert f"“{text}”" in words(step)

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "我要改",
                "改主意",
                "我改主意了",
                "我改主意了，同意",
                "改成同意",
                "撤回",
                "我想改",
                "改答复",
            ),
            *("收回我的意见", "重新投票", "要反悔", "怎么改成同意"),
        ],
    )
    def test_but_whoever_changes_their_mind_may_answer_anew(self, text: str) -> None:
        step = hears(text, member(plan(), asked="reason"))
        assert words(step).startswith(replies.CHANGE)
        assert "[同意]\n[不同意]" in words(step)

    @pytest.mark.parametrize("text", [*DOUBTS, "不同意，开玩笑的，同意", "我同意吧", "不同意呢"])
    def test_and_a_doubt_is_no_reason(self, text: str) -> None:
        step = hears(text, member(plan(), asked="reason"))
        assert words(step).startswith(replies.UNCLEAR)
        assert "[同意]\n[不同意]" in words(step)

    @pytest.mark.parametrize("asked", ["answer", "reason"])
    @pytest.mark.parametrize("reason", ["因为没说清楚钱怎么花", "大家都没同意", "业主都没有同意"])
    def test_a_refusal_keeps_a_reason_that_holds_such_words(
        self, asked: Expects, reason: str
    ) -> None:
        assert f"“{reason}”" in words(hears(f"不同意，{reason}", member(plan(), asked=asked)))

    @pytest.mark.parametrize(
        "text", ["里面好黑好怕", "怎么办", "贵" * 501, "不同意 保费偏高", "不同意 收到"]
    )
    @pytest.mark.parametrize("asked", ["reason", "confirm"])
    def test_where_a_reason_is_asked_for_or_quoted_the_rescues_number_comes_first(
        self, asked: Expects, text: str
    ) -> None:
        step = hears(text, member(plan(), asked=asked))
        assert words(step).splitlines()[0] == TRAPPED
        assert step.turn
        assert step.turn.expects in ("reason", "confirm")

    @pytest.mark.parametrize("text", [*HEARD, "好的", "取消", "谢谢", "没意见"])
    def test_what_is_only_heard_is_no_reason_after_a_refusal_either(self, text: str) -> None:
        step = hears(f"不同意 {text}", member(plan(), asked="answer"))
        assert not offered(step)
        assert step.turn is not None
        assert step.turn.expects == "reason"

    def test_whoever_is_recused_is_told_so(self) -> None:
        recused = Known(NOON, None, Seat("陈", recused=True), ())
        assert words(hears("同意", recused)).startswith(replies.RECUSED)

    def test_two_plans_are_offered_to_choose_from_and_neither_is_meant_yet(self) -> None:
        first, second = plan(), plan("SQ-2025-000002")
        step = hears("收到", member(first, second, asked="answer"))
        assert "您有2个方案待审议" in words(step)
        assert offered(step) == [Choice("plan", first.plan_id), Choice("plan", second.plan_id)]
        assert step.turn is None

    def test_the_whole_plan_is_for_those_for_whom_it_waits(self) -> None:
        card = plan()
        tap = Choice("plan", card.plan_id)
        mine = BOT.answer(incoming(), tap, member(card))
        assert f"https://lift.example/p/{card.plan_id}" in words(mine)
        assert "[不同意]" in words(mine)
        assert words(BOT.answer(incoming(), tap, STRANGER)).startswith(replies.NO_PLAN)

    def test_a_question_reminds_of_the_plan_that_waits(self) -> None:
        act = LookUp("progress", "")
        assert "您有1个方案待审议" in words(BOT.after(act, "…", member(plan())))
        assert words(BOT.after(act, "…", member(plan(answered="approve")))) == "…"


class TestWhenTheMessageWasWritten:
    @pytest.mark.parametrize(
        ("ago", "about_it"),
        [
            (timedelta(0), True),
            (timedelta(hours=1, minutes=59), True),
            (timedelta(hours=2, seconds=1), False),
            (timedelta(days=2), False),
            (timedelta(minutes=-1), False),  # shown after the message was written
        ],
    )
    def test_it_is_about_what_was_shown_within_two_hours_before(
        self, ago: timedelta, about_it: bool
    ) -> None:
        card = plan(made_at=NOON - timedelta(days=7))
        known = member(card, asked="reason", ago=ago)
        assert ("“电梯又坏了”" in words(hears("电梯又坏了", known))) == about_it
        assert "[同意]" in words(hears("反对票怎么投", known))

    def test_it_is_about_nothing_that_was_shown_before_a_newer_plan_came(self) -> None:
        older, newer = plan(), plan("SQ-2025-000002", made_at=NOON - timedelta(minutes=1))
        for asked in ("answer", "reason"):
            known = member(older, newer, asked=asked, ago=timedelta(minutes=2))
            for text in ("保费偏高", "同意"):
                step = hears(text, known)
                assert step.act is None
                assert "您有2个方案待审议" in words(step)

    def test_a_stale_question_stays_on_record_until_another_is_asked(self) -> None:
        """A late message must not make the bot forget what it asked after it was written."""
        known = member(plan(), asked="answer", ago=timedelta(minutes=-1))
        assert hears("帮助", known).turn == known.turn


class TestTheOutcome:
    def decided(self, outcome: Recorded | Refusal, known: Known) -> Step:
        plan_id = known.waiting[0].plan_id if known.waiting else uuid4()
        return BOT.after(Decide(plan_id, "refuse", None), outcome, known)

    def test_what_was_recorded_is_said_in_the_members_name(self) -> None:
        card = plan()
        step = self.decided(Recorded(card, Tally(0, 1, 3)), member(card))
        assert "陈委员，您的意见已记录：不同意" in words(step)
        assert "目前同意0人、不同意1人，在任委员3人" in words(step)
        assert step.turn == Turn("answer", card.plan_id, NOON)

    def test_a_refusal_without_a_reason_asks_for_it(self) -> None:
        card = plan()
        step = self.decided(Refusal("text_required", "…"), member(card))
        asked = Text(f"{TRAPPED}\n{replies.WHY}")
        assert step == Step(Turn("reason", card.plan_id, NOON), [asked])

    def test_an_answer_to_an_older_plan_shows_the_new_one(self) -> None:
        new = plan(revision=2)
        step = BOT.after(
            Decide(uuid4(), "approve", None), Refusal("plan_changed", "…"), member(new)
        )
        assert words(step).startswith(replies.CHANGED)
        assert "第2版" in words(step)
        assert step.turn == Turn("answer", new.plan_id, NOON)

    @pytest.mark.parametrize(
        ("code", "forgotten"),
        [
            ("not_found", True),
            ("not_a_member", True),
            ("recused", True),
            ("already_decided", True),
            ("case_closed", True),
            ("answered_later", False),
            ("reason_too_long", False),
        ],
    )
    def test_a_rules_own_words_are_passed_on(self, code: str, forgotten: bool) -> None:
        known = member(plan(), asked="answer")
        step = self.decided(Refusal(code, "请换一种方式。"), known)
        assert words(step).startswith("请换一种方式。")
        assert NUMBER in words(step)
        assert (step.turn is None) == forgotten


@given(
    text=st.text(max_size=40) | st.sampled_from(DOUBTS + SLIPS + ALMOST + URGENT + PEOPLE),
    seat=st.none() | st.builds(Seat, st.just("陈"), st.booleans()),
    plans=st.integers(0, 3),
    asked=st.sampled_from([None, "answer", "reason", "confirm"]),
    minutes=st.integers(-200, 200),
)
def test_nothing_is_decided_but_on_the_plan_that_was_asked_about(
    text: str, seat: Seat | None, plans: int, asked: Expects | None, minutes: int
) -> None:
    waiting = [plan() for _ in range(plans)]
    about = waiting[0].plan_id if waiting else uuid4()
    reason = "保费偏高" if asked == "confirm" else ""
    turn = Turn(asked, about, NOON - timedelta(minutes=minutes), reason) if asked else None
    step = hears(text, Known(NOON, turn, seat, waiting))
    assert bool(step.replies) != bool(step.act)
    if isinstance(step.act, Decide):
        assert turn is not None
        assert step.act.plan_id == turn.plan_id
        assert 0 <= minutes <= 120
        assert (step.act.choice == "approve") or step.act.reason in (None, turn.reason)
    for choice in offered(step):
        assert isinstance(choice.plan_id, UUID)
        assert choice.plan_id in {card.plan_id for card in waiting}
