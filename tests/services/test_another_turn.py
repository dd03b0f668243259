"""消息: how they ended, without words and names; what failed has another turn, for a reason."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from uuid_utils.compat import uuid7

from backend.domain.deadlines import DeadlineState
from backend.domain.errors import Refused
from backend.services.messages import again, inbox
from backend.services.messages.unanswered import AGAIN
from backend.services.reads import message_pages
from backend.store.audit import AuditEntry
from backend.store.messages import DeadlineRecord, Inbox, InboxState, Outbox, OutboxState
from backend.store.people import Identity
from backend.store.queries.message_list import MessageFilter
from tests.build.looking import codes
from tests.build.players import appoint, change
from tests.build.village import Village

EVERYTHING = MessageFilter()
FAILED = MessageFilter(state=OutboxState.FAILED)


def failed(village: Village, cause: str = "progress/", **values: object) -> UUID:
    """A message of the village that did not arrive, to somebody who follows the account."""
    with village.ctx.sessions() as tx:
        of_cause = Outbox.natural_key.startswith(cause), Outbox.channel == "template"
        row = tx.scalars(select(Outbox).where(*of_cause).order_by(Outbox.id)).first()
        assert row is not None
        row.state, row.outcome = OutboxState.FAILED, "unreachable"
        for name, value in values.items():
            setattr(row, name, value)
        known = select(Identity.id).where(Identity.person_id == row.person_id)
        if tx.scalar(known) is None:
            tx.add(
                Identity(
                    person_id=row.person_id,
                    platform="service_account",
                    appid=village.ctx.platform.service_appid,
                    openid=f"openid-{row.person_id}",
                    unionid=None,
                    reachable=True,
                    seen_at=village.clock(),
                )
            )
        tx.commit()
        return row.id


def test_a_message_that_failed_is_sent_again_once_and_the_chain_says_why(village: Village) -> None:
    village.payable()
    ctx, clerk = village.ctx, village.actor("clerk")
    row = failed(village)
    again.send_again(ctx, clerk, row, "已请对方重新关注")
    with ctx.sessions() as tx:
        new = tx.scalars(select(Outbox).where(Outbox.natural_key.endswith(f"/{AGAIN}"))).one()
        old = tx.get_one(Outbox, row)
        assert (new.data, new.person_id, new.state) == (old.data, old.person_id, "created")
        body = tx.scalars(
            select(AuditEntry.body).where(AuditEntry.action == "message.send_again")
        ).one()
        assert json.loads(body)["facts"]["reason"] == "已请对方重新关注"
    with pytest.raises(Refused, match="message_sent_again"):
        again.send_again(ctx, clerk, row, "再来")


def test_what_left_is_over_is_chat_or_reaches_nobody_is_not_sent_again(village: Village) -> None:
    village.payable()
    ctx, clerk = village.ctx, village.actor("clerk")
    row = failed(village)

    def told() -> list[str]:
        with pytest.raises(Refused) as refused:
            again.send_again(ctx, clerk, row, "请重发")
        return codes(refused)

    change(ctx, update(Identity).values(reachable=False))
    assert told() == ["message_unreachable"]
    change(ctx, update(Identity).values(reachable=True))
    change(ctx, update(Outbox).where(Outbox.id == row).values(role="cashier"))
    assert told() == ["message_is_over"], "its reader is no cashier"
    change(ctx, update(Outbox).where(Outbox.id == row).values(channel="chat"))
    assert told() == ["message_not_repeatable"]
    change(ctx, update(Outbox).where(Outbox.id == row).values(state="sent"))
    assert told() == ["message_not_failed"]
    with pytest.raises(Refused, match="not_found"):
        again.send_again(ctx, clerk, uuid7(), "请重发")
    with pytest.raises(Refused, match="role_required"):
        again.send_again(ctx, village.actor("auditor"), row, "请重发")


def test_what_is_not_kept_any_more_is_not_sent_again(village: Village) -> None:
    village.payable()
    row = failed(village, data={})
    page = message_pages.read_message(village.ctx, village.actor("clerk"), row)
    assert (page.may_send, "不再保存" in page.why_not) == (False, True)
    with pytest.raises(Refused, match="message_not_repeatable"):
        again.send_again(village.ctx, village.actor("clerk"), row, "请重发")


def test_a_reminder_of_a_limit_that_ended_is_not_sent_again(village: Village) -> None:
    village.payable()
    with village.ctx.sessions() as tx:
        limit = tx.scalars(select(DeadlineRecord).limit(1)).one()
        limit.state = DeadlineState.MET
        tx.commit()
    row = failed(village, natural_key=f"deadline/{limit.id}/x/y")
    with pytest.raises(Refused, match="message_is_over"):
        again.send_again(village.ctx, village.actor("clerk"), row, "请重发")


def test_messages_are_counted_by_what_they_are_about_and_by_case_and_day(village: Village) -> None:
    purchase = village.payable()
    failed(village)
    ctx, clerk = village.ctx, village.actor("clerk")
    every = message_pages.whole_messages(ctx, clerk, EVERYTHING)
    figures = message_pages.figures_of(ctx, clerk, EVERYTHING)
    ends = (each.waiting + each.failed + each.superseded for each in figures)
    assert sum(ends) == len(every)
    [undelivered] = message_pages.page_of_messages(ctx, clerk, FAILED, 1).rows
    assert undelivered.case == purchase.number
    assert message_pages.read_message(ctx, clerk, undelivered.id).may_send
    assert not message_pages.read_message(ctx, village.actor("auditor"), undelivered.id).may_send
    of_case = message_pages.case_of_number(ctx, clerk, purchase.number)
    assert (of_case, message_pages.case_of_number(ctx, clerk, "SQ-1")) == (purchase.id, None)
    chosen = MessageFilter(case=purchase.id, estate="示例", template="purchase_progress")
    assert message_pages.whole_messages(ctx, clerk, chosen)
    tomorrow = MessageFilter(since=village.clock() + timedelta(days=1))
    assert not message_pages.whole_messages(ctx, clerk, tomorrow)
    yesterday = MessageFilter(until=village.clock() - timedelta(days=400))
    assert not message_pages.whole_messages(ctx, clerk, yesterday)
    readers = message_pages.readers_of(ctx, clerk, purchase.id)
    assert sum(reader.follows is True for reader in readers) >= 1
    assert all(reader.part[-1].isdecimal() for reader in readers)


def test_a_callback_that_was_given_up_is_worked_on_again_by_an_administrator(
    village: Village,
) -> None:
    appoint(village, "supervisor", "administrator")
    ctx, keeper = village.ctx, village.actor("supervisor")
    body = '{"kind": "event", "event": "subscribe", "text": "我是冯样"}'
    row = inbox.receive(ctx, ctx.platform.mini_appid, "once", body)
    assert row is not None
    inbox.keep_unreadable_callback(ctx, "wx-unknown", "?", "BadSignature")
    with pytest.raises(Refused, match="callback_not_dead"):
        again.take_up_callback(ctx, keeper, row, "已排除故障")
    with ctx.sessions() as tx:
        kept = tx.get_one(Inbox, row)
        kept.state, kept.attempts, kept.error = InboxState.DEAD, 7, "KeyError"
        tx.commit()
    found = message_pages.failed_callbacks(ctx, village.actor("auditor"))
    [dead] = found.dead
    assert (dead.what, dead.error, dead.attempts) == ("subscribe", "KeyError", 7)
    assert (len(found.unreadable), found.unreadable[0].app) == (1, None)
    assert not found.may_take_up
    assert message_pages.read_dead(ctx, keeper, row) == dead
    for name, told in {"clerk": "role_required", "manager": "not_found"}.items():
        with pytest.raises(Refused, match=told):
            message_pages.failed_callbacks(ctx, village.actor(name))
    with pytest.raises(Refused, match="role_required"):
        again.take_up_callback(ctx, village.actor("auditor"), row, "已排除故障")
    again.take_up_callback(ctx, keeper, row, "已排除故障")
    with ctx.sessions() as tx:
        kept = tx.get_one(Inbox, row)
        assert (kept.state, kept.attempts, kept.error) == (InboxState.NEW, 0, None)
        links = select(AuditEntry.body).where(AuditEntry.action == "callback.take_up")
        assert json.loads(tx.scalars(links).one())["facts"]["error"] == "KeyError"
    for missing in (again.take_up_callback, lambda c, a, i, _: message_pages.read_dead(c, a, i)):
        with pytest.raises(Refused, match="not_found"):
            missing(ctx, keeper, uuid7(), "没有")
