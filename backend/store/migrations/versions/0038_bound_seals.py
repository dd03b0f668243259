"""What is sealed is bound to its place; two keys may be in use while one follows the other.

The words of an objection stay frozen. Only the owner of the tables, who runs `tibao keys rotate`,
may put other bytes in their place, and only to bring them forward: to the bound form, of another
head.
"""

import sqlalchemy as sa
from alembic import op

# stops: programs of before cannot open what new ones seal
revision = "0038_bound_seals"
down_revision = "0037_unusable_accounts"

FROZEN = "id, number, notice_id, source, signature_sha256, received_at, entered_by, entered_at"
JUDGED_AGAIN = (
    "OLD.moderation IS DISTINCT FROM NEW.moderation "
    "AND (OLD.moderation IS DISTINCT FROM 'unchecked' OR NEW.moderation IS NULL)"
)

# Its body is bound to the catalogue here and now, not where it is called.
BY_THE_OWNER = """
CREATE FUNCTION by_the_owner() RETURNS boolean LANGUAGE sql STABLE
RETURN current_user = (
    SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'audit_entry'::regclass
)
"""
# A head is the form and the key's id: `backend/store/cipher.py`.
WORDS = """
CREATE TRIGGER objection_words_frozen BEFORE UPDATE ON objection FOR EACH ROW WHEN (
    OLD.text_sealed IS DISTINCT FROM NEW.text_sealed AND NOT (
        by_the_owner()
        AND substring(NEW.text_sealed FROM 1 FOR 1) = '\\x02'
        AND octet_length(NEW.text_sealed) > 32
        AND substring(NEW.text_sealed FROM 1 FOR 5) <> substring(OLD.text_sealed FROM 1 FOR 5)
    )
) EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.add_column(
        "key_check",
        sa.Column(
            "noted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
    )
    op.add_column("key_check", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "key_check",
        sa.Column("opens_unbound", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.drop_index("uq_key_check_one", table_name="key_check")
    op.execute("DROP TRIGGER key_check_append_only ON key_check")
    op.execute(
        "CREATE TRIGGER key_check_kept BEFORE DELETE OR TRUNCATE ON key_check "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    old, new = (", ".join(f"{row}.{name}" for name in FROZEN.split(", ")) for row in ("OLD", "NEW"))
    op.execute("DROP TRIGGER objection_frozen ON objection")
    op.execute(
        "CREATE TRIGGER objection_frozen BEFORE UPDATE ON objection FOR EACH ROW "
        f"WHEN (({old}) IS DISTINCT FROM ({new}) OR ({JUDGED_AGAIN})) "
        "EXECUTE FUNCTION refuse_change()"
    )
    op.execute(BY_THE_OWNER)
    op.execute(WORDS)
