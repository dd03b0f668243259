"""使用登记备案 and the contract that follows (JS annex 二（一）5–6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.domain.actions import Action
from backend.domain.errors import refuse
from backend.domain.facts import ContractFact, StepFacts
from backend.domain.local_time import local_date
from backend.domain.papers import check_signed_on
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import next_number
from backend.services.case.case import Case, open_case
from backend.services.case.steps import advance, take_step
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
    """The reviewer registers the use of the fund and gives it a number. A plan that comes by once
    more, after an objection that was late to be entered, keeps the one it has."""
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        advance(case, Action.REGISTER)
        assert case.purchase.plan_id is not None
        if known := _registration(case):
            tx.commit()
            return known
        record = RegistrationRecord(
            number=next_number(tx, "registration", case.today),
            purchase_id=case.purchase.id,
            plan_id=case.purchase.plan_id,
            registered_by=actor.person_id,
            registered_at=case.now,
        )
        tx.add(record)
        tx.commit()
        return record


def undo_register(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """The registration was a mistake: the case waits for it again, within what was left of its
    limit. Its number stays the plan's."""
    return take_step(ctx, actor, purchase_id, Action.UNDO_REGISTER, reason=reason)


def sign_contract(ctx: Context, actor: Actor, purchase_id: UUID, terms: ContractTerms) -> Purchase:
    """The applicant hands in the contract signed with the insurer.

    Raises Refused: contract_above_plan, contract_lifts_differ, contract_insurer_differs,
    contract_number_used, file_unknown, contract_date_invalid.
    """
    return _enter_contract(ctx, actor, purchase_id, Action.SIGN_CONTRACT, terms)


def amend_contract(
    ctx: Context, actor: Actor, purchase_id: UUID, terms: ContractTerms, reason: str
) -> Purchase:
    """更正合同: the contract is handed in once more, as its paper says; the last one counts.

    Raises Refused like `sign_contract`. An invoice that no longer fits is asked for anew when the
    payment is requested.
    """
    return _enter_contract(ctx, actor, purchase_id, Action.AMEND_CONTRACT, terms, reason)


def _enter_contract(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    action: Action,
    terms: ContractTerms,
    reason: str | None = None,
) -> Purchase:
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        purchase = case.purchase
        case.require_role(action)
        check_upload(tx, actor, terms.file_sha256, "file_sha256")
        _check_signed_on(case, terms.signed_on)
        used = tx.scalar(
            select(Contract.id).where(
                Contract.insurer_id == terms.insurer_id,
                Contract.number == terms.number,
                Contract.purchase_id != purchase.id,
            )
        )
        if used:
            raise refuse(
                "contract_number_used", "该合同编号已用于其他案件，请核对。", "number", "conflict"
            )
        codes = frozenset(terms.lift_codes)
        given = StepFacts(ContractFact(terms.insurer_id, terms.premium_fen, codes))
        evidence = {"contract": terms.file_sha256}
        advance(case, action, given, reason=reason, evidence=evidence)
        insurer = tx.get_one(Insurer, terms.insurer_id)
        contract = Contract(
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
        tx.add(contract)
        tx.flush()
        purchase.contract_id = contract.id
        tx.commit()
        return purchase


def _registration(case: Case) -> RegistrationRecord | None:
    """Of the plan that counts."""
    of_plan = RegistrationRecord.plan_id == case.purchase.plan_id
    return case.tx.scalar(select(RegistrationRecord).where(of_plan))


def _check_signed_on(case: Case, signed_on: date) -> None:
    registered = _registration(case)
    registered_on = local_date(registered.registered_at) if registered else None
    check_signed_on(signed_on, registered_on, case.today)
