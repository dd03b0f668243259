"""What people hand in is read apart: whatever the file does, it does to its own process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from textwrap import dedent, indent

import psutil
import pytest

from backend.domain.errors import Refused
from backend.pictures import apart, forked
from backend.pictures.forked import Forks
from backend.pictures.limited import LIMITS, MEGABYTE
from backend.pictures.photos import read_picture
from tests.build.taken import GPS, by_camera, drawn, lobby, saved
from tests.build.waiting import PATIENCE_SECONDS, eventually

# A template that knows one reader, of every kind of file.
ONE_READER = """
import sys, types
from backend.pictures import limited
def read(content):
{lines}
spy = types.ModuleType("spy")
spy.read = read
sys.modules["spy"] = spy
limited.READERS.update(dict.fromkeys(limited.READERS, ("spy", "read")))
limited.{name} = {value}
limited.main()
"""

Reading = Callable[..., None]


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    """From now on, the process that reads a file does these lines; one setting may be another."""

    def use(lines: str, name: str = "POLITE", value: object = 5) -> None:
        program = ONE_READER.format(lines=indent(dedent(lines), " "), name=name, value=value)
        monkeypatch.setattr(apart, "FORKS", Forks((sys.executable, "-I", "-c", program)))

    return use


def refused_for(content: bytes = b"any") -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        apart.read_picture(content)
    return refused.value.refusals[0].code, refused.value.kind


def test_a_picture_comes_back_as_it_is_read_here() -> None:
    for content in (
        by_camera(lobby(), turn=6, taken="2025:03:05 10:20:30", place=GPS),
        saved(lobby()),
    ):
        assert apart.read_picture(content) == read_picture(content)


def test_a_refusal_comes_back_with_its_words() -> None:
    with pytest.raises(Refused) as here:
        read_picture(saved(lobby())[:-200])
    with pytest.raises(Refused) as there:
        apart.read_picture(saved(lobby())[:-200])
    assert there.value.refusals == here.value.refusals
    assert there.value.kind == here.value.kind


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hides them")
def test_whoever_hands_a_file_in_is_hidden_from_the_process_that_reads_it() -> None:
    dumpable = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    reading = "from backend.pictures import apart; apart.is_signed(bytes())"
    program = f"{dumpable}\ntry:\n    {reading}\nexcept Exception:\n    pass\n{dumpable}"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["1", "0"]


def test_signatures_and_codes_are_read_apart_too() -> None:
    assert apart.is_signed(drawn([(60, 120), (400, 60), (180, 180)]))
    assert not apart.is_signed(drawn())
    assert apart.read_codes_in(saved(lobby())) == []


def test_the_process_knows_nothing_of_ours(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIBAO_SECRET_KEY", "a secret")
    reading("import os\nreturn list(os.environ)")
    assert set(apart.read_codes_in(b"")) <= {"LC_CTYPE"}  # Python's own, in an empty environment


def test_a_process_meets_nothing_of_the_file_before(reading: Reading) -> None:
    reading("import sys\nsys.seen = [*getattr(sys, 'seen', []), content.decode()]\nreturn sys.seen")
    assert [apart.read_codes_in(content) for content in (b"one", b"two")] == [["one"], ["two"]]


def test_the_process_has_no_line_to_the_files_of_others(reading: Reading) -> None:
    reading(
        """
        import os, stat
        return [name for name in os.listdir("/dev/fd")
                if os.path.exists(f"/dev/fd/{name}") and stat.S_ISSOCK(os.stat(int(name)).st_mode)]
        """
    )
    assert len(apart.read_codes_in(b"")) == 1  # its own file's


def test_a_template_that_nobody_asked_for_a_while_is_gone_and_another_one_begun(
    reading: Reading,
) -> None:
    reading("import os\nreturn [os.getppid()]", "IDLE_SECONDS", 0.2)
    (first,) = apart.read_codes_in(b"")
    eventually(lambda: not psutil.pid_exists(int(first)))
    assert apart.read_codes_in(b"") != [first]


def test_a_template_ends_with_whoever_hands_files_in() -> None:
    lines = ONE_READER.format(
        lines=" import os\n return [os.getppid()]", name="IDLE_SECONDS", value=2 * PATIENCE_SECONDS
    )
    handing_in = (
        "import sys; from backend.pictures.forked import Forks\n"
        f"forks = Forks((sys.executable, '-I', '-c', {lines!r}))\n"
        "print(forks.told('codes', b'', 60).decode())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", handing_in], capture_output=True, text=True, check=True
    )
    template = json.loads(ran.stdout.splitlines()[2])["found"][0]
    eventually(lambda: not psutil.pid_exists(template))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param("import os; os.abort()", ("upload_damaged", "invalid"), id="crashes"),
        pytest.param(
            "import os; os.kill(os.getpid(), 9)", ("upload_damaged", "invalid"), id="killed"
        ),
        pytest.param("raise SystemExit(1)", ("busy", "unavailable"), id="our own fault"),
    ],
)
def test_a_process_that_dies_takes_nobody_along(
    reading: Reading, lines: str, told: tuple[str, str]
) -> None:
    reading(f"if content == b'any':\n    {lines}\nreturn []")
    assert refused_for() == told
    assert apart.read_codes_in(b"another one") == []


def test_an_answer_that_breaks_off_is_none(reading: Reading) -> None:
    reading(
        """
        import os, socket
        def half(line, said):
            line.send(said[:50])
            if len(said) > 50:
                os.kill(os.getpid(), 9)
        socket.socket.sendall = half
        return ["a" * 100]
        """
    )
    assert refused_for() == ("upload_damaged", "invalid")


def test_what_it_says_beside_its_answer_is_not_written_anywhere(reading: Reading) -> None:
    """The log may be a file, and the process writes to none."""
    reading(
        """
        import sys
        print("a warning", file=sys.stderr, flush=True)
        print("another one", flush=True)
        return []
        """
    )
    assert apart.read_codes_in(b"") == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit addresses")
def test_whoever_reads_has_lowered_the_own_limits_before(reading: Reading) -> None:
    reading(
        """
        import resource
        return [resource.getrlimit(getattr(resource, name))[0] for name in limited.LIMITS]
        """
    )
    assert list(map(int, apart.read_codes_in(b""))) == list(LIMITS.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hides them")
def test_a_process_is_hidden_from_the_next_one(reading: Reading) -> None:
    reading("import ctypes\nreturn [ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)]")
    assert list(map(int, apart.read_codes_in(b""))) == [0]


def test_a_process_that_hangs_is_ended(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MOST_SECONDS", 0.5)
    reading("import time; time.sleep(600)")
    assert refused_for() == ("busy", "unavailable")


def test_a_process_that_says_a_little_for_ever_holds_nobody(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "MOST_SECONDS", 0.5)
    reading(
        """
        import sys, time
        line = sys._getframe(2).f_locals["line"]
        while True:
            line.send(b"a")
            time.sleep(0.1)
        """
    )
    assert refused_for() == ("busy", "unavailable")


def test_a_template_that_hangs_is_left_for_another_one(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading("import os\nif content == b'any': os.kill(os.getppid(), 19)\nreturn [os.getppid()]")
    (first,) = apart.read_codes_in(b"any")
    with monkeypatch.context() as hurried:
        hurried.setattr(apart, "MOST_SECONDS", 0.5)
        assert refused_for(b"another one") == ("busy", "unavailable")
    assert apart.read_codes_in(b"another one") != [first]
    os.kill(int(first), signal.SIGCONT)
    eventually(lambda: not psutil.pid_exists(int(first)))


def test_a_template_that_does_not_come_to_its_end_of_loading_leaves_the_file_for_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forked, "LOADED_SECONDS", 0.5)
    monkeypatch.setattr(
        apart, "FORKS", Forks((sys.executable, "-c", "import time; time.sleep(60)"))
    )
    assert refused_for() == ("busy", "unavailable")


def test_an_answer_of_no_shape_is_none(reading: Reading) -> None:
    reading("import os, sys\nsys._getframe(2).f_locals['line'].send(b'read all\\n')\nos._exit(0)")
    assert refused_for() == ("upload_damaged", "invalid")


def test_a_process_that_is_stuck_ends_by_itself(reading: Reading) -> None:
    reading("import time; time.sleep(600)", "ENDED_SECONDS", 1)
    assert refused_for() == ("upload_damaged", "invalid")


@pytest.mark.parametrize(
    "words", [("/nowhere/python",), (sys.executable, "-c", "raise SystemExit('no readers')")]
)
def test_a_machine_that_begins_no_process_leaves_the_file_for_later(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "FORKS", Forks(words))
    assert refused_for() == ("busy", "unavailable")


def limited(program: str, **limits: int) -> subprocess.CompletedProcess[bytes]:
    """A process that lowers its limits and runs on."""
    lines = (
        "from backend.pictures import limited",
        f"limited.LIMITS.update({json.dumps(limits)})",
        "limited.limit()",
        program,
    )
    words = [sys.executable, "-I", "-c", "\n".join(lines)]
    return subprocess.run(words, capture_output=True, timeout=PATIENCE_SECONDS, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit addresses")
def test_the_process_has_little_memory() -> None:
    assert limited(f"bytearray({300 * MEGABYTE})").returncode == 0
    assert b"MemoryError" in limited(f"bytearray({600 * MEGABYTE})").stderr


def test_the_process_has_little_time_and_writes_no_file(tmp_path: object) -> None:
    ended = limited("while True: pass", RLIMIT_CPU=1).returncode
    assert -ended in (signal.SIGXCPU, signal.SIGKILL)
    full = limited(f"open({str(tmp_path) + '/file'!r}, 'wb', buffering=0).write(b'a')")
    assert b"File too large" in full.stderr
