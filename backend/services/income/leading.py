"""领导小组决定: interest that a bank paid below the statutory one stays owed to the owners, and so
does what a pooled account should give back and has spent, until the leading group decides. An
officer enters what it decided, with the paper; nothing is netted and no money moves by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import leading_decisions as rules
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.income import value_added
from backend.domain.local_time import local_date
from backend.domain.roles import BOOK_OFFICERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.case.news import News, tell_book_officers
from backend.services.files.handed_in import check_upload
from backend.store.income import DepositInterest
from backend.store.leading_decisions import LeadingDecision
from backend.store.queries.leading_decisions import DecisionView, decision_view, owed_by

BODY_LIMIT = 60


@dataclass(frozen=True)
class Decided:
    """What the paper says: the day, who decided, and what; and its scan."""

    decided_on: date
    body: str
    decision: str
    file_sha256: str


@dataclass(frozen=True)
class Owed:
    """What is decided about: the column that names it, its id, how much is owed in fen, and since
    which day."""

    column: str
    of: UUID
    fen: int
    since_on: date


def decide_interest(
    ctx: Context, actor: Actor, interest_id: UUID, decided: Decided
) -> DecisionView:
    """What was decided about interest that lacks of the statutory one; one decision stands.

    Raises Refused: `not_found`, `role_required`, `nothing_owed` (conflict), `day_in_future`,
    `decision_before_owed`, `decision_known` (conflict), `file_unknown`, `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        interest = tx.get(DepositInterest, interest_id, with_for_update={"key_share": True})
        if interest is None:
            raise nothing_there("存款利息")
        tx.refresh(interest)
        counts = interest.confirmed and interest.undone_at is None
        owed = value_added(interest.actual_fen, interest.statutory_fen).owed_fen if counts else 0
        about = Owed("interest_id", interest_id, owed, interest.posted_on)
        return _entered(tx, ctx, actor, about, decided)


def decide_account(ctx: Context, actor: Actor, account_id: UUID, decided: Decided) -> DecisionView:
    """What was decided about what an account should give back and has spent; the last decision
    counts, and what comes on top of it waits for another.

    Raises Refused as `decide_interest`, but `decision_known`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        found = owed_by(tx, account_id)
        if found is None:
            raise nothing_there("账户")
        *_, owed, since = found
        today = local_date(ctx.clock())
        since_on = local_date(since) if since else today
        about = Owed("account_id", account_id, owed, since_on)
        return _entered(tx, ctx, actor, about, decided)


def withdraw(ctx: Context, actor: Actor, decision_id: UUID, reason: str) -> DecisionView:
    """One that was entered by mistake.

    Raises Refused: `not_found`, `role_required`, `decision_withdrawn` (conflict), `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "撤销的原因")
        one = tx.get(LeadingDecision, decision_id, with_for_update=True)
        if one is None:
            raise nothing_there("领导小组的决定")
        tx.refresh(one)
        if one.withdrawn_at is not None:
            message = "这项决定的登记已经撤销，请刷新后核对。"
            raise refuse("decision_withdrawn", message, kind="conflict")
        one.withdrawn_by, one.withdrawn_at, one.withdrawn_because = (
            actor.person_id,
            ctx.clock(),
            why,
        )
        tx.flush()
        facts = {"reason": why}
        _write_down(tx, ctx, actor, AuditAction.LEADING_DECISION_WITHDRAW, one.id, facts)
        return _done(tx, ctx, actor, one.id, "领导小组决定的登记已撤销")


def _entered(
    tx: Session, ctx: Context, actor: Actor, about: Owed, decided: Decided
) -> DecisionView:
    rules.check_owed(about.fen)
    rules.check_day(decided.decided_on, about.since_on, local_date(ctx.clock()))
    body = texts.required(decided.body, BODY_LIMIT, "body", "作出决定的会议或文件")
    decision = texts.required(decided.decision, texts.REASON_LIMIT, "decision", "决定的内容")
    check_upload(tx, actor, decided.file_sha256, "file_sha256")
    decision_id = tx.scalar(
        insert(LeadingDecision)
        .values(
            **{about.column: about.of},
            owed_fen=about.fen,
            decided_on=decided.decided_on,
            body=body,
            decision=decision,
            file_sha256=decided.file_sha256,
            entered_by=actor.person_id,
            entered_at=ctx.clock(),
        )
        .on_conflict_do_nothing()
        .returning(LeadingDecision.id)
    )
    if decision_id is None:
        message = "这笔利息已经登记了决定。登记错的请先撤销，再重新登记。"
        raise refuse("decision_known", message, kind="conflict")
    facts = {
        about.column: str(about.of),
        "owed_fen": about.fen,
        "decided_on": str(decided.decided_on),
        "body": body,
        "decision": decision,
        "file_sha256": decided.file_sha256,
    }
    _write_down(tx, ctx, actor, AuditAction.LEADING_DECISION_ENTER, decision_id, facts)
    return _done(tx, ctx, actor, decision_id, "领导小组的决定已登记")


def _done(
    tx: Session, ctx: Context, actor: Actor, decision_id: UUID, happened: str
) -> DecisionView:
    view = decision_view(tx, decision_id)
    assert view is not None, "it was just written"
    stands = "entered" if view.withdrawn_because is None else "taken-back"
    news = News(f"leading-decision/{decision_id}/{stands}", happened, "请在收益与账户里查看")
    tell_book_officers(tx, ctx, news, actor.person_id, decided=True)
    tx.commit()
    return view


def _write_down(
    tx: Session,
    ctx: Context,
    actor: Actor,
    action: AuditAction,
    decision_id: UUID,
    facts: Mapping[str, object],
) -> None:
    subject = ("leading_decision", decision_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
