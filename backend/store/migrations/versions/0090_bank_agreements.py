"""What was agreed with banks for deposits, and what others had offered."""

import sqlalchemy as sa
from alembic import op

revision = "0090_bank_agreements"
down_revision = "0089_fund_books"

GUARDS = """
CREATE TRIGGER bank_agreement_frozen
    BEFORE UPDATE ON bank_agreement FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
        OR (OLD.bank_id, OLD.number, OLD.kind, OLD.from_on, OLD.until_on, OLD.note, OLD.file_sha256)
        IS DISTINCT FROM
        (NEW.bank_id, NEW.number, NEW.kind, NEW.from_on, NEW.until_on, NEW.note, NEW.file_sha256))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_agreement_kept BEFORE DELETE OR TRUNCATE ON bank_agreement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_offer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_offer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "bank_agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid()),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_because", sa.Text()),
        sa.CheckConstraint(
            "kind IN ('best_offer', 'portfolio')", name=op.f("ck_bank_agreement_kind")
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_bank_agreement_days")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name=op.f("ck_bank_agreement_taken_back"),
        ),
        *_keys(
            "bank_agreement",
            bank_id="account.id",
            file_sha256="file.sha256",
            entered_by="person.id",
            withdrawn_by="person.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_agreement")),
    )
    op.create_index("ix_bank_agreement_file_sha256", "bank_agreement", ["file_sha256"])
    op.create_index(
        "uq_bank_agreement_number",
        "bank_agreement",
        ["bank_id", "number"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "bank_offer",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(9, 8), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("rate > 0 AND rate < 1", name=op.f("ck_bank_offer_rate")),
        sa.CheckConstraint("months >= 0", name=op.f("ck_bank_offer_months")),
        *_keys("bank_offer", agreement_id="bank_agreement.id"),
        sa.PrimaryKeyConstraint("agreement_id", "place", name=op.f("pk_bank_offer")),
    )
    op.create_index(
        "uq_bank_offer_agreed",
        "bank_offer",
        ["agreement_id", "months"],
        unique=True,
        postgresql_where=sa.text("agreed"),
    )
    op.execute(GUARDS)


def _keys(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]
