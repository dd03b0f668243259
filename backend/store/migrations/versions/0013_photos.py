"""What a photo says of itself; what an objection carries besides its words."""

import sqlalchemy as sa
from alembic import op

revision = "0013_photos"
down_revision = "0012_posters"

APPEND_ONLY = ("photo", "objection_photo")
FROZEN = (
    "id, number, notice_id, source, text_sealed, signature_sha256, received_at, entered_by, "
    "entered_at"
)
# The platform is asked once the objection is on record: its verdict is written once.
JUDGED_AGAIN = (
    "OLD.moderation IS DISTINCT FROM NEW.moderation "
    "AND (OLD.moderation IS DISTINCT FROM 'unchecked' OR NEW.moderation IS NULL)"
)


def upgrade() -> None:
    op.create_table(
        "photo",
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("has_place", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["file.sha256"], name=op.f("fk_photo_file_sha256")
        ),
        sa.PrimaryKeyConstraint("file_sha256", name=op.f("pk_photo")),
    )

    op.create_table(
        "objection_photo",
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_objection_photo_objection_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["photo.file_sha256"], name=op.f("fk_objection_photo_file_sha256")
        ),
        sa.PrimaryKeyConstraint("objection_id", "position", name=op.f("pk_objection_photo")),
        sa.UniqueConstraint(
            "objection_id", "file_sha256", name=op.f("uq_objection_photo_objection_id_file_sha256")
        ),
    )
    op.create_index(op.f("ix_objection_photo_file_sha256"), "objection_photo", ["file_sha256"])

    op.add_column("notice_photo", sa.Column("poster_sha256", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_notice_photo_poster_sha256"),
        "notice_photo",
        "poster",
        ["poster_sha256"],
        ["sha256"],
    )
    _widen_objection()
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change()"
        )


def _widen_objection() -> None:
    """Objections from before were not to be published."""
    op.add_column(
        "objection",
        sa.Column("publication", sa.Text(), nullable=False, server_default="private"),
    )
    op.alter_column("objection", "publication", server_default=None)
    for column in ("signature_sha256", "moderation", "publication_reason", "published_text"):
        op.add_column("objection", sa.Column(column, sa.Text(), nullable=True))
    for column in ("published_at", "answered_at"):
        op.add_column("objection", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column("objection", sa.Column("published_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_objection_signature_sha256"),
        "objection",
        "photo",
        ["signature_sha256"],
        ["file_sha256"],
    )
    op.create_foreign_key(
        op.f("fk_objection_published_by"), "objection", "person", ["published_by"], ["id"]
    )
    op.create_index(op.f("ix_objection_signature_sha256"), "objection", ["signature_sha256"])
    op.create_check_constraint(
        op.f("ck_objection_publication"),
        "objection",
        "publication IN ('private', 'published', 'held', 'refused')",
    )
    op.create_check_constraint(
        op.f("ck_objection_published_text"),
        "objection",
        "(publication = 'published') = (published_text IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f("ck_objection_moderation"),
        "objection",
        "moderation IN ('pass', 'review', 'risky', 'unchecked')",
    )
    old, new = (
        ", ".join(f"{side}.{column}" for column in FROZEN.split(", ")) for side in ("OLD", "NEW")
    )
    op.execute("DROP TRIGGER objection_frozen ON objection")
    op.execute(
        "CREATE TRIGGER objection_frozen BEFORE UPDATE ON objection FOR EACH ROW "
        f"WHEN (({old}) IS DISTINCT FROM ({new}) OR ({JUDGED_AGAIN})) "
        "EXECUTE FUNCTION refuse_change()"
    )
