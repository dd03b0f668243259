"""What was typed at the desk after a session ended is kept for its author, for a day."""

import sqlalchemy as sa
from alembic import op

revision = "0062_desk_drafts"
down_revision = "0061_where_one_signed_in"


def upgrade() -> None:
    op.create_table(
        "desk_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_desk_draft_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_draft")),
        sa.UniqueConstraint("person_id", "address", name=op.f("uq_desk_draft_person_id_address")),
    )
    op.create_index("ix_desk_draft_kept_at", "desk_draft", ["kept_at"])
