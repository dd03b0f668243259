"""Officers sign in to the desk on a PC with their phone."""

import sqlalchemy as sa
from alembic import op

revision = "0049_desk_sign_in"
down_revision = "0048_answer_deliveries"

OUTCOMES = "outcome IN ('confirmed', 'wrong_number', 'not_entitled')"


def upgrade() -> None:
    op.add_column(
        "login_session", sa.Column("at_desk", sa.Boolean(), nullable=False, server_default="false")
    )
    op.create_table(
        "desk_sign_in",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_desk_sign_in_outcome")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_desk_sign_in_person_id")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_desk_sign_in")),
    )
    for column in ("answered_at", "person_id"):
        op.create_index(f"ix_desk_sign_in_{column}", "desk_sign_in", [column])
