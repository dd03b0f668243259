"""A checkpoint that somebody wrote ahead of its day keeps nobody from signing that day."""

from alembic import op

revision = "0084_more_checkpoints_a_day"
down_revision = "0083_checkpoints"

TABLE = "audit_checkpoint"


def upgrade() -> None:
    key = op.f(f"pk_{TABLE}")
    op.drop_constraint(key, TABLE, type_="primary")
    op.create_primary_key(key, TABLE, ["day", "signature"])
