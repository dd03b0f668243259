"""A person can be kept out: by whom, why, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0024_lockouts"
down_revision = "0023_upload_tries"


def upgrade() -> None:
    op.create_table(
        "lockout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("locked_by", sa.Uuid(), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lift_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lift_reason_sealed IS NULL)",
            name=op.f("ck_lockout_lifted"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lockout_person_id")),
        sa.ForeignKeyConstraint(["locked_by"], ["person.id"], name=op.f("fk_lockout_locked_by")),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_lockout_lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lockout")),
    )
    op.create_index(
        "uq_lockout_open",
        "lockout",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
