"""An invoice may be handed in again under its number, such as a better picture of it."""

from alembic import op

revision = "0028_better_scans"
down_revision = "0027_key_check"


def upgrade() -> None:
    op.create_exclude_constraint(
        "ex_invoice_number",
        "invoice",
        ("insurer_id", "="),
        ("number", "="),
        ("purchase_id", "<>"),
        using="gist",
    )
    op.drop_constraint("uq_invoice_insurer_id_number", "invoice", type_="unique")
