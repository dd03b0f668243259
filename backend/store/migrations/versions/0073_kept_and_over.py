"""What is over is found by when it was, and a year of an account by its day: today's work touches
nothing of the past, however long the books are.

`posting.booked_on` repeats the day of its entry, and `account_year` is what an account moved in a
year; both are kept by guards, so that programs of the version before write them too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0073_kept_and_over"
down_revision = "0072_turns"

# locks: built once, over tables that are small in every city of today; nothing is rewritten
OVER = (
    ("ix_inbox_settled", "inbox", "received_at", "state <> 'new'"),
    ("ix_unreadable_callback_received_at", "unreadable_callback", "received_at", None),
    ("ix_outbox_settled", "outbox", "written_at", "state NOT IN ('created', 'sending')"),
    ("ix_objection_words", "objection", "received_at", "words_ended_at IS NULL"),
    ("ix_owner_gone", "owner", "ended_at", "ended_at IS NOT NULL AND name_ended_at IS NULL"),
    ("ix_upload_uploaded_at", "upload", "uploaded_at", None),
)

DAY_OF_ENTRY = """
CREATE FUNCTION set_day_of_posting() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.booked_on := (SELECT booked_on FROM entry WHERE id = NEW.entry_id);
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION set_day_of_posting() FROM PUBLIC;
CREATE TRIGGER posting_has_the_day BEFORE INSERT ON posting
    FOR EACH ROW EXECUTE FUNCTION set_day_of_posting()
"""
# rewrites: each posting gets the day of its entry, once
# locks: the ledger of every city of today is small; bookings wait while its postings get their day
DAYS_OF_BEFORE = """
ALTER TABLE posting DISABLE TRIGGER posting_append_only;
UPDATE posting SET booked_on = entry.booked_on FROM entry WHERE entry.id = posting.entry_id;
ALTER TABLE posting ENABLE TRIGGER posting_append_only;
ALTER TABLE posting ALTER COLUMN booked_on SET NOT NULL
"""
# As `move_balances` was, and the year beside the balance: accounts are locked in one order first.
MOVE_BALANCES = """
CREATE OR REPLACE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM account WHERE id IN (SELECT account_id FROM written)
    ORDER BY id FOR NO KEY UPDATE;
    UPDATE account
    SET balance_fen = balance_fen + CASE normal WHEN 'debit' THEN moved.fen ELSE -moved.fen END
    FROM (SELECT account_id, sum(amount_fen)::bigint AS fen FROM written GROUP BY account_id) moved
    WHERE account.id = moved.account_id;
    INSERT INTO account_year (account_id, year, moved_fen)
    SELECT account_id, extract(year FROM booked_on)::bigint, sum(amount_fen)::bigint
    FROM written GROUP BY 1, 2
    ON CONFLICT (account_id, year)
    DO UPDATE SET moved_fen = account_year.moved_fen + excluded.moved_fen;
    RETURN NULL;
END $$
"""
YEARS_OF_BEFORE = """
INSERT INTO account_year (account_id, year, moved_fen)
SELECT account_id, extract(year FROM booked_on)::bigint, sum(amount_fen)::bigint
FROM posting GROUP BY 1, 2
"""
YEARS_FOLLOW = """
CREATE TRIGGER account_year_follows BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON account_year
    FOR EACH STATEMENT WHEN (NOT in_a_guard()) EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    for name, table, column, where in OVER:
        op.create_index(name, table, [column], postgresql_where=sa.text(where) if where else None)
    op.add_column("posting", sa.Column("booked_on", sa.Date(), nullable=True))
    op.execute(DAY_OF_ENTRY)
    op.execute(DAYS_OF_BEFORE)
    op.create_index("ix_posting_account_day", "posting", ["account_id", "booked_on"])
    op.drop_index("ix_posting_account_id", "posting")
    op.create_table(
        "account_year",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("moved_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_year_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "year", name=op.f("pk_account_year")),
    )
    op.execute(YEARS_OF_BEFORE)
    op.execute(MOVE_BALANCES)
    op.execute(YEARS_FOLLOW)
