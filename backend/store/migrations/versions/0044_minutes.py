"""A committee answers to a plan by the minutes of its meeting, too."""

import sqlalchemy as sa
from alembic import op

revision = "0044_minutes"
down_revision = "0043_paper_signatures"


def upgrade() -> None:
    op.add_column("approval", sa.Column("minutes_sha256", sa.Text(), nullable=True))
    op.add_column("approval", sa.Column("counts_from", sa.Date(), nullable=True))
    op.create_foreign_key(
        op.f("fk_approval_minutes_sha256"), "approval", "file", ["minutes_sha256"], ["sha256"]
    )
    op.create_index("ix_approval_minutes_sha256", "approval", ["minutes_sha256"])
