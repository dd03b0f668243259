"""From outbox rows to what people read on their phones, through the emulator."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.channels import CHANNELS, CHAT
from backend.domain.local_time import SHANGHAI
from backend.domain.outages import Closing
from backend.services.base.context import Context
from backend.services.messages import delivery_results, leases, outbox
from backend.services.messages.channel_states import close, closed
from backend.services.messages.delivery_results import Outcome
from backend.services.messages.leases import LEASE, Delivery
from backend.services.messages.sending import deliver, send_in_time
from backend.store.messages import Outbox
from backend.store.people import Identity
from backend.wechat.channels.sending import Channels
from tests.build.followers import (
    REMINDER,
    Follower,
    Platform,
    row,
    try_closed_channels,
    write_chat,
    write_reminder,
)
from tests.build.waiting import at_once

Follow = Callable[..., Follower]
TEMPLATE_CALL = "/cgi-bin/message/template/send"
DATA = Path(__file__).parents[1] / "data" / "platform"
CHAT_CALL = "/cgi-bin/message/custom/send"


@pytest.fixture
def anna(follower: Follow) -> Follower:
    return follower("甲")


def opens_conversation(platform: Platform, person: Follower) -> None:
    platform.control("POST", f"/people/{person.name}/messages", {"text": "您好"})


def make_due(ctx: Context) -> None:
    with ctx.sessions() as tx:
        earlier = Outbox.first_tried_at - timedelta(minutes=1)
        tx.execute(update(Outbox).values(try_at=system_clock(), first_tried_at=earlier))
        tx.commit()
    try_closed_channels(ctx)


def test_every_channel_has_a_sender(channel: Channels) -> None:
    assert channel.senders.keys() == CHANNELS.keys()


def test_a_reminder_reaches_the_person(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    row_id = write_reminder(tx, ctx, anna.person_id)
    tx.commit()
    deliver(ctx, [row_id], channel.send)
    (heard,) = platform.heard("甲")
    assert heard["template"] == "deadline_reminder"
    assert "还有3个工作日" in heard["text"]
    assert heard["client_msg_id"] == str(row_id)
    assert row(ctx, row_id).msgid == heard["msgid"]


def test_a_tap_opens_the_page_and_a_phone_without_it_the_web_page(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    row_id = write_reminder(tx, ctx, anna.person_id)
    opens = {**REMINDER, "page": "pages/committee/committee", "link": "/p/of-a-plan"}
    tx.execute(update(Outbox).where(Outbox.id == row_id).values(data=opens))
    tx.commit()
    deliver(ctx, [row_id], channel.send)
    (heard,) = platform.heard("甲")
    assert heard["miniprogram"] == {
        "appid": ctx.platform.mini_appid,
        "pagepath": "pages/committee/committee",
    }
    assert heard["url"].endswith("/p/of-a-plan")


def test_a_page_that_is_not_published_is_our_set_up_s_fault(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    row_id = write_reminder(tx, ctx, anna.person_id)
    opens = {**REMINDER, "page": "pages/nowhere/nowhere"}
    tx.execute(update(Outbox).where(Outbox.id == row_id).values(data=opens))
    tx.commit()
    deliver(ctx, [row_id], channel.send)
    assert (row(ctx, row_id).state, row(ctx, row_id).outcome) == ("created", "set_up/40165")
    assert platform.heard("甲") == []


def test_a_batch_delivered_twice_reaches_everybody_once(
    ctx: Context, tx: Session, platform: Platform, follower: Follow, channel: Channels
) -> None:
    people = [follower(f"业主{n}") for n in range(20)]
    ids = [write_reminder(tx, ctx, person.person_id) for person in people]
    tx.commit()
    for _ in range(2):
        deliver(ctx, ids, channel.send)
    assert sorted(message["person"] for message in platform.heard()) == sorted(
        person.name for person in people
    )


def test_a_busy_worker_goes_on_with_whatever_else_is_due(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    ids = [write_reminder(tx, ctx, anna.person_id) for _ in range(9)]
    tx.commit()
    deliver(ctx, ids[:1], channel.send, threads=2)
    assert len(platform.heard()) == 1
    deliver(ctx, ids[1:3], channel.send, threads=2)
    assert Counter(m["client_msg_id"] for m in platform.heard()) == Counter(map(str, ids))
    assert {row(ctx, row_id).state for row_id in ids} == {"sent"}


def test_a_persons_chat_messages_keep_their_order(
    ctx: Context, tx: Session, platform: Platform, follower: Follow, channel: Channels
) -> None:
    people = [follower(name) for name in ("甲", "乙", "丙")]
    for person in people:
        opens_conversation(platform, person)
    ids = [write_chat(tx, ctx, person.person_id, f"第{n}句") for n in range(5) for person in people]
    tx.commit()
    deliver(ctx, ids, channel.send)
    for person in people:
        texts = [message["text"] for message in platform.heard(person.name)]
        assert texts == [f"第{n}句" for n in range(5)]


def test_a_menu_carries_its_choices(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    opens_conversation(platform, anna)
    row_id = outbox.write(
        tx,
        ctx.clock(),
        outbox.Message(
            natural_key="m",
            person_id=anna.person_id,
            role="follower",
            channel=CHAT,
            template="menu",
            subject=None,
            data={
                "head": "请审议",
                "choices": [["a1", "同意"], ["r1", "不同意"]],
                "tail": "请点选",
            },
        ),
    )
    assert row_id is not None
    tx.commit()
    deliver(ctx, [row_id], channel.send)
    (heard,) = platform.heard("甲")
    assert [choice["id"] for choice in heard["choices"]] == ["a1", "r1"]


def test_a_message_that_cannot_be_built_does_not_hold_up_the_others(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    broken = write_reminder(tx, ctx, anna.person_id)
    good = write_reminder(tx, ctx, anna.person_id)
    tx.execute(update(Outbox).where(Outbox.id == broken).values(data={"estate": "只有一项"}))
    tx.commit()
    deliver(ctx, [broken, good], channel.send)
    assert (row(ctx, broken).state, row(ctx, broken).outcome) == ("failed", "internal_error")
    assert row(ctx, good).state == "sent"


def test_an_answer_that_got_lost_is_made_up_for_by_a_repeat(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    platform.fail(TEMPLATE_CALL, "lost_after", seconds=0)
    row_id = write_reminder(tx, ctx, anna.person_id)
    tx.commit()
    deliver(ctx, [row_id], channel.send)
    assert row(ctx, row_id).state == "sending"
    make_due(ctx)
    deliver(ctx, [row_id], channel.send)
    assert row(ctx, row_id).state == "sent"
    assert len(platform.heard("甲")) == 1
    assert platform.calls(TEMPLATE_CALL) == 2


def test_a_chat_answer_that_got_lost_is_not_repeated(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    opens_conversation(platform, anna)
    platform.fail(CHAT_CALL, "lost_after", seconds=0)
    row_id = write_chat(tx, ctx, anna.person_id)
    tx.commit()
    deliver(ctx, [row_id], channel.send)
    make_due(ctx)
    deliver(ctx, [row_id], channel.send)
    assert row(ctx, row_id).state == "unknown"
    assert platform.calls(CHAT_CALL) == 1


def test_a_used_up_quota_stops_the_channel_until_midnight_in_beijing(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    platform.fail(TEMPLATE_CALL, "errcode", code=45009, times=None)
    ids = [write_reminder(tx, ctx, anna.person_id) for _ in range(3)]
    tx.commit()
    for row_id in ids:
        deliver(ctx, [row_id], channel.send)
    assert platform.calls(TEMPLATE_CALL) == 1
    assert {row(ctx, row_id).state for row_id in ids} == {"created"}
    again_at = closed(tx)["template"].probe_at
    assert again_at is not None
    local = again_at.astimezone(SHANGHAI)
    assert (local.hour, local.minute) == (0, 0)
    assert system_clock() < again_at <= system_clock() + timedelta(days=1)


@pytest.mark.parametrize("errcode", [40243, 50004, 89501])
def test_whoever_gets_no_token_closes_the_channel_whatever_the_code(
    ctx: Context,
    tx: Session,
    platform: Platform,
    anna: Follower,
    channel: Channels,
    errcode: int,
) -> None:
    platform.fail("/cgi-bin/stable_token", "errcode", code=errcode, times=None)
    ids = [write_reminder(tx, ctx, anna.person_id) for _ in range(2)]
    tx.commit()
    for _ in range(3):
        try_closed_channels(ctx)
        deliver(ctx, ids, channel.send)
    assert closed(tx)["template"].reason == f"set_up/{errcode}"
    assert closed(tx)["template"].failures == 3


@pytest.mark.parametrize(
    ("errcode", "becomes"),
    [
        (-1, ("created", "-1")),
        (40003, ("failed", "40003")),
        (43004, ("failed", "43004")),
        (40164, ("created", "set_up/40164")),
        (40037, ("created", "set_up/40037")),
        (47003, ("created", "set_up/47003")),
    ],
)
def test_what_a_refusal_means(
    ctx: Context,
    tx: Session,
    platform: Platform,
    anna: Follower,
    channel: Channels,
    errcode: int,
    becomes: tuple[str, str],
) -> None:
    platform.fail(TEMPLATE_CALL, "errcode", code=errcode, times=None)
    row_id = write_reminder(tx, ctx, anna.person_id)
    tx.commit()
    deliver(ctx, [row_id], channel.send)
    assert (row(ctx, row_id).state, row(ctx, row_id).outcome) == becomes
    reachable = tx.scalars(select(Identity.reachable)).one()
    assert reachable is (errcode != 43004)


def test_what_came_too_fast_comes_again_a_minute_later_and_one_message_tries(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    """Figures before: all that waited were called at one instant, minute after minute."""
    platform.fail(TEMPLATE_CALL, "errcode", code=45011, times=None)
    rows = [write_reminder(tx, ctx, anna.person_id) for _ in range(30)]
    tx.commit()
    before = system_clock()
    deliver(ctx, rows, channel.send, threads=2)
    assert platform.calls(TEMPLATE_CALL) <= 2, "those in flight"
    assert {row(ctx, row_id).state for row_id in rows} == {"created"}
    again_at = closed(tx)["template"].probe_at
    assert again_at is not None
    assert again_at > before + timedelta(minutes=1)
    try_closed_channels(ctx)
    platform.control("DELETE", "/calls")
    platform.control("DELETE", "/faults")
    deliver(ctx, rows, channel.send)
    assert platform.calls(TEMPLATE_CALL) == 1
    deliver(ctx, rows, channel.send)
    assert {row(ctx, row_id).state for row_id in rows} == {"sent"}


def test_of_two_workers_one_tries_a_closed_channel(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    close(ctx, "template", Closing("not_reached"), tried=False)
    rows = [write_reminder(tx, ctx, anna.person_id) for _ in range(5)]
    tx.commit()
    try_closed_channels(ctx)
    taken = at_once([lambda: leases.take(ctx, rows)] * 4)
    assert sorted(len(each) for each in taken) == [0, 0, 0, 1]
    assert leases.due_ids(ctx) == []
    again_at = closed(tx)["template"].probe_at
    assert again_at is not None
    assert again_at > system_clock(), "until that worker is lost"


def case(name: str) -> Mapping[str, Any]:
    """One of the platform's errors as they really come."""
    cases = json.loads((DATA / "errors.json").read_text(encoding="utf-8"))["cases"]
    return next(each for each in cases if each["name"] == name)


def test_while_our_set_up_is_wrong_messages_wait_and_the_operator_is_told_once(
    ctx: Context,
    tx: Session,
    platform: Platform,
    anna: Follower,
    channel: Channels,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fault = case("address not on the list")
    platform.fail(fault["call"], "errcode", code=fault["errcode"], times=None)
    ids = [write_reminder(tx, ctx, anna.person_id) for _ in range(3)]
    tx.commit()
    for _ in range(10):  # far more tries than twenty minutes see
        deliver(ctx, ids, channel.send)
        try_closed_channels(ctx)
    assert {row(ctx, row_id).state for row_id in ids} == {"created"}
    assert delivery_results.waiting(tx) == {str(fault["errcode"]): 3}
    told = [each for each in caplog.records if each.levelname == "ERROR"]
    assert [str(fault["errcode"]) in each.getMessage() for each in told] == [True]

    platform.control("DELETE", "/faults")
    for _ in range(2):
        deliver(ctx, ids, channel.send)
    assert {row(ctx, row_id).state for row_id in ids} == {"sent"}
    assert len(platform.heard("甲")) == 3
    tx.rollback()
    assert delivery_results.waiting(tx) == {}


def test_a_bad_receiver_is_given_up_and_the_others_go_out(
    ctx: Context, tx: Session, platform: Platform, anna: Follower, channel: Channels
) -> None:
    fault = case("a bad receiver")
    platform.fail(fault["call"], "errcode", code=fault["errcode"], times=1)
    bad, good = (write_reminder(tx, ctx, anna.person_id) for _ in range(2))
    tx.commit()
    deliver(ctx, [bad], channel.send)
    deliver(ctx, [good], channel.send)
    assert (row(ctx, bad).state, row(ctx, good).state) == ("failed", "sent")


def test_a_closed_conversation_is_final(
    ctx: Context, tx: Session, anna: Follower, channel: Channels
) -> None:
    row_id = write_chat(tx, ctx, anna.person_id)
    tx.commit()
    deliver(ctx, [row_id], channel.send)
    assert (row(ctx, row_id).state, row(ctx, row_id).outcome) == ("failed", "window_closed")


def test_a_batch_that_takes_too_long_leaves_the_rest_to_the_next(
    ctx: Context, tx: Session, anna: Follower
) -> None:
    row_id = write_reminder(tx, ctx, anna.person_id)
    tx.commit()
    (delivery,) = leases.take(ctx, [row_id])
    sent: list[Delivery] = []

    def send(delivery: Delivery) -> Outcome:
        sent.append(delivery)
        return Outcome("sent", "accepted")

    late = replace(delivery, leased_at=delivery.leased_at - LEASE / 2)
    delivery_results.record_outcomes(ctx, [(delivery, send_in_time(late, send))])
    assert sent == []
    assert leases.due_ids(ctx) == [row_id]
