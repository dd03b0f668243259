"""A dismissal and a takedown say in whose stead they were made (代办)."""

import sqlalchemy as sa
from alembic import op

revision = "0045_rulings_in_stead"
down_revision = "0044_minutes"

# locks: dismissal and takedown hold some hundred rows


def upgrade() -> None:
    for table in ("dismissal", "takedown"):
        op.add_column(table, sa.Column("in_stead_of", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_in_stead_of"), table, "person", ["in_stead_of"], ["id"]
        )
