"""A session at the desk says where it is, and when it was used last, for whoever it belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0061_where_one_signed_in"
down_revision = "0060_second_factors"


def upgrade() -> None:
    op.add_column("login_session", sa.Column("place", sa.Text()))
    op.add_column("login_session", sa.Column("used_at", sa.DateTime(timezone=True)))
