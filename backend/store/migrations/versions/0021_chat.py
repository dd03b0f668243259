"""When a callback is tried again; the reason that a member has given in chat and not yet confirmed.

Callbacks that wait are due at once. The column has a default for the programs of the version
before, which do not know it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021_chat"
down_revision = "0020_wakes_at"


def upgrade() -> None:
    op.add_column(
        "inbox",
        sa.Column(
            "try_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
        ),
    )
    op.add_column("chat_turn", sa.Column("reason_sealed", sa.LargeBinary()))
