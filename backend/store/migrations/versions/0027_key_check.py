"""The database knows its key by a fingerprint: a program with another one does not start."""

import sqlalchemy as sa
from alembic import op

revision = "0027_key_check"
down_revision = "0026_least_power"


def upgrade() -> None:
    op.create_table(
        "key_check",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_key_check")),
    )
    op.create_index("uq_key_check_one", "key_check", [sa.text("(true)")], unique=True)
    op.execute(
        "CREATE TRIGGER key_check_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON key_check "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
