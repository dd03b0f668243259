"""A sweep knows how far it has looked, and looks at what changed since."""

import sqlalchemy as sa
from alembic import op

revision = "0054_last_looks"
down_revision = "0053_invoice_buyer"


def upgrade() -> None:
    op.create_table(
        "last_look",
        sa.Column("sweep", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sweep", name=op.f("pk_last_look")),
    )
