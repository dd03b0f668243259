"""Large workbooks are checked and written by a worker, under a lease."""

import sqlalchemy as sa
from alembic import op

revision = "0075_workbooks_at_work"
down_revision = "0074_end_of_words"

CHECKS = {
    "state": "state IN ('waits', 'checked', 'ordered', 'written', 'failed')",
    "ordered_by": "state <> 'ordered' OR ordered_by IS NOT NULL",
    "failure": "state <> 'failed' OR failure IS NOT NULL",
}
UNWRITTEN = "state IN ('waits', 'checked', 'ordered') AND content_sealed IS NOT NULL"
TABLE = "workbook_import"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("attempts", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(TABLE, sa.Column("leased_until", sa.DateTime(timezone=True)))
    op.add_column(TABLE, sa.Column("failure", sa.Text()))
    op.add_column(TABLE, sa.Column("ordered_by", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_workbook_import_ordered_by"), TABLE, "person", ["ordered_by"], ["id"]
    )
    op.drop_constraint(op.f("ck_workbook_import_state"), TABLE, type_="check")
    for name, words in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_workbook_import_{name}"), TABLE, words)
    # locks: a table of some rows a week
    op.drop_index("uq_workbook_import_waiting", TABLE)
    op.create_index(
        "uq_workbook_import_waiting",
        TABLE,
        ["kind", "sha256", "filed", "mandate_paper", "handed_in_by"],
        unique=True,
        postgresql_where=sa.text(UNWRITTEN),
    )
    op.create_index(
        "ix_workbook_import_at_work",
        TABLE,
        ["leased_until"],
        postgresql_where=sa.text("state IN ('waits', 'ordered')"),
    )
