"""With the programs' own database role in hand, nothing is gained and nothing rewritten.

Each attack is a script, as somebody would type it who got hold of a program or of its password.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import psycopg
import pytest
from _pytest.mark.structures import ParameterSet

from backend.config import LOCAL_OWNER
from backend.local.postgres import PROGRAMS
from backend.store import migrate, rights
from backend.store.database import make_sessions
from backend.store.files import FileStore
from backend.store.rights import RIGHTS
from backend.store.tables import Base
from tests.build.clock import MORNING, ManualClock
from tests.build.context import quiet_context
from tests.build.databases import Database, Databases
from tests.build.village import populate_village

GAIN = {
    "become the owner": "SET ROLE tibao_owner",
    "become the superuser": "SET SESSION AUTHORIZATION postgres",
    "join the owner": "GRANT tibao_owner TO tibao",
    "make oneself superuser": "ALTER ROLE tibao SUPERUSER",
    "make a role": "CREATE ROLE another LOGIN SUPERUSER",
    "give oneself rights": "GRANT UPDATE, DELETE ON posting TO tibao; UPDATE posting SET id = id",
    "take a table over": "ALTER TABLE posting OWNER TO tibao",
    "take a guard over": "ALTER FUNCTION move_balances() OWNER TO tibao",
    "make a database": "CREATE DATABASE another",
    "make a schema": "CREATE SCHEMA another",
    "make a table": "CREATE TABLE another (x int)",
    "make a temporary table": "CREATE TEMPORARY TABLE another (x int)",
    "make a view": "CREATE VIEW another AS SELECT 1",
    "make a sequence": "CREATE SEQUENCE another",
    "make a domain": "CREATE DOMAIN another AS int",
    "make a function": "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1",
    "make a temporary function": "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql RETURN 1",
    "make an operator": "CREATE OPERATOR <> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
    "make an extension": "CREATE EXTENSION hstore",
    "make a language": "CREATE LANGUAGE plpython3u",
    "make an event trigger": (
        "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION refuse_change()"
    ),
    "make a publication": "CREATE PUBLICATION p FOR ALL TABLES",
    "make a replication slot": "SELECT pg_create_physical_replication_slot('s')",
    "run a program": "COPY lift TO PROGRAM 'cat'",
    "run a program into a table": "COPY lift FROM PROGRAM 'true'",
    "write a file": "COPY lift TO '/tmp/lift'",
    "read a file": "COPY lift FROM '/etc/passwd'",
    "read a file by function": "SELECT pg_read_file('postgresql.conf')",
    "list a folder": "SELECT pg_ls_dir('.')",
    "import a file": "SELECT lo_import('/etc/passwd')",
    "make a large object": "SELECT lo_create(0)",
    "make a large object the old way": "SELECT lo_creat(131072)",
    "make a large object of bytes": r"SELECT lo_from_bytea(0, '\x00')",
    "load a library": "LOAD 'dblink'",
    "set up the server": "ALTER SYSTEM SET log_statement = 'all'",
    "set up the database": "ALTER DATABASE tibao SET search_path = pg_temp",
    "read passwords": "SELECT rolpassword FROM pg_authid",
}
LOOSEN = {
    "drop a table": "DROP TABLE posting CASCADE",
    "drop a rule": "ALTER TABLE account DROP CONSTRAINT ck_account_available",
    "drop a guard": "DROP TRIGGER posting_append_only ON posting",
    "drop a guard's function": "DROP FUNCTION refuse_change() CASCADE",
    "rest a guard": "ALTER TABLE posting DISABLE TRIGGER posting_append_only",
    "rest all guards of a table": "ALTER TABLE posting DISABLE TRIGGER ALL",
    "rest all guards": "SET session_replication_role = replica",
    "change a guard": (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql "
        "AS $$BEGIN RETURN NULL; END$$"
    ),
    "loosen a guard": "ALTER FUNCTION move_balances() RESET search_path",
    "change what a guard is": (
        "CREATE OR REPLACE FUNCTION in_a_guard() RETURNS boolean LANGUAGE sql RETURN true"
    ),
    "put a trigger beside": (
        "CREATE TRIGGER a BEFORE UPDATE ON account FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "put a rule before": "CREATE RULE r AS ON INSERT TO transition DO INSTEAD NOTHING",
    "put an index over": "CREATE UNIQUE INDEX i ON posting (amount_fen)",
    "add a column": "ALTER TABLE posting ADD COLUMN x int",
    "make the newest version another": "UPDATE alembic_version SET version_num = '0001_people'",
    "do it in a block": "DO $$BEGIN EXECUTE 'DROP TABLE posting'; END$$",
    "hold everybody up": "LOCK TABLE posting IN ACCESS EXCLUSIVE MODE",
}
REWRITE = {
    "set a balance": "UPDATE account SET balance_fen = 100000000",
    "hold money without a hold": "UPDATE account SET held_fen = held_fen + 1",
    "open an account with money": (
        "INSERT INTO account (id, number, kind, normal, name, balance_fen, held_fen) "
        "VALUES (gen_random_uuid(), 'x', 'bank', 'debit', 'x', 1, 0)"
    ),
    "move a posting": "UPDATE posting SET account_id = (SELECT id FROM account LIMIT 1)",
    "move a posting by merging": (
        "MERGE INTO posting USING account ON account.id = account_id "
        "WHEN MATCHED THEN UPDATE SET amount_fen = 1"
    ),
    "move a posting by inserting": (
        "INSERT INTO posting SELECT * FROM posting ON CONFLICT (id) DO UPDATE SET amount_fen = 1"
    ),
    "add to an old entry": (
        "INSERT INTO posting SELECT gen_random_uuid(), entry_id, account_id, 1 FROM posting"
    ),
    "take an entry away": "DELETE FROM entry",
    "empty the ledger": "TRUNCATE entry, posting CASCADE",
    "book one side only": "{one_sided}",
    "book one side where names mean nothing": "SET search_path = pg_catalog, pg_temp; {one_sided}",
    "lessen a hold": "UPDATE hold SET amount_fen = 1",
    "take a hold away": "DELETE FROM hold",
    "pay more": "UPDATE payment SET amount_fen = amount_fen + 1",
    "pay somebody else": "UPDATE payment SET payee_account = '6222'",
    "take a payment away": "DELETE FROM payment",
    "word an act anew": "UPDATE audit_entry SET body = ''",
    "take a link away": "DELETE FROM audit_entry WHERE seq = 1",
    "empty the chain": "TRUNCATE audit_entry",
    "unlink the chain": "UPDATE audit_entry SET seq = NULL, previous_hash = NULL, hash = NULL",
    "forge a link": (
        "INSERT INTO audit_entry SELECT gen_random_uuid(), version, at, actor_id, action, "
        "subject_kind, subject_id, body, seq + 1000, hash, sha256(hash) FROM audit_entry"
    ),
    "take a step back": "UPDATE transition SET to_state = 'drafted'",
    "take a step away": "DELETE FROM transition",
    "approve for others": "UPDATE approval SET answer = 'agree'",
    "make a plan cheaper": "UPDATE plan SET premium_fen = 1",
    "change a paper": "UPDATE file SET size_bytes = 1",
    "give a number twice": "UPDATE number_series SET last = 1",
    "begin a series anew": "DELETE FROM number_series",
    "shorten a notice": "UPDATE public_notice SET ends_before = starts_on",
    "take an objection away": "DELETE FROM objection",
    "take a case away": "DELETE FROM purchase",
}
# For who may make temporary tables, as PostgreSQL lets everybody at first.
NESTED = """
CREATE FUNCTION pg_temp.nested() RETURNS trigger LANGUAGE plpgsql
AS $$BEGIN {act}; RETURN NULL; END$$;
CREATE TEMPORARY TABLE door (x int);
CREATE TRIGGER t AFTER INSERT ON door FOR EACH ROW EXECUTE FUNCTION pg_temp.nested();
INSERT INTO door VALUES (1)
"""
THROUGH_A_TRIGGER = {
    name: NESTED.format(act=act)
    for name, act in {
        "set a balance": "UPDATE account SET balance_fen = 100000000",
        "hold money without a hold": "UPDATE account SET held_fen = held_fen + 1",
        "double the postings": "UPDATE posting SET amount_fen = 2 * amount_fen",
        "take a step away": "DELETE FROM transition",
        "empty the chain": "DELETE FROM audit_entry",
        "word an act anew": "UPDATE audit_entry SET body = ''''",
        "unlink the chain": "UPDATE audit_entry SET seq = NULL",
    }.items()
}
WITH_TEMPORARY_TABLES = {
    "use a guard's hand": (
        "CREATE TEMPORARY TABLE door AS SELECT account_id, 1 AS amount_fen FROM posting LIMIT 0; "
        "CREATE TRIGGER t AFTER INSERT ON door REFERENCING NEW TABLE AS written "
        "FOR EACH STATEMENT EXECUTE FUNCTION move_balances()"
    ),
    "show a guard other postings": (
        "CREATE TEMPORARY TABLE posting AS SELECT * FROM posting LIMIT 0; {one_sided}"
        "INSERT INTO pg_temp.posting SELECT gen_random_uuid(), id, NULL, sign FROM entry, "
        "unnest(ARRAY[1, -1]) sign WHERE memo = 'attack'"
    ),
    "show a guard other figures": (
        "CREATE FUNCTION pg_temp.never(bigint, bigint) RETURNS boolean LANGUAGE sql RETURN false; "
        "CREATE OPERATOR pg_temp.<> "
        "(LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = pg_temp.never); "
        "SET search_path = pg_temp, public, pg_catalog; {one_sided}"
    ),
}
ONE_SIDED = """
INSERT INTO public.entry (id, natural_key, kind, booked_on, memo, lines, created_at)
VALUES ('00000000-0000-7000-8000-000000000001', 'attack', 'x', now(), 'attack', 2, now());
INSERT INTO public.posting (id, entry_id, account_id, amount_fen)
SELECT gen_random_uuid(), '00000000-0000-7000-8000-000000000001', id, 1
FROM public.account WHERE kind = 'bank' LIMIT 1;
"""
ALONE = GAIN, LOOSEN, REWRITE
CARELESS = REWRITE, THROUGH_A_TRIGGER, WITH_TEMPORARY_TABLES


def named(attacks: Iterable[Mapping[str, str]]) -> list[ParameterSet]:
    return [pytest.param(sql, id=name) for some in attacks for name, sql in some.items()]


@pytest.fixture(scope="module")
def attacked(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A case that is insured: something in every table that counts."""
    database = databases.new()
    with database.engine() as engine:
        files = FileStore(tmp_path_factory.mktemp("papers"))
        clock = ManualClock(MORNING)
        populate_village(quiet_context(make_sessions(engine), clock, files), clock).insured()
    yield database
    database.drop()


@pytest.fixture(scope="module")
def carelessly_set_up(databases: Databases, attacked: Database) -> Iterator[Database]:
    """The same where programs got temporary tables and every right to every row."""
    database = databases.new(template=attacked.name)
    database.create()
    as_owner(
        database,
        f"GRANT TEMPORARY ON DATABASE {database.name} TO {PROGRAMS}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {PROGRAMS}",
    )
    yield database
    database.drop()


def come_as_a_program(database: Database, script: str) -> None:
    """All of a script in one transaction, as a program or whoever has its password."""
    with psycopg.connect(database.url.replace("+psycopg", "")) as connection:
        connection.execute(script.replace("{one_sided}", ONE_SIDED))
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


def as_owner(database: Database, *statements: str) -> list[tuple[Any, ...]]:
    """What the last statement finds."""
    with psycopg.connect(database.owner_url.replace("+psycopg", "")) as connection:
        found = [connection.execute(statement) for statement in statements]
        return found[-1].fetchall() if found[-1].description else []


def what_counts(database: Database) -> list[tuple[Any, ...]]:
    """The money, the chain and the steps, as their owner sees them."""
    return as_owner(
        database,
        "SELECT 'money', count(*), sum(balance_fen), sum(held_fen), NULL FROM account UNION ALL "
        "SELECT 'postings', count(*), sum(abs(amount_fen)), NULL, NULL FROM posting UNION ALL "
        "SELECT 'chain', count(*), max(seq), NULL, sha256(string_agg(hash, '' ORDER BY seq))::text "
        "FROM audit_entry UNION ALL "
        "SELECT 'steps', count(*), NULL, NULL, NULL FROM transition",
    )


def test_the_attacks_find_something(attacked: Database) -> None:
    counts = dict(row[:2] for row in what_counts(attacked))
    assert min(counts.values()) > 1
    tables = "hold", "payment", "approval", "plan", "file", "public_notice", "number_series"
    for table in tables:
        assert as_owner(attacked, f"TABLE {table} LIMIT 1"), table


@pytest.mark.parametrize("script", named(ALONE))
def test_a_program_gains_nothing_and_rewrites_nothing(attacked: Database, script: str) -> None:
    before = what_counts(attacked)
    with pytest.raises(psycopg.Error):
        come_as_a_program(attacked, script)
    assert what_counts(attacked) == before


@pytest.mark.parametrize("script", named(CARELESS))
def test_nor_does_one_that_a_careless_hand_gave_more(
    carelessly_set_up: Database, script: str
) -> None:
    """What the tables' guards refuse, they refuse to whoever is not their own hand."""
    before = what_counts(carelessly_set_up)
    with pytest.raises(psycopg.Error):
        come_as_a_program(carelessly_set_up, script)
    assert what_counts(carelessly_set_up) == before


RIGHTS_THERE = """
SELECT relname, string_agg(may, ', ' ORDER BY place) FROM pg_class,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER',
        'MAINTAIN']) WITH ORDINALITY known(may, place)
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND has_table_privilege('tibao', oid, may)
GROUP BY relname
"""
WHY = ("at", "because", "by")
DECIDED = ("confirmed", "decided_at", "decided_by", "turned_down_because")
UNDONE = ("undone_at", "undone_because", "undone_by")
ONE_COLUMN = """
SELECT table_name, column_name FROM information_schema.column_privileges
WHERE grantee = 'tibao' AND privilege_type = 'UPDATE' AND NOT has_table_privilege(
    'tibao', format('%I.%I', table_schema, table_name), 'UPDATE'
)
"""
GUARDED = (
    "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname ~ '_(append_only|kept)$'"
)


def test_the_programs_have_the_rights_that_are_written_down_and_no_others(
    database: Database,
) -> None:
    database.create()
    written = {table: of.partition(", UPDATE (")[0] for table, of in RIGHTS.items()}
    assert dict(as_owner(database, RIGHTS_THERE)) == written
    assert set(as_owner(database, ONE_COLUMN)) == {
        *(("account", column) for column in ("closed_on", "name")),
        *(("answer_delivery", column) for column in UNDONE),
        *(("case_letter_delivery", column) for column in UNDONE),
        *(("cosignature", column) for column in ("entered_by", "signed_at", "withdrawn_at")),
        *(("bank_match", column) for column in UNDONE),
        ("bank_line", "words_sealed"),
        ("bank_statement", "words_ended_at"),
        *(("bank_statement", f"withdrawn_{what}") for what in WHY),
        *(("deposit", f"withdrawn_{what}") for what in WHY),
        *(("filed_clause", column) for column in ("ended_because", "ended_on")),
        *(("payment_batch", column) for column in ("submitted_at", "submitted_by")),
        *(("bank_agreement", f"withdrawn_{what}") for what in WHY),
        *(("leading_decision", f"withdrawn_{what}") for what in WHY),
        *(("bank_transfer", column) for column in ("entry_id", *DECIDED)),
        *(("paper_entry", column) for column in DECIDED),
        *(("past_income", column) for column in ("entry_id", *DECIDED)),
        *(("period_lock", column) for column in DECIDED),
        *(("vote", f"{what}_at") for what in ("closes", "counted", "ended")),
        *(("vote", column) for column in ("counted_by", "outcome", "result")),
        *(("special_deposit", column) for column in ("undone_at", "undone_by")),
        *(("year_share", column) for column in ("receivable_fen", "settled_fen")),
    }
    assert RIGHTS.keys() == Base.metadata.tables.keys() | {"alembic_version"}


def test_no_right_goes_beyond_a_guard(database: Database) -> None:
    database.create()
    guarded = as_owner(database, GUARDED)
    assert len(guarded) > 25
    for table, guard in guarded:
        assert "DELETE" not in RIGHTS[table], table
        assert guard.endswith("kept") or "UPDATE" not in RIGHTS[table], table


def test_rights_that_somebody_added_are_gone_after_the_next_migration(database: Database) -> None:
    database.create()
    as_owner(
        database,
        f"GRANT TEMPORARY ON DATABASE {database.name} TO PUBLIC",
        "GRANT CREATE ON SCHEMA public TO tibao",
        "GRANT ALL ON posting TO tibao; GRANT UPDATE (amount_fen) ON posting TO PUBLIC",
    )
    migrate.upgrade(database.owner_url, PROGRAMS)
    for script in ("CREATE TEMPORARY TABLE x ()", "CREATE TABLE x ()", "DELETE FROM posting"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            come_as_a_program(database, script)


def test_nothing_is_migrated_for_a_role_that_could_do_more(database: Database) -> None:
    database.create()
    with pytest.raises(rights.TooMuchPower, match=r"may make .* databases.*owns posting"):
        migrate.upgrade(database.owner_url, LOCAL_OWNER)


def test_each_power_beyond_the_rights_is_named(database: Database) -> None:
    database.create()
    assert excess(database, PROGRAMS) == set()
    as_owner(
        database,
        f"GRANT TEMPORARY, CREATE ON DATABASE {database.name} TO {PROGRAMS}",
        f"GRANT CREATE ON SCHEMA public TO {PROGRAMS}",
    )
    assert excess(database, PROGRAMS) == {
        "may TEMPORARY in the database",
        "may CREATE in the database",
        "may make tables",
    }
    assert excess(database, LOCAL_OWNER) >= {
        "may make roles, databases or replicas, or pass row security",
        f"is a member of {PROGRAMS}",
        "owns posting",
    }
    assert "is a superuser" in excess(database, "postgres")


def excess(database: Database, role: str) -> set[str]:
    """What a migration would say against this role."""
    asked = rights.EXCESS.replace(":role", f"'{role}'")
    return {str(sentence) for (sentence,) in as_owner(database, asked)}
