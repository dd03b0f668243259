"""The process that serves has room for many connections, and gives back what large bodies took."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from backend.http.room import CONNECTIONS, MOST_OPEN
from backend.http.serving import API, DESK, SERVING

README = Path(__file__).parents[2] / "README.md"
MB = 1024 * 1024
# Bodies between which something small stays, as it does in a server.
BODIES = """
import pathlib, resource
from backend.http.room import make_room
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
make_room()
def taken():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
before, small = taken(), []
for _ in range(3):
    bodies = []
    for _ in range(8):
        bodies.append(bytearray(b"1" * 25_000_000))
        small.append(bytearray(100_000))
    del bodies
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], taken() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process takes")
def test_open_files_are_asked_for_and_large_bodies_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BODIES], check=True, capture_output=True, text=True
    )
    open_files, left = map(int, done.stdout.split())
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert open_files == (MOST_OPEN if hard == resource.RLIM_INFINITY else min(MOST_OPEN, hard))
    assert left < 25 * MB


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process takes")
def test_a_hard_limit_that_is_too_low_is_named_in_the_log() -> None:
    low = BODIES.partition("make_room()")[0].replace("[1]))", "[1] and 300))")
    done = subprocess.run(
        [sys.executable, "-c", f"{low}make_room()"], check=True, capture_output=True, text=True
    )
    assert done.stderr == f"may open 300 files, and needs {MOST_OPEN}: raise the hard limit\n"


def test_the_readme_s_command_is_the_one_that_is_run_and_says_as_many_connections() -> None:
    command = " ".join(("granian", *SERVING, API))
    assert f"`{command}`" in README.read_text("utf-8")
    assert f"--backpressure {CONNECTIONS} " in command
    assert f"the same, with `{DESK}` at its end" in README.read_text("utf-8")
