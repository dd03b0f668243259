"""Independent owners pay years in beforehand, on special accounts (JS annex 二（三）)."""

import sqlalchemy as sa
from alembic import op

revision = "0096_special_accounts"
down_revision = "0095_votes"

GUARDS = """
CREATE TRIGGER special_deposit_frozen
    BEFORE UPDATE ON special_deposit FOR EACH ROW
    WHEN (OLD.undone_at IS NOT NULL
        OR (OLD.purchase_id, OLD.account_id, OLD.bank_id, OLD.amount_fen, OLD.received_on,
            OLD.bank_reference, OLD.entry_id, OLD.file_sha256, OLD.entered_by, OLD.entered_at)
        IS DISTINCT FROM
        (NEW.purchase_id, NEW.account_id, NEW.bank_id, NEW.amount_fen, NEW.received_on,
            NEW.bank_reference, NEW.entry_id, NEW.file_sha256, NEW.entered_by, NEW.entered_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER special_deposit_kept BEFORE DELETE OR TRUNCATE ON special_deposit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    _widen(
        "purchase",
        "applicant",
        "applicant IN ('owners', 'committee', 'property_company', 'independent_owner')",
    )
    _widen("refund", "kind", "kind IN ('give_back', 'cancel', 'close_account')")
    op.create_table(
        "special_deposit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid()),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_special_deposit_amount")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_special_deposit_undone")
        ),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_special_deposit_{column}"))
            for column, target in (
                ("purchase_id", "purchase.id"),
                ("account_id", "account.id"),
                ("bank_id", "account.id"),
                ("entry_id", "entry.id"),
                ("file_sha256", "file.sha256"),
                ("entered_by", "person.id"),
                ("undone_by", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_deposit")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_special_deposit_entry_id")),
    )
    for column in ("purchase_id", "account_id", "file_sha256"):
        op.create_index(f"ix_special_deposit_{column}", "special_deposit", [column])
    for name, columns in (
        ("reference", ["bank_id", "bank_reference"]),
        ("counts", ["purchase_id"]),
    ):
        op.create_index(
            f"uq_special_deposit_{name}",
            "special_deposit",
            columns,
            unique=True,
            postgresql_where=sa.text("undone_at IS NULL"),
        )
    op.execute(GUARDS)


def _widen(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
