"""The fund's bank accounts (专户): what lies there by the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backend.domain.roles import CASE_OFFICERS, Role
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.store.purchases import Contract, Purchase
from backend.store.queries.banks import Bank, all_banks, banks_of_case

READERS = (*sorted(CASE_OFFICERS), Role.SUPERVISOR, Role.AUDITOR)


def list_banks(ctx: Context, actor: Actor) -> Sequence[Bank]:
    """All of them, by number. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return all_banks(tx)


@dataclass(frozen=True)
class Payee:
    """Who is paid, as the register had it when the contract was handed in: to be compared with
    what the contract says over the insurer's seal."""

    name: str
    bank: str
    account: str


def payee_of(ctx: Context, actor: Actor, purchase_id: UUID) -> Payee | None:
    """Whom this case's premium goes to; None before there is a contract. Raises Refused
    `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        row = tx.execute(
            select(Contract.payee_name, Contract.payee_bank, Contract.payee_account)
            .join(Purchase, Purchase.contract_id == Contract.id)
            .where(Purchase.id == purchase_id)
        ).one_or_none()
        return Payee(*row) if row else None


def banks_to_pay_from(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[Bank]:
    """Those where the money of this case lies. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        if tx.get(Purchase, purchase_id) is None:
            raise nothing_there("案件")
        return banks_of_case(tx, purchase_id)
