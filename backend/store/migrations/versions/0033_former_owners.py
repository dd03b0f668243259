"""An owner's entry ends when the flat is sold; who it was bound to stays known."""

import sqlalchemy as sa
from alembic import op

revision = "0033_former_owners"
down_revision = "0032_policies"

# locks: owner is read through once for each constraint; a city's roster is some 100,000 rows


def upgrade() -> None:
    op.add_column("owner", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("owner", sa.Column("former_person_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_owner_former_person_id"), "owner", "person", ["former_person_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_owner_ended"),
        "owner",
        "CASE WHEN ended_at IS NULL THEN former_person_id IS NULL ELSE person_id IS NULL END",
    )
