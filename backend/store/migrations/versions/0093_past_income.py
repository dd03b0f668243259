"""Income of before these books is named by two officers, and shared by the close of its year."""

import sqlalchemy as sa
from alembic import op

revision = "0093_past_income"
down_revision = "0092_desk_finds"

TABLE = "past_income"
PERSONS = ("entered_by", "in_stead_of", "decided_by")
GUARDS = """
CREATE TRIGGER past_income_frozen BEFORE UPDATE ON past_income
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER past_income_kept BEFORE DELETE OR TRUNCATE ON past_income
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
RULES = {
    "decided": "(decided_at IS NULL) = (decided_by IS NULL)"
    " AND (decided_at IS NULL) = (confirmed IS NULL)"
    " AND (turned_down_because IS NOT NULL) = (confirmed IS NOT NULL AND NOT confirmed)",
    "another_officer": "NOT confirmed OR (decided_by <> entered_by"
    " AND decided_by IS DISTINCT FROM in_stead_of)",
    "amounts": "least(statutory_fen, value_added_fen) >= 0 AND statutory_fen + value_added_fen > 0",
    "booked": "(entry_id IS NOT NULL)"
    " = (confirmed IS NOT NULL AND confirmed AND value_added_fen > 0)",
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("statutory_fen", sa.BigInteger(), nullable=False),
        sa.Column("value_added_fen", sa.BigInteger(), nullable=False),
        sa.Column("undoes_id", sa.Uuid()),
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
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_{TABLE}_{name}"))
            for name, rule in RULES.items()
        ),
        *_keys(undoes_id="past_income.id", entry_id="entry.id", file_sha256="file.sha256"),
        *_keys(**dict.fromkeys(PERSONS, "person.id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_file_sha256", TABLE, ["file_sha256"])
    op.create_index(
        f"uq_{TABLE}_waiting",
        TABLE,
        [sa.text("(decided_at IS NULL)")],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(
        f"uq_{TABLE}_undone",
        TABLE,
        ["undoes_id"],
        unique=True,
        postgresql_where=sa.text("confirmed"),
    )
    op.execute(GUARDS)


def _keys(**targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"))
        for column, target in targets.items()
    ]
