"""The payments of a case and the codes of a lift are found by index, those that are over too."""

from alembic import op

revision = "0059_whole_indexes"
down_revision = "0058_pages_by_row"


def upgrade() -> None:
    op.create_index(op.f("ix_payment_purchase_id"), "payment", ["purchase_id"])
    op.create_index(op.f("ix_lift_token_lift_id"), "lift_token", ["lift_id"])
