"""Checks an archive of `tibao audit export` against a checkpoint that was kept somewhere else.

    python3 verify_export.py ARCHIVE CHECKPOINT [--key KEY ...]

One file of the standard library alone, which an auditor can read and copy; signatures are checked
by the `openssl` command (3.0 or later). CHECKPOINT is a file with the one line that was saved from
the desk or from an earlier export; its key is believed, others only if named with `--key`.
Exit status: 0 everything fits, 1 something does not and is named, 2 it could not be checked.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

# What stands in a line, each as JSON writes it.
SEQ, HASH, TEXT = "[1-9][0-9]{0,17}", '"[0-9a-f]{64}"', '".*"'
LINK = {"version": "1", "seq": SEQ, "previous_hash": HASH, "hash": HASH, "body": TEXT}
POINT = {"city": TEXT, "day": TEXT, "seq": SEQ, "hash": HASH, "key": HASH}
POINT |= {"signature": '"[0-9a-f]{128}"'}
DER = bytes.fromhex("302a300506032b6570032100")  # what stands before an Ed25519 key in a PEM
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)

Fields = dict[str, Any]
# What is wrong with the entries from one to another (0: with what stands beside them).
Fault = tuple[int, int, str]
Signed = Callable[[str, str, bytes], bool]


class CannotCheck(Exception):
    """The check itself is not possible here; the message says why."""


def openssl(key: str, signature: str, words: bytes) -> bool:
    """Whether the Ed25519 key (hex) signed these words; raises CannotCheck without an openssl."""
    pem = b"-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
    pem %= b64encode(DER + bytes.fromhex(key))
    parts = {"key": pem, "words": words, "signature": bytes.fromhex(signature)}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in parts.items():
            Path(folder, name).write_bytes(content)
        command = "openssl pkeyutl -verify -pubin -inkey key -rawin -in words -sigfile signature"
        try:
            ran = subprocess.run(command.split(), cwd=folder, capture_output=True, check=False)
        except OSError:
            raise CannotCheck("没有找到 openssl 命令，无法核对签名；请安装 OpenSSL 3") from None
    if ran.returncode == 0 or b"Signature Verification Failure" in ran.stdout + ran.stderr:
        return ran.returncode == 0
    raise CannotCheck("这里的 openssl 不能核对 Ed25519 签名；请安装 OpenSSL 3")


def fields(line: bytes, kinds: dict[str, str]) -> Any:
    """What a line says; None unless it is written exactly as an export writes it."""
    try:
        found = json.loads(line)
        same = line.decode() == json.dumps(found, ensure_ascii=False) + "\n"
    except (ValueError, RecursionError):
        return None
    good = same and isinstance(found, dict) and found.keys() == kinds.keys()
    shapes = good and all(re.fullmatch(kinds[name], json.dumps(found[name])) for name in kinds)
    return found if shapes else None


def words_of(point: Fields) -> bytes:
    """What the signature of a checkpoint covers."""
    return "tibao-checkpoint-1 {city} {day} {seq} {hash}\n".format(**point).encode()


def sealed(link: Fields) -> str:
    """The hash that this entry must have, as `backend/domain/audit_chain.py` describes it."""
    numbers = link["version"].to_bytes(8, "big") + link["seq"].to_bytes(8, "big")
    hashed = numbers + bytes.fromhex(link["previous_hash"]) + link["body"].encode()
    return hashlib.sha256(hashed).hexdigest()


def broken(lines: Iterable[bytes], hashes: dict[int, str], last: Fields) -> Iterator[Fault]:
    """Where the chain does not hold. `hashes` learns those of its keys, `last` the last entry."""
    seq, previous = 0, bytes(32).hex()
    for line in lines:
        link, due = fields(line, LINK), seq + 1
        if link is None:
            yield (due, due, "被改动，或只剩一部分：不是导出时写下的样子")
            seq, previous = due, ""
            continue
        number = link["seq"]
        if number > due:
            yield (due, number - 1, "缺失：被删除，或被挪到了别处")
        elif number < due:
            yield (number, number, f"排在第 {seq} 条之后：次序被调换，或重复")
        if sealed(link) != link["hash"]:
            yield (number, number, "被改动：内容与指纹不符")
        elif number == due and previous not in ("", link["previous_hash"]):
            yield (max(seq, 1), number, "不衔接：其中一条被重写，或前面的条目被换过")
        seq, previous = number, link["hash"]
        if seq in hashes:
            hashes[seq] = previous
        last.clear()
        last.update(link)


def points(lines: Iterable[bytes], keys: Collection[str], signed: Signed) -> Iterator[Any]:
    """The checkpoints of an archive, signed with a key we believe; a fault for each other one."""
    for row, line in enumerate(lines, 1):
        point = fields(line, POINT)
        if point is None:
            yield (0, 0, f"归档中第 {row} 个检查点被改动，读不出来")
        elif point["key"] not in keys:
            yield (0, 0, f"{point['day']} 的检查点用了没有指明的公钥 {point['key']}")
        elif not signed(point["key"], point["signature"], words_of(point)):
            yield (0, 0, f"{point['day']} 的检查点签名不对")
        else:
            yield point


def beside(last: Fields, files: str) -> Iterator[Fault]:
    """Whether the last entry is that of the export itself, which names the list of files."""
    try:
        body = json.loads(last["body"])
        if body["action"] == "audit.export":
            if body["facts"]["files_sha256"] != files:
                yield (0, 0, "附件清单 files.jsonl 被改动")
            return
    except (ValueError, KeyError, TypeError):
        pass
    after = last.get("seq", 0) + 1
    yield (after, after, "起缺失：归档应以导出本身这一条结束，末尾被截去或添加过")


def check(
    path: str, saved: bytes, keys: Iterable[str] = (), signed: Signed = openssl
) -> tuple[int, int, list[Fault]]:
    """How many entries there are, how many are proved, and what is wrong with them.

    Raises CannotCheck when the archive or the saved checkpoint cannot be read as a whole."""
    own = fields(saved.strip() + b"\n", POINT)
    if own is None or not signed(own["key"], own["signature"], words_of(own)):
        raise CannotCheck("手头的检查点不完整，或签名不对：请换一份保存的检查点")
    faults: list[Fault] = []
    believed, files = [own], hashlib.sha256()
    last: Fields = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for point in points(archive.open("checkpoints.jsonl"), {own["key"], *keys}, signed):
                (faults if isinstance(point, tuple) else believed).append(point)
            for line in archive.open("files.jsonl"):
                files.update(line)
            hashes = dict.fromkeys((point["seq"] for point in believed), "")
            for fault in broken(archive.open("entries.jsonl"), hashes, last):
                faults += [fault] if len(faults) < 100 else []
    except (KeyError, ValueError, *BROKEN):
        where = f"没有写完、被截断或已损坏，读到第 {last.get('seq', 0)} 条为止"
        raise CannotCheck(f"{path} 不是完整的归档：{where}") from None
    proved, ends = 0, last.get("seq", 0)
    for point in sorted(believed, key=lambda each: each["seq"]):
        number, shown, which = point["seq"], hashes[point["seq"]], f"与 {point['day']} 的检查点不符"
        if number > ends:
            words = f"不全：归档只到第 {ends} 条，末尾被截去，或其中有条目被删去（{which}）"
            faults.append((proved + 1, number, words))
        elif shown and shown != point["hash"]:  # without a hash it is missing, which was told
            faults.append((proved + 1, number, f"中有条目被重写，指纹也重算过（{which}）"))
        else:
            proved = number
            continue
        break
    return ends, proved, faults or list(beside(last, files.hexdigest()))


def main() -> int:
    """Say what is wrong, a line for each fault, and how far the archive is proved."""
    parser = argparse.ArgumentParser(description="用手头的检查点离线核对审计归档")
    parser.add_argument("archive", help="tibao audit export 导出的归档")
    parser.add_argument("checkpoint", help="事先另存的检查点，一行")
    parser.add_argument("--key", action="append", default=[], help="另一个可信的公钥，可多次")
    given = parser.parse_args()
    try:
        ends, proved, faults = check(given.archive, Path(given.checkpoint).read_bytes(), given.key)
    except (CannotCheck, FileNotFoundError) as error:
        sys.stderr.write(f"无法核对：{error}\n")
        return 2
    for first, last, words in faults:
        which = f"第 {first} 条" if first == last else f"第 {first} 至 {last} 条"
        sys.stdout.write(f"{which if first else ''}{words}\n")
    if not faults:
        more = f"，其后 {ends - proved} 条只看得出前后衔接" if ends > proved else ""
        sys.stdout.write(f"完整：共 {ends} 条，前 {proved} 条由检查点证明{more}。\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
