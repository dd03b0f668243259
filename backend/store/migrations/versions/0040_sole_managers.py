"""An estate may be managed by one owner alone, without a property company."""

import sqlalchemy as sa
from alembic import op

revision = "0040_sole_managers"
down_revision = "0039_limits_stand_still"


def upgrade() -> None:
    op.add_column("estate", sa.Column("sole_manager", sa.Text(), nullable=True))
