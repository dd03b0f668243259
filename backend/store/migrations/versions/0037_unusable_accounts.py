"""A payment that came back says whether the account can be paid at all."""

import sqlalchemy as sa
from alembic import op

revision = "0037_unusable_accounts"
down_revision = "0036_takedowns"


def upgrade() -> None:
    op.add_column(
        "payment",
        sa.Column("account_unusable", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
