"""Every file that somebody sends is counted before it is read, whatever comes of it."""

import sqlalchemy as sa
from alembic import op

revision = "0023_upload_tries"
down_revision = "0022_namesakes"


def upgrade() -> None:
    op.create_table(
        "upload_try",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_upload_try_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_try")),
    )
    op.create_index(op.f("ix_upload_try_person_id"), "upload_try", ["person_id"])
