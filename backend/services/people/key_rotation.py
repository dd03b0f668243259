"""Everything sealed is brought forward: to the key that seals now, and to the form that is bound.

Values that were bound to no place are bound where they stand. The programs work on meanwhile: they
open what either key sealed and seal with the new one. Goes in batches, each committed, so that what
breaks off is begun again and goes on where it was.

Works with the sessions of the tables' owner: words of objections are frozen for anyone else.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Text,
    bindparam,
    case,
    cast,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from backend.services.people.key_check import retire_others
from backend.store.cipher import BOUND, HEAD_BYTES, ID_BYTES, UNBOUND, Cipher, SealBroken
from backend.store.people import KeyCheck, LoginSession
from backend.store.sealed import IN_JSON, SEALED, Sealed

BATCH = 500
NOBODY = UUID(int=0)

# Called after each batch: the column, and how many of its values were brought forward.
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Found:
    """Where values stand that did not open, and those that do not fit the hash beside them: a name
    whose normal form was another one, or something that was moved when nothing was bound."""

    broken: list[str]
    odd: list[str]


@dataclass(frozen=True)
class Outcome:
    """What one run did: how many values it brought forward, and how many are left in each column.
    With none left, the other keys are retired."""

    changed: int
    left: Mapping[str, int]
    found: Found


@dataclass(frozen=True)
class KeyUse:
    """A key that the database has noted, and how many values are sealed with it and bound."""

    id: str
    noted_at: datetime
    retired: bool
    values: int


@dataclass(frozen=True)
class Status:
    """How far the change of keys is. The newest of `keys` seals; `unbound` values are of any key;
    `left` are those to bring forward, by column; `old_logins` end with the key before."""

    keys: Sequence[KeyUse]
    unbound: int
    left: Mapping[str, int]
    old_logins: int


@dataclass(frozen=True)
class _Row:
    id: UUID
    sealed: bytes
    known: bytes | None


def rotate(sessions: sessionmaker[Session], cipher: Cipher, progress: Progress) -> Outcome:
    """Bring everything forward that can be opened; when nothing is left, retire the other keys.

    Once done, nothing to do. Raises nothing for a value that does not open: it is left, and named.
    """
    changed, found = 0, Found([], [])
    for place in SEALED:
        done, last = 0, NOBODY
        while rows := _batch(sessions, cipher, place, last):
            last = rows[-1].id
            done += _bring_forward(sessions, cipher, place, rows, found)
            progress(place.name, done)
        changed += done
    with sessions() as tx:
        left = _left(tx, cipher)
        if not left:
            retire_others(tx, cipher)
            tx.commit()
    return Outcome(changed, left, found)


def status(sessions: sessionmaker[Session], cipher: Cipher) -> Status:
    """How far it is; reads every sealed column."""
    with sessions() as tx:
        counts = _counts(tx)
        noted = tx.scalars(select(KeyCheck).order_by(KeyCheck.noted_at)).all()
        old_logins = 0
        if len(noted) > 1:
            before = LoginSession.created_at < noted[-1].noted_at
            old_logins = tx.scalar(select(func.count()).where(before)) or 0
        left = _left(tx, cipher)
    keys = []
    for key in noted:
        name = key.fingerprint[:ID_BYTES]
        number = counts[BOUND + name]
        keys.append(KeyUse(name.hex(), key.noted_at, key.retired_at is not None, number))
    return Status(keys, counts[UNBOUND], left, old_logins)


def _counts(tx: Session) -> Counter[bytes]:
    """How many values there are of each head, or of the form that has none."""
    counts: Counter[bytes] = Counter()
    for place in SEALED:
        form = func.substring(place.value, 1, 1)
        head = case((form == UNBOUND, form), else_=func.substring(place.value, 1, HEAD_BYTES))
        which = select(head, func.count()).where(place.value.is_not(None)).group_by(head)
        counts.update({bytes(head): number for head, number in tx.execute(which)})
    return counts


def _left(tx: Session, cipher: Cipher) -> dict[str, int]:
    """How many values are not brought forward yet, by column; those with any."""
    counts = {
        place.name: tx.scalar(
            select(func.count()).select_from(place.model).where(_is_old(cipher, place))
        )
        for place in SEALED
    }
    return {name: number for name, number in counts.items() if number}


def _is_old(cipher: Cipher, place: Sealed) -> ColumnElement[bool]:
    return func.substring(place.value, 1, HEAD_BYTES) != cipher.head  # null for no value


def _batch(
    sessions: sessionmaker[Session], cipher: Cipher, place: Sealed, after: UUID
) -> Sequence[_Row]:
    known = place.found_by if place.found_by is not None else null()
    query = (
        select(place.row_id, place.value, known)
        .where(place.row_id > after, _is_old(cipher, place))
        .order_by(place.row_id)
        .limit(BATCH)
    )
    with sessions() as tx:
        return [_Row(*row) for row in tx.execute(query)]


def _bring_forward(
    sessions: sessionmaker[Session],
    cipher: Cipher,
    place: Sealed,
    rows: Sequence[_Row],
    outcome: Found,
) -> int:
    """Write these values anew; how many. Whoever changed one meanwhile used the new key already."""
    changes = list(_changes(cipher, place, rows, outcome))
    try:
        with sessions() as tx:
            done = _write(tx, place, changes)
            tx.commit()
    except IntegrityError:  # two entries of one name: one of them keeps the hash it had
        with sessions() as tx:
            done = sum(_write_alone(tx, place, change) for change in changes)
            tx.commit()
    return done


def _changes(
    cipher: Cipher, place: Sealed, rows: Sequence[_Row], outcome: Found
) -> Iterator[dict[str, Any]]:
    for row in rows:
        try:
            words = cipher.open(place.column, row.id, row.sealed)
        except SealBroken as broken:
            outcome.broken.append(str(broken))
            continue
        hashes = place.hashes(cipher, words)
        fits = row.known in hashes
        if row.known is not None and not fits:
            outcome.odd.append(f"{place.name} of row {row.id}")
        new = cipher.seal(place.column, row.id, words)
        yield {
            "row_id": row.id,
            "before": row.sealed,
            "sealed": b64encode(new).decode() if place.in_json else new,
            "known": row.known,
            "hash": hashes[0] if fits else row.known,
        }


def _write(tx: Session, place: Sealed, changes: Sequence[Mapping[str, Any]]) -> int:
    """One statement for all of them, which finds only those that nobody has changed meanwhile."""
    if not changes:
        return 0
    column = place.column
    sealed: BindParameter[Any] = bindparam("sealed")
    values: dict[Any, Any] = {
        column: func.jsonb_set(column, array([IN_JSON]), func.to_jsonb(cast(sealed, Text)))
        if place.in_json
        else sealed
    }
    if place.found_by is not None:
        values[place.found_by] = bindparam("hash")
    statement = (
        update(place.model.__table__)
        .where(place.row_id == bindparam("row_id"), place.value == bindparam("before"))
        .values({one.key: value for one, value in values.items()})
    )
    return tx.connection().execute(statement, list(changes)).rowcount


def _write_alone(tx: Session, place: Sealed, change: Mapping[str, Any]) -> int:
    try:
        with tx.begin_nested():
            return _write(tx, place, [change])
    except IntegrityError:
        return _write(tx, place, [{**change, "hash": change["known"]}])
