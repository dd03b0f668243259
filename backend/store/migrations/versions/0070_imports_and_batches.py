"""Workbooks are handed in at the desk and written by a second word; payments go to the bank in
batches, and its answers are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0070_imports_and_batches"
down_revision = "0069_sections_of_the_desk"


def upgrade() -> None:
    _imports()
    _batches()
    _answers()


def _imports() -> None:
    op.create_table(
        "workbook_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("mandate_paper", sa.Text(), nullable=False),
        sa.Column("problems", sa.BigInteger(), nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary()),
        sa.Column("found_sealed", sa.LargeBinary()),
        sa.Column("handed_in_by", sa.Uuid(), nullable=False),
        sa.Column("in_stead_of", sa.Uuid()),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Uuid()),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "kind IN ('registry', 'balances')", name=op.f("ck_workbook_import_kind")
        ),
        sa.CheckConstraint(
            "state IN ('checked', 'written')", name=op.f("ck_workbook_import_state")
        ),
        sa.CheckConstraint(
            "(state = 'written') = (applied_at IS NOT NULL)",
            name=op.f("ck_workbook_import_written_at"),
        ),
        sa.CheckConstraint(
            "(applied_at IS NULL) = (applied_by IS NULL)",
            name=op.f("ck_workbook_import_applied_by"),
        ),
        sa.CheckConstraint(
            "state <> 'written' OR problems = 0", name=op.f("ck_workbook_import_no_problems")
        ),
        sa.CheckConstraint(
            "kind <> 'balances' OR (applied_by IS DISTINCT FROM handed_in_by"
            " AND (applied_by IS NULL OR applied_by IS DISTINCT FROM in_stead_of))",
            name=op.f("ck_workbook_import_another_officer"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["person.id"], name=op.f(f"fk_workbook_import_{column}")
            )
            for column in ("handed_in_by", "in_stead_of", "applied_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workbook_import")),
    )
    op.create_index("ix_workbook_import_handed_in_by", "workbook_import", ["handed_in_by"])
    op.create_index("ix_workbook_import_handed_in_at", "workbook_import", ["handed_in_at"])
    op.create_index(
        "uq_workbook_import_waiting",
        "workbook_import",
        ["kind", "sha256", "filed", "mandate_paper", "handed_in_by"],
        unique=True,
        postgresql_where=sa.text("state = 'checked' AND content_sealed IS NOT NULL"),
    )


def _batches() -> None:
    op.create_table(
        "payment_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("left_out", JSONB(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid()),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (submitted_by IS NULL)",
            name=op.f("ck_payment_batch_submitted"),
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["account.id"], name=op.f("fk_payment_batch_bank_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_payment_batch_made_by")),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["person.id"], name=op.f("fk_payment_batch_submitted_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_batch_number")),
    )
    op.create_index("ix_payment_batch_bank_id", "payment_batch", ["bank_id"])
    op.create_index("ix_payment_batch_made_at", "payment_batch", ["made_at"])
    op.add_column("payment", sa.Column("batch_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_payment_batch_id"), "payment", "payment_batch", ["batch_id"], ["id"]
    )
    op.create_index("ix_payment_batch_id", "payment", ["batch_id"])


def _answers() -> None:
    texts = ("digest", "file_name", "reference", "payee", "purpose", "outcome", "reason")
    op.create_table(
        "bank_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger()),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payment_batch.id"], name=op.f("fk_bank_answer_batch_id")
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("fk_bank_answer_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_answer")),
        sa.UniqueConstraint("batch_id", "digest", name=op.f("uq_bank_answer_batch_id_digest")),
    )
