"""A large city, invented: the January of the demo's estate told once for each of many estates.

Rows are copied by SQL, table by table as the records describe them, so a new table needs no word
here. The copy of a row differs in its ids, whose first eight digits become the number of the copy,
and in whatever else must be unique; what belongs to the whole city (its officers, insurers,
accounts and files) stays one. Names and sealed words are copies: only the first estate can be
opened. The hashes of the audit chain are invented, so the chain of such a city does not hold.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint, insert

from backend.store.messages import Inbox, InboxState, Outbox, OutboxState
from backend.store.tables import Base

# No trigger, no foreign key: the server is started so for as long as it copies.
WHILE_COPYING = (
    *("session_replication_role=replica", "maintenance_work_mem=256MB", "shared_buffers=1GB"),
    *("wal_level=minimal", "max_wal_senders=0", "max_wal_size=32GB", "checkpoint_timeout=1h"),
)
TOLD_EACH = 500  # estates per statement

STAYING = """
CREATE UNLOGGED TABLE staying AS
SELECT id FROM insurer UNION ALL SELECT id FROM maintainer UNION ALL SELECT id FROM holiday_year
UNION ALL SELECT person_id FROM access_grant WHERE scope_kind <> 'estate'
UNION ALL SELECT id FROM account WHERE building_id IS NULL AND unit_id IS NULL
"""
# Ten of the 88 flats of a demo unit: five for each of its lifts.
SPARED = """
CREATE UNLOGGED TABLE spared AS
SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY unit_id ORDER BY room) AS nth FROM household
) AS rooms WHERE nth > 10
"""
# Those that keep nothing unique and can be made again.
INDICES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
JOIN pg_class AS of_table ON of_table.oid = indrelid
WHERE of_table.relnamespace = 'public'::regnamespace AND NOT indisunique AND NOT EXISTS (
    SELECT FROM pg_constraint WHERE conindid = indexrelid
)
ORDER BY pg_relation_size(indexrelid) DESC
"""
MANAGED = """
INSERT INTO access_grant (id, person_id, role, scope_kind, scope_id, granted_at)
SELECT gen_random_uuid(), person_id, role, scope_kind, estate.id, granted_at
FROM access_grant CROSS JOIN LATERAL (
    SELECT id FROM estate WHERE id <> scope_id ORDER BY id LIMIT :most
) AS estate WHERE role = 'property_manager' AND scope_id = (SELECT max(id::text)::uuid FROM estate)
"""
OF_HOUSEHOLDS = {"household": "id", "household_balance": "household_id", "owner": "household_id"}
CORES = 2
KEPT = "_kept"
DIGITS = 8
FIRST_DIGITS = "[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-)"
IDS_AS_TEXT = {"subject_id"}  # of the audit chain, where a subject is not always a row
NUMBER = column("number_of_copy", Integer)
STAYS = select(table("staying", column("id", Uuid)).c.id)
IS_SPARED = select(table("spared", column("id", Uuid)).c.id)


def tell(city: Engine, estates: int, managed: int) -> None:
    """Add this many copies of the one estate that there is, and let its manager manage so many of
    all of them. Needs a server that runs `WHILE_COPYING`; works on both cores, and makes indices
    when the rows are there."""
    with city.begin() as tx:
        # Messages and callbacks were dealt with: a city at rest has none of them waiting.
        tx.execute(update(Outbox).values(state=OutboxState.SENT, settled_at=func.now()))
        tx.execute(update(Inbox).values(state=InboxState.DONE))
        tx.execute(text(STAYING))
        tx.execute(text(SPARED))
        # Without an id it is a fact of the whole city, or a file.
        tables = [
            each
            for each in Base.metadata.sorted_tables
            if any(isinstance(one.type, Uuid) for one in each.columns)
        ]
        rows = {each: tx.scalar(select(func.count()).select_from(each)) or 0 for each in tables}
        indices = [tuple(row) for row in tx.execute(text(INDICES))]
        for name, _ in indices:
            tx.execute(text(f"DROP INDEX {name}"))
    tables.sort(key=lambda each: rows[each], reverse=True)  # what takes longest begins first
    at_once(city, [partial(_tell_table, original=each, estates=estates) for each in tables])
    with city.begin() as tx:
        tx.execute(text(MANAGED), {"most": managed - 1})
        tx.execute(text("DROP TABLE staying, spared"))
    at_once(city, [partial(_run, words=words) for _, words in indices])


def at_once(city: Engine, works: Sequence[Callable[[Connection], None]]) -> None:
    """Do each of these in a transaction of its own, one on each core at a time."""

    def do(work: Callable[[Connection], None]) -> None:
        with city.begin() as tx:
            work(tx)

    with ThreadPoolExecutor(CORES) as pool:
        for done in [pool.submit(do, work) for work in works]:
            done.result()


def _run(tx: Connection, words: str) -> None:
    tx.execute(text(words))


def _tell_table(tx: Connection, original: Table, estates: int) -> None:
    household = OF_HOUSEHOLDS.get(original.name)
    some = original.c[household].not_in(IS_SPARED) if household else and_(True)
    kept = (_kept(each) for each in original.columns if isinstance(each.type, Uuid))
    told = select(original, *kept).where(some).into("told", metadata=MetaData(), temporary=True)
    tx.execute(told)
    copied = _copy(original, told.table)
    for first in range(1, estates + 1, TOLD_EACH):
        tx.execute(copied, {"first": first, "last": min(first + TOLD_EACH - 1, estates)})
    told.table.drop(tx)


def _kept(own: Column[Any]) -> ColumnElement[str | None]:
    """What ids of all copies end with; null of what stays one."""
    rest = func.substr(cast(own, Text), DIGITS + 1, type_=Text)
    return case((own.in_(STAYS), None), else_=rest).label(own.name + KEPT)


def _copy(original: Table, told: Table) -> Insert:
    apart = _apart(original)
    names = [each.name for each in original.columns if each.computed is None]
    first, last = (cast(bindparam(name), Integer) for name in ("first", "last"))
    estates = func.generate_series(first, last).table_valued(NUMBER.name).render_derived("copies")
    values = [_value(told, name, name in apart) for name in names]
    rows = select(*values).select_from(estates.join(told, and_(True))).order_by(NUMBER)
    return insert(original).from_select(names, rows).on_conflict_do_nothing()


def _apart(original: Table) -> set[str]:
    """The columns that must differ because no id beside them does."""
    unique: list[list[Column[Any]]] = [
        list(one.columns)
        for one in (*original.constraints, *original.indexes)
        if isinstance(one, UniqueConstraint | PrimaryKeyConstraint)
        or (isinstance(one, Index) and one.unique)
    ]
    alone = [columns for columns in unique if not any(isinstance(c.type, Uuid) for c in columns)]
    excluding = [one for one in original.constraints if isinstance(one, ExcludeConstraint)]
    papers = {c.name for one in excluding for c in one.columns if isinstance(c.type, Text)}
    return papers | {c.name for columns in alone for c in columns}


def _value(table_told: Table, name: str, apart: bool) -> ColumnElement[Any]:
    told = table_told.c[name]
    if isinstance(told.type, Uuid):
        moved = cast(_first_digits() + table_told.c[name + KEPT], Uuid)
        return func.coalesce(moved, told)
    if name in IDS_AS_TEXT:
        moved_text = _first_digits() + func.substr(told, DIGITS + 1, type_=Text)
        return case((told.regexp_match("^[0-9a-f-]{36}$"), moved_text), else_=told)
    if not apart:
        return told
    if isinstance(told.type, Integer):
        return told + cast(NUMBER, told.type) * 1_000_000
    if isinstance(told.type, LargeBinary):
        return func.sha256(told.op("||")(func.int8send(NUMBER)))
    if not isinstance(told.type, Text):
        return told
    # A natural key that names ids names those of the copy, so that nothing is told twice.
    renamed = func.regexp_replace(told, FIRST_DIGITS, _first_digits(), "g", type_=Text)
    named = told + "-" + cast(NUMBER, Text)
    return case((told.regexp_match(FIRST_DIGITS), renamed), else_=named)


def _first_digits() -> ColumnElement[str]:
    """Ids of one estate begin alike and stand together, as those of one day would."""
    return func.lpad(func.to_hex(NUMBER), DIGITS, "0", type_=Text)
