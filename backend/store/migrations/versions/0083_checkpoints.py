"""Where the audit chain stood on a day is signed, and stays as it was signed."""

import sqlalchemy as sa
from alembic import op

revision = "0083_checkpoints"
down_revision = "0082_interest_undone"

TABLE = "audit_checkpoint"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "seq > 0 AND length(hash) = 32 AND length(key) = 32 AND length(signature) = 64",
            name=op.f(f"ck_{TABLE}_signed"),
        ),
        # A row that somebody wrote ahead of its day keeps nobody from signing that day.
        sa.PrimaryKeyConstraint("day", "signature", name=op.f(f"pk_{TABLE}")),
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
