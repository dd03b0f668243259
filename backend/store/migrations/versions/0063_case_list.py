"""The list of cases goes along an index in each of its orders."""

import sqlalchemy as sa
from alembic import op

revision = "0063_case_list"
down_revision = "0062_desk_drafts"


def upgrade() -> None:
    # locks: writers of limits and cases wait until all three are made
    op.create_index(
        "ix_deadline_ends",
        "deadline",
        ["ends_before", "purchase_id"],
        postgresql_where=sa.text("state = 'open'"),
    )
    latest = sa.text("updated_at DESC")
    op.create_index("ix_purchase_changed", "purchase", [latest, "id"])
    op.drop_index("ix_purchase_state", table_name="purchase")
    op.create_index("ix_purchase_state", "purchase", ["state", latest, "id"])
