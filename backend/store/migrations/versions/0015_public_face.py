"""Tell the API processes of everything else that the public pages show.

The photos of a notice, how far a purchase has come, and what a pooled account can spend.
"""

from alembic import op

revision = "0015_public_face"
down_revision = "0014_consents"

TOLD = {
    "notice_photo": "AFTER INSERT ON notice_photo",
    "purchase": "AFTER UPDATE OF state, plan_id ON purchase",
    "account": "AFTER UPDATE OF balance_fen, held_fen ON account",
}


def upgrade() -> None:
    for table, event in TOLD.items():
        op.execute(
            f"CREATE TRIGGER {table}_told {event} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tell_lift_changed()"
        )
