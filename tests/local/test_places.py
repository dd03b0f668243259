"""What a stack needs of the machine, said in one sentence before anything is started."""

import errno
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import NamedTuple, NoReturn

import pytest

from backend.config import PLACES, Settings, environment, load_settings, stack_file
from backend.local import places
from backend.local.places import held_ports, in_words, on_ports, prepared, sole_use, tell_others
from backend.local.processes import LocalError, free_port, port_is_free
from backend.local.stack import HALF_MADE, TIBAO, forget_half_a_city, on_free_ports
from tests.build.small_disk import MAY_MOUNT

IN_MEMORY = "mount -t tmpfs -o size=20m tmpfs {folder} && exec {tibao} run"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return on_free_ports(Settings(), tmp_path / "var")


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Settings:
    """Settings that nobody gave: these ports are where a stack usually stands."""
    monkeypatch.setattr(places, "USUAL", settings)
    return settings


@pytest.fixture
def busy() -> Iterator[ExitStack]:
    """Ports that others listen on are put here."""
    with ExitStack() as stack:
        yield stack


def occupy(busy: ExitStack, *ports: int) -> None:
    for port in ports:
        busy.enter_context(socket.create_server(("127.0.0.1", port)))


def test_busy_ports_are_all_named_at_once_with_values_that_work(
    settings: Settings, busy: ExitStack
) -> None:
    occupy(busy, settings.api_port, places.port_of(settings.redis_url))
    with pytest.raises(LocalError) as told:
        on_ports(settings)
    first, *lines = str(told.value).splitlines()
    assert str(settings.api_port) in first
    assert str(places.port_of(settings.redis_url)) in first
    said = dict(line.removeprefix("  export ").split("=", 1) for line in lines)
    assert set(said) == {"TIBAO_API_PORT", "TIBAO_REDIS_URL"}
    assert port_is_free(int(said["TIBAO_API_PORT"]))
    assert said["TIBAO_REDIS_URL"].endswith("/0")
    port_moved = replace(settings, api_port=int(said["TIBAO_API_PORT"]))
    on_ports(replace(port_moved, redis_url=said["TIBAO_REDIS_URL"]))


def test_ports_belong_to_a_start_from_its_choice_on(usual: Settings) -> None:
    """Nobody listens yet, and still another start takes others, or is told."""
    with held_ports(usual, PLACES) as first:
        with held_ports(usual, PLACES) as second:
            assert not ports(first) & ports(second)
        asked_for = pytest.raises(LocalError, match=f"端口 {first.api_port} 用不了")
        with asked_for, held_ports(replace(second, api_port=first.api_port)):
            pass
    with held_ports(usual, PLACES) as third:
        assert ports(third) == ports(first)


def test_starts_at_the_very_same_moment_never_share_a_port(usual: Settings) -> None:
    starts = 6
    together = Barrier(starts)

    def start(_: int) -> set[int]:
        together.wait()
        with held_ports(usual, PLACES) as chosen:
            together.wait()  # all of them have chosen and none has ended
            return ports(chosen)

    with ThreadPoolExecutor(starts) as pool:
        chosen = [port for one in pool.map(start, range(starts)) for port in one]
    assert len(chosen) == len(set(chosen)) == starts * len(places.PORTS)


def ports(settings: Settings) -> set[int]:
    urls = (settings.wechat_url, settings.database_url, settings.redis_url)
    return {settings.api_port, settings.desk_port, *(places.port_of(url) for url in urls)}


def test_a_port_that_was_named_twice_is_told(settings: Settings) -> None:
    both = replace(settings, wechat_url=f"http://127.0.0.1:{settings.api_port}")
    with pytest.raises(LocalError, match=r"export TIBAO_WECHAT_URL=http://127\.0\.0\.1:"):
        on_ports(both)


def test_a_port_that_needs_an_administrator_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "port_is_free", lambda port: port > places.LAST_PRIVILEGED)
    with pytest.raises(LocalError, match="管理员权限") as told:
        on_ports(replace(settings, api_port=80))
    assert int(str(told.value).rpartition("=")[2]) > places.LAST_PRIVILEGED


def test_without_a_request_all_ports_move_on_together_and_the_public_address_follows(
    usual: Settings, busy: ExitStack
) -> None:
    occupy(busy, usual.api_port)
    moved = on_ports(usual, PLACES)
    steps = moved.api_port - usual.api_port
    assert steps > 0
    assert places.port_of(moved.wechat_url) == places.port_of(usual.wechat_url) + steps
    assert moved.database_url.endswith("/tibao")
    assert moved.public_url == f"http://127.0.0.1:{moved.api_port}"
    assert on_ports(moved, PLACES).api_port == moved.api_port, "the usual ones are tried first"


def test_a_port_that_was_asked_for_stays_and_so_does_a_public_address(
    usual: Settings, busy: ExitStack
) -> None:
    occupy(busy, places.port_of(usual.wechat_url))
    asked_for = replace(usual, api_port=free_port(), public_url="https://lift.example")
    moved = on_ports(asked_for, set(PLACES) - {"api_port", "public_url"})
    assert (moved.api_port, moved.public_url) == (asked_for.api_port, asked_for.public_url)
    assert moved.wechat_url != usual.wechat_url


def test_the_public_address_is_that_of_the_port() -> None:
    assert Settings(api_port=8555).public_url == "http://127.0.0.1:8555"


def test_a_second_start_on_the_same_data_says_where_the_first_runs(settings: Settings) -> None:
    settings = prepared(settings)
    with sole_use(settings.data_dir):
        with pytest.raises(LocalError, match="starting"), sole_use(settings.data_dir):
            pass
        tell_others(settings)
        running = pytest.raises(LocalError, match=f"already running at {settings.public_url}")
        with running, sole_use(settings.data_dir):
            pass
        assert stack_file(settings.data_dir).exists()
    assert not stack_file(settings.data_dir).exists()
    with sole_use(settings.data_dir):
        pass


def test_other_commands_find_the_running_stack_and_believe_what_was_given(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in environment(settings):
        if name.startswith("TIBAO_"):
            monkeypatch.delenv(name, raising=False)
    settings = prepared(settings)
    tell_others(settings)
    beside = load_settings()
    assert [getattr(beside, name) for name in PLACES] == [
        getattr(settings, name) for name in PLACES
    ]
    monkeypatch.setenv("TIBAO_API_PORT", "8999")
    assert load_settings().api_port == 8999


@pytest.mark.parametrize("content", ["soon", "inf", "1e300", ""])
def test_an_odd_clock_file_is_named(settings: Settings, tmp_path: Path, content: str) -> None:
    clock = tmp_path / "clock"
    clock.write_text(content)
    with pytest.raises(LocalError, match=f"{clock} 不能用"):
        prepared(replace(settings, clock_file=clock))


def test_a_clock_file_in_no_folder_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="时钟文件"):
        prepared(replace(settings, clock_file=tmp_path / "nowhere" / "clock"))


def test_a_data_folder_that_cannot_be_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalError, match="TIBAO_DATA_DIR"):
        prepared(replace(settings, data_dir=tmp_path / "file" / "var"))


def test_a_data_folder_that_cannot_be_written_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(places, "_touch", refuse)
    with pytest.raises(LocalError, match=r"没有权限写入 .*stack\.lock"):
        prepared(settings)


def test_a_disk_with_hardly_any_room_is_told_before_anything_is_made(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2**40, 2**40, 2**20))
    with pytest.raises(LocalError, match="只剩 1 MB"):
        prepared(settings)
    full = OSError(errno.ENOSPC, "No space left on device")
    assert in_words(full, settings.data_dir).startswith("磁盘已满")


@MAY_MOUNT
def test_a_small_disk_is_told_in_one_line(settings: Settings) -> None:
    settings.data_dir.mkdir()
    words = IN_MEMORY.format(folder=settings.data_dir, tibao=TIBAO)
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", words],
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "磁盘已满" in line


def test_half_a_city_is_forgotten_and_a_whole_one_is_kept(settings: Settings) -> None:
    settings = prepared(settings)
    for name in ("postgres", "files"):
        (settings.data_dir / name).mkdir()
    (settings.data_dir / "clock").write_text("0")
    forget_half_a_city(settings)
    assert (settings.data_dir / "postgres").is_dir()
    (settings.data_dir / HALF_MADE).touch()
    forget_half_a_city(settings)
    left = {path.name for path in settings.data_dir.iterdir()}
    assert left == {"stack.lock"}
