"""An invoice says to whom it is made out."""

import sqlalchemy as sa
from alembic import op

revision = "0053_invoice_buyer"
down_revision = "0052_driving_indexes"


def upgrade() -> None:
    op.add_column("invoice", sa.Column("buyer", sa.Text(), nullable=True))
