"""Owners sign an application on paper too, and take signatures back."""

import sqlalchemy as sa
from alembic import op

revision = "0043_paper_signatures"
down_revision = "0042_retention"


def upgrade() -> None:
    op.add_column("cosignature", sa.Column("entered_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_cosignature_entered_by"), "cosignature", "person", ["entered_by"], ["id"]
    )
    op.add_column(
        "cosignature", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute(
        "CREATE TRIGGER cosignature_frozen BEFORE UPDATE ON cosignature FOR EACH ROW "
        "WHEN ((OLD.purchase_id, OLD.owner_id) IS DISTINCT FROM (NEW.purchase_id, NEW.owner_id)) "
        "EXECUTE FUNCTION refuse_change()"
    )
