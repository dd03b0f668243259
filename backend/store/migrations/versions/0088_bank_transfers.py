"""Money between the fund's bank accounts is moved by two officers; both statements know it."""

import sqlalchemy as sa
from alembic import op

revision = "0088_bank_transfers"
down_revision = "0087_period_locks"

TABLE = "bank_transfer"
PERSONS = ("entered_by", "in_stead_of", "decided_by")
KINDS = (
    *("payment", "payment_returned", "refund", "interest", "transfer"),
    *("deposit_placed", "deposit_matured", "other"),
)
GUARDS = """
CREATE TRIGGER bank_transfer_frozen BEFORE UPDATE ON bank_transfer
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_transfer_kept BEFORE DELETE OR TRUNCATE ON bank_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_bank_id", sa.Uuid(), nullable=False),
        sa.Column("to_bank_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid()),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("in_stead_of", sa.Uuid()),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed", sa.Boolean()),
        sa.Column("turned_down_because", sa.Text()),
        *_checks(),
        *_keys(from_bank_id="account.id", to_bank_id="account.id", entry_id="entry.id"),
        *_keys(file_sha256="file.sha256", **dict.fromkeys(PERSONS, "person.id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_file_sha256", TABLE, ["file_sha256"])
    op.create_index(
        f"uq_{TABLE}_reference",
        TABLE,
        ["from_bank_id", "bank_reference"],
        unique=True,
        postgresql_where=sa.text("confirmed IS NULL OR confirmed"),
    )
    op.create_index(
        f"ix_{TABLE}_waiting", TABLE, ["id"], postgresql_where=sa.text("decided_at IS NULL")
    )
    op.drop_constraint(op.f("ck_bank_match_kind"), "bank_match", type_="check")
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    op.create_check_constraint(op.f("ck_bank_match_kind"), "bank_match", f"kind IN ({kinds})")
    op.execute(GUARDS)


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "decided": "(decided_at IS NULL) = (decided_by IS NULL)"
        " AND (decided_at IS NULL) = (confirmed IS NULL)"
        " AND (turned_down_because IS NOT NULL) = (confirmed IS NOT NULL AND NOT confirmed)",
        "another_officer": "NOT confirmed OR (decided_by <> entered_by"
        " AND decided_by IS DISTINCT FROM in_stead_of)",
        "amount": "amount_fen > 0",
        "banks": "from_bank_id <> to_bank_id",
        "booked": "(entry_id IS NOT NULL) = (confirmed IS NOT NULL AND confirmed)",
    }
    names = {name: op.f(f"ck_{TABLE}_{name}") for name in rules}
    return [sa.CheckConstraint(rules[name], name=called) for name, called in names.items()]


def _keys(**targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"))
        for column, target in targets.items()
    ]
