"""Tell the API processes which public lift pages to forget.

`NOTIFY lift_changed` carries a lift's id, or `*` when every page may differ. The message leaves
with the commit, so whoever hears it reads the new rows.
"""

from alembic import op

revision = "0011_lift_changed"
down_revision = "0010_nothing_rewritten"

# The column that holds the lift's id. A row that moves to another lift tells both.
ONE_LIFT = {"lift": "id", "lift_token": "lift_id", "cover": "lift_id"}
# Rare changes behind many pages.
ALL_LIFTS = (
    "estate",
    "building",
    "unit",
    "maintainer",
    "property_company",
    "insurer",
    "notice",
    "objection",
)

TELL = """
CREATE FUNCTION tell_lift_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        PERFORM pg_notify('lift_changed', '*');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_notify('lift_changed', to_jsonb(OLD) ->> TG_ARGV[0]);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM pg_notify('lift_changed', to_jsonb(NEW) ->> TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute(TELL)
    for table, column in ONE_LIFT.items():
        op.execute(
            f"CREATE TRIGGER {table}_told AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION tell_lift_changed('{column}')"
        )
    for table in ALL_LIFTS:
        op.execute(
            f"CREATE TRIGGER {table}_told AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tell_lift_changed()"
        )
