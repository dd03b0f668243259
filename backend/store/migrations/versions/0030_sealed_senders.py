"""Who sent a callback stands in its sealed body, and nowhere in clear."""

from alembic import op

revision = "0030_sealed_senders"
down_revision = "0015_public_face"


def upgrade() -> None:
    op.drop_column("inbox", "openid")
