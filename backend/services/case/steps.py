"""Takes one step of a purchase: the table decides, orders are carried out, all in one transaction.

Every service that moves a case goes through `advance`. It locks the case, so that two people who
act at once are judged one after the other.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from backend.domain import texts
from backend.domain.audit_actions import of_step
from backend.domain.cover import CoverState
from backend.domain.effects import Move
from backend.domain.errors import refuse
from backend.domain.facts import Facts
from backend.domain.local_time import local_date
from backend.domain.purchase import Decision, decide
from backend.domain.roles import Role
from backend.domain.routes import ROUTES
from backend.domain.states import State
from backend.domain.steps import EVERY_LIMIT, EvidenceKind, is_final
from backend.services.base import audit
from backend.services.base.access import nothing_there, roles_in_estate
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines, followers
from backend.services.case.conflicts_of_interest import is_applicant
from backend.services.case.facts import load_facts
from backend.services.case.notifications import notify_progress
from backend.services.case.orders import carry_out
from backend.services.files.handed_in import check_upload
from backend.store.notices import Evidence
from backend.store.purchases import CoveragePeriod, Plan, Purchase, Transition
from backend.store.queries.cases import unanswered_objections

logger = logging.getLogger(__name__)

# Keeps other steps out, but not rows that refer to the case, such as reminders of the sweep.
STEP_LOCK: dict[str, Any] = {"key_share": True}

# What the API calls the input that brings each kind of evidence.
EVIDENCE_FIELDS: Mapping[str, str] = {
    EvidenceKind.APPLICATION_FORM: "form_sha256",
    EvidenceKind.UPKEEP_STATEMENT: "upkeep_statement",
    EvidenceKind.RECTIFICATION: "statement",
    EvidenceKind.NO_PAPER_OBJECTION: "statement",
    EvidenceKind.BANK_RECEIPT: "receipt_sha256",
    EvidenceKind.POLICY_DOCUMENT: "file_sha256",
}


def lock_visible(
    tx: Session, ctx: Context, actor: Actor, purchase_id: UUID, what: str = "案件"
) -> tuple[Purchase, frozenset[Role]]:
    """The case, locked, with the actor's roles in it.

    A refusal speaks of `what` the actor asked for, whether it exists or not. Raises Refused
    `not_found`, also for cases of others, and `version_conflict` when the case moved on since the
    actor looked at it.
    """
    purchase = tx.get(Purchase, purchase_id, with_for_update=STEP_LOCK, populate_existing=True)
    held = case_roles(tx, ctx, actor, purchase) if purchase else frozenset()
    if purchase is None or not held:
        raise nothing_there(what)
    if actor.seen_version not in (None, purchase.version):
        message = "案件在您查看之后有了新进展，请刷新后再办理。"
        raise refuse("version_conflict", message, "If-Match", "conflict")
    return purchase, held


def lock(tx: Session, purchase_id: UUID) -> Purchase:
    """A case that is known to exist, as it stands now, locked against other steps."""
    return tx.get_one(Purchase, purchase_id, with_for_update=STEP_LOCK, populate_existing=True)


def case_roles(tx: Session, ctx: Context, actor: Actor, purchase: Purchase) -> frozenset[Role]:
    """The actor's roles in this case; every owner of the estate has one."""
    return roles_in_estate(tx, ctx, actor, purchase.estate_id, purchase.insurer_id)


def require_applicant(
    tx: Session, ctx: Context, purchase: Purchase, actor: Actor, held: frozenset[Role]
) -> None:
    """Raises Refused `not_the_applicant` (forbidden) for anyone but those who applied."""
    if not is_applicant(tx, ctx, purchase, actor.person_id, held):
        message = "这一步只能由本次申请人办理，请联系申请人。"
        raise refuse("not_the_applicant", message, kind="forbidden")


def give_evidence(
    tx: Session,
    ctx: Context,
    actor: Actor,
    purchase: Purchase,
    kind: str,
    file_sha256: str | None = None,
    statement: str | None = None,
) -> None:
    """Attach a document (uploaded by the actor before) or a dated statement to the case."""
    if file_sha256 is not None:
        check_upload(tx, actor, file_sha256, EVIDENCE_FIELDS[kind])
    tx.add(
        Evidence(
            subject=purchase.subject,
            kind=kind,
            file_sha256=file_sha256,
            statement=statement,
            given_by=actor.person_id,
            given_at=ctx.clock(),
        )
    )


def advance(
    tx: Session,
    ctx: Context,
    purchase: Purchase,
    action: str,
    actor_id: UUID | None,
    held: Iterable[Role],
    reason: str | None = None,
    evidence: Mapping[str, str | None] | None = None,
    notify: bool = True,
    **extra: Any,
) -> Transition:
    """Take one step; raises Refused with everything that stands in its way.

    `evidence` maps each kind handed in with this step to its file's SHA-256, or None for a
    statement; `extra` are facts of this step (see `Facts`). Writes the transition, money, covers,
    limits, messages and one audit link. Does not commit. Without `notify` nobody is told: the next
    step follows at once, and its news will do.
    """
    evidence = evidence or {}
    held = frozenset(held)
    facts = load_facts(tx, ctx, purchase, actor_id, held, **extra)
    current = State(purchase.state) if purchase.version else None
    decision = decide(ROUTES[purchase.route], current, action, held, evidence, reason, facts)
    transition = _write(tx, purchase, current, decision, actor_id, evidence, facts)
    if decision.step.meets == EVERY_LIMIT:
        # What objections oppose may be replaced, but they were written: they are answered still.
        closed = is_final(ROUTES[purchase.route], decision.step.target)
        owed = None if closed else unanswered_objections()
        deadlines.cancel_all(tx, ctx, purchase.subject, owed)
    elif decision.step.meets:
        deadlines.meet(tx, ctx, purchase.subject, decision.step.meets)
    limit = decision.step.limit
    due = deadlines.start(tx, ctx, purchase.subject, limit) if limit else None
    for order in decision.orders:
        carry_out(tx, ctx, purchase, transition, due, order)
    if notify:
        notify_progress(tx, ctx, purchase, transition, decision.step.notify)
    followers.notify_cover_changed(tx, ctx, purchase, transition)
    _audit(tx, purchase, transition)
    return transition


def _write(
    tx: Session,
    purchase: Purchase,
    current: State | None,
    decision: Decision,
    actor_id: UUID | None,
    evidence: Mapping[str, str | None],
    facts: Facts,
) -> Transition:
    purchase.version += 1
    purchase.state = str(decision.step.target)
    purchase.updated_at = facts.now
    transition = Transition(
        subject=purchase.subject,
        seq=purchase.version,
        action=decision.step.action,
        from_state=str(current) if current else None,
        to_state=purchase.state,
        actor_id=actor_id,
        role=str(decision.role),
        at=facts.now,
        reason=decision.reason,
        amount_fen=_amount(decision, facts),
        evidence=[{"kind": kind, "sha256": sha256} for kind, sha256 in evidence.items()],
    )
    tx.add(transition)
    tx.flush()
    return transition


def _amount(decision: Decision, facts: Facts) -> int | None:
    """What the step is about in money: its booking, else the premium it moves along."""
    moves = [order.amount_fen for order in decision.orders if isinstance(order, Move)]
    return moves[0] if moves else (facts.due_fen or None)


def _audit(tx: Session, purchase: Purchase, transition: Transition) -> None:
    audit.append(
        tx,
        transition.at,
        transition.actor_id,
        of_step(transition.action),
        ("purchase", purchase.id),
        {
            "number": purchase.number,
            "seq": transition.seq,
            "from": transition.from_state,
            "to": transition.to_state,
            "role": transition.role,
            "amount_fen": transition.amount_fen,
            "plan_id": str(purchase.plan_id) if purchase.plan_id else None,
            "evidence": transition.evidence,
        },
    )


def take_step(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    action: str,
    *,
    reason: str | None = None,
    files: Mapping[str, str] | None = None,
    statements: Mapping[str, str] | None = None,
    **extra: Any,
) -> Purchase:
    """One whole step by one person: see the case, hand in evidence, advance, commit."""
    with ctx.sessions() as tx:
        purchase, held = lock_visible(tx, ctx, actor, purchase_id)
        for kind, sha256 in (files or {}).items():
            give_evidence(tx, ctx, actor, purchase, kind, file_sha256=sha256)
        for kind, statement in (statements or {}).items():
            words = texts.required(statement, texts.STATEMENT_LIMIT, EVIDENCE_FIELDS[kind], "说明")
            give_evidence(tx, ctx, actor, purchase, kind, statement=words)
        evidence = {**(files or {}), **dict.fromkeys(statements or {})}
        advance(tx, ctx, purchase, action, actor.person_id, held, reason, evidence, **extra)
        tx.commit()
        return purchase


def sweep(ctx: Context, batch_size: int = 100) -> int:
    """Take the steps that time alone takes: cover begins, expires, or is renewed.

    Each case in its own transaction, so that one that cannot move holds up no other. Returns how
    many moved. Harmless when run twice.
    """
    today = local_date(ctx.clock())
    with ctx.sessions() as tx:
        due = tx.scalars(_due_by_time(today).with_only_columns(Purchase.id).limit(batch_size)).all()
    moved = 0
    for purchase_id in due:
        try:
            moved += _move_on(ctx, purchase_id, today)
        except Exception:  # logged for an operator; the others go on
            logger.exception("purchase %s cannot move on", purchase_id)
    return moved


def _due_by_time(today: date) -> Select[Purchase]:
    begins = (Purchase.state == State.POLICY_ISSUED) & (Plan.cover_from <= today)
    is_over = (Purchase.state == State.IN_FORCE) & (Plan.cover_ends_before <= today)
    return select(Purchase).join(Plan, Plan.id == Purchase.plan_id).where(begins | is_over)


def _move_on(ctx: Context, purchase_id: UUID, today: date) -> bool:
    """The one step the clock makes possible now; False when someone else has taken it."""
    with ctx.sessions() as tx:
        still_due = _due_by_time(today).where(Purchase.id == purchase_id)
        purchase = tx.scalar(still_due.with_for_update(of=Purchase, key_share=True))
        if purchase is None:
            return False
        if purchase.state == State.POLICY_ISSUED:
            advance(tx, ctx, purchase, "begin_cover", None, {Role.SYSTEM})
        else:
            renewed = has_successor(tx, purchase)
            action = "renew" if renewed else "expire"
            advance(tx, ctx, purchase, action, None, {Role.SYSTEM}, successor_in_force=renewed)
        tx.commit()
        return True


def has_successor(tx: Session, purchase: Purchase) -> bool:
    """Whether another policy insures every lift of this one from the end of its cover on.

    That one may begin at this very moment, so it counts before its own step is taken.
    """
    assert purchase.plan_id is not None
    ends = tx.get_one(Plan, purchase.plan_id).cover_ends_before
    own, later = aliased(CoveragePeriod), aliased(CoveragePeriod)
    alone = (
        select(own.id)
        .outerjoin(
            later,
            (later.lift_id == own.lift_id)
            & (later.purchase_id != own.purchase_id)
            & (later.state.in_((CoverState.RESERVED, CoverState.IN_FORCE)))
            & (later.policy_number.is_not(None))
            & (later.period.contains(ends)),
        )
        .where(own.purchase_id == purchase.id, own.state == CoverState.IN_FORCE, later.id.is_(None))
    )
    return tx.scalar(alone.limit(1)) is None
