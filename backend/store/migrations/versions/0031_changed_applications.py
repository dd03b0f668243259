"""What an application is for may change while no plan stands: a lift leaves, another insurer comes.

A notice of a plan that is void is void too, also one that was cleared.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031_changed_applications"
down_revision = "0030_filed_seats"

# The case is locked first, as every step does, so that no plan comes between.
LIFTS_ARE_FIXED = """
CREATE FUNCTION fix_lifts() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    planned uuid;
BEGIN
    SELECT plan_id INTO planned FROM purchase WHERE id = OLD.purchase_id FOR NO KEY UPDATE;
    IF planned IS NOT NULL
        OR NOT EXISTS (
            SELECT FROM purchase_lift
            WHERE purchase_id = OLD.purchase_id AND lift_id <> OLD.lift_id
        )
    THEN
        RAISE EXCEPTION 'to take a lift out is refused while a plan stands, and of the last one'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN OLD;
END $$
"""


def upgrade() -> None:
    op.execute(LIFTS_ARE_FIXED)
    op.execute("REVOKE EXECUTE ON FUNCTION fix_lifts() FROM PUBLIC")
    op.execute("DROP TRIGGER purchase_lift_kept ON purchase_lift")
    op.execute(
        "CREATE TRIGGER purchase_lift_stays BEFORE TRUNCATE ON purchase_lift "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER purchase_lift_fixed BEFORE DELETE ON purchase_lift "
        "FOR EACH ROW EXECUTE FUNCTION fix_lifts()"
    )
    op.execute("DROP TRIGGER purchase_insurer_set_once ON purchase")
    op.execute(
        "CREATE TRIGGER purchase_insurer_of_plan BEFORE UPDATE ON purchase FOR EACH ROW "
        "WHEN (OLD.insurer_id IS NOT NULL AND NEW.insurer_id IS DISTINCT FROM OLD.insurer_id "
        "AND (NEW.insurer_id IS NULL OR OLD.plan_id IS NOT NULL OR NEW.plan_id IS NOT NULL)) "
        "EXECUTE FUNCTION refuse_change()"
    )
    op.execute("DROP TRIGGER public_notice_over ON public_notice")
    op.execute(
        "CREATE TRIGGER public_notice_over BEFORE UPDATE ON public_notice FOR EACH ROW "
        "WHEN (OLD.state = 'void' "
        "OR OLD.state = 'ended' AND NEW.state NOT IN ('open', 'suspended', 'void')) "
        "EXECUTE FUNCTION refuse_change()"
    )
    _surveys()


def _surveys() -> None:
    """Until now a case had one insurer: every survey is that one's."""
    op.add_column("survey", sa.Column("insurer_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_survey_insurer_id"), "survey", "insurer", ["insurer_id"], ["id"])
    op.execute("ALTER TABLE survey DISABLE TRIGGER survey_append_only")
    op.execute(
        "UPDATE survey SET insurer_id = purchase.insurer_id FROM purchase "
        "WHERE purchase.id = survey.purchase_id"
    )
    op.execute("ALTER TABLE survey ENABLE TRIGGER survey_append_only")
