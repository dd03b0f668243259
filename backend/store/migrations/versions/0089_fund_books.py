"""The fund's own books come as files, whole batches of lines, and get files back."""

import sqlalchemy as sa
from alembic import op

revision = "0089_fund_books"
down_revision = "0088_bank_transfers"

TABLES = ("fund_batch", "fund_line", "fund_sent")
KEEP = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "fund_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("in_fen", sa.BigInteger(), nullable=False),
        sa.Column("out_fen", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('balances', 'movements')", name=op.f("ck_fund_batch_kind")),
        sa.CheckConstraint(
            "count > 0 AND in_fen >= 0 AND out_fen >= 0", name=op.f("ck_fund_batch_sums")
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["account.id"], name=op.f("fk_fund_batch_bank_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_batch")),
        sa.UniqueConstraint("bank_id", "number", name=op.f("uq_fund_batch_bank_id_number")),
    )
    op.create_table(
        "fund_line",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("balance_fen", sa.BigInteger()),
        sa.CheckConstraint(
            "kind IN ('balance', 'paid_in', 'paid_out')", name=op.f("ck_fund_line_kind")
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_fund_line_amount")),
        sa.CheckConstraint(
            "(reference IS NULL) = (kind = 'balance')", name=op.f("ck_fund_line_reference")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["fund_batch.id"], name=op.f("fk_fund_line_batch_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", "line", name=op.f("pk_fund_line")),
    )
    op.create_index(
        "uq_fund_line_reference",
        "fund_line",
        ["bank_id", "reference"],
        unique=True,
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_index("ix_fund_line_booked_on", "fund_line", ["batch_id", "booked_on", "kind"])
    op.create_table(
        "fund_sent",
        sa.Column("close_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["close_id"], ["year_close.id"], name=op.f("fk_fund_sent_close_id")
        ),
        sa.PrimaryKeyConstraint("close_id", name=op.f("pk_fund_sent")),
    )
    for table in TABLES:
        op.execute(KEEP.format(table=table))
