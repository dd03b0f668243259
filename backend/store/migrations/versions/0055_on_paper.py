"""Owners without a phone apply on paper: a clerk enters it, and acts for them from then on."""

import sqlalchemy as sa
from alembic import op

revision = "0055_on_paper"
down_revision = "0054_last_looks"

# locks: purchase is read through once for the constraint; a city has some ten thousand cases


def upgrade() -> None:
    op.add_column(
        "purchase",
        sa.Column("on_paper", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("purchase", sa.Column("entered_in_stead_of", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_purchase_entered_in_stead_of"),
        "purchase",
        "person",
        ["entered_in_stead_of"],
        ["id"],
    )
    # Who acts for whom was settled when the case began.
    op.execute(
        "CREATE TRIGGER purchase_on_paper_frozen BEFORE UPDATE ON purchase FOR EACH ROW WHEN ("
        "OLD.on_paper IS DISTINCT FROM NEW.on_paper"
        " OR OLD.entered_in_stead_of IS DISTINCT FROM NEW.entered_in_stead_of"
        ") EXECUTE FUNCTION refuse_change()"
    )
