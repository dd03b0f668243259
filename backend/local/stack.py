"""The whole product on one machine: both servers, the API, the workers, the cron, the emulator."""

import http.client
import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from backend.config import Settings, address, environment
from backend.local import postgres, valkey
from backend.local.places import (
    USUAL,
    held_ports,
    lost_a_port,
    port_of,
    prepared,
    sole_use,
    tell_others,
)
from backend.local.processes import LocalError, free_port
from backend.local.supervisor import Program, Supervisor, end_leftovers, marked, supervised

TIBAO = str(Path(sys.executable).with_name("tibao"))
MOST_TRIES = 5
# There while the demo city's past is made; what a start that was ended then left, is half a city.
HALF_MADE = "demo-city.half-made"
MADE_BY_A_STACK = ("postgres", "valkey", "files", "wechat-sandbox.json", "wechat-wall.json")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """A running stack: where everything is (`settings`) and who keeps it alive."""

    settings: Settings
    supervisor: Supervisor

    def pid(self, program: str) -> int:
        """The process id of `postgres`, `valkey`, `web`, `sandbox` or `workers`."""
        return self.supervisor.pid(program)


def on_free_ports(settings: Settings, data_dir: Path) -> Settings:
    """The same settings for a stack of its own: other ports, other data, its own clock."""
    api_port = free_port()
    return replace(
        settings,
        data_dir=data_dir,
        clock_file=data_dir / "clock",
        database_url=postgres.database_url(free_port()),
        redis_url=valkey.redis_url(free_port()),
        api_host="127.0.0.1",
        api_port=api_port,
        desk_port=free_port(),
        public_url=address(api_port),
        wechat_url=address(free_port()),
    )


@contextmanager
def local_stack(
    settings: Settings,
    seed: bool = True,
    say: Say = lambda line: None,
    movable: Collection[str] = (),
) -> Iterator[Stack]:
    """The stack for as long as the block runs: migrated, answering, with a demo city if `seed`.

    It listens on ports of this machine, where the settings point or, for those in `movable`, on
    the next that are free; it keeps its data and logs in `data_dir`, which is its alone, and leaves
    no process behind. Raises LocalError with a line that says what is wrong.
    """
    settings = prepared(settings)
    with sole_use(settings.data_dir):
        end_leftovers(settings.data_dir / "logs")
        with ExitStack() as until_the_end:
            yield _up(until_the_end, settings, movable, (seed, say))


def _up(
    until_the_end: ExitStack,
    settings: Settings,
    movable: Collection[str],
    rest: tuple[bool, Say],
) -> Stack:
    """Start on free ports; anew where somebody else took one before its server listened."""
    say, tries = rest[-1], 0
    while True:
        tries += 1
        forget_half_a_city(settings)
        with ExitStack() as attempt:
            placed = attempt.enter_context(held_ports(settings, movable))
            if "api_port" in movable and placed.api_port != USUAL.api_port:
                say("常用的端口被占用，改用别的，见下 / the usual ports are busy, others are used")
            try:
                stack = attempt.enter_context(_started(placed, *rest))
            except LocalError:
                if tries == MOST_TRIES or not lost_a_port(placed):
                    raise
                continue  # if it is one that was asked for, that is told now
            until_the_end.push(attempt.pop_all())
            return stack


@contextmanager
def _started(settings: Settings, seed: bool, say: Say) -> Iterator[Stack]:
    data_dir, logs = settings.data_dir, settings.data_dir / "logs"
    database_port, redis_port = port_of(settings.database_url), port_of(settings.redis_url)
    postgres_words = postgres.command(data_dir / "postgres", database_port)
    databases = [
        Program("postgres", "databases", postgres_words, stop_signal="INT"),
        Program("valkey", "databases", valkey.command(data_dir / "valkey", redis_port)),
    ]
    migrate = Program("migrate", "setup", [TIBAO, "migrate"], once=True)
    demo_seed = Program("demo-seed", "setup", [TIBAO, "demo-seed", "--migrating"], once=True)
    app = _app(settings)

    say("准备数据库 / preparing the databases")
    programs = [*databases, *app, migrate, demo_seed]

    def cluster() -> None:
        postgres.prepare(data_dir / "postgres", marked(os.environ, logs))

    with supervised(programs, logs, environment(settings), meanwhile=cluster) as supervisor:
        supervisor.start(
            databases,
            lambda: (
                postgres.postmaster(data_dir / "postgres", database_port)
                == supervisor.pid("postgres")
                and supervisor.listens("valkey", redis_port)
            ),
        )
        say("启动各服务 / starting the services")
        for program in (*app, *([demo_seed] if seed else [])):  # they load meanwhile
            supervisor.begin(program)
        supervisor.run_once(migrate)
        wechat_port = port_of(settings.wechat_url)
        supervisor.wait_for(
            app,
            lambda: all(
                _opens(port, path) and supervisor.listens(name, port)
                for name, port, path in (
                    ("sandbox", wechat_port, "/"),
                    ("web", settings.api_port, "/healthz"),
                    ("web", settings.desk_port, "/healthz"),
                )
            ),
        )
        if seed:
            say("装入演示小区 / loading the demo estate")
            supervisor.finish(demo_seed)
        tell_others(settings)
        yield Stack(settings, supervisor)


def forget_half_a_city(settings: Settings) -> None:
    """Begin anew where a start was ended while it made the demo city's past: nobody was in yet."""
    half_made = settings.data_dir / HALF_MADE
    if half_made.exists():
        for name in MADE_BY_A_STACK:
            path = settings.data_dir / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if settings.clock_file:
            settings.clock_file.unlink(missing_ok=True)
        half_made.unlink()


def _app(settings: Settings) -> list[Program]:
    return [
        Program("sandbox", "app", [TIBAO, "sandbox"]),
        Program("web", "app", [TIBAO, "web", "--migrating"]),
        Program("workers", "app", [TIBAO, "workers", "--migrating"]),
    ]


def _opens(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
