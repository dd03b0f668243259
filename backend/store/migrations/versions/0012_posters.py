"""Posters and print orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_posters"
down_revision = "0011_lift_changed"

KINDS = "kind IN ('cab_card', 'lobby_notice', 'about_sheet')"


def upgrade() -> None:
    op.create_table(
        "poster",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("bleed", sa.Boolean(), nullable=False),
        sa.Column("lift_id", sa.Uuid(), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_poster_kind")),
        sa.CheckConstraint(
            "(kind = 'lobby_notice') = (notice_id IS NOT NULL)", name=op.f("ck_poster_notice")
        ),
        sa.CheckConstraint(
            "(notice_id IS NULL) = (lift_id IS NOT NULL)", name=op.f("ck_poster_subject")
        ),
        sa.CheckConstraint(
            "(notice_id IS NULL) = (content_hash IS NULL)", name=op.f("ck_poster_content")
        ),
        sa.CheckConstraint(
            "token IS NOT NULL OR notice_id IS NOT NULL", name=op.f("ck_poster_code")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["file.sha256"], name=op.f("fk_poster_sha256")),
        sa.ForeignKeyConstraint(["lift_id"], ["lift.id"], name=op.f("fk_poster_lift_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_poster_notice_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_poster_unit_id")),
        sa.ForeignKeyConstraint(["token"], ["lift_token.token"], name=op.f("fk_poster_token")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_poster_made_by")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_poster")),
    )

    op.create_index(op.f("ix_poster_lift_id"), "poster", ["lift_id"])

    op.create_index(op.f("ix_poster_notice_id"), "poster", ["notice_id"])

    op.create_table(
        "print_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("bleed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (finished_at IS NOT NULL)", name=op.f("ck_print_order_finished")
        ),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_print_order_state")),
        sa.ForeignKeyConstraint(
            ["estate_id"], ["estate.id"], name=op.f("fk_print_order_estate_id")
        ),
        sa.ForeignKeyConstraint(
            ["ordered_by"], ["person.id"], name=op.f("fk_print_order_ordered_by")
        ),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["file.sha256"], name=op.f("fk_print_order_file_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_order")),
    )

    op.create_index(
        "uq_print_order_open",
        "print_order",
        ["estate_id", "ordered_by"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        postgresql_nulls_not_distinct=True,
    )

    op.create_table(
        "print_item",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lift_id", sa.Uuid(), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("poster_sha256", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_print_item_kind")),
        sa.CheckConstraint(
            "poster_sha256 IS NULL OR failure IS NULL", name=op.f("ck_print_item_one_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["print_order.id"], name=op.f("fk_print_item_order_id")
        ),
        sa.ForeignKeyConstraint(["lift_id"], ["lift.id"], name=op.f("fk_print_item_lift_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_print_item_notice_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_print_item_unit_id")),
        sa.ForeignKeyConstraint(
            ["poster_sha256"], ["poster.sha256"], name=op.f("fk_print_item_poster_sha256")
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_print_item")),
        sa.UniqueConstraint("order_id", "name", name=op.f("uq_print_item_order_id_name")),
    )

    # The photos of a notice refer to the posters they show.
    op.execute(
        "CREATE TRIGGER poster_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON poster "
        "FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change()"
    )
