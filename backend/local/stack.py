"""The whole product on one machine: both servers, the API, the workers, the cron, the emulator."""

import http.client
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from backend.config import LOOPBACK, Settings, environment
from backend.local import postgres, valkey
from backend.local.processes import LocalError, free_port, port_is_free
from backend.local.supervisor import Program, Supervisor, supervised

TIBAO = str(Path(sys.executable).with_name("tibao"))
GRANIAN = str(Path(sys.executable).with_name("granian"))
API = "backend.app:create_app"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """A running stack: where everything is (`settings`) and who keeps it alive."""

    settings: Settings
    supervisor: Supervisor

    def pid(self, program: str) -> int:
        """The process id of `postgres`, `valkey`, `api`, `sandbox`, `cron` or `worker-QUEUE`."""
        return self.supervisor.processes()[program].pid


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
        public_url=f"http://127.0.0.1:{api_port}",
        wechat_url=f"http://127.0.0.1:{free_port()}",
    )


@contextmanager
def local_stack(
    settings: Settings, queues: Sequence[str], seed: bool = True, say: Say = lambda line: None
) -> Iterator[Stack]:
    """The stack for as long as the block runs: migrated, answering, with a demo city if `seed`.

    It listens where the settings point, which must be free ports of this machine, keeps its data
    and logs in `data_dir`, and leaves no process behind. Raises LocalError with a line that says
    what is wrong.
    """
    settings = _checked(settings)
    data_dir = settings.data_dir
    database_port, redis_port = _port(settings.database_url), _port(settings.redis_url)
    postgres_words = postgres.command(data_dir / "postgres", database_port)
    databases = [
        Program("postgres", "databases", postgres_words, stop_signal="INT"),
        Program("valkey", "databases", valkey.command(data_dir / "valkey", redis_port)),
    ]
    migrate = Program("migrate", "setup", [TIBAO, "migrate"], once=True)
    demo_seed = Program("demo-seed", "setup", [TIBAO, "demo-seed"], once=True)
    app = _app(settings, queues)

    say("准备数据库 / preparing the databases")
    postgres.prepare(data_dir / "postgres")
    programs = [*databases, *app, migrate, demo_seed]
    with supervised(programs, data_dir / "logs", environment(settings)) as supervisor:
        supervisor.start(
            databases,
            lambda: postgres.answers(database_port) and valkey.answers(redis_port),
        )
        supervisor.run_once(migrate)
        say("启动各服务 / starting the services")
        wechat_port = _port(settings.wechat_url)
        supervisor.start(
            app, lambda: _opens(settings.api_port, "/healthz") and _opens(wechat_port, "/")
        )
        if seed:
            say("装入演示小区 / loading the demo estate")
            supervisor.run_once(demo_seed)
        yield Stack(settings, supervisor)


def _app(settings: Settings, queues: Sequence[str]) -> list[Program]:
    api = [
        *(GRANIAN, "--interface", "wsgi", "--factory", API),
        *("--host", settings.api_host, "--port", str(settings.api_port)),
        *("--workers", "1", "--blocking-threads", "4"),
    ]
    return [
        Program("sandbox", "app", [TIBAO, "sandbox"]),
        Program("api", "app", api),
        *(Program(f"worker-{queue}", "app", [TIBAO, "worker", queue]) for queue in queues),
        Program("cron", "app", [TIBAO, "cron"]),
    ]


def _checked(settings: Settings) -> Settings:
    """The settings with absolute paths and a clock; raises LocalError where they cannot work."""
    if not settings.sandbox:
        raise LocalError(
            "生产模式请分别运行各程序 / in production run the programs separately (TIBAO_MODE)"
        )
    ports = {
        "TIBAO_DATABASE_URL": _port(settings.database_url),
        "TIBAO_REDIS_URL": _port(settings.redis_url),
        "TIBAO_API_PORT": settings.api_port,
        "TIBAO_WECHAT_URL": _port(settings.wechat_url),
    }
    for name, port in ports.items():
        if not port_is_free(port):
            raise LocalError(
                f"端口 {port} 已被占用，请停止占用它的程序或改 {name} / "
                f"port {port} is busy: stop what listens there or set {name}"
            )
    data_dir = settings.data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    clock_file = settings.clock_file and settings.clock_file.resolve()
    return replace(settings, data_dir=data_dir, clock_file=clock_file)


def _port(url: str) -> int:
    port = urlsplit(url).port
    if port is None or urlsplit(url).hostname not in LOOPBACK:
        raise LocalError(f"必须是本机地址和端口 / must name a port of this machine: {url}")
    return port


def _opens(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
