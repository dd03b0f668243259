"""On the server: what waits, what failed and what was given up, and what is done about it."""

import json
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from backend.cli import main
from backend.clock import system_clock
from backend.domain.outages import Closing
from backend.services.messages import channel_states, inbox
from backend.store.audit import AuditEntry
from backend.store.messages import ChannelState, Inbox, InboxState, Outbox, OutboxState
from tests.build.village import Village

REASON = ("--reason", "已排除故障")


@pytest.fixture
def town(village: Village, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Village:
    village.payable()
    monkeypatch.setenv("TIBAO_DATABASE_URL", database_url)
    return village


def printed(*words: str) -> str:
    done = called(*words)
    assert done.exit_code == 0, done.output
    return done.stdout


def called(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def first_waiting(town: Village) -> Outbox:
    waiting = select(Outbox).where(Outbox.state == OutboxState.CREATED).order_by(Outbox.id)
    with town.ctx.sessions() as tx:
        return tx.scalars(waiting).first() or pytest.fail("nothing waits")


def reasons(town: Village, action: str) -> list[str]:
    links = select(AuditEntry.body).where(AuditEntry.action == action)
    with town.ctx.sessions() as tx:
        return [json.loads(body)["facts"]["reason"] for body in tx.scalars(links)]


def test_what_waits_is_counted_by_channel_and_state(town: Village) -> None:
    [depth, *_] = json.loads(printed("outbox", "list", "--json"))
    waiting = json.loads(
        printed("outbox", "list", "--state", "created", "--limit", "1000", "--json")
    )
    assert depth["state"] == "created"
    assert depth["number"] == sum(row["channel"] == depth["channel"] for row in waiting)
    assert "等待发送" in printed("outbox", "list")
    assert printed("outbox", "list", "--state", "failed") == "没有\n"


def test_a_message_that_waits_is_dropped_and_one_that_failed_sent_again(town: Village) -> None:
    row = first_waiting(town)
    assert json.loads(printed("outbox", "show", str(row.id), "--json"))["state"] == "created"
    shown = printed("outbox", "show", str(row.id))
    assert "状态：等待发送" in shown
    assert not set("abcdefghijklmnopqrstuvwxyz") & set(shown.replace(str(row.id), ""))
    assert "还在发送" in called("outbox", "resend", str(row.id), *REASON).stderr
    assert printed("outbox", "drop", str(row.id), *REASON) == "不再发送\n"
    with town.ctx.sessions() as tx:
        assert tx.get_one(Outbox, row.id).state is OutboxState.SUPERSEDED
    again = called("outbox", "drop", str(row.id), *REASON)
    assert (again.exit_code, "没有在等待发送" in again.stderr) == (2, True)
    assert reasons(town, "message.drop") == ["已排除故障"]
    other = first_waiting(town)
    with town.ctx.sessions() as tx:
        failed = update(Outbox).where(Outbox.id == other.id).values(state=OutboxState.FAILED)
        tx.execute(failed)
        tx.commit()
    assert "请用电话或书面告知" in called("outbox", "resend", str(other.id), *REASON).stderr


def test_a_callback_that_was_given_up_is_replayed_or_left(town: Village) -> None:
    ids = [given_up(town, name) for name in ("one", "another")]
    assert len(json.loads(printed("dead-letters", "list", "--json"))) == 2
    assert "KeyError" in printed("dead-letters", "list")
    printed("dead-letters", "replay", str(ids[0]), *REASON)
    printed("dead-letters", "drop", str(ids[1]), *REASON)
    assert json.loads(printed("dead-letters", "list", "--json")) == []
    with town.ctx.sessions() as tx:
        states = [tx.get_one(Inbox, one).state for one in ids]
    assert states == [InboxState.NEW, InboxState.DONE]
    assert "没有搁置" in called("dead-letters", "drop", str(ids[1]), *REASON).stderr
    assert reasons(town, "callback.drop") == reasons(town, "callback.take_up") == ["已排除故障"]


def given_up(town: Village, key: str) -> UUID:
    row = inbox.receive(town.ctx, town.ctx.platform.mini_appid, key, '{"kind": "event"}')
    assert row is not None
    with town.ctx.sessions() as tx:
        kept = tx.get_one(Inbox, row)
        kept.state, kept.attempts, kept.error = InboxState.DEAD, 7, "KeyError"
        tx.commit()
    return row


def test_a_closed_channel_is_tried_by_the_next_message(town: Village) -> None:
    assert "没有停" in called("channels", "try", "template", *REASON).stderr
    channel_states.close(town.ctx, "template", Closing("refused"), tried=False)
    assert "template 从" in printed("channels", "list")
    printed("channels", "try", "template", *REASON)
    with town.ctx.sessions() as tx:
        probe_at = tx.get_one(ChannelState, "template").probe_at
    assert probe_at
    assert probe_at <= system_clock()
    assert reasons(town, "channel.try") == ["已排除故障"]
    assert "chat 正常" in printed("channels", "list")


def test_limits_are_listed_the_first_to_end_first(town: Village) -> None:
    ends = [row["ends_before"] for row in json.loads(printed("deadlines", "--json"))]
    assert ends
    assert ends == sorted(ends)
    assert "SQ-" in printed("deadlines")
