"""Brings a set of records to what a workbook says: adds, updates by natural key, never deletes."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, any_, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from uuid_utils.compat import uuid7

from backend.domain.normal import normal_name
from backend.services.workbooks.workbook import Counts
from backend.store.base import Base

K = TypeVar("K", bound=Hashable)
Record = dict[str, Any]


def one_of(column: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`column` is one of `values`, which travel as one parameter, however many there are."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def existing(
    tx: Session,
    model: type[Base],
    key: tuple[InstrumentedAttribute[Any], ...],
    *where: ColumnElement[bool],
    form: Callable[[str], str] = str,
) -> dict[tuple[Any, ...], Record]:
    """The records that meet `where` as plain dicts, by natural key: one query.

    Texts in the key are in their normal `form`; of two records with one key the older counts.
    """
    rows = tx.execute(select(*model.__table__.columns).where(*where).order_by(text("id")))
    found: dict[tuple[Any, ...], Record] = {}
    for row in rows.mappings():
        values = (row[column.key] for column in key)
        normal = tuple(form(value) if isinstance(value, str) else value for value in values)
        found.setdefault(normal, dict(row))
    return found


def called(tx: Session, model: Any, names: Iterable[str]) -> dict[tuple[Any, ...], Record]:
    """The city's companies of these names, however they were written before."""
    wanted = {(normal_name(name),) for name in names}
    found = existing(tx, model, (model.name,), form=normal_name) if wanted else {}
    return {key: record for key, record in found.items() if key in wanted}


def merge(
    tx: Session,
    model: type[Base],
    old: Mapping[K, Record],
    wanted: Mapping[K, Record],
    fixed: Iterable[str] = (),
    keep: frozenset[str] = frozenset(),
) -> tuple[dict[K, UUID], Counts]:
    """Add and update so that each wanted record is there: at most two statements.

    Columns of the natural key, the `fixed` ones, stay as they were first written. A None in one of
    the `keep` columns says “not known” and leaves what there is. Sealed columns
    are written but not compared, since sealing never gives the same bytes twice; their hashes are.
    Returns the id of every wanted record, and what was done.
    """
    ids: dict[K, UUID] = {}
    fresh: list[Record] = []
    changed: list[Record] = []
    for key, values in wanted.items():
        record = old.get(key)
        if record is None:
            ids[key] = uuid7()
            fresh.append({"id": ids[key], **values})
            continue
        ids[key] = record["id"]
        stays = {n for n, v in values.items() if n in fixed or (v is None and n in keep)}
        known = {n: record[n] if n in stays else v for n, v in values.items()}
        if any(v != record[n] for n, v in known.items() if not n.endswith("_sealed")):
            changed.append({"id": ids[key], **known})
    if fresh:
        tx.execute(insert(model), fresh)
    if changed:
        tx.execute(update(model), changed)
    matched = len(wanted) - len(fresh)
    return ids, Counts(len(fresh), len(changed), matched - len(changed), len(old) - matched)
