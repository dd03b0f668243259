"""An archive of the audit chain and a saved checkpoint: whatever is changed in it is named."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from backend import verify_export
from backend.config import Settings
from backend.domain.audit_actions import StepTaken
from backend.domain.audit_chain import GENESIS, link_hash
from backend.domain.checkpoint import Checkpoint, signed_words
from backend.domain.local_time import local_date
from backend.services.base import audit, checkpoints
from backend.services.base.context import Context
from backend.services.files import audit_archive
from backend.store.audit import AuditCheckpoint, AuditEntry
from backend.store.signer import Signer
from backend.verify_export import CannotCheck, Fault, check
from tests.build.clock import ManualClock
from tests.build.production import PRODUCTION

SIGNER = Signer(Settings().signing_key())
STRANGER = Signer(PRODUCTION["TIBAO_CHECKPOINT_KEY"])
DAYS, LINKS_A_DAY = 4, 6
ENDS = DAYS * LINKS_A_DAY + 1  # the export is the last one
FILE = sha256(b"a paper").hexdigest()
VERIFIER = Path(verify_export.__file__).read_bytes()
Link = dict[str, Any]
Lines = list[bytes]


@dataclass(frozen=True)
class Taken:
    """What an auditor has: the members of the archive, and checkpoints kept apart from it."""

    members: Mapping[str, bytes]
    saved: bytes
    of_day: Mapping[int, bytes]

    @property
    def links(self) -> list[Link]:
        return [json.loads(line) for line in self.members["entries.jsonl"].splitlines()]


@pytest.fixture
def taken(
    ctx: Context, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Taken:
    """Some days of six links, each with its checkpoint, and an export at their end."""
    for day in range(DAYS):
        with ctx.sessions() as tx:
            for number in range(LINKS_A_DAY):
                facts = {"day": day, "number": number, "金额": "1,300元"}
                subject = ("purchase", UUID(int=number))
                audit.append(tx, clock(), UUID(int=7), StepTaken("test.step"), subject, facts)
            tx.commit()
        checkpoints.sign_day(ctx, SIGNER)
        clock.advance(days=1)
    monkeypatch.setattr(audit_archive, "file_names", lambda tx: iter([FILE]))
    with (tmp_path / "made.zip").open("wb") as out:
        point = audit_archive.write(ctx, SIGNER, out, {"verify_export.py": VERIFIER})
    with ctx.sessions() as tx:
        points = checkpoints.latest(tx, local_date(clock()))
        of_day = {each.seq: each.line.encode() for each in points}
    with ZipFile(tmp_path / "made.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return Taken(members, point.line.encode(), of_day)


def packed(path: Path, members: Mapping[str, bytes]) -> str:
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


@cache
def signed(key: str, signature: str, words: bytes) -> bool:
    """What openssl says, without a process for each."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(signature), words
        )
    except InvalidSignature:
        return False
    return True


def written(links: list[Link]) -> bytes:
    return b"".join(json.dumps(link, ensure_ascii=False).encode() + b"\n" for link in links)


def sealed_anew(links: list[Link]) -> bytes:
    """The chain with every number and hash made to fit, as whoever owns the database could."""
    previous = GENESIS
    for seq, link in enumerate(links, 1):
        found = link_hash(1, seq, previous, link["body"].encode())
        link |= {"seq": seq, "previous_hash": previous.hex(), "hash": found.hex()}
        previous = found
    return written(links)


def other_words(random: Random, link: Link) -> None:
    body = json.loads(link["body"])
    body["facts"]["number"] = random.randrange(1000, 9999)
    link["body"] = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def points_of_a_stranger(taken: Taken) -> bytes:
    """Checkpoints for a chain of their own, with a key of their own."""
    lines = []
    for line in taken.members["checkpoints.jsonl"].splitlines():
        point = json.loads(line)
        words = verify_export.words_of(point)
        lines.append(point | {"key": STRANGER.key.hex(), "signature": STRANGER.sign(words).hex()})
    return written(lines)


# Each changes an archive at the entries that it returns.
Change = Callable[[Random, list[Link], dict[str, bytes]], set[int]]


def edited(random: Random, links: list[Link], members: dict[str, bytes]) -> set[int]:
    place = random.randrange(len(links))
    other_words(random, links[place])
    members["entries.jsonl"] = written(links)
    return {place + 1}


def one_byte(random: Random, links: list[Link], members: dict[str, bytes]) -> set[int]:
    lines = members["entries.jsonl"].splitlines(keepends=True)
    place = random.randrange(len(lines))
    line = bytearray(lines[place])
    at = random.randrange(len(line) - 1)
    line[at] = random.choice([byte for byte in range(32, 127) if byte != line[at]])
    lines[place] = bytes(line)
    members["entries.jsonl"] = b"".join(lines)
    return {place + 1}


def dropped(random: Random, links: list[Link], members: dict[str, bytes]) -> set[int]:
    place = random.randrange(len(links) - 1)
    number = random.randint(1, len(links) - 1 - place)
    del links[place : place + number]
    members["entries.jsonl"] = written(links)
    return {place + 1}


def reordered(random: Random, links: list[Link], members: dict[str, bytes]) -> set[int]:
    one, other = sorted(random.sample(range(len(links)), 2))
    links[one], links[other] = links[other], links[one]
    members["entries.jsonl"] = written(links)
    return {one + 1}


def truncated(random: Random, links: list[Link], members: dict[str, bytes]) -> set[int]:
    whole = members["entries.jsonl"]
    lines = whole.splitlines(keepends=True)
    left = random.randrange(len(lines))
    within = random.choice((0, random.randrange(len(lines[left]))))
    members["entries.jsonl"] = b"".join(lines[:left]) + lines[left][:within]
    return {left + 1}


def rewritten_once(random: Random, links: list[Link], members: dict[str, bytes]) -> set[int]:
    """With its own hash, which the next one does not follow."""
    place = random.randrange(len(links) - 1)
    link = links[place]
    other_words(random, link)
    before = bytes.fromhex(link["previous_hash"])
    link["hash"] = link_hash(1, place + 1, before, link["body"].encode()).hex()
    members["entries.jsonl"] = written(links)
    return {place + 1}


def rewritten(random: Random, links: list[Link], members: dict[str, bytes]) -> set[int]:
    """With everything after it; in words, in number or in order."""
    place = random.randrange(len(links) - 1)
    match random.randrange(3):
        case 0:
            other_words(random, links[place])
        case 1:
            place += 1
            links.insert(place, dict(links[place - 1]))
        case _:
            del links[place]
    members["entries.jsonl"] = sealed_anew(links)
    if random.random() < 0.5:
        members["checkpoints.jsonl"] = b""
    return {place + 1}


CHANGES: tuple[Change, ...] = (
    edited,
    one_byte,
    dropped,
    reordered,
    truncated,
    rewritten_once,
    rewritten,
)


def test_a_thousand_changes_of_an_archive_are_all_found_and_named(
    taken: Taken, tmp_path: Path
) -> None:
    path, random = tmp_path / "changed.zip", Random(13)
    ends, proved, faults = check(packed(path, taken.members), taken.saved, signed=signed)
    assert (ends, proved, faults) == (ENDS, ENDS, [])
    for turn in range(1000):
        change = CHANGES[turn % len(CHANGES)]
        members = dict(taken.members)
        touched = change(random, taken.links, members)
        _, proved, faults = check(packed(path, members), taken.saved, signed=signed)
        named = {seq for first, last, _ in faults for seq in touched if first <= seq <= last}
        assert named == touched, (turn, change.__name__, touched, faults)
        assert proved < min(touched) or not faults[0][2].startswith("中有"), (turn, faults)


def found(taken: Taken, path: Path, saved: bytes, **members: bytes) -> list[Fault]:
    changed = {name.replace("_jsonl", ".jsonl"): content for name, content in members.items()}
    return check(packed(path, dict(taken.members) | changed), saved, signed=signed)[2]


def test_daily_checkpoints_say_between_which_entries_the_chain_was_written_anew(
    taken: Taken, tmp_path: Path
) -> None:
    links = taken.links
    other_words(Random(1), links[LINKS_A_DAY * 2 + 1])
    anew = {"entries_jsonl": sealed_anew(links)}
    (fault,) = found(taken, tmp_path / "a.zip", taken.saved, **anew)
    assert fault[:2] == (2 * LINKS_A_DAY + 1, 3 * LINKS_A_DAY)
    # Signed by somebody else they say nothing, and the saved one speaks of the whole chain.
    anew["checkpoints_jsonl"] = points_of_a_stranger(taken)
    *strange, fault = found(taken, tmp_path / "b.zip", taken.saved, **anew)
    assert len(strange) == DAYS + 1
    assert all(STRANGER.key.hex() in words for _, _, words in strange)
    assert fault[:2] == (1, ENDS)


def test_what_stands_beside_the_entries_is_judged_too(taken: Taken, tmp_path: Path) -> None:
    path, points = tmp_path / "a.zip", taken.members["checkpoints.jsonl"]
    assert found(taken, path, taken.saved, files_jsonl=b"") == [
        (0, 0, "附件清单 files.jsonl 被改动")
    ]
    ((_, _, words),) = found(
        taken, path, taken.saved, checkpoints_jsonl=points.replace(b'"seq": 6', b'"seq": 5')
    )
    assert words.endswith("签名不对")
    ((_, _, words),) = found(taken, path, taken.saved, checkpoints_jsonl=points + b"{}\n")
    assert words.startswith(f"归档中第 {DAYS + 2} 个检查点")
    # An earlier checkpoint cannot tell of what came later, but an export ends with itself.
    earlier = taken.of_day[LINKS_A_DAY]
    short = b"".join(taken.members["entries.jsonl"].splitlines(keepends=True)[:-1])
    ((first, _, words),) = found(
        taken, path, earlier, entries_jsonl=short, checkpoints_jsonl=earlier + b"\n"
    )
    assert (first, "末尾" in words) == (ENDS, True)


@pytest.mark.parametrize("saved", [b"", b"{}", b"[1]", b"[" * 100_000])
def test_without_a_good_checkpoint_nothing_is_checked(
    taken: Taken, tmp_path: Path, saved: bytes
) -> None:
    forged = taken.saved.replace(b'"seq": 25', b'"seq": 24')
    for bad in (saved, forged):
        with pytest.raises(CannotCheck, match="手头的检查点"):
            check(packed(tmp_path / "a.zip", taken.members), bad, signed=signed)


def test_half_an_archive_is_none(taken: Taken, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    whole = Path(packed(path, taken.members)).read_bytes()
    for half in (whole[:-30], whole[: len(whole) // 2], whole.replace(b"1,300", b"1,400", 1), b""):
        path.write_bytes(half)
        with pytest.raises(CannotCheck, match="不是完整的归档"):
            check(str(path), taken.saved, signed=signed)


def test_an_auditor_needs_python_and_openssl_alone(taken: Taken, tmp_path: Path) -> None:
    (tmp_path / "check.py").write_bytes(taken.members["verify_export.py"])
    (tmp_path / "saved").write_bytes(taken.saved + b"\n")
    links = taken.links
    other_words(Random(1), links[8])
    packed(tmp_path / "good.zip", taken.members)
    packed(tmp_path / "bad.zip", dict(taken.members) | {"entries.jsonl": written(links)})

    def says(archive: str, path: str = os.environ["PATH"]) -> tuple[int, str]:
        words = [sys.executable, "-I", "check.py", archive, "saved"]
        env = {"PATH": path, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
        ran = subprocess.run(
            words, cwd=tmp_path, env=env, capture_output=True, check=False, encoding="utf-8"
        )
        return ran.returncode, ran.stdout + ran.stderr

    assert len(VERIFIER.splitlines()) < 200
    assert says("good.zip") == (0, f"完整：共 {ENDS} 条，前 {ENDS} 条由检查点证明。\n")
    assert says("bad.zip") == (1, "第 9 条被改动：内容与指纹不符\n")
    status, told = says("good.zip", path="/nowhere")
    assert (status, "没有找到 openssl" in told) == (2, True)
    (tmp_path / "saved").write_bytes(taken.saved.replace(b'"seq": 25', b'"seq": 24'))
    assert says("good.zip")[0] == 2


def test_a_day_has_one_checkpoint_of_the_chain_as_it_stood(taken: Taken, ctx: Context) -> None:
    checkpoints.sign_day(ctx, SIGNER)
    checkpoints.sign_day(ctx, SIGNER)
    rows = rows_of(ctx)
    with ctx.sessions() as tx:
        last = tx.scalars(select(AuditEntry).where(AuditEntry.seq == ENDS)).one()
    assert [row.seq for row in rows] == [6, 12, 18, 24, ENDS]
    assert (rows[-1].hash, rows[-1].key) == (last.hash, SIGNER.key)
    assert json.loads(last.body)["facts"] == {
        "files": 1,
        "files_sha256": sha256(taken.members["files.jsonl"]).hexdigest(),
    }
    for row in rows:
        words = signed_words(row.city, row.day, row.seq, row.hash)
        assert signed(row.key.hex(), row.signature.hex(), words)


def rows_of(ctx: Context) -> list[Checkpoint]:
    query = select(AuditCheckpoint).order_by(AuditCheckpoint.day, AuditCheckpoint.seq)
    with ctx.sessions() as tx:
        return [row.value for row in tx.scalars(query)]


def added(ctx: Context, points: Iterable[Checkpoint]) -> None:
    """As whoever got hold of the password of a program can."""
    with ctx.sessions() as tx:
        tx.add_all(AuditCheckpoint(**asdict(point)) for point in points)
        tx.commit()


def test_rows_written_ahead_do_not_end_signing_and_are_not_shown(
    taken: Taken, ctx: Context, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Not those of somebody else, not false ones, not those of a clock that ran ahead."""
    caplog.set_level("ERROR")
    true = rows_of(ctx)[-1]
    today = local_date(clock())
    later = [today + timedelta(days=days) for days in range(4)]
    forged = [
        checkpoints.sign(STRANGER, true.city, later[0], true.seq, true.hash),
        replace(true, day=later[1]),  # a signature of ours, of another day
        checkpoints.sign(SIGNER, true.city, later[2], 9_999, bytes(32)),
    ]
    added(ctx, [*forged, checkpoints.sign(SIGNER, true.city, later[3], 12, true_hash(ctx, 12))])

    def shown() -> list[tuple[date, bytes, int]]:
        with ctx.sessions() as tx:
            points = checkpoints.latest(tx, local_date(clock()))
            return [(each.day, each.key, each.seq) for each in points]

    for day in later:
        told = len(caplog.records)
        for _ in range(2):
            checkpoints.sign_day(ctx, SIGNER)
        assert shown()[0] == (day, SIGNER.key, ENDS)
        assert max(seen for seen, _, _ in shown()) == day
        assert max(seq for _, _, seq in shown()) <= ENDS
        new = caplog.records[told:]
        assert len(new) == (1 if day == later[0] else len(new)) <= 1
        clock.advance(days=1)
    checkpoints.sign_day(ctx, SIGNER)  # a day that nobody touched
    assert shown()[0] == (local_date(clock()), SIGNER.key, ENDS)
    assert len(rows_of(ctx)) == DAYS + len(forged) + 1 + len(later) + 1


def true_hash(ctx: Context, seq: int) -> bytes:
    with ctx.sessions() as tx:
        return tx.scalars(select(AuditEntry.hash).where(AuditEntry.seq == seq)).one() or b""


def test_an_empty_chain_has_no_checkpoint(ctx: Context, clock: ManualClock) -> None:
    checkpoints.sign_day(ctx, SIGNER)
    with ctx.sessions() as tx:
        assert not list(checkpoints.latest(tx, local_date(clock())))
