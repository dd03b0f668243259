"""Another account of an insurer is entered by one officer and confirmed by another."""

import sqlalchemy as sa
from alembic import op

revision = "0051_payee_changes"
down_revision = "0050_words_end_in_time"


def upgrade() -> None:
    op.create_table(
        "payee_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("former_bank", sa.Text(), nullable=False),
        sa.Column("former_account", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("bank_account", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("in_stead_of", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("turned_down_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)"
            " AND (decided_at IS NULL) = (confirmed IS NULL)"
            " AND (turned_down_because IS NOT NULL) = (confirmed IS NOT NULL AND NOT confirmed)",
            name=op.f("ck_payee_change_decided"),
        ),
        sa.CheckConstraint(
            "NOT confirmed OR (decided_by <> entered_by"
            " AND decided_by IS DISTINCT FROM in_stead_of)",
            name=op.f("ck_payee_change_another_officer"),
        ),
        sa.ForeignKeyConstraint(
            ["insurer_id"], ["insurer.id"], name=op.f("fk_payee_change_insurer_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["file.sha256"], name=op.f("fk_payee_change_file_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_payee_change_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["in_stead_of"], ["person.id"], name=op.f("fk_payee_change_in_stead_of")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_payee_change_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_change")),
    )
    op.create_index("ix_payee_change_insurer_id", "payee_change", ["insurer_id"])
    op.create_index("ix_payee_change_file_sha256", "payee_change", ["file_sha256"])
    op.create_index(
        "uq_payee_change_waiting",
        "payee_change",
        ["insurer_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
