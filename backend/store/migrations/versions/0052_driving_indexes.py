"""Lists are driven by what is most urgent, and the accounts of no place are found by index."""

import sqlalchemy as sa
from alembic import op

revision = "0052_driving_indexes"
down_revision = "0051_payee_changes"


def upgrade() -> None:
    # locks: writers of limits and accounts wait until both are made
    op.create_index(
        "ix_deadline_urgent",
        "deadline",
        ["kind", "ends_before"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_account_citys",
        "account",
        ["kind"],
        postgresql_where=sa.text("building_id IS NULL AND unit_id IS NULL"),
    )
