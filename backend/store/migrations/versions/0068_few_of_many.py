"""Grants that end by themselves, and cases on paper: an index over the few among many."""

import sqlalchemy as sa
from alembic import op

revision = "0068_few_of_many"
down_revision = "0067_opening_corrections"


def upgrade() -> None:
    op.create_index(
        "ix_access_grant_ending",
        "access_grant",
        ["valid_until"],
        postgresql_where=sa.text("valid_until IS NOT NULL"),
    )
    op.create_index(
        "ix_purchase_on_paper", "purchase", ["id"], postgresql_where=sa.text("on_paper")
    )
