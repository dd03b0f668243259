"""Who had somebody enter a succession in their stead does not confirm it, says the table too."""

from alembic import op

revision = "0056_successions_by_two"
down_revision = "0055_on_paper"

DECIDED = """
(decided_at IS NULL) = (decided_by IS NULL)
AND (decided_at IS NULL) = (confirmed IS NULL)
AND (turned_down_because IS NOT NULL) = (confirmed IS NOT NULL AND NOT confirmed)
"""
ANOTHER = """
NOT confirmed OR (decided_by <> entered_by AND decided_by IS DISTINCT FROM in_stead_of)
"""

# locks: succession holds some dozen rows


def upgrade() -> None:
    for name, rule in (("decided", DECIDED), ("another_officer", ANOTHER)):
        constraint = op.f(f"ck_succession_{name}")
        op.drop_constraint(constraint, "succession", type_="check")
        op.create_check_constraint(constraint, "succession", rule)
