"""使用登记备案 and the contract that follows (JS annex 二（一）5–6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.errors import refuse
from backend.domain.facts import ContractFact
from backend.domain.local_time import local_date
from backend.domain.papers import check_signed_on
from backend.domain.routes import APPLICANTS
from backend.services.base.access import require
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import next_number
from backend.services.case.steps import advance, lock_visible
from backend.services.files.handed_in import check_upload
from backend.store.notices import RegistrationRecord
from backend.store.purchases import Contract, Purchase
from backend.store.registry import Insurer


@dataclass(frozen=True)
class ContractTerms:
    """The signed contract as its paper says it. Premium in fen; lifts by registration code."""

    number: str
    insurer_id: UUID
    premium_fen: int
    signed_on: date
    lift_codes: Sequence[str]
    file_sha256: str


def register(ctx: Context, actor: Actor, purchase_id: UUID) -> RegistrationRecord:
    """The reviewer registers the use of the fund and gives it a number."""
    with ctx.sessions() as tx:
        purchase, held = lock_visible(tx, ctx, actor, purchase_id)
        advance(tx, ctx, purchase, "register", actor.person_id, held)
        assert purchase.plan_id is not None
        now = ctx.clock()
        record = RegistrationRecord(
            number=next_number(tx, "registration", local_date(now)),
            purchase_id=purchase.id,
            plan_id=purchase.plan_id,
            registered_by=actor.person_id,
            registered_at=now,
        )
        tx.add(record)
        tx.commit()
        return record


def sign_contract(ctx: Context, actor: Actor, purchase_id: UUID, terms: ContractTerms) -> Purchase:
    """The applicant hands in the contract signed with the insurer.

    Raises Refused: contract_above_plan, contract_lifts_differ, contract_insurer_differs,
    contract_number_used, file_unknown, contract_date_invalid.
    """
    with ctx.sessions() as tx:
        purchase, held = lock_visible(tx, ctx, actor, purchase_id)
        require(held, APPLICANTS)
        check_upload(tx, actor, terms.file_sha256, "file_sha256")
        _check_signed_on(tx, ctx, purchase, terms.signed_on)
        used = tx.scalar(
            select(Contract.purchase_id).where(
                Contract.insurer_id == terms.insurer_id, Contract.number == terms.number
            )
        )
        if used and used != purchase.id:
            raise refuse(
                "contract_number_used", "该合同编号已用于其他案件，请核对。", "number", "conflict"
            )
        codes = frozenset(terms.lift_codes)
        advance(
            tx,
            ctx,
            purchase,
            "sign_contract",
            actor.person_id,
            held,
            evidence={"contract": terms.file_sha256},
            contract=ContractFact(terms.insurer_id, terms.premium_fen, codes),
        )
        insurer = tx.get_one(Insurer, terms.insurer_id)
        tx.add(
            Contract(
                purchase_id=purchase.id,
                number=terms.number,
                insurer_id=terms.insurer_id,
                premium_fen=terms.premium_fen,
                signed_on=terms.signed_on,
                lift_codes=list(terms.lift_codes),
                file_sha256=terms.file_sha256,
                payee_name=insurer.name,
                payee_bank=insurer.bank_name,
                payee_account=insurer.bank_account,
            )
        )
        tx.commit()
        return purchase


def _check_signed_on(tx: Session, ctx: Context, purchase: Purchase, signed_on: date) -> None:
    registered_at = tx.scalar(
        select(RegistrationRecord.registered_at).where(
            RegistrationRecord.purchase_id == purchase.id
        )
    )
    registered_on = local_date(registered_at) if registered_at else None
    check_signed_on(signed_on, registered_on, local_date(ctx.clock()))
