"""Brings a set of records to what a workbook says: adds, updates by natural key, never deletes."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, any_, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from uuid_utils.compat import uuid7

from backend.domain.normal import normal_name
from backend.services.workbooks.workbook import Counts
from backend.store.base import Base
from backend.store.cipher import Cipher

K = TypeVar("K", bound=Hashable)
Record = dict[str, Any]


@dataclass(frozen=True)
class ToSeal:
    """A text that is sealed when it is known for which row."""

    text: str


def one_of(column: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`column` is one of `values`, which travel as one parameter, however many there are."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def existing(
    tx: Session,
    model: type[Base],
    key: tuple[InstrumentedAttribute[Any], ...],
    *where: ColumnElement[bool],
    form: Callable[[str], str] = str,
    as_found: Callable[[Record], Record] = dict,
) -> dict[tuple[Any, ...], Record]:
    """The records that meet `where` as plain dicts, by natural key: one query.

    Texts in the key are in their normal `form`; of two records with one key the older counts.
    `as_found` may change a record before it is looked at.
    """
    rows = tx.execute(select(*model.__table__.columns).where(*where).order_by(text("id")))
    found: dict[tuple[Any, ...], Record] = {}
    for row in rows.mappings():
        record = as_found(dict(row))
        values = (record[column.key] for column in key)
        normal = tuple(form(value) if isinstance(value, str) else value for value in values)
        found.setdefault(normal, record)
    return found


def called(tx: Session, model: Any, names: Iterable[str]) -> dict[tuple[Any, ...], Record]:
    """The city's companies of these names, however they were written before."""
    wanted = {(normal_name(name),) for name in names}
    found = existing(tx, model, (model.name,), form=normal_name) if wanted else {}
    return {key: record for key, record in found.items() if key in wanted}


def merge(
    tx: Session,
    cipher: Cipher,
    model: type[Base],
    old: Mapping[K, Record],
    wanted: Mapping[K, Record],
    fixed: Iterable[str] = (),
    keep: frozenset[str] = frozenset(),
) -> tuple[dict[K, UUID], Counts]:
    """Add and update so that each wanted record is there: at most two statements.

    Columns of the natural key, the `fixed` ones, stay as they were first written. A None in one of
    the `keep` columns says “not known” and leaves what there is. What is `ToSeal` is written but
    not compared, since sealing never gives the same bytes twice; the hashes beside are.
    Returns the id of every wanted record, and what was done.
    """
    ids: dict[K, UUID] = {}
    fresh: list[Record] = []
    changed: list[Record] = []
    for key, values in wanted.items():
        record = old.get(key)
        if record is None:
            ids[key] = uuid7()
            fresh.append(_sealed(cipher, model, {"id": ids[key], **values}))
            continue
        ids[key] = record["id"]
        stays = {n for n, v in values.items() if n in fixed or (v is None and n in keep)}
        known = {n: record[n] if n in stays else v for n, v in values.items()}
        if any(v != record[n] for n, v in known.items() if not isinstance(v, ToSeal)):
            changed.append(_sealed(cipher, model, {"id": ids[key], **known}))
    if fresh:
        tx.execute(insert(model), fresh)
    if changed:
        tx.execute(update(model), changed)
    matched = len(wanted) - len(fresh)
    return ids, Counts(len(fresh), len(changed), matched - len(changed), len(old) - matched)


def _sealed(cipher: Cipher, model: type[Base], record: Record) -> Record:
    """The record as it is written. What is kept is sealed anew too: it may be of the key before,
    and have been brought forward since it was read."""
    written = dict(record)
    for name, value in record.items():
        column = getattr(model, name)
        if isinstance(value, ToSeal):
            written[name] = cipher.seal(column, record["id"], value.text)
        elif isinstance(value, bytes) and name.endswith("_sealed"):
            words = cipher.open(column, record["id"], value)
            written[name] = cipher.seal(column, record["id"], words)
    return written
