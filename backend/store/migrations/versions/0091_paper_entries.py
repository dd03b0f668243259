"""What a clerk enters from a paper waits for another clerk's look; an objection has its scan."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0091_paper_entries"
down_revision = "0090_bank_agreements"

TABLE = "paper_entry"
PERSONS = ("entered_by", "in_stead_of", "decided_by")
GUARDS = """
CREATE TRIGGER paper_entry_frozen BEFORE UPDATE ON paper_entry
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER paper_entry_kept BEFORE DELETE OR TRUNCATE ON paper_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("in_stead_of", sa.Uuid()),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed", sa.Boolean()),
        sa.Column("turned_down_because", sa.Text()),
        *_checks(),
        *_keys(purchase_id="purchase.id", file_sha256="file.sha256"),
        *_keys(**dict.fromkeys(PERSONS, "person.id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_purchase_id", TABLE, ["purchase_id"])
    op.create_index(f"ix_{TABLE}_file_sha256", TABLE, ["file_sha256"])
    op.create_index(
        f"uq_{TABLE}_waiting",
        TABLE,
        ["about_id", "kind"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.execute(GUARDS)
    op.add_column("objection", sa.Column("paper_sha256", sa.Text()))
    op.create_foreign_key(
        op.f("fk_objection_paper_sha256"), "objection", "file", ["paper_sha256"], ["sha256"]
    )
    op.create_index("ix_objection_paper_sha256", "objection", ["paper_sha256"])


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "kind": "kind IN ('cosignatures', 'minutes', 'objection_withdrawal')",
        "decided": "(decided_at IS NULL) = (decided_by IS NULL)"
        " AND (decided_at IS NULL) = (confirmed IS NULL)"
        " AND (turned_down_because IS NOT NULL) = (confirmed IS NOT NULL AND NOT confirmed)",
        "another_officer": "NOT confirmed OR (decided_by <> entered_by"
        " AND decided_by IS DISTINCT FROM in_stead_of)",
    }
    names = {name: op.f(f"ck_{TABLE}_{name}") for name in rules}
    return [sa.CheckConstraint(rules[name], name=called) for name, called in names.items()]


def _keys(**targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"))
        for column, target in targets.items()
    ]
