"""Accounts of the ledger and the households' sub-ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0003_accounts"
down_revision = "0002_registry"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("normal", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("insurer_id", sa.Uuid(), nullable=True),
        sa.Column("balance_fen", sa.BigInteger(), nullable=False),
        sa.Column("held_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind = 'bank' OR balance_fen - held_fen >= 0", name=op.f("ck_account_available")
        ),
        sa.CheckConstraint(
            "kind IN ('bank', 'owners_principal', 'statutory_interest_payable', 'pooled_income', "
            "'held_premium', 'insurer_payable', 'special_account', 'refund_suspense')",
            name=op.f("ck_account_kind"),
        ),
        sa.CheckConstraint("normal IN ('debit', 'credit')", name=op.f("ck_account_normal")),
        sa.CheckConstraint("held_fen >= 0", name=op.f("ck_account_held")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_account_building_id")
        ),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurer.id"], name=op.f("fk_account_insurer_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_account_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("number", name=op.f("uq_account_number")),
    )

    op.create_table(
        "household_balance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("principal_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_balance_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_balance")),
        sa.UniqueConstraint(
            "household_id", "as_of", name=op.f("uq_household_balance_household_id_as_of")
        ),
    )
