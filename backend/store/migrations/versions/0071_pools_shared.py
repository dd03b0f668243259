"""How many lifts share a pool is shown by each of them: a lift that comes or goes tells the pool.

Pages know the id of the account that they show, so one id tells all of them, however many lifts
there are. A lift tells itself since 0018.
"""

from alembic import op

revision = "0071_pools_shared"
down_revision = "0070_imports_and_batches"

# By the parts of an OR, each found by an index of its own.
TOLD = """
CREATE FUNCTION notify_pools_of_lift() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    served uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.unit_id ELSE NEW.unit_id END;
BEGIN
    PERFORM pg_notify('lift_changed', id::text) FROM (
        SELECT id, kind FROM account WHERE unit_id = served
        UNION ALL
        SELECT account.id, account.kind FROM account JOIN unit USING (building_id)
        WHERE unit.id = served AND account.unit_id IS NULL
        UNION ALL
        SELECT id, kind FROM account WHERE unit_id IS NULL AND building_id IS NULL
        AND kind = 'pooled_income'
    ) AS pool WHERE kind = 'pooled_income';
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute(TOLD)
    op.execute("ALTER FUNCTION notify_pools_of_lift() SET search_path = public, pg_temp")
    op.execute("REVOKE EXECUTE ON FUNCTION notify_pools_of_lift() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER lift_unit_shares AFTER INSERT OR DELETE ON lift_unit "
        "FOR EACH ROW EXECUTE FUNCTION notify_pools_of_lift()"
    )
