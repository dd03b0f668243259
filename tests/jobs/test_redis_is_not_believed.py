"""A stranger who may do everything in Redis gains nothing: each attack by name, at a real worker.

The worker, the cron and the API run while the stranger writes; afterwards they still work, and
nothing happened that the house did not want.
"""

import json
import pickle
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq.utils import as_text
from sqlalchemy import select

from backend.app import create_app
from backend.config import Settings
from backend.jobs.names import QUEUES, QueueName
from backend.jobs.queues import wake
from backend.programs import api as api_program
from backend.runtime import Runtime
from backend.services.base.context import Context
from backend.store.messages import Outbox, OutboxState
from backend.store.people import AccessGrant
from tests.build.followers import Follower, Platform, write_reminder
from tests.build.processes import Supervised, running, seen
from tests.build.sessions import session_of

pytestmark = [pytest.mark.deep, pytest.mark.usefixtures("database_url")]

Follow = Callable[..., Follower]
SHUTDOWN = '{"command": "shutdown"}'


@dataclass
class Scene:
    """What a stranger sees of the house, and the door of Redis that stands open."""

    redis: Redis
    mark: Path  # a folder that code of the stranger would make
    due: UUID
    sent: UUID
    token_hash: bytes
    officer: UUID

    @property
    def call(self) -> tuple[str, None, tuple[str], dict[str, Any]]:
        return ("os.mkdir", None, (str(self.mark),), {})


class Evil:
    """Runs as it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.mkdir, (self.path,))


def key(queue: QueueName) -> str:
    """Where RQ keeps the ids of a queue's jobs."""
    return f"rq:queue:{queue}"


def a_job(scene: Scene, data: bytes, **fields: str) -> None:
    """A job as RQ would read it, waiting in every queue."""
    for queue in QUEUES:
        job_id = f"stranger-{uuid4()}"
        values: dict[Any, Any] = {"data": data, "origin": "elsewhere", "status": "queued", **fields}
        scene.redis.hset(f"rq:job:{job_id}", mapping=values)
        scene.redis.rpush(key(queue), job_id)


def jobs(*datas: bytes) -> Callable[[Scene], None]:
    """These jobs, packed as RQ packs them and bare."""

    def push(scene: Scene) -> None:
        for data in datas:
            a_job(scene, data)
            a_job(scene, zlib.compress(data))

    return push


def pushed(*entries: bytes) -> Callable[[Scene], None]:
    """Where the ids of jobs are expected."""

    def push(scene: Scene) -> None:
        for queue in QUEUES:
            scene.redis.rpush(key(queue), *entries)

    return push


def other_things_where_queues_were(scene: Scene) -> None:
    deliveries, callbacks, printing = map(key, QUEUES)
    scene.redis.delete(deliveries, callbacks, printing, "rq:workers", "rq:queues")
    scene.redis.set(deliveries, "x")
    scene.redis.hset(callbacks, "a", "b")
    scene.redis.xadd(printing, {"a": "b"})
    scene.redis.set("rq:queues", "x")
    scene.redis.set("rq:workers", "x")


def ids(*row_ids: object, times: int = 1) -> bytes:
    """What RQ would write for these ids, said so many times."""
    said = [str(row_id) for row_id in row_ids] * times
    return json.dumps(["wake up", None, [said], {}]).encode()


def a_session(scene: Scene, value: bytes) -> None:
    """As the cache of sessions once believed it."""
    scene.redis.set(f"session:{scene.token_hash.hex()}", value)


ATTACKS: dict[str, Callable[[Scene], object]] = {
    "pickled code": lambda s: jobs(pickle.dumps(Evil(s.mark)))(s),
    "any function of the machine, pickled": lambda s: jobs(pickle.dumps(s.call))(s),
    "any function, as JSON": lambda s: jobs(json.dumps(s.call).encode())(s),
    "any function with ids for it": lambda s: jobs(ids(s.due).replace(b"wake up", b"os.abort"))(s),
    "a callback by name": lambda s: a_job(
        s, ids(uuid4()), success_callback_name="os.abort", failure_callback_name="os.abort"
    ),
    "a webhook into the house": lambda s: a_job(
        s, ids(uuid4()), webhooks='[{"url": "http://127.0.0.1:1/", "job_status": "finished"}]'
    ),
    "a job that waits for another": lambda s: a_job(s, ids(uuid4()), dependency_ids='["x"]'),
    "a job that repeats itself": lambda s: a_job(
        s, ids(uuid4()), repeats_left="1000000", repeat_intervals="[0]", retries_left="1000000"
    ),
    "a job that may take for ever": lambda s: a_job(s, ids(uuid4()), timeout="-1"),
    "a job whose fields are none": lambda s: a_job(
        s, ids(uuid4()), timeout="x", created_at="x", status="x", result_ttl="x", meta="x"
    ),
    "a command to stop, published": lambda s: [
        s.redis.publish(f"rq:pubsub:{as_text(name).removeprefix('rq:worker:')}", SHUTDOWN)
        for name in s.redis.smembers("rq:workers")
    ],
    "all workers suspended": lambda s: s.redis.set("rq:suspended", 1),
    "a killed job to be cleaned up": lambda s: [
        s.redis.zadd(f"rq:wip:{queue}", {"stranger": 1}) for queue in QUEUES
    ],
    "a name of our own code": jobs(b'["backend.jobs.sweeps.sweep_remains", null, [], {}]'),
    "a function and its arguments": jobs(b'{"job": "send_messages", "ids": "all"}'),
    "a million ids": jobs(ids(uuid4(), times=1_000_000)),
    "a thousand jobs that are not there": pushed(*[str(uuid4()).encode() for _ in range(1000)]),
    "ids of nothing": jobs(ids(*(uuid4() for _ in range(500)))),
    "ids of other kinds": jobs(
        b'["x", null, [[1, null, true, {}, []]], {}]', b"null", b"7", b'"' + b"1" * 36 + b'"'
    ),
    "a message that was sent, again": lambda s: jobs(ids(s.sent), ids(s.sent, s.sent))(s),
    "a person where a message was expected": lambda s: jobs(ids(s.officer))(s),
    "JSON as deep as a well": jobs(b"[" * 15_000, b'{"a":' * 3_000),
    "numbers without end": jobs(b"9" * 15_000, b"1e999999", b"NaN"),
    "text that is none": jobs(b"\xff\xfe", b"", b'["\\ud800"]', b"\x00" * 1000),
    "twenty megabytes, and a bomb": jobs(b" " * 20_000_000),
    "jobs of another type": lambda s: [
        (s.redis.set("rq:job:odd", "x"), s.redis.rpush(key(queue), "odd")) for queue in QUEUES
    ],
    "a text, a hash and a stream where queues were": other_things_where_queues_were,
    "a session of an officer": lambda s: a_session(s, s.officer.bytes),
    "a session that says who in words": lambda s: a_session(s, str(s.officer).encode()),
    "a session that is rubbish": lambda s: a_session(s, b"\x80\x04."),
    "a token of the platform": lambda s: s.redis.set("wechat:token:wx5ad00d5ad00d5001", "9e9 evil"),
    "everything forgotten": lambda s: s.redis.flushall(),
}


@pytest.fixture
def processes(settings: Settings) -> Iterator[list[Supervised]]:
    words = [("worker", str(queue)) for queue in QUEUES]
    with running(settings, *words) as started:
        yield started


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(api_program.api_parts(runtime)).test_client()


def test_whoever_owns_redis_gains_nothing(
    settings: Settings,
    ctx: Context,
    platform: Platform,
    follower: Follow,
    client: FlaskClient,
    processes: list[Supervised],
    tmp_path: Path,
) -> None:
    stranger, officer = follower("路人"), follower("经办")
    token = session_of(ctx, stranger.person_id)
    with ctx.sessions() as tx:
        tx.add(
            AccessGrant(
                person_id=officer.person_id,
                role="administrator",
                scope_kind="city",
                scope_id=None,
                granted_at=ctx.clock(),
            )
        )
        sent, due = (write_reminder(tx, ctx, stranger.person_id) for _ in range(2))
        tx.commit()
    with Redis.from_url(settings.redis_url) as redis:
        wake(redis, QueueName.DELIVERIES)([sent])
        seen(lambda: state(ctx, sent) == "sent", settings)
        token_hash = ctx.cipher.digest("session", token)
        scene = Scene(redis, tmp_path / "gained", due, sent, token_hash, officer.person_id)
        for name, attack in ATTACKS.items():
            attack(scene)
            seen(lambda: all(redis.type(key(queue)) == b"none" for queue in QUEUES), settings)
            assert not scene.mark.exists(), name
            grants = client.get("/api/v1/grants", headers={"Authorization": f"Bearer {token}"})
            assert grants.status_code == 403, name  # who listens to us is a cashier here
        assert len(ATTACKS) >= 20
        wake(redis, QueueName.DELIVERIES)([due])
        seen(lambda: state(ctx, due) == "sent", settings)
    assert len(platform.heard("路人")) == 2


def state(ctx: Context, message_id: UUID) -> OutboxState | None:
    with ctx.sessions() as tx:
        return tx.scalar(select(Outbox.state).where(Outbox.id == message_id))
