"""Consents to messages, whom a person follows, phones, and requests to correct what is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0014_consents"
down_revision = "0013_photos"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_outbox_channel"), "outbox")
    op.create_check_constraint(
        op.f("ck_outbox_channel"), "outbox", "channel IN ('template', 'chat', 'subscribe')"
    )

    for column in ("phone_sealed", "phone_hash"):
        op.add_column("person", sa.Column(column, sa.LargeBinary(), nullable=True))
    for column in ("phone_verified_at", "left_at"):
        op.add_column("person", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_person_phone"), "person", "(phone_sealed IS NULL) = (phone_hash IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_person_phone_verified"),
        "person",
        "phone_verified_at IS NULL OR phone_hash IS NOT NULL",
    )
    op.create_index(
        "uq_person_phone_verified",
        "person",
        ["phone_hash"],
        unique=True,
        postgresql_where=sa.text("phone_verified_at IS NOT NULL"),
    )

    op.create_table(
        "phone_try",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_phone_try_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_try")),
    )

    op.create_index(op.f("ix_phone_try_person_id"), "phone_try", ["person_id"])

    op.create_table(
        "consent",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("quota", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quota >= 0", name=op.f("ck_consent_quota")),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_consent_identity_id")
        ),
        sa.PrimaryKeyConstraint("identity_id", "template", name=op.f("pk_consent")),
    )

    op.create_table(
        "follow",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('notice', 'lift')", name=op.f("ck_follow_kind")),
        sa.CheckConstraint("(kind = 'lift') = (token IS NOT NULL)", name=op.f("ck_follow_token")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_person_id")),
        sa.ForeignKeyConstraint(["token"], ["lift_token.token"], name=op.f("fk_follow_token")),
        sa.PrimaryKeyConstraint("person_id", "kind", "subject_id", name=op.f("pk_follow")),
    )

    op.create_index("ix_follow_subject_id", "follow", ["subject_id"])

    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'refused')", name=op.f("ck_correction_state")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (answer IS NULL)", name=op.f("ck_correction_answer")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_correction_person_id")),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["person.id"], name=op.f("fk_correction_settled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )

    op.create_index(op.f("ix_correction_person_id"), "correction", ["person_id"])
