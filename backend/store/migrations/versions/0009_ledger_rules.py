"""The ledger keeps itself: entries balance, figures follow the postings and holds, once.

A refusal carries the trigger's or rule's name as its constraint name, so that callers and tests can
tell which rule it was.
"""

from alembic import op

revision = "0009_ledger_rules"
down_revision = "0008_audit"

# The one way to say no; the trigger that calls it says when.
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', lower(TG_OP), TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$
"""

# An entry is complete at commit, and never gets more postings than it declared: so none is added
# to one that was booked earlier.
ENTRY_BALANCES = """
CREATE FUNCTION check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
    total numeric;
BEGIN
    SELECT count(*), sum(amount_fen) INTO found, total FROM posting WHERE entry_id = NEW.id;
    IF found <> NEW.lines OR total <> 0 THEN
        RAISE EXCEPTION 'entry % has % postings with sum %', NEW.id, found, total
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = 'entry';
    END IF;
    RETURN NULL;
END $$
"""
POSTINGS_FIT_ENTRY = """
CREATE FUNCTION check_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM entry JOIN posting ON posting.entry_id = entry.id
        WHERE entry.id IN (SELECT entry_id FROM written)
        GROUP BY entry.id HAVING count(*) > entry.lines
    ) THEN
        RAISE EXCEPTION 'more postings than the entry declared'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = 'posting';
    END IF;
    RETURN NULL;
END $$
"""

# Accounts are locked in one order, so that two bookings never wait for each other.
POSTINGS_MOVE_BALANCES = """
CREATE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM account WHERE id IN (SELECT account_id FROM written)
    ORDER BY id FOR NO KEY UPDATE;
    UPDATE account
    SET balance_fen = balance_fen + CASE normal WHEN 'debit' THEN moved.fen ELSE -moved.fen END
    FROM (SELECT account_id, sum(amount_fen)::bigint AS fen FROM written GROUP BY account_id) moved
    WHERE account.id = moved.account_id;
    RETURN NULL;
END $$
"""

PRINCIPAL_IS_SPARED = """
CREATE FUNCTION spare_principal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM written
        JOIN account ON account.id = written.account_id AND account.kind = 'owners_principal'
        JOIN entry ON entry.id = written.entry_id
        JOIN purchase ON purchase.id = entry.purchase_id AND purchase.route = 'R1'
        WHERE written.amount_fen > 0
    ) THEN
        RAISE EXCEPTION 'route R1 never debits the owners'' principal'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = 'posting';
    END IF;
    RETURN NULL;
END $$
"""

HOLDS_MOVE_HELD = """
CREATE FUNCTION move_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account
    SET held_fen = held_fen + CASE TG_OP WHEN 'INSERT' THEN NEW.amount_fen ELSE -NEW.amount_fen END
    WHERE id = NEW.account_id;
    RETURN NULL;
END $$
"""

TRIGGERS = """
CREATE CONSTRAINT TRIGGER entry_balanced AFTER INSERT ON entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry();
CREATE TRIGGER posting_fits_entry AFTER INSERT ON posting REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION check_postings();
CREATE TRIGGER posting_moves_balances AFTER INSERT ON posting REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION move_balances();
CREATE TRIGGER posting_spares_principal AFTER INSERT ON posting REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION spare_principal();

CREATE TRIGGER hold_starts_pending BEFORE INSERT ON hold
    FOR EACH ROW WHEN (NEW.state <> 'pending') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hold_settles_once BEFORE UPDATE ON hold
    FOR EACH ROW WHEN (OLD.state <> 'pending') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hold_placed AFTER INSERT ON hold
    FOR EACH ROW EXECUTE FUNCTION move_held();
CREATE TRIGGER hold_settled AFTER UPDATE ON hold
    FOR EACH ROW WHEN (OLD.state = 'pending' AND NEW.state <> 'pending')
    EXECUTE FUNCTION move_held();

CREATE TRIGGER account_starts_empty BEFORE INSERT ON account
    FOR EACH ROW WHEN (NEW.balance_fen <> 0 OR NEW.held_fen <> 0)
    EXECUTE FUNCTION refuse_change();
-- Depth 0 is a statement of a client; the triggers above arrive deeper.
CREATE TRIGGER account_figures_follow BEFORE UPDATE ON account
    FOR EACH ROW WHEN (
        pg_trigger_depth() = 0
        AND (OLD.balance_fen, OLD.held_fen) IS DISTINCT FROM (NEW.balance_fen, NEW.held_fen)
    ) EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(REFUSE_CHANGE)
    op.execute(ENTRY_BALANCES)
    op.execute(POSTINGS_FIT_ENTRY)
    op.execute(POSTINGS_MOVE_BALANCES)
    op.execute(PRINCIPAL_IS_SPARED)
    op.execute(HOLDS_MOVE_HELD)
    op.execute(TRIGGERS)
