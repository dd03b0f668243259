"""The flats of a house pay a plan's premium, each its share, on an account (JS 四（四）)."""

import sqlalchemy as sa
from alembic import op

revision = "0097_plan_shares"
down_revision = "0096_special_accounts"

# Whatever is written of a plan's shares at once is all of its premium.
GUARDS = """
CREATE FUNCTION shares_sum_up() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT plan_id FROM added) planned
        JOIN plan ON plan.id = planned.plan_id
        WHERE plan.premium_fen <> (
            SELECT sum(fen) FROM plan_share WHERE plan_share.plan_id = plan.id
        )
    ) THEN
        RAISE EXCEPTION 'the shares of a plan are not its premium'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER plan_share_sums AFTER INSERT ON plan_share
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION shares_sum_up();
CREATE TRIGGER plan_share_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_share
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE EXECUTE ON FUNCTION shares_sum_up() FROM PUBLIC;
CREATE TRIGGER special_deposit_flat_frozen
    BEFORE UPDATE ON special_deposit FOR EACH ROW
    WHEN (OLD.household_id IS DISTINCT FROM NEW.household_id)
    EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "plan_share",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_plan_share_fen")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_share_plan_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_plan_share_household_id")
        ),
        sa.PrimaryKeyConstraint("plan_id", "household_id", name=op.f("pk_plan_share")),
    )
    op.create_index("ix_plan_share_household_id", "plan_share", ["household_id"])
    op.add_column("special_deposit", sa.Column("household_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_special_deposit_household_id"),
        "special_deposit",
        "household",
        ["household_id"],
        ["id"],
    )
    op.create_index("ix_special_deposit_household_id", "special_deposit", ["household_id"])
    op.drop_index("uq_special_deposit_counts", "special_deposit")
    op.create_index(
        "uq_special_deposit_counts",
        "special_deposit",
        ["purchase_id", "household_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.execute(GUARDS)
