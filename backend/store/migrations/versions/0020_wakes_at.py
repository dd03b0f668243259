"""When time alone may open a step of a case: found by an index, no longer by a scan of states."""

import sqlalchemy as sa
from alembic import op

revision = "0020_wakes_at"
down_revision = "0019_any_subject"

# What the steps write from now on, for the cases that already wait: 0:00 Asia/Shanghai of the first
# day of cover, or of the day after its last.
WAITING = """
UPDATE purchase SET wakes_at =
    (CASE purchase.state WHEN 'policy_issued' THEN plan.cover_from ELSE plan.cover_ends_before END)
    ::timestamp AT TIME ZONE 'Asia/Shanghai'
FROM plan
WHERE plan.id = purchase.plan_id AND purchase.state IN ('policy_issued', 'in_force')
"""


def upgrade() -> None:
    op.add_column("purchase", sa.Column("wakes_at", sa.DateTime(timezone=True)))
    op.execute(WAITING)
    op.create_index(
        "ix_purchase_wakes_at",
        "purchase",
        ["wakes_at"],
        postgresql_where=sa.text("wakes_at IS NOT NULL"),
    )
