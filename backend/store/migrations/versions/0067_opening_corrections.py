"""A wrong opening balance is corrected: entered by one officer, confirmed by another."""

import sqlalchemy as sa
from alembic import op

revision = "0067_opening_corrections"
down_revision = "0066_banks"


def upgrade() -> None:
    op.create_table(
        "opening_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
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
            name=op.f("ck_opening_correction_decided"),
        ),
        sa.CheckConstraint(
            "NOT confirmed OR (decided_by <> entered_by"
            " AND decided_by IS DISTINCT FROM in_stead_of)",
            name=op.f("ck_opening_correction_another_officer"),
        ),
        sa.CheckConstraint(
            "(entry_id IS NOT NULL) = (confirmed IS NOT NULL AND confirmed)",
            name=op.f("ck_opening_correction_booked"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"fk_opening_correction_{column}")
            )
            for column, target in (
                ("opening_id", "entry.id"),
                ("entry_id", "entry.id"),
                ("file_sha256", "file.sha256"),
                ("entered_by", "person.id"),
                ("in_stead_of", "person.id"),
                ("decided_by", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_correction")),
    )
    op.create_index("ix_opening_correction_opening_id", "opening_correction", ["opening_id"])
    op.create_index("ix_opening_correction_file_sha256", "opening_correction", ["file_sha256"])
    op.create_index(
        "uq_opening_correction_waiting",
        "opening_correction",
        ["opening_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "opening_figure",
        sa.Column("correction_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("former_fen", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fen >= 0 AND fen <> former_fen", name=op.f("ck_opening_figure_fen")),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["opening_correction.id"],
            name=op.f("fk_opening_figure_correction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_opening_figure_account_id")
        ),
        sa.PrimaryKeyConstraint("correction_id", "account_id", name=op.f("pk_opening_figure")),
    )
