"""A payment that was confirmed by mistake is ordered once more; the bank's reference leaves it."""

from alembic import op

revision = "0080_confirmed_by_mistake"
down_revision = "0079_income"


def upgrade() -> None:
    op.execute("DROP TRIGGER payment_settles_once ON payment")
    op.execute(
        "CREATE TRIGGER payment_settles_once BEFORE UPDATE ON payment FOR EACH ROW "
        "WHEN (OLD.state <> 'ordered' "
        "AND (OLD.state, NEW.state) IS DISTINCT FROM ('confirmed', 'returned') "
        "AND ((OLD.state, NEW.state) IS DISTINCT FROM ('confirmed', 'ordered') "
        "OR num_nonnulls(NEW.bank_reference, NEW.settled_at) > 0)) "
        "EXECUTE FUNCTION refuse_change()"
    )
