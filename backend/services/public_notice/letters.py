"""送达: what the centre says to an author whom no message reaches goes to them on paper.

Whoever objected on paper and has no account was not told until the letter was given to them: the
limit of the answer begins anew for it, and only then may the reviewer dismiss (JS annex 二（一）4)
[D]. The letter says all that the centre said so far, so that there is one, whatever is due.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.letters import PROOF_WORDS, Given, delivered_on
from backend.domain.local_time import local_date
from backend.domain.objection import KINDS, ObjectionStatus, what_next
from backend.domain.remedies import remedy_words
from backend.domain.roles import Role
from backend.domain.wording import minute
from backend.pictures.letter import Letter, letter_pdf
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.case import deadlines
from backend.services.case.case import Case
from backend.services.case.followers import notify_answered
from backend.services.case.notifications import notify_letter_due
from backend.services.case.reviews import await_review
from backend.services.case.steps import stay_anew
from backend.services.files.handed_in import check_upload
from backend.services.public_notice.intake import write_down
from backend.services.public_notice.objectors import objection_for
from backend.services.public_notice.settling import is_to_be_verified
from backend.services.purchase.duplicates import SLIP, check_scan_fresh
from backend.store.notices import Objection, PublicNotice
from backend.store.queries.places import places_of
from backend.store.registry import Owner
from backend.store.rulings import AnswerDelivery, Dismissal


def tell_author(
    case: Case, objection: Objection, *, outcome: str = "", dismissal: UUID | None = None
) -> None:
    """The author hears what the centre said last (as `notify_answered`), or a letter is due."""
    if notify_answered(case, objection, outcome=outcome, dismissal=dismissal):
        return
    _owe(case, objection)
    if dismissal is not None:  # whoever rules is not who delivers
        notify_letter_due(case, objection)


def deliver(ctx: Context, actor: Actor, objection_id: UUID, given: Given) -> AnswerDelivery:
    """The clerk enters that the author was given the letter; from then on they were answered.

    Raises Refused: not_found, same_officer, officer_is_party, letter_not_due, file_unknown,
    paper_reused, delivery_day_invalid.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.CLERK)
        due_since = _due(objection)
        check_upload(tx, actor, given.file_sha256, "file_sha256")
        check_scan_fresh(tx, case.purchase.id, SLIP, given.file_sha256)
        delivery = AnswerDelivery(
            objection_id=objection.id,
            how=given.how,
            given_on=given.given_on,
            delivered_on=delivered_on(given.how, given.given_on, due_since, case.today),
            file_sha256=given.file_sha256,
            entered_by=actor.person_id,
            entered_at=case.now,
        )
        tx.add(delivery)
        _is_given(case, objection)
        await_review(case, objection)
        stay_anew(case)
        write_down(case, actor, objection, AuditAction.OBJECTION_DELIVER_ANSWER)
        tx.commit()
        return delivery


def undo(ctx: Context, actor: Actor, objection_id: UUID, reason: str) -> Objection:
    """The letter was not given after all: it is due again, and nobody reviews meanwhile.

    Raises Refused: not_found, same_officer, officer_is_party, not_delivered, delivery_final,
    text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.CLERK)
        latest = (
            select(AnswerDelivery)
            .where(AnswerDelivery.objection_id == objection.id)
            .where(AnswerDelivery.undone_at.is_(None))
            .order_by(AnswerDelivery.id.desc())
            .limit(1)
        )
        delivery = tx.scalar(latest)
        if delivery is None or objection.letter_due_since is not None:
            message = "该异议没有已送达的书面答复，无需撤销。"
            raise refuse("not_delivered", message, kind="conflict")
        if _went_on(tx, objection, delivery):
            message = "异议在送达以后已经复核或者撤回，送达不能再撤销。"
            raise refuse("delivery_final", message, kind="conflict")
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "理由")
        delivery.undone_by, delivery.undone_at = actor.person_id, case.now
        delivery.undone_because = why
        deadlines.meet(case, "objection_review", objection.id)
        _owe(case, objection)
        write_down(case, actor, objection, AuditAction.OBJECTION_UNDO_DELIVERY)
        tx.commit()
        return objection


def no_longer_due(case: Case, objection: Objection) -> None:
    """What was due was never told, and needs no telling any more."""
    if objection.letter_due_since is not None:
        _is_given(case, objection)


def letter_of(ctx: Context, actor: Actor, objection_id: UUID) -> tuple[str, bytes]:
    """The objection's number and the letter that is due, as a PDF; that it was made is on record,
    since it names its author.

    Raises Refused: not_found, same_officer, officer_is_party, letter_not_due.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.CLERK, notes=False)
        _due(objection)
        letter = _letter(case, objection)
        write_down(case, actor, objection, AuditAction.OBJECTION_PRINT_ANSWER)
        tx.commit()
    return letter.number, letter_pdf(letter, ctx.document_fonts)


def _due(objection: Objection) -> date:
    """Since when the letter is due."""
    if objection.letter_due_since is None:
        message = "该异议没有待送达的书面答复：还没有答复，或者已经送达，或者异议人在手机上看得到。"
        raise refuse("letter_not_due", message, kind="conflict")
    return local_date(objection.letter_due_since)


def _owe(case: Case, objection: Objection) -> None:
    objection.letter_due_since = case.now
    about = ("objection_answer", objection.id)
    if not case.is_closed and deadlines.running(case.tx, case.subject, *about) is None:
        deadlines.start(case, *about)


def _is_given(case: Case, objection: Objection) -> None:
    """Nothing more is owed to the author, but where the clerk must still find out who that is."""
    objection.letter_due_since = None
    case.tx.flush()
    if not is_to_be_verified(case, objection):
        deadlines.meet(case, "objection_answer", objection.id)


def _went_on(tx: Session, objection: Objection, delivery: AnswerDelivery) -> bool:
    """Whether something was ruled, or the author withdrew, since the letter was given."""
    later = select(Dismissal.id).where(
        Dismissal.objection_id == objection.id,
        or_(Dismissal.id > delivery.id, Dismissal.undone_at > delivery.entered_at),
    )
    withdrawn = objection.status == ObjectionStatus.WITHDRAWN
    return withdrawn or tx.scalar(later.limit(1)) is not None


def _letter(case: Case, objection: Objection) -> Letter:
    tx, cipher = case.tx, case.ctx.cipher
    notice = tx.get_one(PublicNotice, objection.notice_id)
    owner = tx.get(Owner, objection.owner_id) if objection.owner_id else None
    name, flat = "", ""
    if sealed := objection.objector_sealed:
        name = cipher.open(Objection.objector_sealed, objection.id, sealed)
    if owner is not None:
        name = name_of(cipher, owner)
        flat = places_of(tx, [owner.household_id])[owner.household_id]
    latest = (
        select(Dismissal)
        .where(Dismissal.objection_id == objection.id)
        .order_by(Dismissal.id.desc())
        .limit(1)
    )
    ruled = tx.scalar(latest)
    centre = case.profile.centre
    facts = (
        ("异议人", name),
        ("房屋", flat),
        ("小区", case.estate.name),
        ("公示编号", notice.number),
        ("异议类别", KINDS[objection.kind]),
        ("收到时间", minute(objection.received_at)),
    )
    return Letter(
        title="书面异议答复书",
        number=objection.number,
        made_at=case.now,
        centre=centre.name.value,
        phone=centre.phone.value,
        facts=[(label, value) for label, value in facts if value],
        sections=_sections(case, objection, ruled),
        proofs=PROOF_WORDS,
    )


def _sections(
    case: Case, objection: Objection, ruled: Dismissal | None
) -> list[tuple[str, list[str]]]:
    rules = case.profile.objection
    then = [what_next(objection.status, rules, objection.answer is not None)]
    if objection.status == ObjectionStatus.INADMISSIBLE and remedy_words(rules):
        then.append("上述期限自本答复书送达之日起算。")
    ruling = [("复核", [_ruling(ruled)])] if ruled else []
    return [("答复", [objection.answer or ""]), *ruling, ("接下来", then)]


def _ruling(ruled: Dismissal) -> str:
    if ruled.undone_at is None:
        return f"经复核，异议不予采纳。{ruled.reasons}"
    return f"{minute(ruled.dismissed_at)}作出的不予采纳决定已经撤销，异议继续有效。"
