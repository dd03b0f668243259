"""Which letter about a case was printed for owners who applied on paper, and how it was given."""

import sqlalchemy as sa
from alembic import op

revision = "0098_case_letters"
down_revision = "0097_plan_shares"

DUE = "on_paper AND version > letter_version"
GUARDS = """
CREATE TRIGGER case_letter_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_letter
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_letter_delivery_frozen BEFORE UPDATE ON case_letter_delivery
    FOR EACH ROW WHEN (OLD.undone_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_letter_delivery_kept BEFORE DELETE OR TRUNCATE ON case_letter_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "case_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("printed_by", sa.Uuid(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        *_keys("case_letter", purchase_id="purchase.id", printed_by="person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_letter")),
        sa.UniqueConstraint(
            "purchase_id", "version", name=op.f("uq_case_letter_purchase_id_version")
        ),
    )
    op.create_table(
        "case_letter_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid()),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_because", sa.Text()),
        *_checks(),
        *_keys(
            "case_letter_delivery",
            letter_id="case_letter.id",
            file_sha256="file.sha256",
            entered_by="person.id",
            undone_by="person.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_letter_delivery")),
    )
    for column in ("letter_id", "file_sha256"):
        op.create_index(f"ix_case_letter_delivery_{column}", "case_letter_delivery", [column])
    op.create_index(
        "uq_case_letter_delivery_in_effect",
        "case_letter_delivery",
        ["letter_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.execute(GUARDS)
    op.add_column(
        "purchase",
        sa.Column("letter_version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
    )
    op.create_index(
        "ix_purchase_letter_due", "purchase", ["updated_at", "id"], postgresql_where=sa.text(DUE)
    )


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "how": "how IN ('handed_over', 'by_post', 'left_behind', 'announced')",
        "to_somebody": "how <> 'announced'",
        "undone": "(undone_at IS NULL) = (undone_by IS NULL)"
        " AND (undone_at IS NULL) = (undone_because IS NULL)",
    }
    names = {name: op.f(f"ck_case_letter_delivery_{name}") for name in rules}
    return [sa.CheckConstraint(rules[name], name=called) for name, called in names.items()]


def _keys(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]
