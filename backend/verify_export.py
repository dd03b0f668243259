"""Checks an archive of `tibao audit export` against checkpoints that were brought somewhere else.

    python3 verify_export.py ARCHIVE CHECKPOINT [CHECKPOINT ...] [--key KEY ...]

One file of the standard library alone, which an auditor can read and copy; signatures are checked
by the `openssl` command (3.0 or later). CHECKPOINT is a file with lines that were saved from the
desk or from exports: they alone prove, those in the archive only narrow a fault down, if their key
is of a saved one or named by `--key`.
Exit status: 0 nothing is wrong, 1 something is and is named, 2 it could not be checked.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

# A line exactly as an export writes it; of all this `body` alone is never printed.
SEQ, HASH, TEXT = '"seq": [1-9][0-9]{0,17}', '"[0-9a-f]{64}"', r'"(?:[^"\\]|\\.)*"'
LINK = rf'{{"version": 1, {SEQ}, "previous_hash": {HASH}, "hash": {HASH}, "body": {TEXT}}}\n'
POINT = rf'{SEQ}, "hash": {HASH}, "key": {HASH}, "signature": "[0-9a-f]{{128}}"}}\n'
POINT = r'{"city": "[a-z0-9_-]{1,40}", "day": "[0-9]{4}-[0-9]{2}-[0-9]{2}", ' + POINT
# The body of the entry that an export writes of itself.
EXPORT = re.compile(r'\{"action":"audit\.export",.*"files_sha256":"([0-9a-f]{64})".*\}')
PEM = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA{}\n-----END PUBLIC KEY-----\n"  # Ed25519
LONGEST, MOST_POINTS, MOST_FAULTS = 1 << 22, 10_000, 100  # bytes of a line; numbers of lines
# The private key of this one stands in the source, for trying things out: anybody signs with it.
TRIAL = "0a450ad87030216dc6a913c54f45a1f12fe2a5aa99e7499e6f195546f9df0c65"

Fields = dict[str, Any]
Fault = tuple[int, int, str]  # what is wrong from one entry to another (0: beside the entries)


class CannotCheck(Exception):
    """The check itself is not possible here; the message says why."""


def openssl(pem: str, signature: str, words: str) -> bool:
    """Whether the key signed these words; raises CannotCheck without an openssl that can tell."""
    parts = {"key": pem.encode(), "words": words.encode(), "signature": bytes.fromhex(signature)}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in parts.items():
            Path(folder, name).write_bytes(content)
        command = "openssl pkeyutl -verify -pubin -inkey key -rawin -in words -sigfile signature"
        try:
            ran = subprocess.run(command.split(), cwd=folder, capture_output=True, check=False)
            if ran.returncode and b"Signature Verification Failure" not in ran.stdout + ran.stderr:
                raise OSError
        except OSError:
            raise CannotCheck("没有找到能核对签名的 openssl 命令；请安装 OpenSSL 3") from None
    return ran.returncode == 0


def fields(line: bytes, shape: str) -> Any:
    """What a line says; None unless it is written exactly as an export writes it."""
    try:
        found = json.loads(line) if re.fullmatch(shape.encode(), line) else None
        return found if json.dumps(found, ensure_ascii=False).encode() + b"\n" == line else None
    except ValueError:
        return None


def points(lines: Iterable[bytes], keys: set[str]) -> tuple[list[Fields], list[Fault]]:
    """The checkpoints that one of the keys signed (any key, if none is given); faults of others."""
    good, faults = [], []
    for row, line in enumerate(islice(lines, MOST_POINTS), 1):
        point, which = fields(line, POINT), f"归档中第 {row} 个检查点"
        if point is None:
            faults.append((0, 0, f"{which}被改动，读不出来"))
        elif keys and point["key"] not in keys:
            faults.append((0, 0, f"{which}用了没有指明的公钥 {point['key']}"))
        else:
            pem = PEM.format(b64encode(bytes.fromhex(point["key"])).decode())
            words = "tibao-checkpoint-1 {city} {day} {seq} {hash}\n".format(**point)
            if openssl(pem, point["signature"], words):
                good.append({**point, "pem": pem})
            else:
                faults.append((0, 0, f"{which}签名不对"))
    return good, faults


def broken(lines: Iterable[bytes], hashes: dict[int, str], last: Fields) -> Iterator[Fault]:
    """Where the chain breaks (`backend/domain/audit_chain.py`); notes `hashes` and the `last`."""
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
        hashed = b"".join(each.to_bytes(8, "big") for each in (link["version"], number))
        hashed += bytes.fromhex(link["previous_hash"]) + link["body"].encode()
        if hashlib.sha256(hashed).hexdigest() != link["hash"]:
            yield (number, number, "被改动：内容与指纹不符")
        elif number == due and previous not in ("", link["previous_hash"]):
            yield (max(seq, 1), number, "不衔接：其中一条被重写，或前面的条目被换过")
        seq, previous = number, link["hash"]
        hashes |= {seq: previous} if seq in hashes else {}
        last |= link


def fitting(some: list[Fields], whose: str, ends: int, hashes: dict[int, str]) -> Any:
    """The last checkpoint that the chain fits, and what the first says that it does not fit."""
    best: Fields = {"seq": 0}
    cut = f"不全：归档只到第 {ends} 条，有条目被截去或删去，或检查点晚于归档"
    for point in sorted(some, key=lambda each: each["seq"]):
        seq, which = point["seq"], f"（与{whose} {point['day']} 的检查点不符）"
        if seq > ends or hashes[seq] not in ("", point["hash"]):  # "": missing, which was told
            words = (cut if seq > ends else "中有条目被重写，指纹也重算过") + which
            return best, [(min(best["seq"] + 1, seq), seq, words)]
        best = point
    return best, []


def judged(archive: zipfile.ZipFile, brought: list[Fields], keys: set[str]) -> Any:
    """What `check` returns, which has read what was saved."""
    listed, files, entries, marks = (
        iter(partial(archive.open(f"{name}.jsonl").readline, LONGEST), b"")  # longer ones in pieces
        for name in ("keys", "files", "entries", "checkpoints")
    )
    own, beside = points(marks, keys)
    due = {p["key"]: json.dumps({"key": p["key"], "pem": p["pem"]}) + "\n" for p in own}
    if not beside and [*islice(listed, len(due) + 1)] != [line.encode() for line in due.values()]:
        beside.append((0, 0, "公钥清单 keys.jsonl 与归档中的检查点不符"))
    hashes, listing = {point["seq"]: "" for point in brought + own}, hashlib.sha256()
    for line in files:
        listing.update(line)
    last: Fields = {"seq": 0, "body": ""}
    found = enumerate(broken(entries, hashes, last))
    wrong = [fault for number, fault in found if number < MOST_FAULTS]
    ends, export = last["seq"], EXPORT.fullmatch(last["body"])
    best, misfits = fitting(brought, "您手头", ends, hashes)
    wrong += misfits + fitting(own, "归档自带", ends, hashes)[1]
    if not export and not wrong:
        wrong.append((ends + 1, ends + 1, "起缺失：归档应以导出这一条结束，末尾被截去或添加过"))
    if export and export[1] != listing.hexdigest():
        beside.append((0, 0, "附件清单 files.jsonl 被改动"))
    if len({point["city"] for point in brought + own}) > 1:
        beside.append((0, 0, "检查点不是同一个城市的"))
    return ends, best, wrong + beside


def check(path: str, saved: bytes, keys: Iterable[str] = ()) -> Any:
    """How many entries there are, the last saved checkpoint that they fit, and all that is wrong;
    raises CannotCheck when the archive or a saved checkpoint is not one that can be checked."""
    lines = [line.strip().removeprefix(b"\xef\xbb\xbf") for line in saved.splitlines()]
    brought, bad = points([line + b"\n" for line in lines if line], set())
    if bad or not brought or not all(re.fullmatch("[0-9a-f]{64}", key) for key in keys):
        raise CannotCheck("手头的检查点或公钥不完整，或签名不对：请换一份保存的")
    with zipfile.ZipFile(path) as archive:
        if len(set(archive.namelist())) < len(archive.namelist()):
            raise CannotCheck(f"{path} 里有重名的文件")
        return judged(archive, brought, {*keys, *(point["key"] for point in brought)})


def main() -> int:
    """Say what is wrong, a line for each fault, and how far the archive is proved."""
    parser = argparse.ArgumentParser(description="用手头的检查点离线核对审计归档")
    parser.add_argument("archive", help="tibao audit export 导出的归档")
    parser.add_argument("checkpoint", nargs="+", help="事先另存的检查点，一行一个")
    parser.add_argument("--key", action="append", default=[], help="另一个可信的公钥，可多次")
    given = parser.parse_args()
    try:
        saved = b"\n".join(Path(name).read_bytes() for name in given.checkpoint)
        ends, best, faults = check(given.archive, saved, given.key)
    except Exception as error:  # whatever a broken or a hostile file brings about
        words = f"没有写完、被截断、已损坏或没有这个文件（{type(error).__name__}）"
        sys.stderr.write(f"无法核对：{error if isinstance(error, CannotCheck) else words}\n")
        return 2
    for first, last, words in faults[:MOST_FAULTS]:
        which = f"第 {first} 条" if first == last else f"第 {first} 至 {last} 条"
        sys.stdout.write(f"{which if first else ''}{words}\n")
    if not any(first for first, _, _ in faults):
        seq, head = best["seq"], "审计链前后衔接" if faults or ends > best["seq"] else "完整"
        rest = f"；第 {seq + 1} 至 {ends} 条和附件清单只有归档自带的检查点，须用以后另存的核对"
        rest = rest if ends > seq else "" if faults else "，附件清单也由它证明"
        rest += "。\n注意：这是公开的试用密钥，谁都签得出，不能作证" if best["key"] == TRIAL else ""
        by = f"由您手头的检查点证明（{best['day']}，公钥 {best['key']}）"
        sys.stdout.write(f"{head}：{best['city']} 共 {ends} 条，前 {seq} 条{by}{rest}。\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
