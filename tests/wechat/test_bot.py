"""Conversations with the service account, from the phone's side."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend import wiring
from backend.clock import SHANGHAI
from backend.services import inbox, plans, purchases
from backend.store.messages import ChatTurn, Inbox, Outbox
from backend.store.people import Identity, Person
from backend.store.purchases import Approval, Purchase
from backend.store.registry import CommitteeMember
from backend.wechat.bot import ChatBot, choice_id, open_choice
from backend.wechat.callbacks import Credentials
from backend.wechat.channels import ServiceAccountChannel
from backend.wechat.routes import service_account_callbacks
from tests.manual_clock import ManualClock
from tests.village import PREMIUM_FEN, Village, settle_village
from tests.wechat.conftest import Sandbox, serve
from tests.wechat.talk import Talk


@pytest.fixture
def talk(
    database_url: str,
    redis_url: str,
    start_sandbox: Callable[[str], Sandbox],
    clock: ManualClock,
) -> Iterator[Talk]:
    app = Flask("ours")
    server, url = serve(app)
    sandbox = start_sandbox(url)
    sandbox.control("PUT", "/clock", {"now": clock().isoformat()})
    settings = sandbox.settings.model_copy(
        update={"database_url": database_url, "redis_url": redis_url}
    )
    house = wiring.build(settings)
    ctx = replace(house.ctx, clock=clock)
    channel = ServiceAccountChannel(house.service_account, wiring.template_ids(house.settings))
    talk = Talk(ctx, sandbox, ChatBot(ctx, lambda case: f"{url}/p/{case}"), channel)
    credentials = Credentials(
        settings.service_appid,
        settings.service_token.get_secret_value(),
        settings.service_aes_key.get_secret_value(),
    )
    app.register_blueprint(service_account_callbacks(ctx, credentials, talk.woken.extend))
    yield talk
    talk.silence()
    server.shutdown()
    server.server_close()
    house.engine.dispose()
    house.redis.close()


@pytest.fixture
def village(talk: Talk, clock: ManualClock) -> Village:
    village = settle_village(talk.ctx, clock)
    for name in ("member0", "member1", "member2", "manager", "clerk", "owner0"):
        talk.knows(name, village.actor(name).person_id)
    return village


@pytest.fixture
def purchase(village: Village, talk: Talk) -> Purchase:
    """A case with a plan before the committee."""
    purchase = village.planned()
    talk.pump()
    return purchase


def state(talk: Talk, purchase: Purchase) -> str:
    with talk.ctx.sessions() as tx:
        return tx.get_one(Purchase, purchase.id).state


def answers(talk: Talk) -> list[tuple[str, str | None]]:
    with talk.ctx.sessions() as tx:
        rows = tx.execute(select(Approval.answer, Approval.reason).order_by(Approval.id))
        return [(row.answer, row.reason) for row in rows]


def written_by_hand(talk: Talk, openid: str, fields: str, key: str = "by-hand") -> UUID:
    body = (
        f"<xml><FromUserName>{openid}</FromUserName><CreateTime>1740963600</CreateTime>"
        f"{fields}</xml>"
    )
    row_id = inbox.receive(talk.ctx, talk.ctx.platform.service_appid, key, openid, body)
    assert row_id is not None
    return row_id


class TestAnyone:
    def test_a_follower_is_welcomed_and_told_what_to_send(self, talk: Talk) -> None:
        talk.emulator.person("甲", follows=False)
        answer = talk.does("甲", "follow")
        assert "欢迎" in answer
        assert "【待办】" in answer

    @pytest.mark.parametrize("text", ["帮助", "幫助！", "?", "ＨＥＬＰ"])
    def test_help(self, talk: Talk, text: str) -> None:
        talk.knows("甲")
        assert talk.says("甲", text).startswith("您可以发送")

    def test_unknown_text_gets_a_helpful_answer(self, talk: Talk) -> None:
        talk.knows("甲")
        answer = talk.says("甲", "今天天气真好")
        assert answer.startswith("抱歉")
        assert "【进度】" in answer

    def test_the_first_message_makes_a_person_once(self, talk: Talk) -> None:
        talk.knows("甲")
        talk.says("甲", "你好")
        first = talk.person_of("甲")
        talk.says("甲", "你好")
        assert talk.person_of("甲") == first
        with talk.ctx.sessions() as tx:
            assert len(tx.scalars(select(Person)).all()) == 1

    def test_the_unionid_joins_the_mini_programs_person(self, talk: Talk) -> None:
        talk.knows("甲")
        openids = talk.emulator.control("GET", "/people/甲")
        with talk.ctx.sessions() as tx:
            person = Person(name_sealed=None, created_at=talk.ctx.clock())
            tx.add(person)
            tx.flush()
            tx.add(
                Identity(
                    person_id=person.id,
                    platform="mini_program",
                    appid=talk.ctx.platform.mini_appid,
                    openid=openids["openids"]["mini"],
                    unionid=openids["unionid"],
                    reachable=False,
                    seen_at=talk.ctx.clock(),
                )
            )
            tx.commit()
        talk.says("甲", "你好")
        assert talk.person_of("甲") == person.id

    def test_someone_who_leaves_is_unreachable_until_they_write_again(self, talk: Talk) -> None:
        talk.knows("甲")
        talk.says("甲", "你好")

        def reachable() -> bool:
            with talk.ctx.sessions() as tx:
                return tx.scalars(select(Identity.reachable)).one()

        talk.does("甲", "unfollow")
        assert not reachable()
        talk.does("甲", "follow")
        assert reachable()

    def test_a_picture_is_answered_with_a_request_for_words(self, talk: Talk) -> None:
        talk.knows("甲")
        talk.says("甲", "你好")
        openid = talk.emulator.control("GET", "/people/甲")["openids"]["service"]
        talk.woken.append(written_by_hand(talk, openid, "<MsgType>image</MsgType>"))
        talk.pump()
        assert "只能看懂文字" in talk.emulator.heard("甲")[-1]["text"]

    def test_a_menu_tap_is_a_command(self, talk: Talk) -> None:
        talk.knows("甲")
        talk.says("甲", "你好")
        openid = talk.emulator.control("GET", "/people/甲")["openids"]["service"]
        tap = "<MsgType>event</MsgType><Event>CLICK</Event><EventKey>todo</EventKey>"
        talk.woken.append(written_by_hand(talk, openid, tap))
        talk.pump()
        assert talk.emulator.heard("甲")[-1]["text"] == "您目前没有待办事项。"

    def test_a_callback_worked_on_twice_is_answered_once(self, talk: Talk) -> None:
        talk.knows("甲")
        talk.says("甲", "你好")
        heard = len(talk.emulator.heard("甲"))
        with talk.ctx.sessions() as tx:
            tx.execute(update(Inbox).values(state="new"))
            talk.woken.extend(tx.scalars(select(Inbox.id)))
            tx.commit()
        talk.pump()
        assert len(talk.emulator.heard("甲")) == heard

    def test_anyone_may_ask_about_a_lift(self, talk: Talk, village: Village) -> None:
        talk.knows("甲")
        code = village.codes[0]
        assert "目前没有电梯维修保险保障" in talk.says("甲", f"电梯{code}")
        assert "注册代码" in talk.says("甲", "电梯")
        assert "没有找到这台电梯" in talk.says("甲", "电梯 404")

    def test_a_lift_shows_its_notice_and_when_the_right_to_object_ends(
        self, talk: Talk, village: Village, clock: ManualClock
    ) -> None:
        purchase, _ = village.publicised()
        answer = talk.says("owner0", f"电梯 {village.codes[0]}")
        assert "书面异议可提至2025年3月10日23:59" in answer
        assert purchase.number not in answer
        clock.set(datetime(2025, 3, 11, tzinfo=SHANGHAI))
        talk.emulator.control("PUT", "/clock", {"now": clock().isoformat()})
        assert "公示期已满" in talk.says("owner0", f"电梯 {village.codes[0]}")

    def test_an_insured_lift_shows_by_whom_and_until_when(
        self, talk: Talk, village: Village, clock: ManualClock
    ) -> None:
        village.insured()
        clock.set(datetime(2025, 4, 1, 0, 1, tzinfo=SHANGHAI))
        talk.emulator.control("PUT", "/clock", {"now": clock().isoformat()})
        purchases.sweep(talk.ctx)
        answer = talk.says("owner0", f"电梯 {village.codes[0]}")
        assert "保障中：示例保险，至2026年3月31日止" in answer

    def test_outsiders_learn_nothing_about_a_case(self, talk: Talk, purchase: Purchase) -> None:
        talk.knows("甲")
        assert "没有找到" in talk.says("甲", f"进度 {purchase.number}")
        assert "没有找到" in talk.says("甲", "进度")
        assert talk.says("甲", "截止") == "目前没有正在计算的期限。"
        assert "没有待审议的方案" in talk.says("甲", "同意")


class TestThoseConcerned:
    def test_progress(self, talk: Talk, purchase: Purchase) -> None:
        answer = talk.says("owner0", f"进度{purchase.number.lower()}")
        assert purchase.number in answer
        assert "当前：方案待审议" in answer
        assert "下一步：业委会委员审议" in answer

    def test_what_must_be_done_is_for_those_who_must_do_it(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        assert "审议保险方案" in talk.says("manager", "待办")
        assert talk.says("clerk", "待办") == "您目前没有待办事项。"
        assert talk.says("owner0", "待办") == "您目前没有待办事项。"

    def test_the_clerk_sees_every_running_limit(self, talk: Talk, purchase: Purchase) -> None:
        answer = talk.says("clerk", "截止")
        assert "审议保险方案" in answer
        assert "截止：2025年3月10日23:59" in answer


class TestApproval:
    def test_every_member_is_invited_and_any_word_opens_the_plan(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        assert talk.invitations() == 3
        answer = talk.says("member0", "收到")
        assert "请您审议电梯维修保险方案" in answer
        assert "示例保险" in answer
        assert f"电梯2台，保费合计{2 * PREMIUM_FEN // 100:,}.00元" in answer
        assert "方案指纹：" in answer
        assert "[同意]\n[不同意]\n[查看方案]" in answer

    def test_two_of_three_taps_approve(self, talk: Talk, purchase: Purchase) -> None:
        talk.says("member0", "收到")
        first = talk.taps("member0", "同意")
        assert "委委员，您的意见已记录：同意" in first
        assert "目前同意1人、不同意0人，在任委员3人" in first
        assert state(talk, purchase) == "planned"
        talk.says("member1", "收到")
        assert "方案审议通过" in talk.taps("member1", "同意")
        assert state(talk, purchase) == "approved"
        assert "已有结果" in talk.taps("member0", "不同意") + talk.says("member0", "理由")

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
        assert "已记录：不同意" in talk.says("member0", "保费偏高，比隔壁贵")
        assert answers(talk) == [("refuse", "保费偏高，比隔壁贵")]

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
            answer = talk.says(name, "不同意 保费偏高")
        assert "方案未通过" in answer
        assert state(talk, purchase) == "refused"

    def test_a_reason_of_twenty_thousand_characters_is_refused_with_advice(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        talk.says("member0", "收到")
        talk.taps("member0", "不同意")
        assert "500字以内" in talk.says("member0", "贵" * 15_000)
        assert "已记录" in talk.says("member0", "贵")

    def test_a_member_may_change_the_own_answer_until_the_quorum(
        self, talk: Talk, purchase: Purchase
    ) -> None:
        talk.says("member0", "收到")
        talk.taps("member0", "同意")
        answer = talk.says("member0", "不同意 再想想")
        assert "目前同意0人、不同意1人" in answer
        assert answers(talk) == [("approve", None), ("refuse", "再想想")]

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
        assert answers(talk) == []
        assert "已记录：同意" in talk.says("member0", "同意")

    def test_the_whole_plan_with_its_link(self, talk: Talk, purchase: Purchase) -> None:
        talk.says("member0", "收到")
        answer = talk.taps("member0", "查看方案")
        assert "保障范围：故障维修" in answer
        assert f"/p/{purchase.id}" in answer
        assert "[不同意]" in answer

    def test_a_member_with_a_declared_interest_stands_aside(
        self, talk: Talk, village: Village, purchase: Purchase
    ) -> None:
        with talk.ctx.sessions() as tx:
            member = village.actor("member0").person_id
            mine = update(CommitteeMember).where(CommitteeMember.person_id == member)
            tx.execute(mine.values(conflicted=True))
            tx.commit()
        assert "应当回避" in talk.says("member0", "同意")
        assert answers(talk) == []

    def test_a_command_reminds_of_the_plan_that_waits(self, talk: Talk, purchase: Purchase) -> None:
        assert "您有1个方案待审议" in talk.says("member0", "进度")
        talk.says("member0", "方案")
        talk.taps("member0", "同意")
        assert "待审议，回复" not in talk.says("member0", "进度")

    def test_two_plans_are_offered_to_choose_from(
        self, talk: Talk, village: Village, purchase: Purchase
    ) -> None:
        second = village.planned()
        answer = talk.says("member0", "收到")
        assert "您有2个方案待审议" in answer
        label = f"示例小区 {second.number} 2,600.00元"
        assert f"[{label}]" in answer
        assert second.number in talk.taps("member0", label)
        talk.taps("member0", "同意")
        with talk.ctx.sessions() as tx:
            assert tx.scalars(select(Approval.plan_id)).all() == [second.plan_id]

    def test_a_forged_choice_is_plain_text(
        self, talk: Talk, village: Village, purchase: Purchase
    ) -> None:
        assert purchase.plan_id is not None
        theirs = choice_id(talk.ctx, village.actor("member1").person_id, "a", purchase.plan_id)
        openid = talk.emulator.control("GET", "/people/member0")["openids"]["service"]
        fields = (
            "<MsgType>text</MsgType><MsgId>1</MsgId><Content>随便</Content>"
            f"<bizmsgmenuid>{theirs}</bizmsgmenuid>"
        )
        talk.woken.append(written_by_hand(talk, openid, fields))
        talk.pump()
        assert answers(talk) == []

    def test_a_choice_opens_only_for_the_person_it_was_offered_to(
        self, talk: Talk, village: Village
    ) -> None:
        anna, bert = (village.actor(name).person_id for name in ("member0", "member1"))
        given = choice_id(talk.ctx, anna, "a", village.insurer)
        assert len(given) <= 31
        assert open_choice(talk.ctx, anna, given) == ("approve", village.insurer)
        assert open_choice(talk.ctx, bert, given) is None
        assert open_choice(talk.ctx, anna, "r" + given[1:]) is None

    def test_no_name_or_reason_lies_open_in_a_row(
        self, talk: Talk, village: Village, purchase: Purchase
    ) -> None:
        talk.says("member0", "方案")
        talk.says("member0", "不同意 保费偏高")
        with talk.ctx.sessions() as tx:
            written = [str(data) for data in tx.scalars(select(Outbox.data))]
            assert tx.scalars(select(ChatTurn.expects)).all() == ["answer"]
        assert not [data for data in written if "委员0" in data or "偏高" in data]
