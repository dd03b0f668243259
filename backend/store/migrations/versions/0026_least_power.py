"""The guards know their own hand: what a trigger of ours writes is written by the owner.

Until now a guarded table let any trigger through, also one that somebody had made beside ours.
What a guard writes itself (the figures of accounts, the links of the chain) it now writes with the
rights of the tables' owner, and the guarded tables let through nobody else. Names in our functions
mean our tables, whatever the caller's `search_path` says.
"""

from alembic import op

revision = "0026_least_power"
down_revision = "0025_ways_back"

# What they write, the programs have no right to.
WITH_THE_OWNERS_RIGHTS = ("move_balances", "move_held", "link_audit_entry")
OF_OURS = (
    *WITH_THE_OWNERS_RIGHTS,
    *("refuse_change", "check_entry", "check_postings", "check_plan_sum", "notify_lift_changed"),
    *("serve_home", "fix_circle", "set_source_once", "spare_principal"),
)

# Its body is bound to the catalogue here and now, not where it is called.
IN_A_GUARD = """
CREATE FUNCTION in_a_guard() RETURNS boolean LANGUAGE sql STABLE
RETURN pg_trigger_depth() > 0 AND current_user = (
    SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'audit_entry'::regclass
)
"""

# No trigger of ours writes to these at all.
APPEND_ONLY = (
    *("entry", "posting", "household_balance", "transition", "officer_act", "survey", "plan"),
    *("plan_lift", "approval", "evidence", "public_notice_photo", "registration", "contract"),
    *("invoice", "file", "poster", "photo", "objection_photo"),
)

GUARDS = """
DROP TRIGGER account_figures_follow ON account;
CREATE TRIGGER account_figures_follow BEFORE UPDATE ON account
    FOR EACH ROW WHEN (
        (OLD.balance_fen, OLD.held_fen) IS DISTINCT FROM (NEW.balance_fen, NEW.held_fen)
        AND NOT in_a_guard()
    ) EXECUTE FUNCTION refuse_change();

DROP TRIGGER audit_entry_append_only ON audit_entry;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT WHEN (NOT in_a_guard()) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_linked_once BEFORE UPDATE ON audit_entry
    FOR EACH ROW WHEN (
        OLD.seq IS NOT NULL OR (
            OLD.id, OLD.version, OLD.at, OLD.actor_id, OLD.action, OLD.subject_kind, OLD.subject_id,
            OLD.body
        ) IS DISTINCT FROM (
            NEW.id, NEW.version, NEW.at, NEW.actor_id, NEW.action, NEW.subject_kind, NEW.subject_id,
            NEW.body
        )
    ) EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    for function in OF_OURS:
        op.execute(f"ALTER FUNCTION {function}() SET search_path = public, pg_temp")
        # Who may use a guard for a trigger of their own writes what it writes.
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function}() FROM PUBLIC")
    for function in WITH_THE_OWNERS_RIGHTS:
        op.execute(f"ALTER FUNCTION {function}() SECURITY DEFINER")
    op.execute(IN_A_GUARD)
    op.execute(GUARDS)
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
