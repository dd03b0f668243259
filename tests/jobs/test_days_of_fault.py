"""Our account is set up wrongly for days: what happens to the messages, and who hears of it.

The workers' own code runs; the platform refuses every call until somebody mends our set-up.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from backend.clock import system_clock
from backend.domain.local_time import SHANGHAI
from backend.services.case import reminders
from backend.services.messages import delivery_results, leases
from backend.services.messages.delivery_results import Outcome
from backend.services.messages.leases import Delivery
from backend.services.messages.sending import deliver
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.purchases import Purchase
from backend.wechat import alarms
from backend.wechat.channels.sending import Channels
from backend.wechat.reactions import PlatformError, Reaction
from tests.build.followers import try_closed_channels
from tests.build.residents import identity
from tests.build.village import Village

NOT_ON_THE_LIST = PlatformError(40164, "invalid ip", "rid-1", Reaction.OPERATOR)


@dataclass
class Faulty:
    """A platform that refuses us until it is `mended`; it keeps what it took."""

    mended: bool = False
    took: list[tuple[UUID, str, Mapping[str, Any]]] = field(default_factory=list)

    def send(self, delivery: Delivery) -> str:
        if not self.mended:
            raise NOT_ON_THE_LIST
        self.took.append((delivery.person_id, delivery.template, delivery.data))
        return str(uuid4())

    def of(self, template: str) -> list[Mapping[str, Any]]:
        return [data for _, kind, data in self.took if kind == template]


@pytest.fixture
def faulty() -> Faulty:
    return Faulty()


@pytest.fixture
def channels(faulty: Faulty) -> Channels:
    return Channels({"template": faulty.send, "chat": faulty.send, "subscribe": faulty.send})


@pytest.fixture
def payable(village: Village) -> Purchase:
    """Reviewed; seven working days to pay, from Tuesday 11 March: the last is Thursday 20 March."""
    appid = village.ctx.platform.service_appid
    with village.ctx.sessions() as tx:
        for name in ("manager", "cashier", "clerk"):
            tx.add(identity(village, name, "service_account", appid, f"fan-{name}"))
        tx.commit()
    return village.reviewed()


def an_hour(village: Village, channels: Channels, day: int, hour: int) -> None:
    """What clock and workers do in one hour of March; the pauses between tries are over."""
    village.clock.set(datetime(2025, 3, day, hour, tzinfo=SHANGHAI))
    reminders.sweep(village.ctx)
    with village.ctx.sessions() as tx:
        tx.execute(update(Outbox).where(Outbox.state == "created").values(try_at=system_clock()))
        tx.commit()
    try_closed_channels(village.ctx)
    for _ in range(2):  # what tries a closed channel, and the others once that went well
        deliver(village.ctx, leases.due_ids(village.ctx), channels.send)


def states(village: Village, template: str) -> Counter[str]:
    with village.ctx.sessions() as tx:
        return Counter(tx.scalars(select(Outbox.state).where(Outbox.template == template)))


def test_messages_wait_for_days_and_go_out_once_when_it_is_mended(
    village: Village, payable: Purchase, faulty: Faulty, channels: Channels
) -> None:
    for day in (17, 18):
        for hour in (9, 12, 17):
            an_hour(village, channels, day, hour)
    with village.ctx.sessions() as tx:
        waiting = delivery_results.waiting(tx)
        about = set(tx.scalars(select(Outbox.id).where(Outbox.state == "created")))
    assert waiting == {"40164": len(about)}
    assert len(about) > 2
    faulty.mended = True
    for hour in (18, 19):
        an_hour(village, channels, 18, hour)
    with village.ctx.sessions() as tx:
        assert delivery_results.waiting(tx) == {}
        sent = set(tx.scalars(select(Outbox.id).where(Outbox.state == "sent")))
        unsent = select(Outbox.outcome).where(Outbox.id.in_(about - sent))
        assert set(tx.scalars(unsent)) <= {"no_identity"}, "who never used either app"
    assert len(faulty.took) == len(sent)
    left = [data["left"] for data in faulty.of("deadline_reminder")]
    assert left == ["还有2个工作日"] * 2  # three were left when they were written


def test_a_reminder_that_waited_until_it_is_late_says_so(
    village: Village, payable: Purchase, faulty: Faulty, channels: Channels
) -> None:
    an_hour(village, channels, 20, 9)
    faulty.mended = True
    an_hour(village, channels, 23, 8)  # a Sunday: nothing new is written
    left = [data["left"] for data in faulty.of("deadline_reminder")]
    assert left == ["已逾期1个工作日，请立即办理"] * 2


def test_what_came_back_unsent_after_its_limit_ended_never_leaves(
    village: Village, payable: Purchase, faulty: Faulty, channels: Channels
) -> None:
    village.clock.set(datetime(2025, 3, 17, 9, tzinfo=SHANGHAI))
    reminders.sweep(village.ctx)
    in_hand = leases.take(village.ctx, leases.due_ids(village.ctx))
    village.cashier.orders_payment(payable.id)
    village.cashier.confirms_payment(payable.id, "BANK-1", village.upload("cashier"))
    unsent = Outcome("later", "set_up/40164")
    delivery_results.record_outcomes(village.ctx, [(each, unsent) for each in in_hand])
    assert states(village, "deadline_reminder") == {"created": 2}
    with village.ctx.sessions() as tx:
        tx.execute(update(Outbox).values(try_at=system_clock()))
        tx.commit()
    assert not [d for d in leases.take_due(village.ctx, 500) if d.template == "deadline_reminder"]
    faulty.mended = True
    an_hour(village, channels, 18, 9)
    assert states(village, "deadline_reminder") == {"superseded": 2}
    assert faulty.of("deadline_reminder") == []


def test_a_limit_that_stands_still_is_not_reminded_of(
    village: Village, payable: Purchase, faulty: Faulty, channels: Channels
) -> None:
    an_hour(village, channels, 17, 9)
    with village.ctx.sessions() as tx:
        tx.execute(update(DeadlineRecord).values(state="paused"))
        tx.commit()
    faulty.mended = True
    an_hour(village, channels, 17, 10)
    assert states(village, "deadline_reminder") == {"superseded": 2}


def test_the_operator_is_told_once_a_day_and_again_when_it_was_gone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm, start = alarms.OperatorAlarm(), system_clock()

    def told(minutes: range) -> int:
        caplog.clear()
        for minute in minutes:
            now = start + timedelta(minutes=minute)
            monkeypatch.setattr(alarms, "system_clock", lambda at=now: at)
            alarm.tell(NOT_ON_THE_LIST)
        return len(caplog.records)

    three_days = 3 * 24 * 60
    assert told(range(0, three_days, 10)) == 3
    assert told(range(three_days + 180, three_days + 240)) == 1
