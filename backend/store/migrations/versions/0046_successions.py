"""A company's succession is entered by one officer and confirmed by another; a mandate ends with
the company that had it."""

import sqlalchemy as sa
from alembic import op

revision = "0046_successions"
down_revision = "0045_rulings_in_stead"

# What a company held that no longer manages the estate does not run again when it comes back.
ENDED = """
UPDATE mandate SET ended_on = (now() AT TIME ZONE 'Asia/Shanghai')::date
FROM committee, estate
WHERE committee.id = mandate.committee_id AND estate.id = committee.estate_id
AND estate.property_company_id IS DISTINCT FROM mandate.property_company_id
"""


def upgrade() -> None:
    op.add_column("mandate", sa.Column("ended_on", sa.Date(), nullable=True))
    op.execute(ENDED)
    op.create_table(
        "succession",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("former_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("in_stead_of", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("turned_down_because", sa.Text(), nullable=True),
        sa.CheckConstraint("company_id <> former_id", name=op.f("ck_succession_another_company")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)"
            " AND (decided_at IS NULL) = (confirmed IS NULL)"
            " AND (turned_down_because IS NOT NULL) = (confirmed IS FALSE)",
            name=op.f("ck_succession_decided"),
        ),
        sa.CheckConstraint(
            "NOT confirmed OR decided_by <> entered_by",
            name=op.f("ck_succession_another_officer"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_succession_{column}"))
            for column, to in (
                ("estate_id", "estate.id"),
                ("former_id", "property_company.id"),
                ("company_id", "property_company.id"),
                ("file_sha256", "file.sha256"),
                ("entered_by", "person.id"),
                ("in_stead_of", "person.id"),
                ("decided_by", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_succession")),
    )
    op.create_index("ix_succession_estate_id", "succession", ["estate_id"])
    op.create_index("ix_succession_file_sha256", "succession", ["file_sha256"])
    op.create_index(
        "uq_succession_open",
        "succession",
        ["estate_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
