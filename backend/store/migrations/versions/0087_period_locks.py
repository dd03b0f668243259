"""Locked periods: the books take nothing more of days up to the last one that is locked.

A guard of the entry says so, whoever books. It and a new lock wait for each other by the month of
the booking: of two at once one comes first, and bookings of today wait for no lock.
"""

import sqlalchemy as sa
from alembic import op

revision = "0087_period_locks"
down_revision = "0086_screened_estates"

TABLE = "period_lock"
PERSONS = ("entered_by", "in_stead_of", "decided_by")
GUARDS = """
CREATE FUNCTION month_of_books(day date) RETURNS int LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT greatest(0, (extract(year FROM day)::int - 2000) * 12 + extract(month FROM day)::int)
$$;
CREATE FUNCTION books_locked_until() RETURNS date LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT until_on FROM period_lock WHERE confirmed ORDER BY decided_at DESC, id DESC LIMIT 1
$$;
CREATE FUNCTION keep_locked_periods() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(88, month_of_books(NEW.booked_on));
    IF NEW.booked_on <= books_locked_until() THEN
        RAISE EXCEPTION 'the books of % are locked', NEW.booked_on
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION await_bookings() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.confirmed AND NEW.until_on IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(88, month)
        FROM generate_series(
            month_of_books(coalesce(NEW.former_until_on, '1999-12-31')),
            month_of_books(NEW.until_on)
        ) AS month;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_period_open AFTER INSERT ON entry
    FOR EACH ROW EXECUTE FUNCTION keep_locked_periods();
CREATE TRIGGER period_lock_waits BEFORE INSERT OR UPDATE ON period_lock
    FOR EACH ROW EXECUTE FUNCTION await_bookings();
CREATE TRIGGER period_lock_frozen BEFORE UPDATE ON period_lock
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER period_lock_kept BEFORE DELETE OR TRUNCATE ON period_lock
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE EXECUTE ON FUNCTION keep_locked_periods() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION await_bookings() FROM PUBLIC
"""
# What was closed before is locked like what will be.
LOCK_CLOSED = """
INSERT INTO period_lock (id, until_on, close_id, reason, entered_by, in_stead_of, entered_at,
    decided_by, decided_at, confirmed)
SELECT gen_random_uuid(), make_date(year::int, 12, 31), id, year || '年度分配入账', previewed_by,
    in_stead_of, previewed_at, posted_by, posted_at, true
FROM year_close WHERE state = 'posted' ORDER BY year DESC, revision DESC LIMIT 1
"""


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("former_until_on", sa.Date()),
        sa.Column("close_id", sa.Uuid()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("in_stead_of", sa.Uuid()),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed", sa.Boolean()),
        sa.Column("turned_down_because", sa.Text()),
        *_checks(),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"))
            for column, target in {
                "close_id": "year_close.id",
                **dict.fromkeys(PERSONS, "person.id"),
            }.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(
        f"uq_{TABLE}_waiting",
        TABLE,
        [sa.text("(decided_at IS NULL)")],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.execute(LOCK_CLOSED)
    op.execute(GUARDS)


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "decided": "(decided_at IS NULL) = (decided_by IS NULL)"
        " AND (decided_at IS NULL) = (confirmed IS NULL)"
        " AND (turned_down_because IS NOT NULL) = (confirmed IS NOT NULL AND NOT confirmed)",
        "another_officer": "NOT confirmed OR (decided_by <> entered_by"
        " AND decided_by IS DISTINCT FROM in_stead_of)",
        "changes": "until_on IS DISTINCT FROM former_until_on",
        "month_end": "extract(day FROM until_on + 1) = 1",
    }
    names = {name: op.f(f"ck_{TABLE}_{name}") for name in rules}
    return [sa.CheckConstraint(rules[name], name=called) for name, called in names.items()]
