"""Conversations with the service account, from the phone's side."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Text, cast, select, update

from backend.domain.local_time import SHANGHAI
from backend.services.case import steps
from backend.store.messages import Inbox
from backend.store.people import Identity, Person
from backend.store.purchases import Purchase
from backend.store.tables import Base
from tests.build.clock import ManualClock
from tests.build.talk import Talk
from tests.build.village import Village


def in_mini_program(talk: Talk, name: str) -> UUID:
    """The same human being, known from the mini-program only."""
    human = talk.emulator.control("GET", f"/people/{name}")
    with talk.ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=talk.ctx.clock())
        tx.add(person)
        tx.flush()
        tx.add(
            Identity(
                person_id=person.id,
                platform="mini_program",
                appid=talk.ctx.platform.mini_appid,
                openid=human["openids"]["mini"],
                unionid=human["unionid"],
                reachable=False,
                seen_at=talk.ctx.clock(),
            )
        )
        tx.commit()
    return person.id


class TestAnyone:
    def test_a_follower_is_welcomed_and_told_what_to_send(self, talk: Talk) -> None:
        talk.emulator.person("甲", follows=False)
        answer = talk.does("甲", "follow")
        assert "欢迎" in answer
        assert "【待办】" in answer

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
        person_id = in_mini_program(talk, "甲")
        talk.says("甲", "你好")
        assert talk.person_of("甲") == person_id

    def test_a_unionid_learnt_later_joins_them_then(self, talk: Talk) -> None:
        talk.knows("甲")
        talk.says("甲", "你好")
        alone = talk.person_of("甲")
        person_id = in_mini_program(talk, "甲")
        with talk.ctx.sessions() as tx:
            tx.execute(update(Identity).where(Identity.person_id == alone).values(unionid=None))
            tx.commit()
        talk.says("甲", "你好")
        assert talk.person_of("甲") == person_id != alone

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
        talk.receives("甲", "<MsgType>image</MsgType>")
        assert "只能看懂文字" in talk.emulator.heard("甲")[-1]["text"]

    def test_a_menu_tap_is_a_command(self, talk: Talk) -> None:
        talk.knows("甲")
        talk.says("甲", "你好")
        tap = "<MsgType>event</MsgType><Event>CLICK</Event><EventKey>todo</EventKey>"
        talk.receives("甲", tap)
        assert talk.emulator.heard("甲")[-1]["text"].startswith("您目前没有待办事项。")

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

    def test_who_writes_stands_in_clear_with_the_identity_and_nowhere_else(
        self, talk: Talk, village: Village, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO")
        talk.says("owner0", "你好")
        talk.does("owner0", "unfollow")
        openid = talk.emulator.control("GET", "/people/owner0")["openids"]["service"]
        with talk.ctx.sessions() as tx:
            named = {
                table.name
                for table in Base.metadata.sorted_tables
                if tx.scalars(
                    select(table.table_valued()).where(
                        cast(table.table_valued(), Text).contains(openid)
                    )
                ).all()
            }
        assert named == {"identity"}
        assert openid not in caplog.text

    def test_anyone_may_ask_about_a_lift(self, talk: Talk, village: Village) -> None:
        talk.knows("甲")
        code = village.codes[0]
        assert "目前没有电梯维修保险保障" in talk.says("甲", f"电梯{code}")
        assert "注册代码" in talk.says("甲", "电梯")
        assert "没有找到这台电梯" in talk.says("甲", "电梯 404")

    def test_a_lift_shows_its_notice_and_when_the_right_to_object_ends(
        self, talk: Talk, village: Village, clock: ManualClock
    ) -> None:
        purchase, _ = village.posted()
        answer = talk.says("owner0", f"电梯 {village.codes[0]}")
        assert "书面异议可提至2025年3月10日（周一）24:00" in answer
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
        steps.sweep(talk.ctx)
        answer = talk.says("owner0", f"电梯 {village.codes[0]}")
        assert "保障中：示例保险，保到2026年3月31日24:00" in answer

    def test_outsiders_learn_nothing_about_a_case(self, talk: Talk, purchase: Purchase) -> None:
        talk.knows("甲")
        assert "没有找到" in talk.says("甲", f"进度 {purchase.number}")
        assert "没有找到" in talk.says("甲", "进度")
        assert talk.says("甲", "截止").startswith("目前没有正在计算的期限。")
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
        answer = talk.says("member0", "待办")
        assert answer.startswith(
            "等您办的：\n\n审议保险方案\n示例小区 1栋 · 2台 SQ-2025-000001\n截至"
        )
        answer = talk.says("manager", "待办")
        assert "等别人办的（您不用办）：\n\n审议保险方案" in answer
        assert answer.startswith("目前没有等您办的事项。")
        for name in ("clerk", "owner0"):
            assert talk.says(name, "待办").startswith("您目前没有待办事项。")

    def test_the_clerk_sees_every_running_limit(self, talk: Talk, purchase: Purchase) -> None:
        answer = talk.says("clerk", "截止")
        assert "审议保险方案" in answer
        assert "截止：2025年3月10日（周一）24:00" in answer
