"""A change is told by the id of the row that shows it, and the pages of other lifts stay.

`lift_changed` carries the id of a lift, a notice, a purchase or an account; objections, photos and
takedowns are told by their notice's. What shows for the first time is told by the lifts that it is
about: no page knows its id yet. `*` is left for names that many pages show, which no purchase
changes. A process of the version before may keep the page of a notice for its minute.
"""

from alembic import op

revision = "0058_pages_by_row"
down_revision = "0057_departures"

# The column that holds the id, and when.
BY_ROW = {
    "public_notice": ("id", "INSERT OR UPDATE"),
    "objection": ("notice_id", "INSERT OR UPDATE"),
    "public_notice_photo": ("notice_id", "INSERT"),
    "takedown": ("notice_id", "INSERT OR UPDATE"),
    "purchase": ("id", "UPDATE OF state, plan_id"),
    "account": ("id", "UPDATE OF name, balance_fen, held_fen, closed_on"),
}
POOLED = "WHEN (NEW.kind = 'pooled_income')"
# A new one has no lifts yet.
NAMES = ("estate", "building", "unit", "maintainer", "insurer")
BEFORE = (
    *(
        f"{table}_notifies"
        for table in (*BY_ROW, *NAMES, "property_company")
        if table != "takedown"
    ),
    "takedown_changed",
)

NEW_NOTICE = """
CREATE FUNCTION notify_lifts_of_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('lift_changed', lift_id::text) FROM plan_lift WHERE plan_id = NEW.plan_id;
    RETURN NULL;
END $$
"""
# An account of the whole city is every lift's that has none of its own.
NEW_ACCOUNT = """
CREATE FUNCTION notify_lifts_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.unit_id IS NULL AND NEW.building_id IS NULL THEN
        PERFORM pg_notify('lift_changed', '*');
    ELSE
        PERFORM pg_notify('lift_changed', lift_id::text)
        FROM lift_unit JOIN unit ON unit.id = lift_unit.unit_id
        WHERE unit.id = NEW.unit_id OR (NEW.unit_id IS NULL AND unit.building_id = NEW.building_id);
    END IF;
    RETURN NULL;
END $$
"""
SHOWN_FIRST = {
    "notify_lifts_of_notice": NEW_NOTICE,
    "notify_lifts_of_account": NEW_ACCOUNT,
}


def upgrade() -> None:
    for trigger in BEFORE:
        op.execute(f"DROP TRIGGER {trigger} ON {trigger.rpartition('_')[0]}")
    for table, (column, event) in BY_ROW.items():
        op.execute(
            f"CREATE TRIGGER {table}_notifies AFTER {event} ON {table} FOR EACH ROW "
            f"{POOLED if table == 'account' else ''} "
            f"EXECUTE FUNCTION notify_lift_changed('{column}')"
        )
    for table in NAMES:
        op.execute(
            f"CREATE TRIGGER {table}_notifies AFTER UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION notify_lift_changed()"
        )
    for function, made in SHOWN_FIRST.items():
        op.execute(made)
        op.execute(f"ALTER FUNCTION {function}() SET search_path = public, pg_temp")
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function}() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER public_notice_shows AFTER INSERT OR UPDATE OF state ON public_notice "
        "FOR EACH ROW EXECUTE FUNCTION notify_lifts_of_notice()"
    )
    op.execute(
        "CREATE TRIGGER account_shows AFTER INSERT OR UPDATE OF closed_on ON account FOR EACH ROW "
        f"{POOLED} EXECUTE FUNCTION notify_lifts_of_account()"
    )
