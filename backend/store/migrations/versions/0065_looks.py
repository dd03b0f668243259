"""Who looked at what is sealed is found without reading the whole chain."""

import sqlalchemy as sa
from alembic import op

revision = "0065_looks"
down_revision = "0064_searches"

LOOKS = """
action IN ('owner_verification.unmask', 'purchase.read_objections', 'objection.unmask',
'file.read_objection_paper')
"""


def upgrade() -> None:
    # locks: whoever writes into the chain waits until it is made
    op.create_index(
        "ix_audit_entry_looks",
        "audit_entry",
        [sa.text("at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text(LOOKS),
    )
