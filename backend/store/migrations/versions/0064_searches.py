"""A policy is found by its number, a lift by the last six digits of its code."""

import sqlalchemy as sa
from alembic import op

revision = "0064_searches"
down_revision = "0063_case_list"


def upgrade() -> None:
    # locks: writers of lifts and policies wait until both are made
    op.create_index("ix_policy_number", "policy", ["number"])
    op.create_index("ix_lift_code_tail", "lift", [sa.text('"right"(registration_code, 6)')])
