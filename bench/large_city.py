"""A large city, invented: the January of the demo's estate told once for each of many estates.

Rows are copied by SQL, table by table as the records describe them, so a new table needs no word
here. The copy of a row differs in its ids, whose first eight digits become the number of the copy,
and in whatever else must be unique; what belongs to the whole city (its officers, insurers,
accounts and files) stays one. Names and sealed words are copies: only the first estate can be
opened. The hashes of the audit chain are invented, so the chain of such a city does not hold.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
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
    literal,
    null,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Insert, insert

from backend.store.messages import Inbox, InboxState, Outbox, OutboxState
from backend.store.tables import Base

# No trigger, no foreign key: the server is started so for as long as it copies.
WHILE_COPYING = (
    *("session_replication_role=replica", "maintenance_work_mem=256MB", "shared_buffers=1GB"),
    *("wal_level=minimal", "max_wal_senders=0", "max_wal_size=32GB", "checkpoint_timeout=1h"),
)
TOLD_EACH = 500  # estates per statement
# From so many estates on it is quicker to take indices away and to make them when the rows are
# there: one that keeps something unique costs more than the row.
MANY = 100

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
# What bring back indices that keep nothing unique, those that do, and references; the second take
# the same away. Of references it is not asked again whether they hold.
INDICES = """
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index
JOIN pg_class AS of_table ON of_table.oid = indrelid
WHERE of_table.relnamespace = 'public'::regnamespace AND of_table.relname = ANY(:told)
AND indisunique = :unique AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY pg_relation_size(indexrelid) DESC
"""
CONSTRAINTS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
        pg_get_constraintdef(pg_constraint.oid))
    || CASE WHEN contype = 'f' AND convalidated THEN ' NOT VALID' ELSE '' END
FROM pg_constraint JOIN pg_class AS of_table ON of_table.oid = conrelid
WHERE of_table.relnamespace = 'public'::regnamespace AND of_table.relname = ANY(:told)
AND contype = ANY(:kinds)
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
MARK = "\x01"
FIRST_DIGITS = "[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-)"
IDS_AS_TEXT = {"subject_id"}  # of the audit chain, where a subject is not always a row
STAYS = select(table("staying", column("id", Uuid)).c.id)
IS_SPARED = select(table("spared", column("id", Uuid)).c.id)


def tell(city: Engine, estates: int, managed: int) -> None:
    """Add this many copies of the one estate that there is, and let its manager manage so many of
    all of them. Needs a server that runs `WHILE_COPYING`; works on both cores."""
    with city.begin() as tx:
        # Messages and callbacks were dealt with: a city at rest has none of them waiting; their
        # turns are taken away by hand where no trigger runs.
        at_rest = {"state": OutboxState.SENT, "settled_at": func.now(), "turn": None, "party": None}
        tx.execute(update(Outbox).values(at_rest))
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
        tables = [each for each in tables if rows[each]]
        told = [each.name for each in tables] if estates >= MANY else []
        references = _without(
            tx, CONSTRAINTS, told=[*Base.metadata.tables] if told else [], kinds=["f"]
        )
        indices = _without(tx, INDICES, told=told, unique=False)
    tables.sort(key=lambda each: rows[each], reverse=True)  # what takes longest begins first
    at_once(city, [partial(_tell_table, original=each, estates=estates) for each in tables])
    with city.begin() as tx:
        tx.execute(text(MANAGED), {"most": managed - 1})
        tx.execute(text("DROP TABLE staying, spared"))
    at_once(city, [partial(_run, words=words) for words in indices])
    with city.begin() as tx:
        for words in references:
            tx.execute(text(words))


def _without(tx: Connection, what: str, **which: object) -> list[str]:
    """Take these away; the words that bring them back."""
    found = [tuple(row) for row in tx.execute(text(what), which)]
    for away, _ in found:
        tx.execute(text(away))
    return [back for _, back in found]


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
    apart = _apart(original)
    kept = (_kept(each, each.name in apart) for each in original.columns)
    rest = [each for each in kept if each is not None]
    told = select(original, *rest).where(some).into("told", metadata=MetaData(), temporary=True)
    tx.execute(told)
    every = tx.scalar(select(func.count()).select_from(told.table))
    copied = _copy(original, told.table, apart)
    # What the first copy has in common with the original, all others have.
    with_first = copied.on_conflict_do_nothing()
    made = tx.execute(with_first, {"first": 1, "last": 1}).rowcount if estates else 0
    back: list[str] = []
    if made == every and estates >= MANY:
        back = _without(tx, CONSTRAINTS, told=[original.name], kinds=["p", "u"])
        back += _without(tx, INDICES, told=[original.name], unique=True)
    else:
        copied = with_first
    for first in range(2, estates + 1 if made else 0, TOLD_EACH):
        tx.execute(copied, {"first": first, "last": min(first + TOLD_EACH - 1, estates)})
    told.table.drop(tx)
    for words in back:
        tx.execute(text(words))


def _kept(own: Column[Any], apart: bool) -> ColumnElement[str | None] | None:
    """What all copies have of a value that is another in each, with a `MARK` where `DIGITS` of the
    copy come; null of what stays one. None where a copy is made otherwise."""
    if isinstance(own.type, Uuid):
        kept: ColumnElement[str | None] = case(
            (own.in_(STAYS), None), else_=_marked(cast(own, Text))
        )
    elif own.name in IDS_AS_TEXT:
        kept = case((own.regexp_match("^[0-9a-f-]{36}$"), _marked(own)))
    elif apart and isinstance(own.type, Text):
        # A natural key that names ids names those of the copy, so that nothing is told twice.
        renamed = func.regexp_replace(own, FIRST_DIGITS, MARK, "g", type_=Text)
        kept = case((own.regexp_match(FIRST_DIGITS), renamed), else_=own + "-" + MARK)
    else:
        return None
    return kept.label(own.name + KEPT)


def _marked(text_of_id: ColumnElement[str]) -> ColumnElement[str]:
    """Ids of one estate begin alike and stand together, as those of one day would."""
    return literal(MARK) + func.substr(text_of_id, DIGITS + 1, type_=Text)


def _copy(original: Table, told: Table, apart: Collection[str]) -> Insert:
    names = [each.name for each in original.columns if each.computed is None]
    first, last = (cast(bindparam(name), Integer) for name in ("first", "last"))
    number = func.generate_series(first, last).column_valued("number")
    digits = func.lpad(func.to_hex(number), DIGITS, "0", type_=Text).label("digits")
    copies = select(cast(number, Integer).label("number"), digits).cte("copies")
    copies = copies.prefix_with("MATERIALIZED")
    # What is sealed for one row opens in no copy of it: whoever may have no name has none there.
    values = [
        null() if _may_be_unsealed(original.c[name]) else _value(told, copies, name, name in apart)
        for name in names
    ]
    rows = select(*values).select_from(copies.join(told, and_(True))).order_by(copies.c.number)
    return insert(original).from_select(names, rows)


def _may_be_unsealed(own: Column[Any]) -> bool:
    return bool(own.nullable) and own.name.endswith("_sealed")


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


def _value(table_told: Table, copies: CTE, name: str, apart: bool) -> ColumnElement[Any]:
    told = table_told.c[name]
    if name + KEPT in table_told.c:
        moved = func.replace(table_told.c[name + KEPT], MARK, copies.c.digits, type_=Text)
        return func.coalesce(cast(moved, told.type), told)
    if apart and isinstance(told.type, Integer):
        return told + cast(copies.c.number, told.type) * 1_000_000
    if apart and isinstance(told.type, LargeBinary):
        return func.sha256(told.op("||")(func.int8send(copies.c.number)))
    return told
