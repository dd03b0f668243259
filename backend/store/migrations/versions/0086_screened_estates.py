"""Estates are screened by their district and guided, and the city's pools of several years pay.

A district (区) is what the registry says of its estates: whoever has a right there has it for all
of them. What a case is paid from may be named anew while no plan stands, as its lifts may.
"""

import sqlalchemy as sa
from alembic import op

revision = "0086_screened_estates"
down_revision = "0085_outages"

# The case is locked first, as every step does, so that no plan comes between.
SOURCE_IS_FIXED = """
CREATE FUNCTION fix_source() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    planned uuid;
BEGIN
    SELECT plan_id INTO planned FROM purchase WHERE id = OLD.purchase_id FOR NO KEY UPDATE;
    IF planned IS NOT NULL THEN
        RAISE EXCEPTION 'the source of a purchase is fixed with its plan'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER purchase_source_fixed BEFORE DELETE ON purchase_source
    FOR EACH ROW EXECUTE FUNCTION fix_source();
DROP TRIGGER purchase_source_append_only ON purchase_source;
CREATE TRIGGER purchase_source_stays BEFORE UPDATE OR TRUNCATE ON purchase_source
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DROP TRIGGER purchase_unit_kept ON purchase_unit;
CREATE TRIGGER purchase_unit_stays BEFORE TRUNCATE ON purchase_unit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE EXECUTE ON FUNCTION fix_source() FROM PUBLIC
"""


def upgrade() -> None:
    # rewrites: the few estates of a city get what follows from the name of their district
    op.execute(
        "ALTER TABLE estate ADD COLUMN district_id uuid NOT NULL "
        "GENERATED ALWAYS AS (CAST(md5(district) AS uuid)) STORED"
    )
    op.create_index(op.f("ix_estate_district_id"), "estate", ["district_id"])
    op.drop_constraint(op.f("ck_access_grant_scope_kind"), "access_grant", type_="check")
    op.create_check_constraint(
        op.f("ck_access_grant_scope_kind"),
        "access_grant",
        "scope_kind IN ('city', 'district', 'estate', 'insurer')",
    )
    op.add_column("account", sa.Column("year", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_account_year"),
        "account",
        "year IS NULL OR (kind = 'pooled_income' AND building_id IS NULL AND unit_id IS NULL)",
    )
    op.create_table(
        "screening_finding",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("found_by", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_screening_finding_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["found_by"], ["person.id"], name=op.f("fk_screening_finding_found_by")
        ),
        sa.PrimaryKeyConstraint("purchase_id", "criterion", name=op.f("pk_screening_finding")),
    )
    op.execute(
        "CREATE TRIGGER screening_finding_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON screening_finding FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(SOURCE_IS_FIXED)
