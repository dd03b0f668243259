"""A message is worked on in one session, with few statements, and asks the platform outside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy import event, select

from backend.services.base.context import Context, Platform
from backend.services.messages import inbox
from backend.store.messages import Outbox
from backend.store.people import Identity
from backend.store.purchases import Purchase
from backend.store.signatures import Approval
from backend.wechat import replies
from backend.wechat.channels.chat import opened_words
from tests.build.no_platform import NoPlatform
from tests.build.talk import Talk
from tests.build.village import Village


@dataclass
class Counted:
    """What this thread did to the database, and how many sessions it held at once."""

    sessions: int = 0
    statements: int = 0
    open: int = 0
    most_open: int = 0


@contextmanager
def counting(ctx: Context) -> Iterator[Counted]:
    """Counts until the block ends."""
    counted = Counted()
    with ctx.sessions() as tx:
        engine = tx.get_bind()

    here = get_ident()  # the emulator's callbacks are stored by other threads meanwhile

    def taken(*_: Any) -> None:
        if get_ident() == here:
            counted.sessions += 1
            counted.open += 1
            counted.most_open = max(counted.most_open, counted.open)

    def given_back(*_: Any) -> None:
        if get_ident() == here:
            counted.open -= 1

    def executed(*_: Any) -> None:
        if get_ident() == here:
            counted.statements += 1

    heard = (("checkout", taken), ("checkin", given_back), ("before_cursor_execute", executed))
    for name, listener in heard:
        event.listen(engine, name, listener)
    try:
        yield counted
    finally:
        for name, listener in heard:
            event.remove(engine, name, listener)


def worked_on(talk: Talk, name: str, text: str, choice: str = "") -> Counted:
    """What it takes to work on a person's message once it lies in the inbox."""
    fields = f"<MsgType>text</MsgType><MsgId>77</MsgId><Content>{text}</Content>"
    row_id = talk.stored(name, f"{fields}<bizmsgmenuid>{choice}</bizmsgmenuid>")
    with counting(talk.ctx) as counted:
        inbox.process(talk.ctx, [row_id], talk.handle)
    return counted


@pytest.mark.parametrize(
    ("name", "text", "statements"),
    [
        ("owner0", "帮助", 6),
        ("owner0", "进度", 9),
        ("member0", "今天天气真好", 10),
        ("member0", "同意", 10),
    ],
)
def test_one_message_is_one_session(
    talk: Talk, purchase: Purchase, name: str, text: str, statements: int
) -> None:
    counted = worked_on(talk, name, text)
    assert (counted.sessions, counted.most_open) == (1, 1)
    assert counted.statements == statements


def test_an_answer_moves_the_case_in_the_session_of_its_message(
    talk: Talk, village: Village, purchase: Purchase
) -> None:
    assert purchase.plan_id is not None
    for name in ("member0", "member1"):
        member = village.actor(name).person_id
        tap = talk.offered(member, "approve", purchase.plan_id)
        talk.says(name, "方案")
        counted = worked_on(talk, name, "同意", tap)
        assert (counted.sessions, counted.most_open) == (1, 1)
    with talk.ctx.sessions() as tx:
        assert tx.get_one(Purchase, purchase.id).state == "approved"


def test_what_is_refused_leaves_its_reply_and_nothing_else(
    talk: Talk, village: Village, purchase: Purchase
) -> None:
    assert purchase.plan_id is not None
    member = village.actor("member0").person_id
    talk.says("member0", "方案")
    tap = talk.offered(member, "refuse", purchase.plan_id)
    counted = worked_on(talk, "member0", "不同意", tap)
    assert counted.sessions == 1
    with talk.ctx.sessions() as tx:
        assert tx.scalars(select(Approval)).all() == []
        newest = tx.scalars(select(Outbox).order_by(Outbox.id.desc()).limit(1)).one()
    asked = replies.asking_why(talk.ctx.city.emergency, replies.WHY)
    assert opened_words(talk.ctx.cipher, newest.id, newest.data) == {"text": asked}


class Watched(NoPlatform):
    """A platform that notes how many sessions are open while it is asked."""

    def __init__(self, real: Platform, counted: Counted) -> None:
        self.mini_appid, self.service_appid = real.mini_appid, real.service_appid
        self._counted = counted
        self.open_meanwhile: list[int] = []

    def unionid(self, openid: str) -> str | None:
        self.open_meanwhile.append(self._counted.open)
        return "union-of-a-newcomer"


def test_no_transaction_waits_for_the_platform(talk: Talk) -> None:
    """Only a newcomer must be asked for, and then between two transactions."""
    talk.emulator.person("新来的")
    talk.emulator.control("POST", "/people/新来的/messages", {"text": "你好"})
    ids, talk.woken[:] = list(talk.woken), []
    with counting(talk.ctx) as counted:
        platform = Watched(talk.ctx.platform, counted)
        inbox.process(replace(talk.ctx, platform=platform), ids, talk.handle)
    assert platform.open_meanwhile == [0]
    assert (counted.sessions, counted.most_open) == (2, 1)
    with talk.ctx.sessions() as tx:
        assert tx.scalars(select(Identity.unionid)).all() == ["union-of-a-newcomer"]
