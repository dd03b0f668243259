"""收款账户: where the premium of a case goes, for those who compare it with the sealed contract."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from backend.domain.ledger import PaymentState
from backend.domain.roles import CASE_OFFICERS, Role
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.store.people import Person
from backend.store.proposals import PayeeChange
from backend.store.purchases import Contract, Payment, Purchase
from backend.store.queries.payees import PayeeChangeView
from backend.store.registry import Insurer

READERS = (*sorted(CASE_OFFICERS), Role.SUPERVISOR, Role.AUDITOR)


@dataclass(frozen=True)
class PayeeOrigin:
    """Which two officers gave an insurer an account, by masked names, and when."""

    entered_by: str
    entered_at: datetime
    confirmed_by: str
    confirmed_at: datetime


@dataclass(frozen=True)
class Payee:
    """Who is paid, whole, since it is compared letter by letter.

    `signed`: as the contract has it; before there is one, as the register has it. `origin` is None
    for the account that came with the insurer. `paid_elsewhere_before`: the last premium that
    reached the insurer went to another account; None: none ever did. `left`: the register has
    another account by now, and the contract must be put right before anything is paid.
    """

    name: str
    bank: str
    account: str
    signed: bool
    origin: PayeeOrigin | None
    paid_elsewhere_before: bool | None
    left: bool


def payee_of(ctx: Context, actor: Actor, purchase_id: UUID) -> Payee | None:
    """Whom this case's premium goes to; None before an insurer is chosen. Raises Refused
    `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        purchase = tx.get(Purchase, purchase_id)
        if purchase is None:
            raise nothing_there("案件")
        if purchase.insurer_id is None:
            return None
        insurer = tx.get_one(Insurer, purchase.insurer_id)
        contract = tx.get(Contract, purchase.contract_id) if purchase.contract_id else None
        registered = insurer.bank_name, insurer.bank_account
        to_pay = (contract.payee_bank, contract.payee_account) if contract else registered
        before = _last_paid(tx, insurer.id)
        return Payee(
            contract.payee_name if contract else insurer.name,
            *to_pay,
            signed=contract is not None,
            origin=_origin(tx, ctx, insurer.id, *to_pay),
            paid_elsewhere_before=None if before is None else before != to_pay,
            left=to_pay != registered,
        )


def who_entered(ctx: Context, actor: Actor, change: PayeeChangeView) -> str:
    """Who entered another account that waits, by the name in part. Raises Refused `not_found`,
    `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return shown_name(ctx.cipher, tx.get_one(Person, change.entered_by))


def _origin(
    tx: Session, ctx: Context, insurer_id: UUID, bank: str, account: str
) -> PayeeOrigin | None:
    by, other = aliased(Person), aliased(Person)
    row = tx.execute(
        select(by, PayeeChange.entered_at, other, PayeeChange.decided_at)
        .join(by, by.id == PayeeChange.entered_by)
        .join(other, other.id == PayeeChange.decided_by)
        .where(
            PayeeChange.insurer_id == insurer_id,
            PayeeChange.bank_name == bank,
            PayeeChange.bank_account == account,
            PayeeChange.confirmed.is_(True),
        )
        .order_by(PayeeChange.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    entered_by, entered_at, confirmed_by, confirmed_at = row
    assert confirmed_at is not None  # the table holds it where it is confirmed
    names = shown_name(ctx.cipher, entered_by), shown_name(ctx.cipher, confirmed_by)
    return PayeeOrigin(names[0], entered_at, names[1], confirmed_at)


def _last_paid(tx: Session, insurer_id: UUID) -> tuple[str, str] | None:
    """Bank and number of the account that the last premium reached."""
    row = tx.execute(
        select(Payment.payee_bank, Payment.payee_account)
        .join(Purchase, Purchase.id == Payment.purchase_id)
        .where(Purchase.insurer_id == insurer_id, Payment.state == PaymentState.CONFIRMED)
        .order_by(Payment.settled_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.payee_bank, row.payee_account)
