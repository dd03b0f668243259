"""What the centre says to an author without an account is given to them on paper."""

import sqlalchemy as sa
from alembic import op

revision = "0048_answer_deliveries"
down_revision = "0047_refunds"


def upgrade() -> None:
    op.add_column(
        "objection", sa.Column("letter_due_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "answer_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "how IN ('handed_over', 'by_post', 'left_behind', 'announced')",
            name=op.f("ck_answer_delivery_how"),
        ),
        sa.CheckConstraint("given_on <= delivered_on", name=op.f("ck_answer_delivery_given_first")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)"
            " AND (undone_at IS NULL) = (undone_because IS NULL)",
            name=op.f("ck_answer_delivery_undone"),
        ),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_answer_delivery_objection_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["file.sha256"], name=op.f("fk_answer_delivery_file_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_answer_delivery_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["person.id"], name=op.f("fk_answer_delivery_undone_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_delivery")),
    )
    for column in ("objection_id", "file_sha256"):
        op.create_index(f"ix_answer_delivery_{column}", "answer_delivery", [column])
