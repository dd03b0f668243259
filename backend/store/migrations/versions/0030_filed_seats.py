"""Which seats came with the committee's own filing: those alone are bound by a phone number."""

import sqlalchemy as sa
from alembic import op

revision = "0030_filed_seats"
down_revision = "0029_things_change"


def upgrade() -> None:
    op.add_column(
        "committee_member",
        sa.Column("filed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
