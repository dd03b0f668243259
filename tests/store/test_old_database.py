"""A database of the old head, with cases in every state, migrates without loss and lives on."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.roles import Role
from backend.domain.states import State
from backend.domain.steps import Await, EvidenceKind
from backend.domain.table import Table
from backend.local.postgres import PROGRAMS
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.people import subject_access
from backend.services.reads import cases
from backend.store import migrate
from backend.store.cipher import Cipher
from backend.store.database import make_sessions
from backend.store.files import FileStore
from backend.store.purchases import Purchase, Transition
from backend.store.queries import area
from backend.store.queries.banks import all_banks
from backend.store.registry import LiftUnit, Owner
from backend.store.sealed import SEALED
from tests.build.clock import ManualClock
from tests.build.context import quiet_context
from tests.build.databases import Database, Databases
from tests.build.looking import R1, add_income
from tests.build.machine_truths import everything_holds
from tests.build.machine_try import Try
from tests.build.machine_ways import NEXT
from tests.build.proving import proved
from tests.build.village import Village
from tests.store.old_database import (
    COLUMNS,
    OLD_HEAD,
    OLD_SECRET,
    STATES_TODAY,
    TABLES,
    cast,
    connect,
    differences,
    load,
    old_rows,
)

CIPHER = Cipher(OLD_SECRET, unbound=lambda: True)
OLD = old_rows()
CAST = cast()
# Payments were ordered as soon as they were asked for, and asked for again when the bank refused.
WITHOUT_REVIEW = Table(
    (
        *(
            replace(row, sources=(State.PAYMENT_REQUESTED,))
            for row in R1.steps
            if row.action == Action.ORDER_PAYMENT
        ),
        *(
            replace(row, target=State.PAYMENT_REQUESTED)
            for row in R1.steps
            if row.action == Action.REJECT_PAYMENT
        ),
        # Nor was the maintainer's paper asked for.
        *(
            replace(row, evidence=(EvidenceKind.UPKEEP_STATEMENT,))
            for row in R1.steps
            if EvidenceKind.UPKEEP_RECORD in row.evidence
        ),
        # The cashier alone entered that the insurer paid back.
        *(
            replace(row, roles=(*row.roles, Role.CASHIER))
            for row in R1.steps
            if row.action == Action.CANCEL
        ),
        # Nothing lapsed.
        *(replace(row, stay=None) if isinstance(row, Await) else row for row in R1.rows),
    )
)
STATES_OF_R1 = {
    *("drafted", "applied", "rejected", "funds_queried", "short_of_funds", "survey_failed"),
    *("planned", "approved", "refused", "publicised", "suspended", "cleared", "registered"),
    *("contracted", "payment_requested", "paying", "paid", "policy_issued", "in_force"),
    *("expired", "renewed", "terminated", "withdrawn", "cancelled"),
}

# Everything that PostgreSQL knows of our tables, and of the triggers whether they are on.
SCHEMA = """
SELECT 'column', table_name, column_name,
       concat_ws(' ', udt_name, is_nullable, column_default) FROM information_schema.columns
WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, tgenabled::text || pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', '', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
ONE_OF = re.compile(r"CHECK \(\((\w+) = ANY \(ARRAY\[(.*)\]\)\)\)")


def today(state: str) -> str:
    """What an old state of a case is called now."""
    return STATES_TODAY.get(state, state)


@pytest.fixture(scope="module")
def old_head(databases: Databases) -> Iterator[Database]:
    """The old database, not migrated."""
    database = databases.new(template="template1")
    database.create()
    migrate.upgrade(database.owner_url, PROGRAMS, to=OLD_HEAD)
    with connect(database) as connection:
        load(connection)
    yield database
    database.drop()


@pytest.fixture(scope="module")
def migrated(databases: Databases, old_head: Database) -> Iterator[Database]:
    """The old database after today's migrations."""
    database = databases.new(template=old_head.name)
    database.create()
    migrate.upgrade(database.owner_url, PROGRAMS)
    yield database
    database.drop()


@pytest.fixture
def database(databases: Databases, migrated: Database) -> Iterator[Database]:
    """A copy of the migrated database that only this test sees."""
    database = databases.new(template=migrated.name)
    yield database
    database.drop()


@pytest.fixture
def ctx(engine: Engine, tmp_path: Path) -> Context:
    clock = ManualClock(datetime.fromisoformat(CAST["now"]))
    quiet = quiet_context(make_sessions(engine), clock, FileStore(tmp_path))
    return replace(quiet, cipher=CIPHER)


# --- the old database is worth migrating ---


def test_every_table_of_the_old_head_has_rows(old_head: Database) -> None:
    with connect(old_head) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = {str(row[0]) for row in tables} - {"alembic_version"}
    assert {name for name, block in OLD.items() if block.lines} == names


def test_every_word_that_a_column_of_the_old_head_allows_occurs(old_head: Database) -> None:
    missing = []
    with connect(old_head) as connection:
        checks = connection.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        ).fetchall()
    listed = [(name, found) for name, check in checks if (found := ONE_OF.fullmatch(check))]
    assert len(listed) > 25
    for name, found in listed:
        words = {row[found[1]] for row in OLD[name].rows()}
        missing += [(name, word) for word in re.findall(r"'(\w+)'", found[2]) if word not in words]
    assert missing == []


def test_an_old_case_stands_in_every_state_of_r1() -> None:
    assert {row["state"] for row in OLD["purchase"].rows()} == STATES_OF_R1


# --- nothing is lost ---


def test_no_row_of_the_old_database_is_lost_changed_or_added_to(migrated: Database) -> None:
    with connect(migrated) as connection:
        found = {name: differences(connection, block) for name, block in OLD.items()}
    assert {name: rows for name, rows in found.items() if rows != ([], [])} == {}


def test_what_moved_is_named_as_the_old_head_named_it() -> None:
    columns = {f"{block.table}.{name}" for block in OLD.values() for name in block.columns}
    assert TABLES.keys() - OLD.keys() == set()
    assert COLUMNS.keys() - columns == set()


def test_an_old_database_gets_the_schema_of_a_new_one(
    migrated: Database, databases: Databases
) -> None:
    schemas = []
    fresh = databases.new()
    fresh.create()
    for database in (migrated, fresh):
        with connect(database) as connection:
            schemas.append({tuple(row) for row in connection.execute(SCHEMA)})
    fresh.drop()
    assert len(schemas[1]) > 700
    assert schemas[0] ^ schemas[1] == set()


def test_mandates_of_companies_that_had_gone_end_and_those_of_companies_that_stay_do_not(
    migrated: Database, old_head: Database, databases: Databases
) -> None:
    gone = databases.new(template=old_head.name)
    gone.create()
    with connect(gone) as connection:
        connection.execute("UPDATE estate SET property_company_id = NULL")
    migrate.upgrade(gone.owner_url, PROGRAMS)
    ended = []
    for database in (migrated, gone):
        with connect(database) as connection:
            rows = connection.execute("SELECT DISTINCT ended_on IS NOT NULL FROM mandate")
            ended.append([row for (row,) in rows])
    gone.drop()
    assert ended == [[False], [True]]


def test_every_case_keeps_its_number_its_state_and_its_history(tx: Session) -> None:
    history: dict[str, list[tuple[int, str]]] = {}
    for row in OLD["transition"].rows():
        history.setdefault(row["purchase_id"], []).append((int(row["seq"]), today(row["to_state"])))
    before = {
        (row["number"], today(row["state"]), *sorted(history[row["id"]]))
        for row in OLD["purchase"].rows()
    }
    found = set()
    for purchase in tx.scalars(select(Purchase)):
        steps = tx.scalars(select(Transition).where(Transition.purchase_id == purchase.id))
        taken = sorted((step.seq, step.to_state) for step in steps)
        found.add((purchase.number, purchase.state, *taken))
    assert found == before


def test_every_old_case_concerns_the_units_behind_its_account(tx: Session) -> None:
    accounts = {row["id"]: row for row in OLD["account"].rows()}
    units = OLD["unit"].rows()
    for row in OLD["purchase"].rows():
        account = accounts[row["account_id"]]
        behind = {
            UUID(unit["id"])
            for unit in units
            if unit["id"] == account["unit_id"]
            or (account["unit_id"] == "\\N" and unit["building_id"] == account["building_id"])
        }
        assert behind
        assert {unit_id for unit_id, _ in area.units_of(tx, UUID(row["id"]))} == behind


def test_every_old_lift_serves_the_unit_where_it_stands(tx: Session) -> None:
    served = {(str(row.lift_id), str(row.unit_id)) for row in tx.scalars(select(LiftUnit))}
    assert served == {(row["id"], row["unit_id"]) for row in OLD["lift"].rows()}


def test_every_old_case_that_waits_for_its_cover_wakes_on_that_day(tx: Session) -> None:
    plans = {row["id"]: row for row in OLD["plan"].rows()}
    days = {"policy_issued": "cover_from", "in_force": "cover_ends_before"}
    waiting = {}
    for row in OLD["purchase"].rows():
        day = plans[row["plan_id"]][days[row["state"]]] if row["state"] in days else None
        waiting[row["number"]] = day and datetime.fromisoformat(f"{day}T00:00+08:00")
    assert len(list(filter(None, waiting.values()))) > 1
    found = tx.execute(select(Purchase.number, Purchase.wakes_at)).all()
    assert dict(found) == waiting


def test_the_audit_chain_holds_to_its_old_end(tx: Session) -> None:
    last = max(OLD["audit_entry"].rows(), key=lambda row: int(row["seq"]))
    found = audit.verify(tx)
    assert (found.ok, found.entries) == (True, int(last["seq"]))
    assert last["hash"].endswith(found.head)


def test_books_holds_covers_and_limits_agree_with_the_cases(tx: Session) -> None:
    everything_holds(tx, WITHOUT_REVIEW)


def test_sealed_words_open_with_the_old_key(tx: Session) -> None:
    opened = Counter[str]()
    for place in SEALED:
        words = tx.execute(select(place.row_id, place.value).where(place.value.is_not(None)))
        for row_id, sealed in words:
            assert CIPHER.open(place.column, row_id, sealed)
            opened[place.name] += 1
    assert len(opened) > 5


def test_owners_are_still_found_by_their_names(tx: Session) -> None:
    for owner in tx.scalars(select(Owner)):
        assert owner.name_hash == CIPHER.digest("name", name_of(CIPHER, owner))


# --- the services of today go on with it ---


def village(ctx: Context, name: str) -> tuple[Village, UUID]:
    """Those who play a part in an old case, and the case."""
    case: dict[str, Any] = CAST["cases"][name]
    people = CAST["people"][case["estate"]] | case["people"]
    assert isinstance(ctx.clock, ManualClock)
    found = Village(
        ctx,
        ctx.clock,
        estate=UUID(case["estate"]),
        units=[UUID(unit) for unit in case["units"]],
        lifts=[UUID(lift) for lift in case["lifts"]],
        codes=case["codes"],
        owners=[UUID(owner) for owner in case["owners"]],
        insurer=UUID(case["insurer"]),
        pool=UUID(case["pool"]),
        bank=_first_bank(ctx),
        people={part: proved(UUID(person)) for part, person in people.items()},
    )
    return found, UUID(case["purchase"])


def _first_bank(ctx: Context) -> UUID:
    with ctx.sessions() as tx:
        return all_banks(tx)[0].id


def test_the_clerk_reads_every_old_case(ctx: Context) -> None:
    clerk = village(ctx, "drafted")[0].actor("clerk")
    with ctx.sessions() as tx:
        purchases = tx.scalars(select(Purchase)).all()
    for purchase in purchases:
        seen = cases.read_case(ctx, clerk, purchase.id)
        assert (seen.full, len(seen.transitions)) == (True, purchase.version)


def test_residents_read_what_is_kept_about_them(ctx: Context) -> None:
    """Those who asked for a correction, and who signed an objection."""
    people = {row["person_id"] for row in OLD["correction"].rows()}
    people |= {
        row["entered_by"] for row in OLD["objection"].rows() if row["signature_sha256"] != "\\N"
    }
    assert len(people) > 1
    for person_id in people:
        sections = subject_access.everything(ctx, Actor(UUID(person_id)))
        assert sum(len(section.items) for section in sections) > 5


def test_every_old_case_that_is_not_closed_goes_on(ctx: Context) -> None:
    """One step each by the right people, in the order of the way, since time runs on with them."""
    for name in CAST["cases"]:
        there, purchase_id = village(ctx, name)
        add_income(there, 10_000_000)  # a whole year's premium is asked for now
        with ctx.sessions() as tx:
            before = tx.get_one(Purchase, purchase_id)
        NEXT[State(before.state)](Try(there, before, "manager", 1))
        with ctx.sessions() as tx:
            after = tx.get_one(Purchase, purchase_id)
        assert after.version > before.version, name
        assert after.state != before.state, name
    with ctx.sessions() as tx:
        everything_holds(tx, WITHOUT_REVIEW)


def test_old_cases_in_every_state_that_is_not_the_last_can_go_on() -> None:
    states = {row["id"]: State(today(row["state"])) for row in OLD["purchase"].rows()}
    assert {states[case["purchase"]] for case in CAST["cases"].values()} == (
        NEXT.keys() - {State.PAYMENT_REVIEWED}  # the review came later
    )
