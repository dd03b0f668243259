"""The circle and the source of a case; the units that a lift serves.

Until now both were one account: it pays as before, and the units behind it are the circle.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018_circle_and_source"
down_revision = "0017_sealed_senders"

# drops: the account of a case stands in purchase_source now, copied there first; the programs of
# 0.2.0 are stopped for this upgrade
UNITS_BEHIND_ACCOUNTS = """
INSERT INTO purchase_unit (purchase_id, unit_id)
SELECT purchase.id, unit.id
FROM purchase
JOIN account ON account.id = purchase.account_id
JOIN unit ON unit.id = account.unit_id
    OR account.unit_id IS NULL AND unit.building_id = account.building_id
"""

# A lift always serves the unit where it stands; who moves it moves that along.
HOME = """
CREATE FUNCTION serve_home() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM lift_unit WHERE lift_id = OLD.id AND unit_id = OLD.unit_id;
    END IF;
    INSERT INTO lift_unit (lift_id, unit_id) VALUES (NEW.id, NEW.unit_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""

# The case is locked first, as every step does, so that no plan comes between.
CIRCLE_IS_FIXED = """
CREATE FUNCTION fix_circle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    planned uuid;
BEGIN
    FOR planned IN
        SELECT plan_id FROM purchase WHERE id IN (OLD.purchase_id, NEW.purchase_id)
        ORDER BY id FOR NO KEY UPDATE
    LOOP
        IF planned IS NOT NULL THEN
            RAISE EXCEPTION 'the circle of a purchase is fixed with its plan'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$
"""

SOURCE_SET_ONCE = """
CREATE FUNCTION set_source_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM purchase WHERE id IN (SELECT purchase_id FROM written)
    ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM purchase_source
        WHERE purchase_id IN (SELECT purchase_id FROM written)
            AND (purchase_id, account_id) NOT IN (SELECT purchase_id, account_id FROM written)
    ) THEN
        RAISE EXCEPTION 'the source of a purchase is set once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$
"""

# What pays decides, not the name of the route.
PRINCIPAL_IS_SPARED = """
CREATE OR REPLACE FUNCTION spare_principal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM written
        JOIN account ON account.id = written.account_id AND account.kind = 'owners_principal'
        JOIN entry ON entry.id = written.entry_id
        JOIN purchase ON purchase.id = entry.purchase_id
        WHERE written.amount_fen > 0 AND NOT EXISTS (
            SELECT FROM purchase_source
            JOIN account paying ON paying.id = purchase_source.account_id
            WHERE purchase_source.purchase_id = purchase.id AND paying.kind = 'owners_principal'
        )
    ) THEN
        RAISE EXCEPTION 'only a purchase that it pays for debits the owners'' principal'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = 'posting';
    END IF;
    RETURN NULL;
END $$
"""

# One hold for each account of a source. Accounts are locked in one order, as postings do, so that
# two purchases never wait for each other. A hold that is updated was pending: see 0009.
HOLDS_MOVE_HELD = """
CREATE OR REPLACE FUNCTION move_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM account WHERE id IN (SELECT account_id FROM written)
    ORDER BY id FOR NO KEY UPDATE;
    UPDATE account
    SET held_fen = held_fen + CASE TG_OP WHEN 'INSERT' THEN moved.fen ELSE -moved.fen END
    FROM (
        SELECT account_id, sum(amount_fen)::bigint AS fen FROM written
        WHERE (state = 'pending') = (TG_OP = 'INSERT')
        GROUP BY account_id
    ) moved
    WHERE account.id = moved.account_id;
    RETURN NULL;
END $$;
DROP TRIGGER hold_placed ON hold;
DROP TRIGGER hold_settled ON hold;
CREATE TRIGGER hold_placed AFTER INSERT ON hold REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION move_held();
CREATE TRIGGER hold_settled AFTER UPDATE ON hold REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION move_held();
"""

FROZEN = "id, number, route, profile_version, estate_id, applicant, applied_by, started_at"


def upgrade() -> None:
    _lifts()
    _circle()
    _source()
    _holds()
    op.execute("DROP TRIGGER purchase_frozen ON purchase")
    op.drop_column("purchase", "account_id")
    op.alter_column("purchase", "insurer_id", nullable=True)
    old, new = (
        ", ".join(f"{side}.{column}" for column in FROZEN.split(", ")) for side in ("OLD", "NEW")
    )
    op.execute(
        "CREATE TRIGGER purchase_frozen BEFORE UPDATE ON purchase FOR EACH ROW "
        f"WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER purchase_insurer_set_once BEFORE UPDATE ON purchase FOR EACH ROW "
        "WHEN (OLD.insurer_id IS NOT NULL AND NEW.insurer_id IS DISTINCT FROM OLD.insurer_id) "
        "EXECUTE FUNCTION refuse_change()"
    )


def _lifts() -> None:
    op.create_table(
        "lift_unit",
        sa.Column("lift_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["lift_id"], ["lift.id"], name=op.f("fk_lift_unit_lift_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_lift_unit_unit_id")),
        sa.PrimaryKeyConstraint("lift_id", "unit_id", name=op.f("pk_lift_unit")),
    )
    op.create_index(op.f("ix_lift_unit_unit_id"), "lift_unit", ["unit_id"])
    op.execute("INSERT INTO lift_unit (lift_id, unit_id) SELECT id, unit_id FROM lift")
    op.create_foreign_key(
        "fk_lift_serves_home",
        "lift",
        "lift_unit",
        ["id", "unit_id"],
        ["lift_id", "unit_id"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.execute(HOME)
    op.execute(
        "CREATE TRIGGER lift_serves_home AFTER INSERT OR UPDATE OF unit_id ON lift "
        "FOR EACH ROW EXECUTE FUNCTION serve_home()"
    )
    op.execute(
        "CREATE TRIGGER lift_unit_notifies AFTER INSERT OR UPDATE OR DELETE ON lift_unit "
        "FOR EACH ROW EXECUTE FUNCTION notify_lift_changed('lift_id')"
    )


def _circle() -> None:
    op.create_table(
        "purchase_unit",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_unit_purchase_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_purchase_unit_unit_id")),
        sa.PrimaryKeyConstraint("purchase_id", "unit_id", name=op.f("pk_purchase_unit")),
    )
    op.create_index(op.f("ix_purchase_unit_unit_id"), "purchase_unit", ["unit_id"])
    op.execute(UNITS_BEHIND_ACCOUNTS)
    op.execute(CIRCLE_IS_FIXED)
    op.execute(
        "CREATE TRIGGER purchase_unit_fixed BEFORE INSERT OR UPDATE OR DELETE ON purchase_unit "
        "FOR EACH ROW EXECUTE FUNCTION fix_circle()"
    )
    op.execute(
        "CREATE TRIGGER purchase_unit_kept BEFORE TRUNCATE ON purchase_unit "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _source() -> None:
    op.create_table(
        "purchase_source",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("weight > 0", name=op.f("ck_purchase_source_weight")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_purchase_source_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_source_purchase_id")
        ),
        sa.PrimaryKeyConstraint("purchase_id", "account_id", name=op.f("pk_purchase_source")),
    )
    op.create_index(op.f("ix_purchase_source_account_id"), "purchase_source", ["account_id"])
    op.execute(
        "INSERT INTO purchase_source (purchase_id, account_id, weight) "
        "SELECT id, account_id, 1 FROM purchase"
    )
    op.execute(SOURCE_SET_ONCE)
    op.execute(
        "CREATE TRIGGER purchase_source_set_once AFTER INSERT ON purchase_source "
        "REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION set_source_once()"
    )
    op.execute(
        "CREATE TRIGGER purchase_source_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON purchase_source FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(PRINCIPAL_IS_SPARED)


def _holds() -> None:
    op.execute(HOLDS_MOVE_HELD)
    op.drop_index("uq_hold_pending", "hold")
    op.create_index(
        "uq_hold_pending",
        "hold",
        ["purchase_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
