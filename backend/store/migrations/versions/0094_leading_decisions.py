"""What the leading group decided about money that is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0094_leading_decisions"
down_revision = "0093_past_income"

TABLE = "leading_decision"
GUARDS = """
CREATE TRIGGER leading_decision_frozen
    BEFORE UPDATE ON leading_decision FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
        OR (OLD.interest_id, OLD.account_id, OLD.owed_fen, OLD.decided_on, OLD.body, OLD.decision,
            OLD.file_sha256)
        IS DISTINCT FROM
        (NEW.interest_id, NEW.account_id, NEW.owed_fen, NEW.decided_on, NEW.body, NEW.decision,
            NEW.file_sha256))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER leading_decision_kept BEFORE DELETE OR TRUNCATE ON leading_decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
RULES = {
    "about": "(interest_id IS NULL) <> (account_id IS NULL)",
    "owed": "owed_fen > 0",
    "taken_back": "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
    " AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
}
KEYS = {
    "interest_id": "deposit_interest.id",
    "account_id": "account.id",
    "file_sha256": "file.sha256",
    "entered_by": "person.id",
    "withdrawn_by": "person.id",
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("interest_id", sa.Uuid()),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("owed_fen", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid()),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_because", sa.Text()),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_{TABLE}_{name}"))
            for name, rule in RULES.items()
        ),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"))
            for column, target in KEYS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_file_sha256", TABLE, ["file_sha256"])
    op.create_index(f"ix_{TABLE}_account", TABLE, ["account_id", "id"])
    op.create_index(
        f"uq_{TABLE}_interest",
        TABLE,
        ["interest_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.execute(GUARDS)
