"""The household sub-ledger: movements of flats beside one control account for each building, and
the flats' shares of a year.

A building's control account is opened when something is first booked for its flats, and takes over
what they had at the opening; nothing is booked here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0084_households"
down_revision = "0083_checkpoints"

KINDS = (
    "'bank', 'owners_principal', 'household_fund', 'statutory_interest_payable', "
    "'unallocated_income', 'pooled_income', 'pool_receivable', 'held_premium', "
    "'insurer_payable', 'special_account', 'refund_suspense'"
)

# What flats have in their building began with their openings; of openings and a control account
# that come at once one waits for the other.
CONTROLS = """
CREATE FUNCTION begin_control() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM account
        WHERE id = NEW.account_id AND kind = 'household_fund' AND building_id = NEW.building_id
    ) THEN
        RAISE EXCEPTION 'a control account is one of what the flats of its building have'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('household_control', 0));
    NEW.households_fen := (
        SELECT coalesce(sum(principal_fen), 0)
        FROM household_balance
        JOIN household ON household.id = household_balance.household_id
        JOIN unit ON unit.id = household.unit_id
        WHERE unit.building_id = NEW.building_id
    );
    RETURN NEW;
END $$;
CREATE FUNCTION add_openings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('household_control', 0));
    UPDATE household_control SET households_fen = households_fen + opened.fen
    FROM (
        SELECT unit.building_id, sum(written.principal_fen)::bigint AS fen
        FROM written
        JOIN household ON household.id = written.household_id
        JOIN unit ON unit.id = household.unit_id
        GROUP BY 1
    ) opened
    WHERE household_control.building_id = opened.building_id;
    RETURN NULL;
END $$;
CREATE FUNCTION check_control() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    control uuid;
BEGIN
    IF TG_TABLE_NAME = 'account' THEN control := NEW.id; ELSE control := NEW.account_id; END IF;
    IF (SELECT balance_fen FROM account WHERE id = control) IS DISTINCT FROM (
        SELECT households_fen FROM household_control WHERE account_id = control
    ) THEN
        RAISE EXCEPTION 'the flats do not add up to their control account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'household_control_agrees',
                TABLE = 'household_control';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER household_control_begins BEFORE INSERT ON household_control
    FOR EACH ROW EXECUTE FUNCTION begin_control();
CREATE TRIGGER household_control_follows
    BEFORE UPDATE OR DELETE OR TRUNCATE ON household_control
    FOR EACH STATEMENT WHEN (NOT in_a_guard()) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER household_balance_adds AFTER INSERT ON household_balance
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION add_openings();
CREATE CONSTRAINT TRIGGER household_control_agrees AFTER INSERT OR UPDATE ON household_control
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_control();
CREATE CONSTRAINT TRIGGER account_has_households AFTER UPDATE OF balance_fen ON account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.kind = 'household_fund' AND NEW.balance_fen <> OLD.balance_fen)
    EXECUTE FUNCTION check_control()
"""
# Looked at once for a statement: a close writes a row for each flat of the city.
MOVEMENTS = """
CREATE FUNCTION add_movements() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM written
        LEFT JOIN household ON household.id = written.household_id
        LEFT JOIN unit ON unit.id = household.unit_id
        LEFT JOIN household_control
            ON household_control.account_id = written.account_id
            AND household_control.building_id = unit.building_id
        LEFT JOIN entry
            ON entry.id = written.entry_id AND entry.booked_on = written.booked_on
        WHERE household_control.account_id IS NULL OR entry.id IS NULL
    ) THEN
        RAISE EXCEPTION 'a movement is of a flat of its control account, and of its entry''s day'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM FROM household_control WHERE account_id IN (SELECT account_id FROM written)
    ORDER BY account_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT household_id FROM written WHERE amount_fen < 0) taken
        WHERE 0 > coalesce(
            (SELECT sum(principal_fen) FROM household_balance
             WHERE household_id = taken.household_id), 0
        ) + (SELECT sum(amount_fen) FROM household_movement
             WHERE household_id = taken.household_id)
    ) THEN
        RAISE EXCEPTION 'a flat has not as much in the fund'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'household_movement_available',
                TABLE = TG_TABLE_NAME;
    END IF;
    UPDATE household_control SET households_fen = households_fen + moved.fen
    FROM (SELECT account_id, sum(amount_fen)::bigint AS fen FROM written GROUP BY 1) moved
    WHERE household_control.account_id = moved.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER household_movement_fits AFTER INSERT ON household_movement
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION add_movements();
CREATE TRIGGER household_movement_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON household_movement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
# What flats have is added up by building: one of which anything is booked changes it no more.
PLACES = """
CREATE FUNCTION keep_building() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    was uuid;
    becomes uuid;
BEGIN
    IF TG_TABLE_NAME = 'unit' THEN
        was := OLD.building_id;
        becomes := NEW.building_id;
    ELSE
        was := (SELECT building_id FROM unit WHERE id = OLD.unit_id);
        becomes := (SELECT building_id FROM unit WHERE id = NEW.unit_id);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('household_control', 0));
    IF was <> becomes AND EXISTS (
        SELECT FROM household
        WHERE (id = OLD.id OR unit_id = OLD.id)
            AND (EXISTS (SELECT FROM household_balance WHERE household_id = household.id)
                OR EXISTS (SELECT FROM household_movement WHERE household_id = household.id))
    ) THEN
        RAISE EXCEPTION 'what flats have in the fund stays in their building'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER household_keeps_building AFTER UPDATE OF unit_id ON household
    FOR EACH ROW WHEN (OLD.unit_id <> NEW.unit_id) EXECUTE FUNCTION keep_building();
CREATE TRIGGER unit_keeps_building AFTER UPDATE OF building_id ON unit
    FOR EACH ROW WHEN (OLD.building_id <> NEW.building_id) EXECUTE FUNCTION keep_building()
"""
SHARES = """
CREATE FUNCTION keep_household_shares() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT close_id FROM written) of_close
        LEFT JOIN year_close ON year_close.id = of_close.close_id
        WHERE year_close.state IS DISTINCT FROM 'preview'
    ) THEN
        RAISE EXCEPTION '% of % is refused', lower(TG_OP), TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER household_share_frozen AFTER INSERT ON household_share
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_household_shares();
CREATE TRIGGER household_share_goes AFTER DELETE ON household_share
    REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_household_shares();
CREATE TRIGGER household_share_stays BEFORE UPDATE OR TRUNCATE ON household_share
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
# What flats have by interest and income is no more spent by a purchase than their principal.
PRINCIPAL_IS_SPARED = """
CREATE OR REPLACE FUNCTION spare_principal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM written
        JOIN account ON account.id = written.account_id
            AND account.kind IN ('owners_principal', 'household_fund')
        JOIN entry ON entry.id = written.entry_id
        JOIN purchase ON purchase.id = entry.purchase_id
        WHERE written.amount_fen > 0 AND NOT EXISTS (
            SELECT FROM purchase_source
            JOIN account paying ON paying.id = purchase_source.account_id
            WHERE purchase_source.purchase_id = purchase.id AND paying.kind = account.kind
        )
    ) THEN
        RAISE EXCEPTION 'only a purchase that it pays for debits the owners'' principal'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = 'posting';
    END IF;
    RETURN NULL;
END $$
"""
# The owners' part of interest that was confirmed before, cut by days as the value-added part is:
# floors, and the spare fen to the largest remainders, ties to the earlier year.
OWNERS_PARTS = """
ALTER TABLE interest_year DISABLE TRIGGER interest_year_kept;
INSERT INTO interest_year (interest_id, year, value_added_fen, owners_fen)
SELECT id, year, 0, owners_fen
FROM (
    SELECT id, year,
        floor_fen + (place <= fen - sum(floor_fen) OVER (PARTITION BY id))::int AS owners_fen
    FROM (
        SELECT id, year, fen, div(fen::numeric * part, whole)::bigint AS floor_fen,
            row_number() OVER (
                PARTITION BY id ORDER BY mod(fen::numeric * part, whole) DESC, year
            ) AS place
        FROM (
            SELECT id, year, least(actual_fen, statutory_fen) AS fen, until_on - from_on AS whole,
                least(until_on, make_date(year + 1, 1, 1))
                    - greatest(from_on, make_date(year, 1, 1)) AS part
            FROM deposit_interest
            CROSS JOIN LATERAL generate_series(
                extract(year FROM from_on)::int, extract(year FROM until_on - 1)::int
            ) AS year
            WHERE confirmed
        ) days
    ) floors
) parts
WHERE owners_fen > 0
ON CONFLICT (interest_id, year) DO UPDATE SET owners_fen = excluded.owners_fen;
ALTER TABLE interest_year ENABLE TRIGGER interest_year_kept
"""
# A look at a flat's account is one more, and found as the others are.
LOOKS = """
action IN ('owner_verification.unmask', 'purchase.read_objections', 'objection.unmask',
'file.read_objection_paper', 'household.read_account')
"""
RIGHTS = """
REVOKE EXECUTE ON FUNCTION begin_control() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION add_openings() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION check_control() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION add_movements() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION keep_building() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION keep_household_shares() FROM PUBLIC
"""


def upgrade() -> None:
    op.drop_constraint(op.f("ck_account_kind"), "account", type_="check")
    op.execute(f"ALTER TABLE account ADD CONSTRAINT ck_account_kind CHECK (kind IN ({KINDS}))")
    _tables()
    _closes()
    for rules in (CONTROLS, MOVEMENTS, PLACES, SHARES, PRINCIPAL_IS_SPARED, RIGHTS):
        op.execute(rules)
    # locks: whoever writes into the chain waits until it is made
    op.drop_index("ix_audit_entry_looks", "audit_entry")
    op.create_index(
        "ix_audit_entry_looks",
        "audit_entry",
        [sa.text("at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text(LOOKS),
    )


def _tables() -> None:
    op.create_table(
        "household_control",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=False),
        sa.Column("households_fen", sa.BigInteger(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_household_control_{column}"))
            for column, to in (("account_id", "account.id"), ("building_id", "building.id"))
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_household_control")),
        sa.UniqueConstraint("building_id", name=op.f("uq_household_control_building_id")),
    )
    op.create_table(
        "household_movement",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('statutory_interest', 'value_added', 'principal')",
            name=op.f("ck_household_movement_kind"),
        ),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ck_household_movement_amount")),
        sa.PrimaryKeyConstraint(
            "household_id", "entry_id", "kind", name=op.f("pk_household_movement")
        ),
    )
    op.create_table(
        "household_share",
        sa.Column("close_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Numeric(), nullable=False),
        *(
            sa.Column(f"{part}_{what}", sa.BigInteger(), nullable=False)
            for part in ("statutory", "value_added")
            for what in ("extra", "fen", "before_fen")
        ),
        sa.CheckConstraint(
            "weight >= 0 AND statutory_extra IN (0, 1) AND value_added_extra IN (0, 1)",
            name=op.f("ck_household_share_weight"),
        ),
        sa.CheckConstraint(
            "least(statutory_fen, statutory_before_fen, value_added_fen, value_added_before_fen)"
            " >= 0",
            name=op.f("ck_household_share_fen"),
        ),
        sa.PrimaryKeyConstraint("close_id", "household_id", name=op.f("pk_household_share")),
    )
    # locks: a flat has one opening; every city of today has few flats, and each one opening
    op.create_unique_constraint(
        op.f("uq_household_balance_household_id"), "household_balance", ["household_id"]
    )
    op.drop_constraint(
        op.f("uq_household_balance_household_id_as_of"), "household_balance", type_="unique"
    )


def _closes() -> None:
    op.add_column("interest_year", _figure("owners_fen"))
    op.drop_constraint(op.f("ck_interest_year_value_added"), "interest_year", type_="check")
    op.execute(OWNERS_PARTS)
    op.create_check_constraint(
        op.f("ck_interest_year_parts"),
        "interest_year",
        "least(value_added_fen, owners_fen) >= 0 AND value_added_fen + owners_fen > 0",
    )
    mode = sa.Column("mode", sa.Text(), nullable=False, server_default="pooled")
    op.add_column("year_close", mode)
    for column in ("statutory_fen", "statutory_moved_fen", "households"):
        op.add_column("year_close", _figure(column))
    op.create_check_constraint(
        op.f("ck_year_close_mode"), "year_close", "mode IN ('pooled', 'household')"
    )


def _figure(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text("0"))
