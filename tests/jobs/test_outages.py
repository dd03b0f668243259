"""The outage table: the platform is away in fourteen ways for four hours, and nothing is lost.

Our own code sends over HTTP to the emulator; sweeps and hours pass by a clock that the test moves.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from werkzeug.serving import BaseWSGIServer, make_server

from backend.config import Settings
from backend.domain.channels import TEMPLATE
from backend.domain.local_time import SHANGHAI
from backend.domain.outages import LONGEST_PAUSE, SHORTEST_PAUSE, Closing, probe_at
from backend.local.processes import free_port
from backend.programs import deliveries as deliveries_program
from backend.runtime import Runtime
from backend.services.messages import channel_states, delivery_results, leases, outbox
from backend.services.messages.sending import deliver
from backend.store.messages import ChannelState, Outbox
from backend.wechat.channels.sending import Channels
from backend.wechat.sandbox.app import create_sandbox
from tests.build.clock import ManualClock
from tests.build.databases import Database
from tests.build.followers import REMINDER, Follower, Platform
from tests.build.machine_clock import machine_clock
from tests.build.runtime import runtime_at

EVENING = datetime(2026, 3, 2, 20, tzinfo=SHANGHAI)  # four hours before the day's quota is new
OUTAGE = timedelta(hours=4)
EVERY = timedelta(minutes=8)  # four urgent messages and four others
SWEEP = timedelta(seconds=3)
SOON = timedelta(minutes=5)
SEND = "/cgi-bin/message/template/send"
THREADS = 4
PEOPLE = 10
STAGES = ("due_today", "early")  # of a reminder: what is urgent, and what is less so
MOST_CALLS_A_MINUTE = 2
# Here every pause is the longest, and what waits arrives as late as can be; elsewhere they are as
# long as this on average.
USUAL_MINUTES = (SHORTEST_PAUSE + LONGEST_PAUSE) / 2 / timedelta(minutes=1)
NEXT_TRY = select(func.min(ChannelState.probe_at))
STATES = select(Outbox.state, func.count()).group_by(Outbox.state)
BRIEF = 0.15  # seconds that a call waits: as little as may be set, and a little more


def after_the_longest_pause(
    closing: Closing, failures: int, now: datetime, chance: float
) -> datetime:
    """When a closed channel is tried, were chance always against us."""
    assert 0 <= chance <= 1
    return probe_at(closing, failures, now, 1)


@dataclass
class Server:
    """The emulator, which can be away altogether."""

    app: Any
    port: int
    server: BaseWSGIServer | None = None

    def begin(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def end(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None


@dataclass
class Town:
    """A house, the platform, and the messages that the house has for some people."""

    runtime: Runtime
    server: Server
    platform: Platform
    machine: ManualClock
    channels: Channels
    people: list[Follower]
    fault: dict[str, Any] | None
    urgent: dict[str, bool] = field(default_factory=dict)
    reported: set[str] = field(default_factory=set)
    tries: int = 0

    def write(self) -> None:
        """Four that are urgent and four others."""
        ctx, written = self.runtime.ctx, len(self.urgent)
        messages = [
            outbox.Message(
                natural_key=f"test/{STAGES[number % 2]}/{number}",
                person_id=self.people[number % PEOPLE].person_id,
                role="cashier",
                channel=TEMPLATE,
                template="deadline_reminder",
                data=REMINDER,
                subject=None,
            )
            for number in range(written, written + 8)
        ]
        with ctx.sessions() as tx:
            ids = outbox.write_each(tx, ctx.clock(), messages)
            tx.commit()
        self.urgent |= {str(one): number % 2 == 0 for number, one in enumerate(ids)}

    def sweep(self) -> None:
        """What cron and worker do once; nobody is woken for nothing."""
        ctx = self.runtime.ctx
        if ids := leases.due_ids(ctx):
            self.tries += 1
            deliver(ctx, ids, self.channels.send, threads=THREADS)

    def goes(self) -> None:
        """The platform is away from now on."""
        if self.fault is None:
            self.server.end()
        else:
            self.platform.control("POST", "/faults", {"times": None, **self.fault})

    def returns(self) -> None:
        if self.fault is None:
            self.server.begin()
        else:
            self.platform.control("DELETE", "/faults")

    def report(self) -> None:
        """The platform tells of each message that it took how that ended."""
        openids = {person.name: person.openid for person in self.people}
        with self.runtime.ctx.sessions() as tx:
            for one in self.platform.heard():
                if one["msgid"] not in self.reported:
                    self.reported.add(one["msgid"])
                    delivery_results.finish(
                        tx, self.runtime.ctx, openids[one["person"]], one["msgid"], "success"
                    )
            tx.commit()

    def calls(self) -> int:
        return sum(self.platform.control("GET", "/calls")["calls"].values())

    def next_try(self) -> datetime:
        at: datetime | None
        with self.runtime.engine.connect() as connection:
            at = connection.scalar(NEXT_TRY)
        return at or self.machine() + SWEEP

    def states(self) -> Counter[str]:
        with self.runtime.engine.connect() as connection:
            rows = connection.execute(STATES).all()
        return Counter({str(state): count for state, count in rows})


@pytest.fixture
def town(
    database: Database,
    engine: Engine,
    redis_url: str,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[dict[str, Any] | None], Town]]:
    machine = machine_clock(monkeypatch, EVENING)
    monkeypatch.setattr(channel_states, "probe_at", after_the_longest_pause)
    server = Server(create_sandbox(Settings(data_dir=tmp_path / "emulator")), free_port())
    server.begin()
    settings = Settings(
        database_url=database.url,
        redis_url=redis_url,
        wechat_url=f"http://127.0.0.1:{server.port}",
        wechat_timeout_seconds=BRIEF,
        data_dir=tmp_path,
    )
    with runtime_at(settings, engine, clock) as runtime:
        platform = Platform(settings)

        def made(fault: dict[str, Any] | None) -> Town:
            people = [platform.follower(runtime.ctx, f"业主{n}") for n in range(PEOPLE)]
            channels = deliveries_program.channels(runtime)
            assert runtime.service_account.access_token, "the token is warm"
            return Town(runtime, server, platform, machine, channels, people, fault)

        yield made
    server.end()


def errcode(code: int, call: str = "*") -> dict[str, Any]:
    return {"call": call, "kind": "errcode", "code": code}


WAYS: dict[str, dict[str, Any] | None] = {
    "refused": None,
    "reset": {"call": "*", "kind": "reset"},
    "hang": {"call": SEND, "kind": "lost_before", "seconds": BRIEF * 2},
    "drip": {"call": SEND, "kind": "drip", "seconds": BRIEF * 2},
    "429": {"call": "*", "kind": "http", "code": 429},
    "403": {"call": "*", "kind": "http", "code": 403},
    "502": {"call": SEND, "kind": "http", "code": 502},
    "503": {"call": "*", "kind": "http", "code": 503},
    "html": {"call": SEND, "kind": "html"},
    "-1": errcode(-1),
    "40001": errcode(40001, SEND),
    "40164": errcode(40164),
    "45009": errcode(45009, SEND),
    "dropped": {"call": SEND, "kind": "dropped"},
}


@pytest.mark.parametrize("way", WAYS)
def test_after_four_hours_everything_arrives_within_five_minutes_the_urgent_first(
    way: str,
    town: Callable[[dict[str, Any] | None], Town],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "werkzeug")
    here = town(WAYS[way])
    here.goes()
    began, back = EVENING, EVENING + OUTAGE
    write_at, calls_before = began, here.calls() if here.fault else 0
    while here.machine() < back:
        while here.machine() >= write_at:
            here.write()
            write_at += EVERY
        here.sweep()
        away = here.machine() - began
        assert here.tries <= away / LONGEST_PAUSE + 3, "the first ones come sooner"
        if way == "dropped":
            here.report()
        soon = here.next_try()
        following = soon if soon < here.machine() + EVERY else write_at
        here.machine.set(max(min(following, back - SWEEP), here.machine() + SWEEP))
    assert len(here.urgent) == 240
    calls = (here.calls() - calls_before) if here.fault else 0
    assert calls <= here.tries * MOST_CALLS_A_MINUTE * USUAL_MINUTES
    told = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert len(told) == 1, told
    assert "nothing leaves by template" in told[0]

    here.machine.set(back)
    here.returns()
    early = {one["client_msg_id"] for one in here.platform.heard()}
    while here.machine() < back + SOON and here.states()["sent"] < 240:
        here.sweep()
        here.machine.set(max(min(here.next_try(), back + SOON), here.machine() + SWEEP))
    assert here.states() == {"sent": 240}
    arrived = [one["client_msg_id"] for one in here.platform.heard()]
    assert Counter(arrived) == Counter(here.urgent.keys()), "each once, whatever was perhaps sent"
    late = [here.urgent[one] for one in arrived if one not in early]
    first = late[: sum(late)]
    assert sum(first) >= 0.95 * len(first)
    assert LONGEST_PAUSE < SOON
