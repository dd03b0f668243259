"""What was published can be taken down at once, and restored by another officer."""

import sqlalchemy as sa
from alembic import op

revision = "0036_takedowns"
down_revision = "0035_dismissals"


def upgrade() -> None:
    op.create_table(
        "takedown",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("objection_id", sa.Uuid(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_down_by", sa.Uuid(), nullable=False),
        sa.Column("taken_down_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_by", sa.Uuid(), nullable=True),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(objection_id IS NULL) <> (file_sha256 IS NULL)", name=op.f("ck_takedown_one_thing")
        ),
        sa.CheckConstraint(
            "(restored_at IS NULL) = (restored_by IS NULL)"
            " AND (restored_at IS NULL) = (restored_because IS NULL)",
            name=op.f("ck_takedown_restored"),
        ),
        sa.CheckConstraint(
            "restored_by <> taken_down_by", name=op.f("ck_takedown_another_officer")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["public_notice.id"], name=op.f("fk_takedown_notice_id")
        ),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_takedown_objection_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["photo.file_sha256"], name=op.f("fk_takedown_file_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["taken_down_by"], ["person.id"], name=op.f("fk_takedown_taken_down_by")
        ),
        sa.ForeignKeyConstraint(
            ["restored_by"], ["person.id"], name=op.f("fk_takedown_restored_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takedown")),
    )
    for column in ("objection_id", "file_sha256"):
        op.create_index(
            f"uq_takedown_{column}",
            "takedown",
            ["notice_id", column],
            unique=True,
            postgresql_where=sa.text(f"restored_at IS NULL AND {column} IS NOT NULL"),
        )
    op.execute(
        "CREATE TRIGGER takedown_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON takedown "
        "FOR EACH STATEMENT EXECUTE FUNCTION notify_lift_changed()"
    )
