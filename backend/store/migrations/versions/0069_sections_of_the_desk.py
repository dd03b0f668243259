"""Insurers' clauses and the early end of their selection;
objections by how their words stand; messages by day,
and those that did not arrive; orders of posters for one building."""

import sqlalchemy as sa
from alembic import op

revision = "0069_sections_of_the_desk"
down_revision = "0068_few_of_many"


def upgrade() -> None:
    op.add_column("print_order", sa.Column("building_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_print_order_building_id"), "print_order", "building", ["building_id"], ["id"]
    )
    op.create_index("ix_print_order_building_id", "print_order", ["building_id"])
    op.add_column("insurer", sa.Column("selection_ended_because", sa.Text(), nullable=True))
    op.create_table(
        "filed_clause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (ended_because IS NULL)", name=op.f("ck_filed_clause_ended")
        ),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_filed_clause_{column}"))
            for column, target in (
                ("insurer_id", "insurer.id"),
                ("file_sha256", "file.sha256"),
                ("entered_by", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filed_clause")),
        sa.UniqueConstraint("insurer_id", "number", name=op.f("uq_filed_clause_insurer_id_number")),
    )
    op.create_index("ix_filed_clause_file_sha256", "filed_clause", ["file_sha256"])
    # locks: whoever files an objection waits until it is made; a city has some thousands
    op.create_index("ix_objection_publication", "objection", ["publication", "received_at", "id"])
    # locks: whoever writes messages waits until these are made, seconds for a million of them
    op.create_index("ix_outbox_written", "outbox", ["written_at", "id"])
    op.create_index(
        "ix_outbox_undelivered",
        "outbox",
        ["written_at", "id"],
        postgresql_where=sa.text("state IN ('failed', 'unknown')"),
    )
    # locks: callbacks wait meanwhile; what is kept of them is a month's
    op.create_index(
        "ix_inbox_dead", "inbox", ["received_at"], postgresql_where=sa.text("state = 'dead'")
    )
