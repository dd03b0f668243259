"""Who left today waits with leaving again: whoever comes back is new to every limit."""

import sqlalchemy as sa
from alembic import op

revision = "0057_departures"
down_revision = "0056_successions_by_two"


def upgrade() -> None:
    op.create_table(
        "departure",
        sa.Column("openid_hash", sa.LargeBinary(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("openid_hash", name=op.f("pk_departure")),
    )
