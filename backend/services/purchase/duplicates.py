"""What is asked for once: a lift in one case at a time, a signed paper for one case."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select
from sqlalchemy.orm import Session

from backend.domain.errors import refuse
from backend.domain.paper_entries import PaperKind
from backend.domain.steps import EvidenceKind
from backend.store.notices import Evidence, Objection, PublicNotice, PublicNoticePhoto
from backend.store.proposals import PaperEntry
from backend.store.purchases import Purchase, PurchaseLift
from backend.store.queries.estates import at_work
from backend.store.queries.files import lock_file
from backend.store.registry import Building, Lift, Unit
from backend.store.rulings import AnswerDelivery, CaseLetterDelivery

# Papers that somebody signed for one case.
OF_ONE_CASE = (
    EvidenceKind.APPLICATION_FORM,
    EvidenceKind.COSIGNED_FORM,
    EvidenceKind.COSIGNATURE_WITHDRAWAL,
    EvidenceKind.APPLICANTS_WORD,
    EvidenceKind.MINUTES,
    EvidenceKind.BALLOTS,
)
PAPER_OBJECTION = "paper_objection"
WITHDRAWN_OBJECTION = "withdrawn_objection"
# What a paper that was entered for another clerk to compare is in its case, once it counts.
SCANS: Mapping[PaperKind, str] = {
    PaperKind.COSIGNATURES: EvidenceKind.COSIGNED_FORM,
    PaperKind.MINUTES: EvidenceKind.MINUTES,
    PaperKind.OBJECTION_WITHDRAWAL: WITHDRAWN_OBJECTION,
    PaperKind.BALLOTS: EvidenceKind.BALLOTS,
}
SLIP = "slip"


def lock_lifts(tx: Session, *which: ColumnElement[bool]) -> Sequence[UUID]:
    """These lifts, locked, so that of two applications at once one is seen by the other."""
    lifts = (
        select(Lift.id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(*which)
        .order_by(Lift.id)
    )
    return tx.scalars(lifts.with_for_update(of=Lift)).all()


def check_lifts_free(tx: Session, lift_ids: Sequence[UUID], own: UUID | None = None) -> None:
    """No other case is at work on any of these lifts, which were locked before.

    Raises Refused `lift_in_open_case`.
    """
    found = tx.execute(
        select(Purchase.number, Building.name + Unit.name + Lift.name)
        .join(PurchaseLift, PurchaseLift.purchase_id == Purchase.id)
        .join(Lift, Lift.id == PurchaseLift.lift_id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(PurchaseLift.lift_id.in_(lift_ids), at_work(), Purchase.id.is_distinct_from(own))
        .order_by(Purchase.number, Lift.id)
        .limit(1)
    ).one_or_none()
    if found:
        number, place = found
        message = (
            f"{place}已在申请 {number} 里办理，请不选这台电梯，或等那件申请办结；"
            "那件不再办的，可由其申请人撤回，或由维修资金中心终止，之后再申请。"
        )
        raise refuse("lift_in_open_case", message, "lift_ids", "conflict")


def check_form_fresh(tx: Session, purchase: Purchase, form_sha256: str) -> None:
    """The form is of this case: no other rests on this file, and it is no photo of a notice.

    Raises Refused `form_reused`.
    """
    elsewhere = exists().where(
        Evidence.file_sha256 == form_sha256,
        Evidence.kind == EvidenceKind.APPLICATION_FORM,
        Evidence.subject_id != purchase.id,
    )
    shown = exists().where(PublicNoticePhoto.file_sha256 == form_sha256)
    if tx.scalar(select(or_(elsewhere, shown))):
        message = "这张图片已经在别处用过，不是这件申请的申请表，请拍下这次签字盖章的申请表。"
        raise refuse("form_reused", message, "form_sha256", "conflict")


def check_scan_fresh(tx: Session, purchase_id: UUID, kind: str, sha256: str) -> None:
    """The scan is of this case and says this one thing: no other case rests on it, it is no photo
    of a notice, and proves no other letter to be given. What is entered again in its own case, to
    put it right, may bring it again; but not what is good for one step (`APPLICANTS_WORD`).

    `kind` is that of an evidence, `PAPER_OBJECTION`, `WITHDRAWN_OBJECTION` or `SLIP`. Two
    cases that bring one scan at once pass one after the other. Raises Refused `paper_reused`.
    """
    lock_file(tx, sha256)
    spent = literal(kind == EvidenceKind.APPLICANTS_WORD)
    another = and_(Evidence.kind != kind, Evidence.kind.in_(OF_ONE_CASE))
    rests = exists().where(
        Evidence.file_sha256 == sha256,
        or_(Evidence.subject_id != purchase_id, another, spent),
    )
    answered, informed = (
        exists().where(slip.file_sha256 == sha256, slip.undone_at.is_(None))
        for slip in (AnswerDelivery, CaseLetterDelivery)
    )
    shown = exists().where(PublicNoticePhoto.file_sha256 == sha256)
    elsewhere = PublicNotice.purchase_id != purchase_id
    about = PublicNotice.id == Objection.notice_id
    withdrew = exists().where(
        about,
        Objection.withdrawal_sha256 == sha256,
        or_(elsewhere, literal(kind != WITHDRAWN_OBJECTION)),
    )
    objected = exists().where(
        about,
        Objection.paper_sha256 == sha256,
        or_(elsewhere, literal(kind != PAPER_OBJECTION)),
    )
    entered = exists().where(
        PaperEntry.file_sha256 == sha256,
        PaperEntry.decided_at.is_(None),
        or_(PaperEntry.purchase_id != purchase_id, PaperEntry.kind.not_in(_entered_as(kind))),
    )
    if tx.scalar(select(or_(rests, shown, withdrew, objected, entered, answered, informed))):
        message = (
            "这份扫描件已经用于另一件申请或另一种材料。请核对是不是传错了；"
            "一份纸上确实写了几件的，请为每一件各扫描一份。"
        )
        raise refuse("paper_reused", message, "file_sha256", "conflict")


def _entered_as(kind: str) -> Sequence[PaperKind]:
    """As which kinds of entries a scan of this kind is compared."""
    return [entered for entered, scan in SCANS.items() if scan == kind]
