"""Messages that wait are sent in turns: the first of each party, then the second of each.

A party is an estate, or whatever else a message is about, or who it is for where it is about
nothing. The turn is given by the database when a message is written, whoever writes it, as the
place after those of its party that wait; whoever is tried has had it. What waits from before has
none, and goes by its time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0072_turns"
down_revision = "0071_pools_shared"

GIVEN = """
CREATE FUNCTION give_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.party := coalesce(
        (SELECT estate_id FROM purchase WHERE id = NEW.subject_id), NEW.subject_id, NEW.person_id
    );
    NEW.turn := 1 + coalesce(
        (SELECT max(turn) FROM outbox
         WHERE party = NEW.party AND state = 'created' AND turn IS NOT NULL),
        0
    );
    RETURN NEW;
END $$
"""
AGAIN = sa.text("state = 'sending' OR (state = 'created' AND turn IS NULL)")
WAITS = sa.text("state = 'created' AND turn IS NOT NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("party", sa.Uuid(), nullable=True))
    op.add_column("outbox", sa.Column("turn", sa.BigInteger(), nullable=True))
    # locks: writers of messages wait while indexes of those that wait, few of them, are made
    op.create_index("ix_outbox_turns", "outbox", ["turn", "id"], postgresql_where=WAITS)
    op.create_index("ix_outbox_again", "outbox", ["try_at", "id"], postgresql_where=AGAIN)
    op.create_index("ix_outbox_party", "outbox", ["party", "turn"], postgresql_where=WAITS)
    op.execute(GIVEN)
    op.execute("ALTER FUNCTION give_turn() SET search_path = public, pg_temp")
    op.execute("REVOKE EXECUTE ON FUNCTION give_turn() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER outbox_turn BEFORE INSERT ON outbox FOR EACH ROW "
        "WHEN (NEW.state = 'created') EXECUTE FUNCTION give_turn()"
    )
