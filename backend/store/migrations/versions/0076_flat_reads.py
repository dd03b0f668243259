"""Reads of the desk that grew with the city go along an index.

Estates and companies are found by the letters of their names, in whatever order a name has them; a
pattern then looks at those alone. Fewer letters than three, as most people type, make no trigram.

Where nobody has counted the messages that wait, every index of them looks empty, and the planner
takes any. So there is one for each question, whose condition answers no other: a message has a turn
and a party for as long as it waits for its turn, and no longer.
"""

import sqlalchemy as sa
from alembic import op

revision = "0076_flat_reads"
down_revision = "0075_workbooks_at_work"

# A list that waits to be merged would be read by everybody who looks for a name.
AT_ONCE = {"fastupdate": "off"}
# As in 0072, but for the party alone: its index is the only way.
GIVEN = """
CREATE OR REPLACE FUNCTION give_turn() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.party := coalesce(
        (SELECT estate_id FROM purchase WHERE id = NEW.subject_id), NEW.subject_id, NEW.person_id
    );
    NEW.turn := 1 + coalesce(
        (SELECT turn FROM outbox WHERE party = NEW.party ORDER BY turn DESC NULLS LAST LIMIT 1), 0
    );
    RETURN NEW;
END $$
"""
TAKEN = """
CREATE FUNCTION take_turn() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.party := NULL;
    NEW.turn := NULL;
    RETURN NEW;
END $$
"""
WAIT_NO_MORE = """
UPDATE outbox SET party = NULL, turn = NULL
WHERE party IS NOT NULL AND (state <> 'created' OR turn IS NULL)
"""


def upgrade() -> None:
    _reads()
    _turns()


def _turns() -> None:
    op.execute(WAIT_NO_MORE)
    for index in ("ix_outbox_turns", "ix_outbox_party", "ix_outbox_unsent"):
        op.drop_index(index, table_name="outbox")
    # locks: writers of messages wait while indexes of those that wait, few of them, are made
    op.create_index(
        "ix_outbox_next", "outbox", ["turn", "id"], postgresql_where=sa.text("turn IS NOT NULL")
    )
    op.create_index(
        "ix_outbox_party",
        "outbox",
        ["party", sa.text("turn DESC NULLS LAST")],
        postgresql_where=sa.text("party IS NOT NULL"),
    )
    op.execute(GIVEN)
    op.execute(TAKEN)
    op.execute("REVOKE EXECUTE ON FUNCTION take_turn() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER outbox_turn_taken BEFORE UPDATE ON outbox FOR EACH ROW "
        "WHEN (OLD.party IS NOT NULL AND (NEW.state <> 'created' OR NEW.turn IS NULL)) "
        "EXECUTE FUNCTION take_turn()"
    )


def _reads() -> None:
    # locks: writers of estates and companies wait until all three are made
    op.create_index("ix_estate_name", "estate", ["name", "id"])
    op.create_index(
        "ix_estate_letters",
        "estate",
        [sa.text("string_to_array(lower((name || code) || address), NULL)")],
        postgresql_using="gin",
        postgresql_with=AT_ONCE,
    )
    op.create_index(
        "ix_property_company_letters",
        "property_company",
        [sa.text("string_to_array(lower(name), NULL)")],
        postgresql_using="gin",
        postgresql_with=AT_ONCE,
    )
    # locks: whoever signs in waits until both are made; a week's sessions are kept
    op.create_index("ix_login_session_newest", "login_session", ["person_id", "created_at"])
    op.create_index(
        "ix_login_session_desk",
        "login_session",
        ["person_id", "created_at"],
        postgresql_where=sa.text("at_desk"),
    )
    op.drop_index("ix_login_session_person_id", table_name="login_session")
    # locks: whoever books waits until it is made; a city has few openings
    op.create_index(
        "ix_entry_opening", "entry", ["id"], postgresql_where=sa.text("kind = 'opening'")
    )
    op.create_index("ix_print_order_estate", "print_order", ["estate_id", "id"])
    # locks: whoever orders or confirms a payment waits until both are made
    for state, column in (("ordered", "bank_id"), ("confirmed", "settled_at")):
        op.create_index(
            f"ix_payment_{state}",
            "payment",
            [column],
            postgresql_where=sa.text(f"state = '{state}'"),
        )
