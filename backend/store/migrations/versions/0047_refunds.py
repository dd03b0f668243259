"""Money that an insurer pays back is entered by one officer and confirmed by another."""

import sqlalchemy as sa
from alembic import op

revision = "0047_refunds"
down_revision = "0046_successions"


def upgrade() -> None:
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("receipt_sha256", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("in_stead_of", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_because", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('give_back', 'cancel')", name=op.f("ck_refund_kind")),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'refused', 'ended')", name=op.f("ck_refund_outcome")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_refund_amount")),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL)", name=op.f("ck_refund_settled")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR (outcome = 'ended') = (settled_by IS NULL)",
            name=op.f("ck_refund_settled_by"),
        ),
        sa.CheckConstraint(
            "(refused_because IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'refused')",
            name=op.f("ck_refund_refused"),
        ),
        sa.CheckConstraint(
            "outcome <> 'confirmed' OR (settled_by <> proposed_by"
            " AND settled_by IS DISTINCT FROM in_stead_of)",
            name=op.f("ck_refund_another_officer"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_refund_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_sha256"], ["file.sha256"], name=op.f("fk_refund_receipt_sha256")
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_refund_proposed_by")),
        sa.ForeignKeyConstraint(["in_stead_of"], ["person.id"], name=op.f("fk_refund_in_stead_of")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_refund_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
    )
    op.create_index("ix_refund_purchase_id", "refund", ["purchase_id"])
    op.create_index("ix_refund_receipt_sha256", "refund", ["receipt_sha256"])
    op.create_index(
        "uq_refund_waiting",
        "refund",
        ["purchase_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )
