"""Checks the books in an archive of `tibao audit export`: every entry adds up to nothing, and the
list of their lines is the one that the export named in its own entry of the chain.

    python3 verify_books.py ARCHIVE

Only after `verify_export.py` found nothing wrong: that proves the last entry of the chain, and with
it the list of files, which holds the SHA-256 of the books. One file of the standard library alone.
Exit status: 0 nothing is wrong, 1 something is and is named, 2 it could not be checked.
"""

import hashlib
import json
import re
import sys
import zipfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

TEXT = r'"(?:[^"\\]|\\.)*"'
UUID, DAY = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[0-9]{4}-[0-9]{2}-[0-9]{2}"
# A line exactly as an export writes it; the lines of an entry stand together.
LINE = rf'{{"entry": "{UUID}", "kind": {TEXT}, "day": "{DAY}", '
LINE += rf'"account": {TEXT}, "fen": -?[1-9][0-9]{{0,17}}}}\n'
NAMED = re.compile(r'.*"files_sha256":"([0-9a-f]{64})".*')
LONGEST, MOST_FAULTS = 1 << 22, 100  # bytes of a line; numbers of lines
UNREADABLE = {"entry": "", "kind": "", "account": "", "fen": 0}


def read(digest: Any, line: bytes) -> Any:
    """What a line says, after it went into the digest of all of them."""
    digest.update(line)
    try:
        return json.loads(line) if re.fullmatch(LINE.encode(), line) else UNREADABLE
    except ValueError:  # no UTF-8, or none of JSON's escapes
        return UNREADABLE


def lines_of(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Its lines; longer ones in pieces."""
    return iter(partial(archive.open(name).readline, LONGEST), b"")


def faults_of(lines: Iterable[bytes], digest: Any, sums: Counter[str]) -> Iterator[str]:
    """Entries that do not add up to nothing, stand twice or cannot be read; `sums` has what each
    account holds by them, in fen, debits less credits."""
    met: set[bytes] = set()
    for entry, some in groupby(map(partial(read, digest), lines), key=itemgetter("entry")):
        off = 0
        for line in some:
            off += line["fen"]
            sums[line["account"]] += line["fen"]
        key = bytes.fromhex(entry.replace("-", ""))
        if not entry or key in met:
            yield f"分录{entry or '有的行'}被改动：读不出来，或分在两处"
        elif off:
            yield f"分录 {entry} 借贷不平，差 {off} 分"
        met.add(key)


def named(archive: zipfile.ZipFile) -> Iterator[str]:
    """The SHA-256 of the books by the list of files, if the last entry of the chain names it."""
    (last,) = deque(lines_of(archive, "entries.jsonl"), 1)  # of however many
    listing, books = hashlib.sha256(), ""
    for line in lines_of(archive, "files.jsonl"):
        listing.update(line)
        books = json.loads(line)["sha256"] if b'"postings.jsonl"' in line else books
    found = NAMED.fullmatch(json.loads(last)["body"])
    if found and found[1] == listing.hexdigest():
        yield books


def check(path: str) -> tuple[Counter[str], list[str]]:
    """What each account holds, and all that is wrong."""
    digest, sums = hashlib.sha256(), Counter[str]()
    with zipfile.ZipFile(path) as archive:
        found = faults_of(lines_of(archive, "postings.jsonl"), digest, sums)
        wrong = [fault for number, fault in enumerate(found) if number < MOST_FAULTS]
        if digest.hexdigest() not in named(archive):
            wrong.append("分录清单 postings.jsonl 不是导出那一条写明的：被改动，或归档不全")
    return sums, wrong


def main() -> int:
    """Say what is wrong, a line for each fault, or what the accounts hold."""
    try:
        sums, wrong = check(sys.argv[1])
    except Exception as error:  # whatever a broken or a hostile file brings about
        words = f"归档没有写完、已损坏或没有这个文件（{type(error).__name__}）"
        sys.stderr.write(f"无法核对：{words}\n")
        return 2
    for words in wrong:
        sys.stdout.write(f"{words}\n")
    if not wrong:
        held = [fen for fen in sums.values() if fen]
        debit = sum(fen for fen in held if fen > 0)
        words = f"{len(held)} 个账户有余额，借方合计 {debit} 分"
        sys.stdout.write(f"分录都平，清单与导出那一条相符：{words}。\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
