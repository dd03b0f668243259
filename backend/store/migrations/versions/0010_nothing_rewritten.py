"""What was written stays: append-only tables, frozen columns, the audit chain, number series."""

from alembic import op

revision = "0010_nothing_rewritten"
down_revision = "0009_ledger_rules"

APPEND_ONLY = (
    "entry",
    "posting",
    "household_balance",
    "transition",
    "officer_act",
    "survey",
    "plan",
    "plan_lift",
    "approval",
    "evidence",
    "notice_photo",
    "registration",
    "contract",
    "invoice",
    "file",
    "audit_entry",
)
# Rows that may change, but never go away.
KEPT = (
    "account",
    "hold",
    "purchase",
    "purchase_lift",
    "cosignature",
    "cover",
    "notice",
    "objection",
    "payment",
    "number_series",
)
# Columns that say what the row is; the others may change.
FROZEN = {
    "account": "id, number, kind, normal, building_id, unit_id, insurer_id",
    "hold": "id, account_id, purchase_id, amount_fen, placed_at",
    "purchase": "id, number, route, profile_version, estate_id, account_id, applicant, applied_by, "
    "insurer_id, started_at",
    "notice": "id, number, purchase_id, plan_id, content, content_hash, places, drafted_at",
    "objection": "id, number, notice_id, source, text_sealed, received_at, entered_by, entered_at",
    "payment": "id, number, purchase_id, amount_fen, payee_name, payee_bank, payee_account, "
    "ordered_by, ordered_at",
}

# The database itself makes the links, at commit: a writer then waits for the chain when it holds
# every other lock already, so two writers never wait for each other. The statements in here see
# what was committed before the lock was got. 7105002 only has to differ from other such locks.
CHAIN = """
CREATE FUNCTION link_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last audit_entry;
    next_seq bigint;
    previous bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(7105002);
    SELECT * INTO last FROM audit_entry WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1;
    next_seq := coalesce(last.seq, 0) + 1;
    previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    UPDATE audit_entry
    SET seq = next_seq, previous_hash = previous,
        hash = sha256(int8send(version) || int8send(next_seq) || previous || body)
    WHERE id = NEW.id;
    RETURN NULL;
END $$
"""

SUMS_OF_PLANS = """
CREATE FUNCTION check_plan_sum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid;
BEGIN
    IF TG_TABLE_NAME = 'plan' THEN
        checked := NEW.id;
    ELSE
        checked := NEW.plan_id;
    END IF;
    IF (SELECT premium_fen FROM plan WHERE id = checked)
        IS DISTINCT FROM (SELECT sum(premium_fen) FROM plan_lift WHERE plan_id = checked)
    THEN
        RAISE EXCEPTION 'the premiums of the lifts of plan % do not add up', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_adds_up', TABLE = 'plan';
    END IF;
    RETURN NULL;
END $$
"""

TRIGGERS = """
CREATE TRIGGER audit_entry_starts_unlinked BEFORE INSERT ON audit_entry
    FOR EACH ROW WHEN (num_nonnulls(NEW.seq, NEW.previous_hash, NEW.hash) > 0)
    EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER audit_entry_linked AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION link_audit_entry();

CREATE CONSTRAINT TRIGGER plan_adds_up AFTER INSERT ON plan
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_plan_sum();
CREATE CONSTRAINT TRIGGER plan_lift_adds_up AFTER INSERT ON plan_lift
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_plan_sum();

CREATE TRIGGER notice_only_longer BEFORE UPDATE ON notice
    FOR EACH ROW WHEN (
        OLD.starts_on IS NOT NULL AND NEW.starts_on IS DISTINCT FROM OLD.starts_on
        OR OLD.ends_before IS NOT NULL AND (NEW.ends_before < OLD.ends_before) IS NOT FALSE
        OR OLD.ends_on IS NOT NULL AND (NEW.ends_on < OLD.ends_on) IS NOT FALSE
    ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER notice_over BEFORE UPDATE ON notice
    FOR EACH ROW WHEN (OLD.state IN ('ended', 'void')) EXECUTE FUNCTION refuse_change();

CREATE TRIGGER payment_settles_once BEFORE UPDATE ON payment
    FOR EACH ROW WHEN (OLD.state <> 'ordered') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lift_token_revoked_for_good BEFORE UPDATE ON lift_token
    FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL) EXECUTE FUNCTION refuse_change();

CREATE TRIGGER number_series_starts_at_one BEFORE INSERT ON number_series
    FOR EACH ROW WHEN (NEW.last <> 1) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER number_series_steps_by_one BEFORE UPDATE ON number_series
    FOR EACH ROW WHEN (
        (NEW.kind, NEW.year, NEW.last) IS DISTINCT FROM (OLD.kind, OLD.year, OLD.last + 1)
    ) EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(CHAIN)
    op.execute(SUMS_OF_PLANS)
    op.execute(TRIGGERS)
    for table in APPEND_ONLY:
        # Depth 0 is a statement of a client; only `link_audit_entry` arrives deeper.
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change()"
        )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table, columns in FROZEN.items():
        old, new = (
            ", ".join(f"{side}.{column}" for column in columns.split(", "))
            for side in ("OLD", "NEW")
        )
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION refuse_change()"
        )
