"""The papers of a case, and who may look at a file because of what it is a paper of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, exists, or_, select, true, union
from sqlalchemy.orm import Session

from backend.domain.paper_entries import PaperKind
from backend.domain.roles import Role
from backend.domain.subject import PURCHASE, Subject
from backend.store.agreements import BankAgreement
from backend.store.bank_transfers import BankTransfer
from backend.store.clauses import FiledClause
from backend.store.income import Deposit, DepositInterest, InterestUndo
from backend.store.leading_decisions import LeadingDecision
from backend.store.mandates import Mandate
from backend.store.notices import (
    Evidence,
    Objection,
    ObjectionPhoto,
    PublicNotice,
    PublicNoticePhoto,
    RegistrationRecord,
)
from backend.store.past_income import PastIncome
from backend.store.proposals import OpeningCorrection, PaperEntry, PayeeChange, Succession
from backend.store.purchases import Contract, Invoice, Purchase
from backend.store.queries.cases import Viewer, granted, seats
from backend.store.registry import Committee
from backend.store.rulings import AnswerDelivery, CaseLetterDelivery


@dataclass(frozen=True)
class Paper:
    """A document or statement that was handed in; `at` is when, or the day it bears. `given_by` is
    on record for all but contracts and invoices."""

    kind: str
    file_sha256: str | None
    statement: str | None
    number: str | None
    at: datetime | None
    given_by: UUID | None = None


def papers_of(tx: Session, purchase_id: UUID, insurer_id: UUID | None = None) -> Sequence[Paper]:
    """What was handed in for the case: evidence, contract, invoices, photos, registration; of
    contracts and invoices those of one insurer, if it is named."""
    evidence = select(
        Evidence.kind,
        Evidence.file_sha256,
        Evidence.statement,
        Evidence.given_at,
        Evidence.given_by,
    ).where(Evidence.subject == Subject(PURCHASE, purchase_id))
    contract = select(Contract.number, Contract.file_sha256).where(
        Contract.purchase_id == purchase_id, _of(Contract, insurer_id)
    )
    invoices = (
        select(Invoice.number, Invoice.file_sha256)
        .where(Invoice.purchase_id == purchase_id, _of(Invoice, insurer_id))
        .order_by(Invoice.id)
    )
    photos = (
        select(
            PublicNoticePhoto.moment,
            PublicNoticePhoto.framing,
            PublicNoticePhoto.file_sha256,
            PublicNoticePhoto.captured_at,
            PublicNoticePhoto.given_by,
        )
        .join(PublicNotice, PublicNotice.id == PublicNoticePhoto.notice_id)
        .where(PublicNotice.purchase_id == purchase_id)
        .order_by(PublicNoticePhoto.id)
    )
    registered = select(
        RegistrationRecord.number,
        RegistrationRecord.registered_at,
        RegistrationRecord.registered_by,
    ).where(RegistrationRecord.purchase_id == purchase_id)
    return [
        *(
            Paper(kind, sha256, statement, None, at, by)
            for kind, sha256, statement, at, by in tx.execute(evidence.order_by(Evidence.id))
        ),
        *(
            Paper(f"photo_{moment}_{framing}", sha256, None, None, at, by)
            for moment, framing, sha256, at, by in tx.execute(photos)
        ),
        *(
            Paper("registration", None, None, number, at, by)
            for number, at, by in tx.execute(registered)
        ),
        *(Paper("contract", sha256, None, number, None) for number, sha256 in tx.execute(contract)),
        *(Paper("invoice", sha256, None, number, None) for number, sha256 in tx.execute(invoices)),
    ]


def _of(papers: type[Contract | Invoice], insurer_id: UUID | None) -> ColumnElement[bool]:
    return true() if insurer_id is None else papers.insurer_id == insurer_id


def file_is_paper_of(
    tx: Session, sha256: str, whose: ColumnElement[bool], without: Sequence[str] = ()
) -> bool:
    """Whether a case that satisfies `whose` rests on this file, not as evidence of kinds that are
    left out."""
    cases: CompoundSelect[UUID | None] = union(
        select(Evidence.purchase_id).where(
            Evidence.file_sha256 == sha256, Evidence.kind.not_in(without)
        ),
        select(Contract.purchase_id).where(Contract.file_sha256 == sha256),
        select(Invoice.purchase_id).where(Invoice.file_sha256 == sha256),
        select(PublicNotice.purchase_id)
        .join(PublicNoticePhoto, PublicNoticePhoto.notice_id == PublicNotice.id)
        .where(PublicNoticePhoto.file_sha256 == sha256),
    )
    found = select(Purchase.id).where(Purchase.id.in_(cases.subquery().select()), whose)
    return tx.scalar(found.limit(1)) is not None


def file_is_entered(tx: Session, sha256: str) -> bool:
    """Whether it is the scan of what a clerk entered from paper, which waits, or never counted."""
    entered = select(PaperEntry.id).where(
        PaperEntry.file_sha256 == sha256, PaperEntry.kind != PaperKind.OBJECTION_WITHDRAWAL
    )
    return tx.scalar(entered.limit(1)) is not None


def file_is_slip(tx: Session, sha256: str) -> bool:
    """Whether it shows that a letter was given to those who applied on paper."""
    return tx.scalar(select(exists().where(CaseLetterDelivery.file_sha256 == sha256))) or False


def file_is_of_company(tx: Session, sha256: str) -> bool:
    """Whether the file says for whom a property company may act: a mandate, or the notice by which
    it took over another one."""
    return tx.scalar(_of_company(sha256).limit(1)) is not None


def file_is_of_money(tx: Session, sha256: str) -> bool:
    """Whether it is the letter by which an insurer names another account, clauses that it filed,
    the paper that shows an opening balance to be wrong, or a bank's of a deposit, its interest, a
    transfer or an agreement, of income of before these books, or of the leading group's.
    """
    clauses = select(FiledClause.id).where(FiledClause.file_sha256 == sha256)
    letters = select(PayeeChange.id).where(PayeeChange.file_sha256 == sha256)
    corrections = select(OpeningCorrection.id).where(OpeningCorrection.file_sha256 == sha256)
    deposits = select(Deposit.id).where(Deposit.file_sha256 == sha256)
    interest = select(DepositInterest.id).where(DepositInterest.file_sha256 == sha256)
    undos = select(InterestUndo.id).where(InterestUndo.file_sha256 == sha256)
    moves = select(BankTransfer.id).where(BankTransfer.file_sha256 == sha256)
    agreed = select(BankAgreement.id).where(BankAgreement.file_sha256 == sha256)
    past = select(PastIncome.id).where(PastIncome.file_sha256 == sha256)
    decided = select(LeadingDecision.id).where(LeadingDecision.file_sha256 == sha256)
    papers = letters, corrections, clauses, deposits, interest, undos, moves, agreed, past, decided
    found = union(*papers)
    return tx.scalar(found.limit(1)) is not None


def file_is_of_company_of(tx: Session, sha256: str, viewer: Viewer) -> bool:
    """Whether it is one between the person's committee and the person's company."""
    papers = _of_company(sha256).subquery()
    managed = granted(viewer, Role.PROPERTY_MANAGER)
    theirs = or_(papers.c.estate_id.in_(seats(viewer)), papers.c.estate_id.in_(managed))
    return tx.scalar(select(papers.c.estate_id).where(theirs).limit(1)) is not None


def _of_company(sha256: str) -> CompoundSelect[UUID]:
    """The estates of which it is such a paper."""
    mandates = (
        select(Committee.estate_id)
        .join(Mandate, Mandate.committee_id == Committee.id)
        .where(Mandate.file_sha256 == sha256)
    )
    notices = select(Succession.estate_id).where(Succession.file_sha256 == sha256)
    return union(mandates, notices)


def objection_paper_authors(tx: Session, sha256: str) -> Sequence[UUID | None]:
    """Whose objections this paper is, withdrew, supports or signs, or shows to be answered; empty
    when it is no such paper."""
    supports = select(ObjectionPhoto.objection_id).where(ObjectionPhoto.file_sha256 == sha256)
    answers = select(AnswerDelivery.objection_id).where(AnswerDelivery.file_sha256 == sha256)
    entered = select(PaperEntry.about_id).where(
        PaperEntry.file_sha256 == sha256, PaperEntry.kind == PaperKind.OBJECTION_WITHDRAWAL
    )
    return tx.scalars(
        select(Objection.author()).where(
            or_(
                Objection.id.in_(answers),
                Objection.id.in_(entered),
                Objection.paper_sha256 == sha256,
                Objection.withdrawal_sha256 == sha256,
                Objection.signature_sha256 == sha256,
                Objection.id.in_(supports),
            )
        )
    ).all()
