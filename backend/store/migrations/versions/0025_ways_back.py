"""Ways back: contracts are amended, a plan is registered once, payments may come back (退票), and a
notice that was cleared too early hangs again."""

import sqlalchemy as sa
from alembic import op

# stops: programs of before would leave a signed contract uncounted (`contract_id`)
revision = "0025_ways_back"
down_revision = "0024_lockouts"


def upgrade() -> None:
    _contracts()
    _registrations()
    _payments()
    op.execute("DROP TRIGGER public_notice_over ON public_notice")
    op.execute(
        "CREATE TRIGGER public_notice_over BEFORE UPDATE ON public_notice FOR EACH ROW "
        "WHEN (OLD.state = 'void' "
        "OR OLD.state = 'ended' AND NEW.state NOT IN ('open', 'suspended')) "
        "EXECUTE FUNCTION refuse_change()"
    )


def _contracts() -> None:
    op.drop_constraint("uq_contract_purchase_id", "contract", type_="unique")
    op.create_index(op.f("ix_contract_purchase_id"), "contract", ["purchase_id"])
    op.create_exclude_constraint(
        "ex_contract_number",
        "contract",
        ("insurer_id", "="),
        ("number", "="),
        ("purchase_id", "<>"),
        using="gist",
    )
    op.drop_constraint("uq_contract_insurer_id_number", "contract", type_="unique")
    op.add_column("purchase", sa.Column("contract_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE purchase SET contract_id = contract.id FROM contract "
        "WHERE contract.purchase_id = purchase.id"
    )
    op.create_foreign_key(
        op.f("fk_purchase_contract_id"), "purchase", "contract", ["contract_id"], ["id"]
    )


def _registrations() -> None:
    op.drop_constraint("uq_registration_purchase_id", "registration", type_="unique")
    op.create_index(op.f("ix_registration_purchase_id"), "registration", ["purchase_id"])
    op.create_unique_constraint(op.f("uq_registration_plan_id"), "registration", ["plan_id"])


def _payments() -> None:
    op.drop_constraint(op.f("ck_payment_state"), "payment", type_="check")
    op.create_check_constraint(
        op.f("ck_payment_state"),
        "payment",
        "state IN ('ordered', 'confirmed', 'rejected', 'returned')",
    )
    op.drop_index("uq_payment_live", "payment")
    op.create_index(
        "uq_payment_live",
        "payment",
        ["purchase_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('ordered', 'confirmed')"),
    )
    op.execute("DROP TRIGGER payment_settles_once ON payment")
    op.execute(
        "CREATE TRIGGER payment_settles_once BEFORE UPDATE ON payment FOR EACH ROW "
        "WHEN (OLD.state <> 'ordered' "
        "AND (OLD.state, NEW.state) IS DISTINCT FROM ('confirmed', 'returned')) "
        "EXECUTE FUNCTION refuse_change()"
    )
