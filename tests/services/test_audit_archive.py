"""An archive of the audit chain and a saved checkpoint: whatever is changed in it is named."""

import json
import os
import re
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
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import select

from backend import verify_export
from backend.config import Settings
from backend.domain.audit_actions import StepTaken
from backend.domain.audit_chain import GENESIS, link_hash
from backend.domain.checkpoint import Checkpoint, pem, signed_words
from backend.domain.local_time import local_date
from backend.services.base import audit, checkpoints
from backend.services.base.context import Context
from backend.services.case.checkpoint_news import tell_auditors
from backend.services.files import audit_archive
from backend.store.audit import AuditCheckpoint, AuditEntry
from backend.store.messages import Outbox
from backend.store.signer import Signer
from backend.verify_export import CannotCheck, Fault, check
from backend.wechat.templates import VALUE_LIMIT
from tests.build.clock import ManualClock
from tests.build.production import PRODUCTION
from tests.build.village import Village

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
def signed(pem_of_key: str, signature: str, words: str) -> bool:
    """What openssl says, without a process for each."""
    key = load_pem_public_key(pem_of_key.encode())
    assert isinstance(key, Ed25519PublicKey)
    try:
        key.verify(bytes.fromhex(signature), words.encode())
    except InvalidSignature:
        return False
    return True


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_export, "openssl", signed)


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


def points_anew(points: bytes, signer: Signer, **fields: Any) -> bytes:
    """The same checkpoints with other words and a signature that fits."""
    lines = []
    for line in points.splitlines():
        point = json.loads(line) | fields
        day, of = date.fromisoformat(point["day"]), bytes.fromhex(point["hash"])
        words = signed_words(point["city"], day, point["seq"], of)
        lines.append(point | {"key": signer.key.hex(), "signature": signer.sign(words).hex()})
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
        members["checkpoints.jsonl"] = members["keys.jsonl"] = b""
    return {place + 1}


def rewritten_and_signed(random: Random, links: list[Link], members: dict[str, bytes]) -> set[int]:
    """With everything after it, later checkpoints dropped and the end signed, as whoever holds the
    database and the key could."""
    place = random.randrange(len(links) - 1)
    other_words(random, links[place])
    members["entries.jsonl"] = sealed_anew(links)
    points = [json.loads(line) for line in members["checkpoints.jsonl"].splitlines()]
    for point in points:
        point["hash"] = links[point["seq"] - 1]["hash"]
    left = [each for each in points[:-1] if each["seq"] <= place or random.random() < 0.5]
    members["checkpoints.jsonl"] = points_anew(written([*left, points[-1]]), SIGNER)
    return {place + 1}


CHANGES: tuple[Change, ...] = (
    edited,
    one_byte,
    dropped,
    reordered,
    truncated,
    rewritten_once,
    rewritten,
    rewritten_and_signed,
)


@pytest.mark.usefixtures("quickly")
def test_of_a_thousand_changes_those_before_a_saved_point_are_named_and_no_other_is_called_proved(
    taken: Taken, tmp_path: Path
) -> None:
    path, random = tmp_path / "changed.zip", Random(13)
    kept = dict(taken.of_day) | {ENDS: taken.saved}
    ends, best, faults = check(packed(path, taken.members), taken.saved)
    assert (ends, best["seq"], faults) == (ENDS, ENDS, [])
    after = 0
    for turn in range(1000):
        change = CHANGES[turn % len(CHANGES)]
        members = dict(taken.members)
        (touched,) = change(random, taken.links, members)
        saved = sorted(random.sample(sorted(kept), random.randint(1, 3)))
        _, best, faults = check(packed(path, members), b"\n".join(kept[seq] for seq in saved))
        named = any(first <= touched <= last for first, last, _ in faults)
        assert named or touched > saved[-1], (turn, change.__name__, touched, saved, faults)
        # It is said to be proved only when nothing is wrong with an entry.
        proved = 0 if any(first for first, _, _ in faults) else best["seq"]
        assert proved < touched, (turn, change.__name__, touched, saved, faults)
        after += change is rewritten_and_signed and touched > saved[-1] and not faults
    assert after > 10


def found(taken: Taken, path: Path, saved: bytes, **members: bytes) -> list[Fault]:
    changed = {name.replace("_jsonl", ".jsonl"): content for name, content in members.items()}
    faults: list[Fault] = check(packed(path, dict(taken.members) | changed), saved)[2]
    return faults


@pytest.mark.usefixtures("quickly")
def test_checkpoints_say_between_which_entries_the_chain_was_written_anew(
    taken: Taken, tmp_path: Path
) -> None:
    links, path = taken.links, tmp_path / "a.zip"
    other_words(Random(1), links[LINKS_A_DAY * 2 + 1])
    anew = {"entries_jsonl": sealed_anew(links)}
    sure, hint = found(taken, path, taken.saved, **anew)
    assert (sure[:2], "您手头" in sure[2]) == ((1, ENDS), True)
    assert (hint[:2], "归档自带" in hint[2]) == ((2 * LINKS_A_DAY + 1, 3 * LINKS_A_DAY), True)
    # Whoever saved more of them knows it without those of the archive.
    several = b"\n".join(taken.of_day.values())
    assert found(taken, path, several, **anew)[0][:2] == hint[:2]
    # Signed by somebody else they say nothing, and the saved one speaks of the whole chain.
    anew["checkpoints_jsonl"] = points_anew(taken.members["checkpoints.jsonl"], STRANGER)
    sure, *strange = found(taken, path, taken.saved, **anew)
    assert len(strange) == DAYS + 1
    assert all(STRANGER.key.hex() in words for _, _, words in strange)
    assert sure[:2] == (1, ENDS)


@pytest.mark.usefixtures("quickly")
def test_what_stands_beside_the_entries_is_judged_too(taken: Taken, tmp_path: Path) -> None:
    path, points = tmp_path / "a.zip", taken.members["checkpoints.jsonl"]
    assert found(taken, path, taken.saved, files_jsonl=b"") == [
        (0, 0, "附件清单 files.jsonl 被改动")
    ]
    other = json.dumps({"key": STRANGER.key.hex(), "pem": pem(STRANGER.key)}).encode() + b"\n"
    for keys in (b"", other, taken.members["keys.jsonl"] + other):
        ((_, _, words),) = found(taken, path, taken.saved, keys_jsonl=keys)
        assert "keys.jsonl" in words
    ((_, _, words),) = found(
        taken, path, taken.saved, checkpoints_jsonl=points.replace(b'"seq": 6', b'"seq": 5')
    )
    assert words.endswith("签名不对")
    ((_, _, words),) = found(taken, path, taken.saved, checkpoints_jsonl=points + b"{}\n")
    assert words.startswith(f"归档中第 {DAYS + 2} 个检查点")
    # Of another city, with the same key.
    elsewhere = points_anew(points, SIGNER, city="shaoguan")
    ((_, _, words),) = found(taken, path, taken.saved, checkpoints_jsonl=elsewhere)
    assert "同一个城市" in words
    # An earlier checkpoint cannot tell of what came later, but an export ends with itself.
    earlier = taken.of_day[LINKS_A_DAY]
    short = b"".join(taken.members["entries.jsonl"].splitlines(keepends=True)[:-1])
    ((first, _, words),) = found(
        taken, path, earlier, entries_jsonl=short, checkpoints_jsonl=earlier + b"\n"
    )
    assert (first, "末尾" in words) == (ENDS, True)


@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize("saved", [b"", b"{}", b"[1]", b"[" * 100_000])
def test_without_a_good_checkpoint_nothing_is_checked(
    taken: Taken, tmp_path: Path, saved: bytes
) -> None:
    forged = taken.saved.replace(b'"seq": 25', b'"seq": 24')
    for bad in (saved, forged, taken.saved + b"\n" + forged):
        with pytest.raises(CannotCheck, match="手头的检查点"):
            check(packed(tmp_path / "a.zip", taken.members), bad)
    for key in ("", "x" * 64, STRANGER.key.hex().upper()):
        with pytest.raises(CannotCheck, match="公钥"):
            check(packed(tmp_path / "a.zip", taken.members), taken.saved, [key])


Says = Callable[..., tuple[int, str]]


@pytest.fixture
def says(
    quickly: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Says:
    """What the program says of files, and its exit status."""

    def say(*names: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["verify_export.py", *names])
        status = verify_export.main()
        told = capsys.readouterr()
        return status, told.out + told.err

    monkeypatch.chdir(tmp_path)
    return say


def test_what_is_proved_is_told_with_whose_checkpoint_and_what_is_not(
    taken: Taken, tmp_path: Path, says: Says
) -> None:
    packed(tmp_path / "a.zip", taken.members)
    for seq, line in taken.of_day.items():
        (tmp_path / str(seq)).write_bytes(b"\xef\xbb\xbf" + line + b"\r\n")
    (tmp_path / "last").write_bytes(taken.saved)
    key = SIGNER.key.hex()
    trial = "。\n注意：这是公开的试用密钥，谁都签得出，不能作证。\n"
    assert key == verify_export.TRIAL
    assert says("a.zip", "12", "last") == (
        0,
        f"完整：jishou 共 25 条，前 25 条由您手头的检查点证明（2025-03-07，公钥 {key}），"
        f"附件清单也由它证明{trial}",
    )
    # All after a saved one written anew, with the very key: nobody outside has seen it before.
    links, members = taken.links, dict(taken.members)
    for link in links[LINKS_A_DAY:-1]:
        other_words(Random(1), link)
    end = json.loads(taken.saved)
    members["entries.jsonl"] = sealed_anew(links)
    ended = points_anew(written([end | {"hash": links[-1]["hash"]}]), SIGNER)
    members["checkpoints.jsonl"] = taken.of_day[LINKS_A_DAY] + b"\n" + ended
    packed(tmp_path / "b.zip", members)
    for name in ("a.zip", "b.zip"):
        assert says(name, "6") == (
            0,
            "审计链前后衔接：jishou 共 25 条，前 6 条由您手头的检查点证明"
            f"（2025-03-03，公钥 {key}）；第 7 至 25 条和附件清单只有归档自带的检查点，"
            f"须用以后另存的核对{trial}",
        )
    status, told = says("b.zip", "6", "12")
    assert (status, "第 7 至 12 条中有条目被重写" in told, "证明" in told) == (1, True, False)
    # What is wrong beside the chain takes nothing from what is proved of it, but it is not whole.
    strange = points_anew(taken.saved, STRANGER)
    members = dict(taken.members)
    members["checkpoints.jsonl"] += strange
    packed(tmp_path / "c.zip", members)
    status, told = says("c.zip", "last")
    assert (status, "完整" in told, "前 25 条由您手头的检查点证明" in told) == (1, False, True)
    assert STRANGER.key.hex() in told
    assert says("c.zip", "last", "--key", STRANGER.key.hex())[0] == 1  # keys.jsonl lacks it


def test_nothing_of_an_archive_is_printed_as_it_stands(
    taken: Taken, tmp_path: Path, says: Says
) -> None:
    (tmp_path / "last").write_bytes(taken.saved)
    points = [json.loads(line) for line in taken.members["checkpoints.jsonl"].splitlines()]
    clear = "\x1b[2J\x1b[H完整"
    for fields in ({"day": clear}, {"city": clear}, {"key": clear}, {"day": "２０２５-03-03"}):
        changed = written([points[0] | fields, *points[1:]])
        packed(tmp_path / "a.zip", dict(taken.members) | {"checkpoints.jsonl": changed})
        status, told = says("a.zip", "last")
        assert (status, "第 1 个检查点被改动" in told) == (1, True)
        assert not any(sign in told for sign in ("\x1b", "完整", "２")), told


def test_half_an_archive_is_none_nor_is_a_hostile_one(
    taken: Taken, tmp_path: Path, says: Says
) -> None:
    path = tmp_path / "a.zip"
    (tmp_path / "last").write_bytes(taken.saved)
    whole = Path(packed(path, taken.members)).read_bytes()
    lzma = bytearray(whole)
    for mark, at in ((b"PK\3\4", 8), (b"PK\1\2", 10)):  # the way of packing, in every member
        for found_at in re.finditer(re.escape(mark), whole):
            lzma[found_at.start() + at] = 14
    halves = (whole[:-30], whole[: len(whole) // 2], whole.replace(b"1,300", b"1,400", 1), b"")
    for half in (*halves, bytes(lzma)):
        path.write_bytes(half)
        status, told = says("a.zip", "last")
        assert (status, told.startswith("无法核对：没有写完")) == (2, True), told
    for names in ((".", "last"), ("a.zip", "."), ("a.zip", "none"), ("none", "last")):
        assert says(*names)[0] == 2
    packed(path, taken.members)
    assert says("a.zip", "last", "--key", "x")[0] == 2
    with ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("entries.jsonl", taken.members["entries.jsonl"])
    assert says("a.zip", "last") == (2, "无法核对：a.zip 里有重名的文件\n")


def test_a_bomb_of_one_line_costs_no_more_than_a_line(
    taken: Taken, tmp_path: Path, says: Says
) -> None:
    (tmp_path / "last").write_bytes(taken.saved)
    first = taken.links[0]
    bodies = ("[" * 200_000, '{"action":"audit.export",' + "[" * 200_000, "\\" * 1_000_000)
    bombs = [written([first | {"body": body}]) for body in bodies]
    long = b"[" * (3 * verify_export.LONGEST)
    for bomb in (*bombs, long, long + b"\n" + taken.members["entries.jsonl"], b"9" * 1_000_000):
        with ZipFile(tmp_path / "a.zip", "w", ZIP_DEFLATED) as archive:
            for name, content in (dict(taken.members) | {"entries.jsonl": bomb}).items():
                archive.writestr(name, content)
        status, told = says("a.zip", "last")
        assert (status, told.startswith("第 1 条被改动")) == (1, True), told[:300]
    # However many lines are wrong, a hundred are told; openssl is asked so many times and no more.
    members = dict(taken.members) | {"entries.jsonl": b"\n" * 1000}
    members["checkpoints.jsonl"] = taken.saved + b"\n"
    members["checkpoints.jsonl"] *= verify_export.MOST_POINTS + 5
    packed(tmp_path / "a.zip", members)
    assert says("a.zip", "last")[1].count("\n") == verify_export.MOST_FAULTS
    good, _ = verify_export.points(members["checkpoints.jsonl"].splitlines(keepends=True), set())
    assert len(good) == verify_export.MOST_POINTS


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
    status, told = says("good.zip")
    assert (status, told.startswith(f"完整：jishou 共 {ENDS} 条，前 {ENDS} 条")) == (0, True)
    assert says("bad.zip") == (1, "第 9 条被改动：内容与指纹不符\n")
    status, told = says("good.zip", path="/nowhere")
    assert (status, "没有找到能核对签名的 openssl" in told) == (2, True)
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
        "files": 2,
        "files_sha256": sha256(taken.members["files.jsonl"]).hexdigest(),
    }
    for row in rows:
        words = signed_words(row.city, row.day, row.seq, row.hash)
        assert signed(pem(row.key), row.signature.hex(), words.decode())


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


def test_each_auditor_hears_of_the_day_s_checkpoint_once_and_can_compare_it(
    village: Village,
) -> None:
    village.approved()
    ctx, auditor = village.ctx, village.actor("auditor").person_id
    for _ in range(2):
        checkpoints.sign_day(ctx, SIGNER, tell_auditors)
    (point,) = rows_of(ctx)
    with ctx.sessions() as tx:
        of_day = Outbox.natural_key.like("checkpoint/%")
        (told,) = tx.scalars(select(Outbox).where(of_day))
    assert told.person_id == auditor
    assert told.data["count"] == f"今日检查点第{point.seq}条的指纹"
    assert point.hash.hex().startswith(told.data["next"])
    assert len(told.data["next"]) == 20
    assert all(len(value) <= VALUE_LIMIT for name, value in told.data.items() if name != "page")


def test_an_empty_chain_has_no_checkpoint(ctx: Context, clock: ManualClock) -> None:
    checkpoints.sign_day(ctx, SIGNER)
    with ctx.sessions() as tx:
        assert not list(checkpoints.latest(tx, local_date(clock())))
