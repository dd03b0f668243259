"""Two members of one name may sit on one committee, told apart by their phones; and the database
knows by which normal form of names its rosters are found, so that a wider one can follow."""

import sqlalchemy as sa
from alembic import op

revision = "0022_namesakes"
down_revision = "0021_chat"


def upgrade() -> None:
    op.drop_constraint(
        "uq_committee_member_committee_id_name_hash", "committee_member", type_="unique"
    )
    op.create_index(
        "uq_committee_member_namesakes",
        "committee_member",
        ["committee_id", "name_hash", "phone_hash"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "name_form",
        sa.Column("form", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("form", name=op.f("pk_name_form")),
    )
    # `tibao migrate` makes the hashes anew afterwards, which needs the key to the names.
    op.execute("INSERT INTO name_form (form) VALUES (1)")
