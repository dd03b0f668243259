"""Objections (书面反对意见): received, verified, answered, withdrawn (JS annex 二（一）4).

An objection that is on time blocks clearing from the moment it is received; once its author is
known to be an affected owner it suspends. Late ones are recorded and answered, and suspend nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.domain.actions import Action
from backend.domain.audit_actions import AuditAction
from backend.domain.city.schema import ObjectionRules
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.local_time import local_date
from backend.domain.names import NameFault, name_fault
from backend.domain.normal import seen
from backend.domain.objection import (
    UNSETTLED,
    ObjectionStatus,
    Publication,
    Source,
    check_channel,
    check_kind,
    check_text,
)
from backend.domain.paper_entries import PaperKind
from backend.domain.public_notice import NoticeState
from backend.domain.roles import Role
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.case import (
    Case,
    act_as_officer,
    case_of_notice,
    open_case,
    open_for_the_house,
    see_case,
)
from backend.services.case.reviews import await_review
from backend.services.case.steps import settle
from backend.services.files.handed_in import check_upload
from backend.services.public_notice import moderation
from backend.services.public_notice.answers import write_answer
from backend.services.public_notice.intake import Received, receive, write_down
from backend.services.public_notice.letters import tell_author
from backend.services.public_notice.objectors import (
    author_of,
    check_affected,
    check_author,
    check_first,
    check_withdrawals,
    filed_before,
    objection_for,
)
from backend.services.public_notice.photos import Attached, check_attached, hold_attached
from backend.services.public_notice.settling import already_closed, close
from backend.services.purchase.cosignatures import SignedOnPaper, on_roster
from backend.services.purchase.duplicates import PAPER_OBJECTION, check_scan_fresh
from backend.services.purchase.paper_entries import (
    PaperEntryView,
    Scanned,
    check_scan,
    put_down,
)
from backend.store.notices import Objection, ObjectionPhoto, PublicNotice
from backend.store.proposals import PaperEntry
from backend.store.queries import area

NOTHING = Attached()


@dataclass(frozen=True)
class PaperObjection:
    """An objection handed in on paper, as the clerk enters it. `owner_id` once it was checked."""

    kind: str
    text: str
    objector: str
    received_at: datetime
    owner_id: UUID | None


def file_objection(
    ctx: Context,
    actor: Actor,
    notice_id: UUID,
    kind: str,
    text: str,
    attached: Attached = NOTHING,
    publish_text: bool = False,
) -> Objection:
    """An owner objects in the mini-program. 《民法典》469: a signed data message is “written”.

    With `publish_text` the words are to be published too: they are held until the platform's word
    on them is heard (`moderation.take_verdict`), or the clerk's. The objection is on record, with
    the time it was handed in, before the platform is asked.

    Raises Refused: not_found, not_an_affected_owner, notice_not_running, objection_already_filed,
    objection_channel_closed, text_required, text_too_long, text_characters_invalid,
    objection_kind_unknown, and those of `check_attached`.
    """
    received_at = ctx.clock()  # before waiting for anybody: what is handed in now is on time now
    check_attached(ctx, actor, attached)
    with ctx.sessions() as tx:
        case = open_for_the_house(tx, ctx, case_of_notice(notice_id), what="公示")
        notice, author = author_of(case, notice_id, actor.person_id)
        if notice.state == NoticeState.POSTING:
            raise nothing_there("公示")
        _check_taken(case, notice)
        rules = case.profile.objection
        check_channel(Source.MINI_PROGRAM, rules)
        kind, text = check_kind(kind), check_text(text, rules)
        if not author.owner_id and not author.waits:
            raise _not_affected(rules)
        hold_attached(tx, actor, attached)
        received = Received(
            Source.MINI_PROGRAM,
            kind,
            text,
            received_at,
            author.owner_id,
            signature_sha256=attached.signature,
            publish_text=publish_text,
        )
        objection = receive(case, actor, notice, received, author.before)
        for position, photo in enumerate(attached.photos):
            tx.add(ObjectionPhoto(objection_id=objection.id, position=position, file_sha256=photo))
        tx.commit()
        return objection


def enter_paper(
    ctx: Context, actor: Actor, notice_id: UUID, paper: PaperObjection, file_sha256: str
) -> Objection:
    """The clerk enters an objection handed in on paper, with its scan and the time it was received:
    also one to a notice that is still being posted, which is then suspended as soon as it begins.

    It counts at once, as every objection does: a second look would be at its author's cost. Raises
    Refused as `file_objection`, and received_at_invalid, name_invalid, owner_unknown, file_unknown,
    paper_reused.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, case_of_notice(notice_id), "公示")
        notice = tx.get_one(PublicNotice, notice_id)
        _check_taken(case, notice)
        case.require_role(Action.ANSWER_OBJECTION)
        act_as_officer(case, Role.CLERK)
        rules = case.profile.objection
        check_channel(Source.PAPER, rules)
        kind, text = check_kind(paper.kind), check_text(paper.text, rules)
        # The first place hangs before the last has its photo: paper may come from then on.
        drafted_on = local_date(notice.drafted_at)
        if not drafted_on <= local_date(paper.received_at) or paper.received_at > case.now:
            message = "收到时间应在公示生成之后、现在之前。"
            raise refuse("received_at_invalid", message, "received_at")
        objector = _signed(paper.objector)
        if paper.owner_id is not None:
            check_affected(tx, area.circle(case.purchase.id), paper.owner_id, paper.received_at)
        check_scan_fresh(tx, case.purchase.id, PAPER_OBJECTION, file_sha256)
        check_upload(tx, actor, file_sha256, "file_sha256")
        received = Received(
            Source.PAPER,
            kind,
            text,
            paper.received_at,
            paper.owner_id,
            objector=objector,
            paper_sha256=file_sha256,
        )
        before = filed_before(tx, notice.id, paper.owner_id)
        objection = receive(case, actor, notice, received, before)
        tx.commit()
        return objection


def _signed(objector: str) -> str:
    """The name as it stands on the paper: no paper is turned away for the way it is signed, but
    what names nobody is no signature."""
    name = " ".join(seen(objector).split())
    if name_fault(name) is NameFault.NOBODY:
        raise refuse("name_invalid", "请照纸上的署名填写异议人。", "objector")
    return name


def owner_on_paper(ctx: Context, actor: Actor, purchase_id: UUID, signed: SignedOnPaper) -> UUID:
    """Whom the roster has under the flat and the name on a paper, for the clerk who enters or
    verifies it; also who sold the flat since.

    Raises Refused: not_found, role_required, place_unknown, name_not_on_roster, not_in_circle.
    """
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.ANSWER_OBJECTION)
        found = on_roster(case, signed, "", former=True)
        if isinstance(found, Refusal):
            raise Refused(found, kind="conflict")
        return found.id


def verify(
    ctx: Context,
    actor: Actor,
    objection_id: UUID,
    owner_id: UUID | None,
    reply: str | None,
    checked: bool = False,
) -> Objection:
    """The clerk finds that the author is this affected owner, or (None, with an answer) is not.

    Who wrote in the mini-program can only be the owner that the roster binds to that very person:
    an open verification is closed first. Only now may words that passed be published; those of
    somebody who is no owner never are.

    Raises Refused: not_found, role_required, objection_closed, owner_unknown,
    owner_is_not_the_author, text_required, answer_not_checked.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.CLERK)
        if objection.status != ObjectionStatus.RECEIVED:
            raise already_closed()
        if owner_id is not None:
            check_affected(tx, area.circle(case.purchase.id), owner_id, objection.received_at)
            check_author(tx, objection, owner_id)
            before = filed_before(tx, objection.notice_id, owner_id)
            check_first(before, by_clerk=True)
            objection.owner_id = owner_id
            objection.status = ObjectionStatus.VERIFIED
            tx.flush()
            if objection.answer is not None and objection.letter_due_since is None:
                deadlines.meet_about(case, objection.id)
            settle(case)
            await_review(case, objection)
            if objection.publication == Publication.HELD:
                moderation.resolve_publication(tx, ctx, objection)
        else:
            write_answer(tx, ctx, objection, reply, checked)
            moderation.unpublish(tx, ctx, actor.person_id, objection)
            close(case, actor, objection, ObjectionStatus.NOT_ENTITLED)
            tell_author(case, objection)
        write_down(case, actor, objection, AuditAction.OBJECTION_VERIFY)
        tx.commit()
        return objection


def withdraw(ctx: Context, actor: Actor, objection_id: UUID) -> Objection:
    """The author withdraws in writing, in the mini-program.

    A late one too: should the notice run on, its author may object anew. Raises Refused: not_found,
    role_required, withdrawal_paper_missing, withdrawals_used_up, or a conflict when it is settled
    already.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.CLERK, Role.OWNER)
        if case.actor is not None:  # its author comes by no part in the case
            raise refuse("withdrawal_paper_missing", "请上传异议人签名的书面撤回。", "file_sha256")
        if objection.status not in UNSETTLED:
            raise already_closed()
        check_withdrawals(tx, objection, actor.person_id)
        _withdraw(case, actor, objection, None)
        tx.commit()
        return objection


def enter_withdrawal(
    ctx: Context, actor: Actor, objection_id: UUID, paper: Scanned
) -> PaperEntryView:
    """The clerk enters that the author withdrew on paper, for another clerk to compare.

    Raises Refused: not_found, same_officer, officer_is_party, file_unknown, paper_reused,
    objection_closed, received_at_invalid, paper_entry_waiting.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.CLERK)
        check_scan(case, PaperKind.OBJECTION_WITHDRAWAL, paper.file_sha256)
        if objection.status not in UNSETTLED:
            raise already_closed()
        about = objection.id, objection.received_at
        entry = put_down(case, PaperKind.OBJECTION_WITHDRAWAL, about, paper, {})
        tx.commit()
        return entry


def count_withdrawal(case: Case, entry: PaperEntry) -> None:
    """What was entered was compared: the objection is withdrawn. Raises Refused
    `objection_closed`."""
    assert case.actor is not None
    objection = case.tx.get_one(Objection, entry.about_id)
    if objection.status not in UNSETTLED:
        raise already_closed()
    _withdraw(case, case.actor, objection, entry.file_sha256)


def _withdraw(case: Case, actor: Actor, objection: Objection, paper_sha256: str | None) -> None:
    objection.withdrawal_sha256 = paper_sha256
    moderation.unpublish(case.tx, case.ctx, actor.person_id, objection)
    close(case, actor, objection, ObjectionStatus.WITHDRAWN)
    write_down(case, actor, objection, AuditAction.OBJECTION_WITHDRAW)


def _check_taken(case: Case, notice: PublicNotice) -> None:
    """Raises Refused `notice_not_running` (conflict) where objections are not taken any more."""
    case.saw(notice)
    if notice.state == NoticeState.VOID:
        raise refuse("notice_not_running", "该公示已作废，请查看新的公示。", kind="conflict")
    if case.is_closed:
        raise refuse(
            "notice_not_running",
            "本案已经办结，不再受理异议，如有意见请联系中心。",
            kind="conflict",
        )


def _not_affected(rules: ObjectionRules) -> Refused:
    otherwise = "，或打电话问中心怎样交纸质意见" if Source.PAPER in rules.channels.value else ""
    return refuse(
        "not_an_affected_owner",
        f"只有本栋（单元）的业主可以提出异议。请先在“我的”中提交业主核验{otherwise}。",
        kind="forbidden",
    )
