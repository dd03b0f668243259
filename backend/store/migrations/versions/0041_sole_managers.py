"""An estate may be managed by one owner alone, without a property company."""

import sqlalchemy as sa
from alembic import op

revision = "0041_sole_managers"
down_revision = "0040_indexes"


def upgrade() -> None:
    op.add_column("estate", sa.Column("sole_manager", sa.Text(), nullable=True))
