"""A channel's fault closes the channel, and what is urgent leaves first.

`channel_state` has a row for each channel that was ever closed. Programs of the version before know
neither: they write messages of middling urgency, and take them by their old indexes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0085_outages"
down_revision = "0084_households"

TABLE = "channel_state"
AGAIN = sa.text("state = 'sending' OR (state = 'created' AND turn IS NULL)")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("errcode", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(since IS NULL) = (probe_at IS NULL) AND (since IS NULL) = (reason IS NULL)",
            name=op.f(f"ck_{TABLE}_closed"),
        ),
        sa.PrimaryKeyConstraint("channel", name=op.f(f"pk_{TABLE}")),
    )
    op.add_column(
        "outbox", sa.Column("urgency", sa.BigInteger(), nullable=False, server_default="2")
    )
    op.drop_index("ix_outbox_next", table_name="outbox")
    # locks: writers of messages wait while indexes of those that wait, few of them, are made
    op.create_index(
        "ix_outbox_next",
        "outbox",
        ["urgency", "turn", "id", "channel"],
        postgresql_where=sa.text("turn IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_again_by_urgency",
        "outbox",
        ["urgency", "try_at", "id", "channel"],
        postgresql_where=AGAIN,
    )
    op.create_index(
        "ix_outbox_unanswered",
        "outbox",
        ["settled_at"],
        postgresql_where=sa.text("state = 'unknown' AND outcome = 'no_answer'"),
    )
