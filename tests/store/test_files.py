"""Files on disk: whole or not at all, also when the disk is full."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backend.store.files import NO_ROOM, FileStore


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def pieces(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_stored_is_there_and_the_same_again_is_one(
    store: FileStore, tmp_path: Path
) -> None:
    sha256 = store.put(b"a page")
    assert store.put(b"a page") == sha256
    assert store.put_written(lambda file: file.write(b"a page")) == (sha256, 6)
    assert (store.read(sha256), pieces(tmp_path)) == (b"a page", [store.path(sha256)])
    assert store.path(sha256).stat().st_mode & 0o077 == 0


def test_a_file_and_its_name_are_on_the_disk_before_anybody_is_told(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is synced, in order: new folders by their names, the file, at last its own name."""
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    path = store.path(store.put(b"a page"))
    root = tmp_path / "files"
    known = {one.stat().st_ino: one for one in (root, path, path.parent)}
    assert [known.get(inode) for inode in synced][-3:] == [path, root, path.parent]
    synced.clear()
    assert store.path(store.put(b"a page")) == path
    assert synced == []


@pytest.mark.parametrize("name", ["fsync", "replace"])
@pytest.mark.parametrize("code", NO_ROOM)
def test_a_full_disk_leaves_no_piece_behind(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync", full) if name == "fsync" else (Path, "replace", full)))
        for attempt in (
            lambda: store.put(b"a page"),
            lambda: store.put_written(lambda file: file.write(b"x")),
        ):
            with pytest.raises(OSError, match=os.strerror(code)):
                attempt()
    assert pieces(tmp_path) == []
    assert store.read(store.put(b"a page")) == b"a page"


def test_a_disk_that_is_really_full_half_way_leaves_no_piece(tmp_path: Path) -> None:
    program = f"""
import resource, signal
from pathlib import Path
from backend.store.files import FileStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
store = FileStore(Path({str(tmp_path)!r}))
store.put(b"small" * 1000)
try:
    store.put(b"large" * 100_000)
except OSError as error:
    print(error.errno)
"""
    words = [sys.executable, "-c", program]
    ended = subprocess.run(words, check=True, capture_output=True, text=True)
    assert int(ended.stdout) == errno.EFBIG
    assert [path.stat().st_size for path in pieces(tmp_path)] == [5000]


def test_what_a_killed_process_left_is_found_a_day_later(store: FileStore, tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from backend.store.files import FileStore
FileStore(Path({str(tmp_path / "files")!r})).put_written(
    lambda file: (file.write(b"half"), file.flush(), os.kill(os.getpid(), {signal.SIGKILL}))
)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    kept = store.path(store.put(b"a page"))
    (piece,) = set(pieces(tmp_path)) - {kept}
    store.forget_unfinished(3600)
    assert piece.exists()
    os.utime(piece, (0, 0))
    store.forget_unfinished(3600)
    assert pieces(tmp_path) == [kept]
