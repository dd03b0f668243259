"""The audit chain in one archive that an auditor takes away (`tibao audit export`).

A ZIP with `postings.jsonl` (the books, a line of an entry a line), `files.jsonl` (the SHA-256 of
that, and of every file that must be there), `entries.jsonl` (the chain, a link a line),
`checkpoints.jsonl` and `keys.jsonl` (their public keys). The export is the last link of the chain
in it, and names the SHA-256 of the list of files, so that a checkpoint of that link covers the list
too, and with it the books.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.checkpoint import Checkpoint, pem
from backend.domain.local_time import local_date
from backend.services.base import audit, checkpoints
from backend.services.base.context import Context
from backend.services.files.whole import file_names
from backend.store.audit import AuditEntry
from backend.store.ledger import Account, Entry, Posting
from backend.store.signer import Signer

BOOKS = "postings.jsonl"
IN_PIECES = {"yield_per": 5000}


def write(ctx: Context, signer: Signer, out: IO[bytes], beside: Mapping[str, bytes]) -> Checkpoint:
    """Write the archive, and `beside` as it is, to a file that is open for writing.

    Returns the checkpoint of its last link, the export itself, which is committed before the
    chain is read: no archive is without its link. One link is in memory at a time.
    """
    now = ctx.clock()
    with ctx.sessions() as tx, ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in beside.items():
            archive.writestr(name, content)
        _, books = _lines(archive, BOOKS, _postings(tx))
        listed = chain(
            [json.dumps({"name": BOOKS, "sha256": books})], map(_file_line, file_names(tx))
        )
        number, sha256 = _lines(archive, "files.jsonl", listed)
        facts = {"files": number, "files_sha256": sha256}
        entry = audit.append(tx, now, None, AuditAction.AUDIT_EXPORT, ("audit", "chain"), facts)
        tx.commit()
        seq, link_hash = _sealed(tx, entry)
        point = checkpoints.sign(signer, ctx.city.code, local_date(now), seq, link_hash)
        _lines(archive, "entries.jsonl", audit.export(tx, seq))
        keys: dict[bytes, None] = {}
        points = chain(checkpoints.until(tx, seq), [point])
        _lines(archive, "checkpoints.jsonl", _noting_keys(points, keys))
        _lines(archive, "keys.jsonl", (json.dumps({"key": k.hex(), "pem": pem(k)}) for k in keys))
    return point


def _postings(tx: Session) -> Iterator[str]:
    """Every line of every entry, those of an entry together; `backend/verify_books.py` adds them
    up. Nobody is named: an account has a number."""
    rows = (
        select(Posting.entry_id, Entry.kind, Entry.booked_on, Account.number, Posting.amount_fen)
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Account, Account.id == Posting.account_id)
        .order_by(Posting.entry_id, Posting.id)
    )
    for entry_id, kind, day, account, fen in tx.execute(rows, execution_options=IN_PIECES):
        line = {
            "entry": str(entry_id),
            "kind": kind,
            "day": str(day),
            "account": account,
            "fen": fen,
        }
        yield json.dumps(line, ensure_ascii=False)


def _sealed(tx: Session, entry: AuditEntry) -> tuple[int, bytes]:
    """The number and the hash that the database gave this link."""
    row = tx.execute(select(AuditEntry.seq, AuditEntry.hash).where(AuditEntry.id == entry.id)).one()
    return row.seq or 0, row.hash or b""


def _file_line(sha256: str) -> str:
    return json.dumps({"sha256": sha256})


def _noting_keys(points: Iterable[Checkpoint], keys: dict[bytes, None]) -> Iterator[str]:
    for point in points:
        keys[point.key] = None
        yield point.line


def _lines(archive: ZipFile, name: str, lines: Iterable[str]) -> tuple[int, str]:
    """Write them, however many; how many there were, and the SHA-256 of them all."""
    number, digest = 0, hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as file:
        for line in lines:
            content = f"{line}\n".encode()
            file.write(content)
            digest.update(content)
            number += 1
    return number, digest.hexdigest()
