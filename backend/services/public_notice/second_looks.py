"""第二人核对: another clerk compares what was entered from a paper with its scan. From then on it
counts; until then it may be turned down, and whoever entered it may take it back."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.paper_entries import PAPER_KIND_NAMES, PaperKind
from backend.domain.roles import Role
from backend.services.base.access import nothing_there, require
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, act_as_officer, check_officer, open_case
from backend.services.case.notifications import tell_clerks
from backend.services.public_notice import objections
from backend.services.purchase import cosignatures, minutes
from backend.services.purchase.duplicates import SCANS, check_scan_fresh
from backend.services.purchase.paper_entries import PaperEntryView, view_of, write_down
from backend.services.votes import paper as ballots_on_paper
from backend.store.proposals import PaperEntry

COUNT: Mapping[PaperKind, Callable[[Case, PaperEntry], object]] = {
    PaperKind.COSIGNATURES: cosignatures.count_entered,
    PaperKind.MINUTES: minutes.count_entered,
    PaperKind.OBJECTION_WITHDRAWAL: objections.count_withdrawal,
    PaperKind.BALLOTS: ballots_on_paper.count_entered,
}


def confirm(ctx: Context, actor: Actor, entry_id: UUID) -> PaperEntryView:
    """The scan says what was entered: it counts.

    Raises Refused: not_found, role_required, same_officer, officer_is_party, own_paper_entry,
    paper_entry_decided, case_closed, paper_reused, and what stands in its way by now:
    not_open_for_cosigning, namesake_signed, plan_changed, already_decided, objection_closed,
    vote_closed.
    """
    with ctx.sessions() as tx:
        entry, case = _waiting(tx, ctx, actor, entry_id)
        if case.involved.fact.is_own(entry.entered_by, entry.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人录入的，请由另一位经办对照扫描件核对。"
            raise refuse("own_paper_entry", message, kind="forbidden")
        act_as_officer(case, Role.CLERK)
        check_scan_fresh(tx, case.purchase.id, SCANS[entry.kind], entry.file_sha256)
        entry.decided_by, entry.decided_at, entry.confirmed = actor.person_id, case.now, True
        tx.flush()
        write_down(case, AuditAction.PURCHASE_COMPARE_PAPER, entry)
        COUNT[entry.kind](case, entry)
        tx.commit()
        return view_of(tx, ctx, entry.id)


def turn_down(ctx: Context, actor: Actor, entry_id: UUID, reason: str) -> PaperEntryView:
    """The scan does not say so, or it was entered by mistake: nothing of it counts.

    Raises Refused: not_found, role_required, same_officer, officer_is_party, paper_entry_decided,
    text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        entry, case = _waiting(tx, ctx, actor, entry_id)
        check_officer(case, Role.CLERK)
        entry.turned_down_because = texts.required(
            reason, texts.REASON_LIMIT, "reason", "退回的原因"
        )
        entry.decided_by, entry.decided_at, entry.confirmed = actor.person_id, case.now, False
        tx.flush()
        write_down(case, AuditAction.PURCHASE_TURN_DOWN_PAPER, entry)
        words = f"{PAPER_KIND_NAMES[entry.kind]}已退回"
        entered_by = {entry.entered_by} - {actor.person_id}
        tell_clerks(case, f"paper/{entry.id}/back", entered_by, words, "没有计入，可重新录入")
        tx.commit()
        return view_of(tx, ctx, entry.id)


def _waiting(tx: Session, ctx: Context, actor: Actor, entry_id: UUID) -> tuple[PaperEntry, Case]:
    entry = tx.get(PaperEntry, entry_id)
    if entry is None:
        raise nothing_there("纸质材料")
    case = open_case(tx, ctx, actor, entry.purchase_id, "纸质材料")
    require(case.held, [Role.CLERK])
    tx.refresh(entry)
    if entry.decided_at is not None:
        done = "核对" if entry.confirmed else "退回"
        message = f"这份纸质材料已经{done}，无需再办。"
        raise refuse("paper_entry_decided", message, kind="conflict")
    return entry, case
