"""Files that a worker makes for whoever ordered them: the papers of a case in one PDF, and lists
too long to wait for. What narrows a list is saved under a name, for oneself or for an office."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0078_ordered_files"
down_revision = "0077_people_at_the_desk"


def upgrade() -> None:
    op.create_table(
        "ordered_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("purchase_id", sa.Uuid()),
        sa.Column("asked", JSONB(), nullable=False),
        sa.Column("same", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("file_sha256", sa.Text()),
        sa.Column("failure", sa.Text()),
        sa.CheckConstraint("kind IN ('case_file', 'list')", name=op.f("ck_ordered_file_kind")),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'failed')", name=op.f("ck_ordered_file_state")
        ),
        sa.CheckConstraint(
            "(kind = 'case_file') = (purchase_id IS NOT NULL)",
            name=op.f("ck_ordered_file_purchase"),
        ),
        sa.CheckConstraint(
            "(state = 'open') = (finished_at IS NULL)", name=op.f("ck_ordered_file_finished")
        ),
        sa.CheckConstraint(
            "(state = 'done') = (file_sha256 IS NOT NULL)", name=op.f("ck_ordered_file_file")
        ),
        sa.CheckConstraint(
            "(state = 'failed') = (failure IS NOT NULL)", name=op.f("ck_ordered_file_failure")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_ordered_file_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["ordered_by"], ["person.id"], name=op.f("fk_ordered_file_ordered_by")
        ),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["file.sha256"], name=op.f("fk_ordered_file_file_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ordered_file")),
    )
    op.create_index("ix_ordered_file_purchase_id", "ordered_file", ["purchase_id"])
    op.create_index("ix_ordered_file_ordered_at", "ordered_file", ["ordered_at"])
    op.create_index("ix_ordered_file_file_sha256", "ordered_file", ["file_sha256"])
    op.create_index("ix_ordered_file_mine", "ordered_file", ["ordered_by", "ordered_at"])
    op.create_index(
        "uq_ordered_file_open",
        "ordered_file",
        ["ordered_by", "same"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", JSONB(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.Text()),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_saved_filter_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
    )
    op.create_index("ix_saved_filter_person_id", "saved_filter", ["person_id"])
    op.create_index(
        "uq_saved_filter_own",
        "saved_filter",
        ["person_id", "list_name", "name"],
        unique=True,
        postgresql_where=sa.text("office IS NULL"),
    )
    op.create_index(
        "uq_saved_filter_office",
        "saved_filter",
        ["office", "list_name", "name"],
        unique=True,
        postgresql_where=sa.text("office IS NOT NULL"),
    )
