"""Who sent a callback stands in its sealed body, and nowhere in clear."""

from alembic import op

revision = "0017_sealed_senders"
down_revision = "0016_field_words"


def upgrade() -> None:
    # drops: the sealed body says the same, and nothing read the copy in clear
    op.drop_column("inbox", "openid")
