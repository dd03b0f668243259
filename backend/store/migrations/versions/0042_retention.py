"""Personal data ends when its period is over; the words of an objection once, by the programs."""

import sqlalchemy as sa
from alembic import op

revision = "0042_retention"
down_revision = "0041_sole_managers"

ENDED = {
    "objection": "words_ended_at",
    "owner": "name_ended_at",
    "committee_member": "name_ended_at",
    "lockout": "reasons_ended_at",
}
# By the owner of the tables to another key, or by anybody when they end: once, with all that says
# whose they are and what everybody read.
WORDS = """
CREATE TRIGGER objection_words_frozen BEFORE UPDATE ON objection FOR EACH ROW WHEN (
    OLD.text_sealed IS DISTINCT FROM NEW.text_sealed AND NOT (
        by_the_owner()
        AND substring(NEW.text_sealed FROM 1 FOR 1) = '\\x02'
        AND octet_length(NEW.text_sealed) > 32
        AND substring(NEW.text_sealed FROM 1 FOR 5) <> substring(OLD.text_sealed FROM 1 FOR 5)
    ) AND NOT (
        OLD.words_ended_at IS NULL AND NEW.words_ended_at IS NOT NULL
        AND NEW.objector_sealed IS NULL AND NEW.published_text IS NULL
    )
) EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    for table, column in ENDED.items():
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.execute("DROP TRIGGER objection_words_frozen ON objection")
    op.execute(WORDS)
    # Once ended, for good.
    op.execute(
        "CREATE TRIGGER objection_ended BEFORE UPDATE ON objection FOR EACH ROW WHEN ("
        "OLD.words_ended_at IS NOT NULL AND (OLD.words_ended_at IS DISTINCT FROM NEW.words_ended_at"
        " OR NEW.objector_sealed IS NOT NULL OR NEW.published_text IS NOT NULL)"
        ") EXECUTE FUNCTION refuse_change()"
    )
