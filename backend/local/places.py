"""Where a local stack stands: a data folder of its own, a clock, four free ports.

Whatever a newcomer's machine lacks is said in one sentence before anything is started.
"""

import errno
import fcntl
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend.clock import SettableClock
from backend.config import Settings, address, environment, stack_file, variable
from backend.local.processes import LocalError, hold_ports, port_is_free, somebody_listens

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
NEEDED_MB = 300  # a fresh data folder with the demo city takes 70
# Each stands for one port.
PORTS = ("api_port", "desk_port", "wechat_url", "database_url", "redis_url")
STEP = 10  # a stack beside another moves all its ports by as much: 8400, 8410, …
MOST_STEPS = 50
LAST_PRIVILEGED = 1023
USUAL = Settings()
NO_PORTS = "找不到空闲端口 / no free ports; TIBAO_API_PORT, TIBAO_WECHAT_URL"
DISK_FULL = (
    "磁盘已满；请先腾出空间，或用 TIBAO_DATA_DIR 把数据放到别的磁盘上，再运行一次 / disk full"
)


def prepared(settings: Settings) -> Settings:
    """The settings with absolute paths, on a data folder that is there and can be written.

    Raises LocalError where a local stack cannot work.
    """
    if not settings.sandbox:
        raise LocalError(
            "生产模式请分别运行各程序 / in production run the programs separately (TIBAO_MODE)"
        )
    data_dir = settings.data_dir.resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _touch(data_dir / "stack.lock")
    except OSError as problem:
        raise LocalError(in_words(problem, data_dir)) from None
    free = shutil.disk_usage(data_dir).free // 2**20
    if free < NEEDED_MB:
        raise LocalError(f"{data_dir} 所在的磁盘只剩 {free} MB，至少要 {NEEDED_MB} MB。{DISK_FULL}")
    clock_file = settings.clock_file and settings.clock_file.resolve()
    if clock_file is not None:
        _check_clock(clock_file)
    return replace(settings, data_dir=data_dir, clock_file=clock_file)


def in_words(problem: OSError, data_dir: Path) -> str:
    """What the machine refused, and what to do about it."""
    where = problem.filename or data_dir
    if problem.errno == errno.ENOSPC:
        return DISK_FULL
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"没有权限写入 {where}；请换一个用户，或用 TIBAO_DATA_DIR 换一个文件夹 / not writable"
        )
    return (
        f"数据文件夹 {where} 不能用（{problem.strerror}）；请用 TIBAO_DATA_DIR 换一个文件夹 / "
        "this data folder cannot be used"
    )


@contextmanager
def sole_use(data_dir: Path) -> Iterator[None]:
    """Nobody else runs a stack on this data while the block runs; the machine lets go at its end.

    Raises LocalError, with the addresses of the other, when somebody does.
    """
    with (data_dir / "stack.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError(_already_running(data_dir)) from None
        stack_file(data_dir).unlink(missing_ok=True)  # of one that was killed
        try:
            yield
        finally:
            stack_file(data_dir).unlink(missing_ok=True)


def tell_others(settings: Settings) -> None:
    """Say where this stack stands, for a second start and for every other `tibao` command."""
    values = environment(settings)
    names = [variable(name) for name in (*PORTS, "public_url")]
    lines = [f"{name}={values[name]}\n" for name in names]
    stack_file(settings.data_dir).write_text("".join(lines), encoding="utf-8")


def on_ports(settings: Settings, movable: Collection[str] = ()) -> Settings:
    """The settings on ports that are free now.

    Nobody asked for those in `movable`: they move on together, in steps, until all of them are
    free. The public address follows the API. Raises LocalError that names every other port that is
    not free, with values that are.
    """
    usual: dict[str, Any] = {name: getattr(USUAL, name) for name in movable}
    settings = replace(settings, **usual)
    for steps in range(MOST_STEPS):
        moved = _moved(settings, [name for name in PORTS if name in movable], steps)
        taken = _taken(moved)
        if not taken.intersection(movable):
            break
    else:
        raise LocalError(NO_PORTS)
    if taken:
        raise LocalError(_busy(moved, taken))
    if "public_url" in movable:
        moved = replace(moved, public_url=address(moved.api_port))
    return moved


@contextmanager
def held_ports(settings: Settings, movable: Collection[str] = ()) -> Iterator[Settings]:
    """The settings on free ports that no other stack of this machine takes while the block runs.

    Raises LocalError as `on_ports` does.
    """
    with ExitStack() as held:
        for _ in range(MOST_STEPS):
            chosen = on_ports(settings, movable)
            try:
                hold_ports({_port(chosen, name) for name in PORTS}, held)
                break
            except OSError:  # another start chose the same ones at this very moment
                continue
        else:
            raise LocalError(NO_PORTS)
        yield chosen


def lost_a_port(settings: Settings) -> bool:
    """Whether somebody else listens where these settings, whose servers have ended, wanted to."""
    return any(somebody_listens(_port(settings, name)) for name in PORTS)


def port_of(url: str) -> int:
    """The port of an address on this machine; raises LocalError for any other address."""
    try:
        port = urlsplit(url).port
    except ValueError:
        port = None
    if port is None or urlsplit(url).hostname not in LOOPBACK:
        raise LocalError(f"必须是本机地址和端口 / must name a port of this machine: {url}")
    return port


def _touch(path: Path) -> None:
    with path.open("a"):
        pass


def _check_clock(path: Path) -> None:
    try:
        _touch(path.with_name(f"{path.name}.tried"))
        path.with_name(f"{path.name}.tried").unlink()
        SettableClock(path)()
    except (OSError, ValueError, OverflowError):
        raise LocalError(
            f"时钟文件 {path} 不能用；请删除它，或改 TIBAO_CLOCK_FILE，再运行一次 / "
            "this clock file cannot be used, remove it"
        ) from None


def _already_running(data_dir: Path) -> str:
    try:
        lines = stack_file(data_dir).read_text("utf-8").splitlines()
    except OSError:
        return f"梯保正在这个数据文件夹里启动或停止，请稍候 / starting or stopping: {data_dir}"
    values = dict(line.split("=", 1) for line in lines)
    api, bench = values[variable("public_url")], values[variable("wechat_url")]
    return (
        f"梯保已经在运行：接口 {api}，微信模拟器 {bench}（数据 {data_dir}）；"
        f"要再开一套，请用 TIBAO_DATA_DIR 换一个文件夹 / already running at {api}"
    )


def _port(settings: Settings, name: str) -> int:
    value = getattr(settings, name)
    return value if isinstance(value, int) else port_of(value)


def _with_port(settings: Settings, name: str, port: int) -> Settings:
    value: Any = getattr(settings, name)
    if isinstance(value, int):
        value = port
    else:
        parts = urlsplit(value)
        value = parts._replace(netloc=re.sub(r"\d+$", str(port), parts.netloc)).geturl()
    return replace(settings, **{name: value})


def _moved(settings: Settings, names: Collection[str], steps: int) -> Settings:
    for name in names:
        settings = _with_port(settings, name, _port(settings, name) + steps * STEP)
    return settings


def _taken(settings: Settings) -> set[str]:
    """The settings whose port is busy, forbidden, or named by another of them too."""
    ports = {name: _port(settings, name) for name in PORTS}
    named = list(ports.values())
    return {
        name
        for name, port in ports.items()
        if named.index(port) < list(ports).index(name) or not port_is_free(port)
    }


def _busy(settings: Settings, taken: set[str]) -> str:
    """All ports that cannot be had, and lines that can be copied."""
    busy, lines = [], []
    used = {_port(settings, name) for name in PORTS}
    for name in [name for name in PORTS if name in taken]:
        port = _port(settings, name)
        busy.append(str(port))
        free = port if port > LAST_PRIVILEGED else USUAL.api_port
        while free in used or not port_is_free(free):
            free += STEP
        used.add(free)
        value = environment(_with_port(settings, name, free))[variable(name)]
        lines.append(f"  export {variable(name)}={value}")
    low = any(int(port) <= LAST_PRIVILEGED for port in busy)
    why = "（1024 以下的端口需要管理员权限）" if low else ""
    return "\n".join(
        [
            f"端口 {'、'.join(busy)} 用不了：已被占用，或在设置里写了两次{why}。"
            "可以复制下面的设置再运行，或去掉您的端口设置，让梯保自己找 / ports are not free:",
            *lines,
        ]
    )
