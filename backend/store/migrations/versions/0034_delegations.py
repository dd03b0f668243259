"""A right may be held in somebody's stead, for a time."""

import sqlalchemy as sa
from alembic import op

revision = "0034_delegations"
down_revision = "0033_former_owners"

# locks: access_grant holds some hundred rows


def upgrade() -> None:
    op.add_column("access_grant", sa.Column("stands_in_for", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_access_grant_stands_in_for"), "access_grant", "person", ["stands_in_for"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_access_grant_delegation"),
        "access_grant",
        "stands_in_for IS NULL OR valid_until IS NOT NULL",
    )
