"""Interest that was confirmed by mistake is undone by two officers."""

import sqlalchemy as sa
from alembic import op

revision = "0082_interest_undone"
down_revision = "0081_bank_statements"

TABLE = "interest_undo"
PERSONS = ("entered_by", "in_stead_of", "decided_by")
# Of what was confirmed nothing changes but that it was undone, once.
FROZEN = """
DROP TRIGGER deposit_interest_frozen ON deposit_interest;
CREATE TRIGGER deposit_interest_frozen BEFORE UPDATE ON deposit_interest
    FOR EACH ROW WHEN (
        OLD.decided_at IS NOT NULL AND (
            OLD.undone_at IS NOT NULL
            OR (to_jsonb(NEW.*) - 'undone_at') IS DISTINCT FROM (to_jsonb(OLD.*) - 'undone_at')
        )
    ) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER interest_undo_frozen BEFORE UPDATE ON interest_undo
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER interest_undo_kept BEFORE DELETE ON interest_undo
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    interest = "deposit_interest"
    op.add_column(interest, sa.Column("undone_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f(f"ck_{interest}_undone"), interest, "undone_at IS NULL OR confirmed IS TRUE"
    )
    for name, columns, where in (
        (
            f"uq_{interest}_reference",
            ["bank_id", "bank_reference"],
            "undone_at IS NULL AND (confirmed IS NULL OR confirmed)",
        ),
        (f"uq_{interest}_days", ["deposit_id", "until_on"], "confirmed AND undone_at IS NULL"),
    ):
        op.drop_index(name, interest)
        op.create_index(name, interest, columns, unique=True, postgresql_where=sa.text(where))
    _undos()
    op.execute(FROZEN)


def _undos() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("interest_id", sa.Uuid(), nullable=False),
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
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)"
            " AND (decided_at IS NULL) = (confirmed IS NULL)"
            " AND (turned_down_because IS NOT NULL) = (confirmed IS NOT NULL AND NOT confirmed)",
            name=op.f(f"ck_{TABLE}_decided"),
        ),
        sa.CheckConstraint(
            "NOT confirmed OR (decided_by <> entered_by"
            " AND decided_by IS DISTINCT FROM in_stead_of)",
            name=op.f(f"ck_{TABLE}_another_officer"),
        ),
        sa.CheckConstraint(
            "entry_id IS NULL OR confirmed IS TRUE", name=op.f(f"ck_{TABLE}_booked")
        ),
        *_keys(interest_id="deposit_interest.id", entry_id="entry.id"),
        *_keys(file_sha256="file.sha256", **dict.fromkeys(PERSONS, "person.id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_interest_id", TABLE, ["interest_id"])
    op.create_index(f"ix_{TABLE}_file_sha256", TABLE, ["file_sha256"])
    op.create_index(
        f"uq_{TABLE}_waiting",
        TABLE,
        ["interest_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )


def _keys(**targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"))
        for column, target in targets.items()
    ]
