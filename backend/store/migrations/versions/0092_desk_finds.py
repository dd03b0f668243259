"""What the desk lists of the house is found without reading the rest: that a clerk looked up whose
phone a number is, as other looks are; the objections about which the centre has something to do."""

import sqlalchemy as sa
from alembic import op

revision = "0092_desk_finds"
down_revision = "0091_paper_entries"

LOOKS = """
action IN ('owner_verification.unmask', 'purchase.read_objections', 'objection.unmask',
'file.read_objection_paper', 'household.read_account', 'phone.look_up')
"""

OPEN = """
status IN ('received', 'verified') OR letter_due_since IS NOT NULL
OR status = 'late' AND answer IS NULL
"""


def upgrade() -> None:
    # locks: whoever writes into the chain waits until it is made
    op.drop_index("ix_audit_entry_looks", "audit_entry")
    op.create_index(
        "ix_audit_entry_looks",
        "audit_entry",
        [sa.text("at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text(LOOKS),
    )
    op.create_index(
        "ix_objection_open", "objection", ["received_at", "id"], postgresql_where=sa.text(OPEN)
    )
