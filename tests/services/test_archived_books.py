"""The books in the archive that an auditor takes away: each entry adds up, and the chain names
them."""

import json
import sys
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from backend import verify_books
from backend.config import Settings
from backend.services.books import ledger
from backend.services.files import audit_archive
from backend.store.ledger import Account
from backend.store.signer import Signer
from backend.verify_books import check
from tests.build.fund import WORKED, Fund
from tests.build.village import Village

Members = dict[str, bytes]


@pytest.fixture
def taken(village: Village, tmp_path: Path) -> Members:
    """The archive of a fund whose year was closed, file by file."""
    fund = Fund(village)
    fund.holds(WORKED)
    fund.earned()
    fund.closed()
    with (tmp_path / "made.zip").open("wb") as out:
        audit_archive.write(village.ctx, Signer(Settings().signing_key()), out, {})
    with ZipFile(tmp_path / "made.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(folder: Path, members: Members) -> str:
    with ZipFile(folder / "a.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(folder / "a.zip")


def test_the_archived_books_are_the_ledger_s_and_the_chain_names_them(
    village: Village, taken: Members, tmp_path: Path
) -> None:
    sums, wrong = check(packed(tmp_path, taken))
    assert wrong == []
    assert sum(sums.values()) == 0
    with village.ctx.sessions() as tx:
        assert ledger.trial_balance(tx).total_fen == 0
        held = tx.execute(select(Account.number, Account.normal, Account.balance_fen))
        signed = {number: fen if normal == "debit" else -fen for number, normal, fen in held}
    assert {number: fen for number, fen in sums.items() if fen} == {
        number: fen for number, fen in signed.items() if fen
    }
    first = json.loads(taken["files.jsonl"].splitlines()[0])
    assert first == {
        "name": "postings.jsonl",
        "sha256": sha256(taken["postings.jsonl"]).hexdigest(),
    }


def another_amount(lines: list[str], at: int) -> None:
    line = json.loads(lines[at])
    lines[at] = json.dumps({**line, "fen": line["fen"] + 1}, ensure_ascii=False)


def dropped(lines: list[str], at: int) -> None:
    del lines[at]


def twice(lines: list[str], at: int) -> None:
    lines.insert(at, lines[at])


def moved(lines: list[str], at: int) -> None:
    lines.insert((at + len(lines) // 2) % len(lines), lines.pop(at))


def cut_short(lines: list[str], at: int) -> None:
    lines[at] = lines[at][: len(lines[at]) // 2]


def no_uuid(lines: list[str], at: int) -> None:
    lines[at] = lines[at][:11] + "-" + lines[at][12:]


def no_escape(lines: list[str], at: int) -> None:
    lines[at] = lines[at].replace('"kind": "', '"kind": "\\x')


CHANGES: tuple[Callable[[list[str], int], None], ...] = (
    another_amount,
    dropped,
    twice,
    moved,
    cut_short,
    no_uuid,
    no_escape,
)


def test_whatever_is_changed_in_the_archived_books_is_found(taken: Members, tmp_path: Path) -> None:
    random = Random(1)
    for turn in range(200):
        lines = taken["postings.jsonl"].decode().splitlines()
        CHANGES[turn % len(CHANGES)](lines, random.randrange(len(lines)))
        changed = "".join(f"{line}\n" for line in lines).encode()
        _, wrong = check(packed(tmp_path, taken | {"postings.jsonl": changed}))
        assert (changed == taken["postings.jsonl"]) != bool(wrong), turn


def test_books_that_add_up_but_are_not_those_the_chain_names_are_told(
    taken: Members, tmp_path: Path
) -> None:
    """Both sides of an entry raised, and the list of files made to fit."""
    lines = taken["postings.jsonl"].decode().splitlines()
    entries = [json.loads(line) for line in lines]
    pair = [n for n, line in enumerate(entries) if line["entry"] == entries[0]["entry"]]
    for place, sign in zip(pair[:2], (1, -1), strict=True):
        entries[place]["fen"] += sign * 100
    changed = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in entries).encode()
    assert (
        "postings.jsonl 不是导出"
        in check(packed(tmp_path, taken | {"postings.jsonl": changed}))[1][-1]
    )
    files = taken["files.jsonl"].replace(
        sha256(taken["postings.jsonl"]).hexdigest().encode(), sha256(changed).hexdigest().encode()
    )
    both = taken | {"postings.jsonl": changed, "files.jsonl": files}
    assert "postings.jsonl 不是导出" in check(packed(tmp_path, both))[1][-1]


def test_books_are_checked_beside_a_chain_of_any_length(taken: Members, tmp_path: Path) -> None:
    long = b"".join(b"%064d\n" % number for number in range(20_000)) + taken["entries.jsonl"]
    path = packed(tmp_path, taken | {"entries.jsonl": long})
    tracemalloc.start()
    try:
        _, wrong = check(path)
        assert wrong == []
        assert tracemalloc.get_traced_memory()[1] < len(long) / 2
    finally:
        tracemalloc.stop()


def test_the_command_names_faults_and_ends_with_a_status(
    taken: Members,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def said(path: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["verify_books.py", path])
        status = verify_books.main()
        told = capsys.readouterr()
        return status, told.out + told.err

    status, words = said(packed(tmp_path, taken))
    assert (status, words.startswith("分录都平")) == (0, True)
    status, words = said(packed(tmp_path, taken | {"postings.jsonl": b"{}\n"}))
    assert (status, "读不出来" in words) == (1, True)
    assert said(str(tmp_path / "none.zip"))[0] == 2
    assert Path(verify_books.__file__).read_text("utf-8").count("\n") < 200
