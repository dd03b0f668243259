"""Where an account's money lies, which bank an order is paid from, and no bank below nothing.

Until here every premium was paid from the bank that was imported first: orders of that time say so
now. An account was brought in by an opening, whose debit is the bank it lies at; one that a split
or a merger made has none, and may be paid from any.
"""

import sqlalchemy as sa
from alembic import op

# stops: orders of programs of before name no bank, so that nothing counts what it is to pay
revision = "0066_banks"
down_revision = "0065_looks"

LIES_AT = """
INSERT INTO account_bank (account_id, bank_id)
SELECT DISTINCT owed.account_id, paid_in.account_id
FROM posting owed
JOIN account ON account.id = owed.account_id AND account.kind = 'pooled_income'
JOIN entry ON entry.id = owed.entry_id AND entry.kind = 'opening'
JOIN posting paid_in ON paid_in.entry_id = entry.id
JOIN account bank ON bank.id = paid_in.account_id AND bank.kind = 'bank'
"""
PAID_FROM_THE_FIRST = """
UPDATE payment SET bank_id = (SELECT id FROM account WHERE kind = 'bank' ORDER BY id LIMIT 1)
"""
FROZEN = (
    "id, number, purchase_id, amount_fen, payee_name, payee_bank, payee_account, bank_id, "
    "ordered_by, ordered_at"
)
# A bank that was paid too much from before today stays below nothing until its opening is
# corrected: then the rule holds for what is written, and is looked at again in a later version.
HOLDS_FOR_ALL = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM account WHERE balance_fen - held_fen < 0) THEN
        ALTER TABLE account VALIDATE CONSTRAINT ck_account_available;
    END IF;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "account_bank",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_bank_account_id")
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["account.id"], name=op.f("fk_account_bank_bank_id")),
        sa.PrimaryKeyConstraint("account_id", "bank_id", name=op.f("pk_account_bank")),
    )
    op.create_index("ix_account_bank_bank_id", "account_bank", ["bank_id"])
    op.execute(LIES_AT)
    op.add_column("payment", sa.Column("bank_id", sa.Uuid(), nullable=True))
    op.execute("ALTER TABLE payment DISABLE TRIGGER payment_settles_once")
    op.execute(PAID_FROM_THE_FIRST)
    op.execute("ALTER TABLE payment ENABLE TRIGGER payment_settles_once")
    op.create_foreign_key(op.f("fk_payment_bank_id"), "payment", "account", ["bank_id"], ["id"])
    op.create_index("ix_payment_bank_id", "payment", ["bank_id"])
    _payment_is_frozen()
    op.drop_constraint(op.f("ck_account_available"), "account", type_="check")
    op.execute(
        "ALTER TABLE account ADD CONSTRAINT ck_account_available "
        "CHECK (balance_fen - held_fen >= 0) NOT VALID"
    )
    op.execute(HOLDS_FOR_ALL)


def _payment_is_frozen() -> None:
    """The bank is told once which account pays."""
    old, new = (
        ", ".join(f"{side}.{column}" for column in FROZEN.split(", ")) for side in ("OLD", "NEW")
    )
    op.execute("DROP TRIGGER payment_frozen ON payment")
    op.execute(
        "CREATE TRIGGER payment_frozen BEFORE UPDATE ON payment FOR EACH ROW "
        f"WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION refuse_change()"
    )
