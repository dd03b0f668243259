"""What was agreed with banks for the fund's deposits (存款协议): entered by one officer with its
document, and withdrawn where that was a mistake. No money moves by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.orm import Session

from backend.domain import agreements as rules
from backend.domain import texts
from backend.domain.agreements import AgreementKind, Offer
from backend.domain.audit_actions import AuditAction
from backend.domain.city.benchmarks import benchmark_of
from backend.domain.errors import Refused, refuse
from backend.domain.income import percent
from backend.domain.roles import BOOK_OFFICERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import banks
from backend.services.files.handed_in import check_upload
from backend.services.income.deposits import NUMBER_LIMIT
from backend.store.agreements import BankAgreement, BankOffer
from backend.store.queries.agreements import AgreementView, agreement_view


@dataclass(frozen=True)
class Document:
    """What the document says: the bank account, its number, how the bank was chosen, the first and
    the last day, every offer, and a note (why not the best offer, for instance)."""

    bank_id: UUID
    number: str
    kind: AgreementKind
    from_on: date
    until_on: date
    offers: Sequence[Offer]
    note: str


def enter(ctx: Context, actor: Actor, document: Document, file_sha256: str) -> AgreementView:
    """One officer enters it (JS 四（一）1).

    Raises Refused: `role_required`, `bank_unknown`, `agreement_known` (conflict), `file_unknown`,
    `text_required`, `text_too_long`, `benchmark_missing`, and what `agreements.check` raises.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        number = texts.required(document.number, NUMBER_LIMIT, "number", "协议编号")
        note = texts.optional(document.note, texts.REASON_LIMIT, "note", "说明") or ""
        banks.check_bank(tx, document.bank_id)
        rules.check(document.kind, document.offers, document.from_on, document.until_on)
        _check_terms(ctx, document)
        check_upload(tx, actor, file_sha256, "file_sha256")
        agreement_id = tx.scalar(
            insert_once(BankAgreement)
            .values(
                bank_id=document.bank_id,
                number=number,
                kind=document.kind,
                from_on=document.from_on,
                until_on=document.until_on,
                note=note,
                file_sha256=file_sha256,
                entered_by=actor.person_id,
                entered_at=ctx.clock(),
            )
            .on_conflict_do_nothing()
            .returning(BankAgreement.id)
        )
        if agreement_id is None:
            message = f"这个专户编号为“{number}”的协议已经登记过，请核对。"
            raise refuse("agreement_known", message, "number", kind="conflict")
        _write_offers(tx, agreement_id, document.offers)
        facts = {
            "number": number,
            "kind": str(document.kind),
            "from_on": str(document.from_on),
            "until_on": str(document.until_on),
            "rates": {str(it.months): percent(it.rate) for it in document.offers if it.agreed},
            "file_sha256": file_sha256,
        }
        _write_down(tx, ctx, actor, AuditAction.AGREEMENT_ENTER, agreement_id, facts)
        tx.commit()
        return agreement_view(tx, agreement_id)


def withdraw(ctx: Context, actor: Actor, agreement_id: UUID, reason: str) -> AgreementView:
    """An agreement that was entered by mistake; its number may be entered anew.

    Raises Refused: `not_found`, `role_required`, `agreement_withdrawn` (conflict), `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "撤销的原因")
        agreement = tx.get(BankAgreement, agreement_id, with_for_update=True)
        if agreement is None:
            raise nothing_there("存款协议")
        tx.refresh(agreement)
        if agreement.withdrawn_at is not None:
            message = "这份协议的登记已经撤销，请刷新后核对。"
            raise refuse("agreement_withdrawn", message, kind="conflict")
        agreement.withdrawn_by, agreement.withdrawn_at = actor.person_id, ctx.clock()
        agreement.withdrawn_because = why
        facts = {"reason": why}
        _write_down(tx, ctx, actor, AuditAction.AGREEMENT_WITHDRAW, agreement_id, facts)
        tx.commit()
        return agreement_view(tx, agreement_id)


def _check_terms(ctx: Context, document: Document) -> None:
    """A deposit of each term could be entered: what it earns can be measured."""
    wrong = []
    for place, offer in enumerate(document.offers):
        try:
            benchmark_of(ctx.city, offer.months, document.from_on)
        except Refused as refused:
            (missing,) = refused.refusals
            wrong.append(replace(missing, field=f"offers.{place}.months"))
    if wrong:
        raise Refused(*wrong)


def _write_offers(tx: Session, agreement_id: UUID, offers: Sequence[Offer]) -> None:
    rows = [
        {
            "agreement_id": agreement_id,
            "place": place,
            "bank": offer.bank,
            "months": offer.months,
            "rate": offer.rate,
            "agreed": offer.agreed,
        }
        for place, offer in enumerate(offers)
    ]
    tx.execute(insert(BankOffer), rows)


def _write_down(
    tx: Session,
    ctx: Context,
    actor: Actor,
    action: AuditAction,
    agreement_id: UUID,
    facts: Mapping[str, object],
) -> None:
    subject = ("bank_agreement", agreement_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
