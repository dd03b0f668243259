"""Deliveries per second through our worker, beside bare pooled HTTP posts, in one run.

    .venv/bin/python -m bench.deliveries

Both send the same template messages to the same emulator, which answers after 50 ms, with the same
number of threads, in turns. Ours goes the whole way: RQ job, lease, send, settle. The servers are
throwaway ones on loopback, gone at the end.
"""

import json
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import click
import urllib3
from flask import Flask
from rq.serializers import JSONSerializer
from sqlalchemy import Engine, event, func, select

from backend import wiring
from backend.config import Settings, environment, load_settings
from backend.domain.channels import TEMPLATE
from backend.http.serving import GRANIAN
from backend.jobs.names import QueueName
from backend.jobs.queues import connect, queue_of, wake
from backend.jobs.worker import WokenUp, Worker
from backend.local.processes import wait_until
from backend.programs import deliveries as deliveries_program
from backend.runtime import Runtime
from backend.services.messages import outbox
from backend.services.messages.sending import THREADS
from backend.store.messages import Outbox
from backend.store.people import AccessGrant, Identity, Person
from backend.wechat.sandbox.app import create_sandbox
from backend.wechat.sandbox.memory.threads import THREADS as CALLS_AT_ONCE
from backend.wechat.templates import TEMPLATES, platform_data
from bench.scene import throwaway_settings

QUICK = ("--interface", "wsgi", "--blocking-threads", str(CALLS_AT_ONCE))
LATENCY_MS = 50
PEOPLE = 100
ROUNDS = 5
MESSAGES = 2000
ROLE = "cashier"  # who is told in a role holds it, else the message is taken back
VALUES = {
    "estate": "示例小区",
    "task": "拨付保费至保险机构",
    "number": "SQ-2025-000001",
    "due": "2025年3月20日 23:59",
    "left": "还有3个工作日",
}


@dataclass
class Figures:
    """What a run measured, per second; statements and commits are per message."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    statements: float = 0
    commits: float = 0

    def as_json(self) -> dict[str, Any]:
        """Medians over the rounds; the ratio is taken within each, under the same load."""
        ours, bare = statistics.median(self.ours), statistics.median(self.bare)
        ratios = [o / b for o, b in zip(self.ours, self.bare, strict=True)]
        ratio = statistics.median(ratios)
        return {
            "deliveries_per_second": round(ours),
            "bare_posts_per_second": round(bare),
            "ratio": round(ratio, 2),
            "threads": THREADS,
            "latency_ms": LATENCY_MS,
            "statements_per_delivery": round(self.statements, 4),
            "commits_per_delivery": round(self.commits, 4),
            "rounds": {
                "ours": [round(figure) for figure in self.ours],
                "bare": [round(figure) for figure in self.bare],
                "ratio": [round(each, 2) for each in ratios],
            },
        }


@dataclass(frozen=True)
class Field:
    """Where a run takes place: the house, its emulator, and people to write to."""

    runtime: Runtime
    openids: Sequence[str]
    person_ids: Sequence[UUID]


@contextmanager
def prepared() -> Iterator[Field]:
    """Throwaway servers, migrated and with followers, for as long as the block runs."""
    with ExitStack() as stack:
        settings = stack.enter_context(throwaway_settings())
        stack.enter_context(_emulator(settings))
        runtime = wiring.build(settings)
        stack.callback(runtime.engine.dispose)
        openids = [_follower(settings, number) for number in range(PEOPLE)]
        yield Field(runtime, openids, _known(runtime, openids))


def platform() -> Flask:
    """The emulator, on a server that is no narrower than what is measured."""
    return create_sandbox(load_settings())


@contextmanager
def _emulator(settings: Settings) -> Iterator[None]:
    words = [GRANIAN, *QUICK, "--port", settings.wechat_url.rpartition(":")[2], "--factory"]
    process = subprocess.Popen(
        [*words, "bench.deliveries:platform"], env=environment(settings), stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: _answers(settings), "sandbox")
        _control(settings, "PUT", "/callback", {"url": None})
        _control(settings, "PUT", "/latency", {"ms": LATENCY_MS})
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(settings: Settings) -> bool:
    try:
        return urllib3.request("GET", settings.wechat_url, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _control(settings: Settings, method: str, path: str, body: dict[str, Any]) -> Any:
    url = f"{settings.wechat_url}/sandbox{path}"
    answer = urllib3.request(method, url, json=body)
    if answer.status != 200:
        raise click.ClickException(answer.data.decode())
    return answer.json()


def _follower(settings: Settings, number: int) -> str:
    made = _control(settings, "POST", "/people", {"name": f"业主{number}", "subscribed": True})
    return str(made["openids"]["service"])


def _known(runtime: Runtime, openids: Sequence[str]) -> list[UUID]:
    ctx = runtime.ctx
    with ctx.sessions() as tx:
        people = [Person(name_sealed=None, created_at=ctx.clock()) for _ in openids]
        tx.add_all(people)
        tx.flush()
        tx.add_all(
            Identity(
                person_id=person.id,
                platform="service_account",
                appid=ctx.platform.service_appid,
                openid=openid,
                unionid=None,
                reachable=True,
                seen_at=ctx.clock(),
            )
            for person, openid in zip(people, openids, strict=True)
        )
        tx.add_all(
            AccessGrant(person_id=person.id, role=ROLE, scope_kind="city", granted_at=ctx.clock())
            for person in people
        )
        tx.commit()
        return [person.id for person in people]


def bare_posts(place: Field, messages: int) -> float:
    """Posts per second of the same bodies, with nothing around them."""
    template = TEMPLATES["deadline_reminder"]
    url = f"{place.runtime.settings.wechat_url}/cgi-bin/message/template/send"
    token = place.runtime.service_account.access_token
    data = {key: {"value": text} for key, text in platform_data(template, VALUES).items()}
    bodies = [
        json.dumps(
            {
                "touser": place.openids[number % PEOPLE],
                "template_id": template.platform_id,
                "data": data,
                "client_msg_id": str(uuid4()),
            }
        ).encode()
        for number in range(messages)
    ]
    pool = urllib3.PoolManager(maxsize=THREADS, retries=False)

    def post(body: bytes) -> int:
        answer = pool.request("POST", f"{url}?access_token={token}", body=body)
        return int(answer.json()["errcode"])

    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        answers = set(threads.map(post, bodies))
    spent = time.perf_counter() - started
    if answers != {0}:
        raise click.ClickException(f"bare posts were refused: {answers}")
    return messages / spent


def deliveries(place: Field, messages: int, figures: Figures) -> float:
    """Deliveries per second of rows written before; the worker runs until its queue is empty."""
    ids = _written(place, messages)
    with connect(place.runtime.settings.redis_url) as connection:
        jobs = queue_of(connection, QueueName.DELIVERIES)
        worker = Worker([jobs], connection=connection, job_class=WokenUp, serializer=JSONSerializer)
        wake(connection, QueueName.DELIVERIES)(ids)
        with _counted(place.runtime.engine, messages, figures):
            started = time.perf_counter()
            worker.work(burst=True, logging_level="WARNING")
            spent = time.perf_counter() - started
    with place.runtime.ctx.sessions() as tx:
        states = select(Outbox.state, func.count()).group_by(Outbox.state)
        ended: dict[str, int] = dict(tx.execute(states).all())
    if set(ended) != {"sent"}:
        raise click.ClickException(f"not every message was delivered: {ended}")
    return messages / spent


def _written(place: Field, messages: int) -> list[UUID]:
    ctx = place.runtime.ctx
    with ctx.sessions() as tx:
        ids = [
            outbox.write(
                tx,
                ctx.clock(),
                outbox.Message(
                    natural_key=str(uuid4()),
                    person_id=place.person_ids[number % PEOPLE],
                    role=ROLE,
                    channel=TEMPLATE,
                    template="deadline_reminder",
                    data=VALUES,
                    subject=None,
                ),
            )
            for number in range(messages)
        ]
        tx.info.clear()  # the bench wakes the worker itself
        tx.commit()
    return [row_id for row_id in ids if row_id is not None]


@contextmanager
def _counted(engine: Engine, messages: int, figures: Figures) -> Iterator[None]:
    """Count statements and commits, per message."""
    seen = {"statements": 0, "commits": 0}

    def executed(*_: object) -> None:
        seen["statements"] += 1

    def committed(*_: object) -> None:
        seen["commits"] += 1

    event.listen(engine, "before_cursor_execute", executed)
    event.listen(engine, "commit", committed)
    yield
    event.remove(engine, "before_cursor_execute", executed)
    event.remove(engine, "commit", committed)
    figures.statements = seen["statements"] / messages
    figures.commits = seen["commits"] / messages


def measure(rounds: int = ROUNDS, messages: int = MESSAGES) -> Figures:
    """Both ways in turns, each first in every second round, after one round of each that does not
    count."""
    with prepared() as place:
        deliveries_program.install(place.runtime)
        figures = Figures()
        ways = [
            (figures.bare, partial(bare_posts, place, messages)),
            (figures.ours, partial(deliveries, place, messages, figures)),
        ]
        for number in range(rounds + 1):
            for seen, way in ways:
                per_second = way()
                if number:
                    seen.append(per_second)
            ways.reverse()
        return figures


@click.command()
@click.option("--rounds", default=ROUNDS, show_default=True)
@click.option("--messages", default=MESSAGES, show_default=True, help="per round")
def main(rounds: int, messages: int) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(measure(rounds, messages).as_json(), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
