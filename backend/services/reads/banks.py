"""The fund's bank accounts (专户): what lies there by the books."""

from collections.abc import Sequence
from uuid import UUID

from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.reads.payees import READERS
from backend.store.purchases import Purchase
from backend.store.queries.banks import Bank, all_banks, banks_of_case


def list_banks(ctx: Context, actor: Actor) -> Sequence[Bank]:
    """All of them, by number. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return all_banks(tx)


def banks_to_pay_from(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[Bank]:
    """Those where the money of this case lies. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        if tx.get(Purchase, purchase_id) is None:
            raise nothing_there("案件")
        return banks_of_case(tx, purchase_id)
