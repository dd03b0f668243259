"""Takes steps of a case: the table decides, orders are carried out, all in one transaction.

Every service that moves a case goes through `advance`; the house's own steps follow by themselves
(`settle`), and nobody names them. The case is locked, so that two people who act at once are judged
one after the other.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, update
from uuid_utils.compat import uuid7

from backend.domain import texts
from backend.domain.audit_actions import of_step
from backend.domain.effects import BookDeposit, Move
from backend.domain.errors import Refused
from backend.domain.facts import NOTHING_MORE, Facts, StepFacts
from backend.domain.foresee import wakes_at
from backend.domain.purchase import Decision, decide, refusals_of, step_from
from backend.domain.rules import groups_read
from backend.domain.steps import EVERY_LIMIT, EvidenceKind
from backend.seldom import logger_of
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.case import Case, open_case, open_for_the_house
from backend.services.case.conflicts_of_interest import note_officer
from backend.services.case.facts import load_facts
from backend.services.case.notifications import News, Taken, notify_progress
from backend.services.case.orders import carry_out
from backend.services.case.spoken_for import check_word
from backend.services.case.standing_still import stop_or_run_on
from backend.services.files.handed_in import check_upload
from backend.store.notices import Evidence
from backend.store.purchases import Purchase, Transition
from backend.store.queries.cases import answers_owed

logger = logger_of(__name__)

# What the API calls the input that brings each kind of evidence.
EVIDENCE_FIELDS: Mapping[str, str] = {
    EvidenceKind.APPLICATION_FORM: "form_sha256",
    EvidenceKind.SCREENING_SHEET: "sheet_sha256",
    EvidenceKind.TITLE_PROOF: "title_sha256",
    EvidenceKind.TITLE_CHECK: "title_check",
    EvidenceKind.WARRANTY_AND_FEE: "warranty_and_fee",
    EvidenceKind.UPKEEP_STATEMENT: "upkeep_statement",
    EvidenceKind.UPKEEP_RECORD: "upkeep_record_sha256",
    EvidenceKind.RECTIFICATION: "statement",
    EvidenceKind.NO_PAPER_OBJECTION: "statement",
    EvidenceKind.LATE_PHOTOS: "late_photos_statement",
    EvidenceKind.BEGUN_COVER: "begun_cover_known",
    EvidenceKind.BANK_RECEIPT: "receipt_sha256",
    EvidenceKind.POLICY_DOCUMENT: "file_sha256",
    EvidenceKind.COSIGNED_FORM: "file_sha256",
    EvidenceKind.COSIGNATURE_WITHDRAWAL: "file_sha256",
    EvidenceKind.BALLOTS: "file_sha256",
    EvidenceKind.ALL_BALLOTS_IN: "statement",
    EvidenceKind.APPLICANTS_WORD: "file_sha256",
    EvidenceKind.MINUTES: "file_sha256",
}


class NeverAtRest(RuntimeError):
    """The house's own steps would run in a circle: their conditions do not exclude each other."""


def give_evidence(
    case: Case, kind: str, file_sha256: str | None = None, statement: str | None = None
) -> None:
    """Attach a document (uploaded by the actor before) or a dated statement to the case."""
    assert case.actor is not None
    if file_sha256 is not None:
        check_upload(case.tx, case.actor, file_sha256, EVIDENCE_FIELDS[kind])
    case.tx.add(
        Evidence(
            subject=case.subject,
            kind=kind,
            file_sha256=file_sha256,
            statement=statement,
            given_by=case.actor.person_id,
            given_at=case.now,
        )
    )


def advance(
    case: Case,
    action: str,
    given: StepFacts = NOTHING_MORE,
    *,
    reason: str | None = None,
    evidence: Mapping[str, str | None] | None = None,
    known: Facts | None = None,
    on_record: Mapping[str, str | None] | None = None,
) -> None:
    """Take one step, and those of the house that follow; raises Refused with everything that
    stands in its way.

    `evidence` maps each kind handed in with this step to its file's SHA-256, or None for a
    statement; `given` is what else comes with it, `known` are facts that were just looked at,
    `on_record` is what the audit link keeps beside the step (nothing about a person).
    Writes the transition, money, covers, limits, messages and one audit link for each step. Does
    not commit.
    """
    step = step_from(case.table, case.state, action)
    facts = load_facts(case, step.groups, known or case.facts)
    facts = facts if given is NOTHING_MORE else facts.with_step(given)
    decision = decide(step, case.held, evidence or {}, reason, facts)
    check_word(case, step, facts)
    taken = _carry_out(case, decision, facts, case.person_id, evidence or {}, on_record or {})
    notify_progress(case, [taken, *_house_steps(case, _after(decision, facts))])


def check_step(case: Case, action: str, given: StepFacts) -> None:
    """That the case is ready for a step with what would be given; somebody else takes it later.

    Raises Refused (conflict) with everything that stands in its way.
    """
    step = step_from(case.table, case.state, action)
    facts = load_facts(case, step.groups, case.facts).with_step(given)
    if refusals := refusals_of(step, facts):
        raise Refused(*refusals, kind="conflict")


def settle(case: Case, known: Facts | None = None, beside: Sequence[News] = ()) -> int:
    """Take every step of the house that has become possible; how many. Does not commit.

    `known` are facts that were just looked at, `beside` what people are told whether or not there
    is a step.
    """
    taken = _house_steps(case, known or case.facts)
    if taken or beside:
        notify_progress(case, taken, beside)
    return len(taken)


def stay_anew(case: Case) -> None:
    """Something was done about what the case waits for: its time to wait begins anew."""
    if stay := case.table.stay_in(case.purchase.state):
        deadlines.meet(case, stay)
        deadlines.start(case, stay)
        settle(case)


def _house_steps(case: Case, facts: Facts) -> list[Taken]:
    """One after the other, until none is open; facts are loaded again only where they changed.

    Of the state in which the case comes to rest the facts tell when time may move it on. Raises
    `NeverAtRest` when a step would be taken twice.
    """
    taken: list[Taken] = []
    while True:
        decision, facts = _open_step(case, facts)
        if decision is None:
            case.purchase.wakes_at = wakes_at(case.table, case.purchase.state, facts)
            stop_or_run_on(case, facts)
            return taken
        if any(decision.step is before.decision.step for before in taken):
            raise NeverAtRest(f"{case.purchase.number} would {decision.step.action} again")
        taken.append(_carry_out(case, decision, facts))
        facts = _after(decision, facts)


def _open_step(case: Case, facts: Facts) -> tuple[Decision | None, Facts]:
    """The first of the house's own steps from here that nothing stands in the way of, and the
    facts that were looked at: when there is none, what the conditions of all of them read."""
    for step in case.table.house_steps.get(case.purchase.state, ()):
        facts = load_facts(case, groups_read(step.guards), facts)
        if not any(guard(facts) for guard in step.guards):
            facts = load_facts(case, step.groups, facts)
            return decide(step, step.roles, (), None, facts), facts
    return None, facts


def _after(decision: Decision, facts: Facts) -> Facts:
    """What of the facts still holds after a step; elsewhere a case waits for something else."""
    changed = [group for order in decision.orders for group in order.changes]
    return facts.forgetting([*changed, "waiting"])


def _carry_out(
    case: Case,
    decision: Decision,
    facts: Facts,
    by: UUID | None = None,
    evidence: Mapping[str, str | None] | None = None,
    on_record: Mapping[str, str | None] | None = None,
) -> Taken:
    """Write the step and everything that follows from it; `by` is None for the house."""
    step = decision.step
    transition = _write(case, decision, facts, by, evidence or {})
    _audit(case, transition, on_record or {})
    if step.meets == EVERY_LIMIT:
        # What objections oppose may be replaced, but they were written: they are answered still.
        owed = None if case.is_closed else answers_owed()
        deadlines.cancel_all(case, owed, spared=step.spares)
    elif step.meets:
        deadlines.meet(case, step.meets)
    _limit_stay(case, transition, ended=step.meets == EVERY_LIMIT)
    if step.takes_up:
        deadlines.take_up(case, step.takes_up)
    due = deadlines.start(case, step.limit) if step.limit else None
    for order in decision.orders:
        carry_out(case, transition, due, order)
    return Taken(transition, decision)


def _limit_stay(case: Case, transition: Transition, *, ended: bool) -> None:
    """What may not wait for ever has left one state and waits in another; `ended` are all limits
    that ran."""
    before = None if ended else case.table.stay_in(transition.from_state)
    after = case.table.stay_in(transition.to_state)
    if before and before != after:
        deadlines.meet(case, before)
    if after and before != after:
        deadlines.start(case, after)


def _write(
    case: Case,
    decision: Decision,
    facts: Facts,
    by: UUID | None,
    evidence: Mapping[str, str | None],
) -> Transition:
    purchase, before = case.purchase, case.state
    purchase.version += 1
    purchase.state = str(decision.step.target)
    purchase.updated_at = facts.now
    transition = Transition(
        id=uuid7(),
        subject=purchase.subject,
        seq=purchase.version,
        action=str(decision.step.action),
        from_state=before,
        to_state=purchase.state,
        actor_id=by,
        role=str(decision.role),
        at=facts.now,
        reason=decision.reason,
        amount_fen=_amount(decision, facts),
        evidence=[{"kind": kind, "sha256": sha256} for kind, sha256 in evidence.items()],
    )
    case.tx.add(transition)
    if decision.role in facts.actor.stands_in_for:
        note_officer(case.tx, purchase, facts.actor, decision.role, facts.now)
    return transition


def _amount(decision: Decision, facts: Facts) -> int | None:
    """What the step is about in money: its booking, else the premium it moves along."""
    booked = (BookDeposit, Move)
    moves = [order.amount_fen for order in decision.orders if isinstance(order, booked)]
    return moves[0] if moves else (facts.terms.due_fen or None)


def _audit(case: Case, transition: Transition, on_record: Mapping[str, str | None]) -> None:
    purchase = case.purchase
    audit.append(
        case.tx,
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
            **on_record,
        },
    )


def take_step(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    action: str,
    given: StepFacts = NOTHING_MORE,
    *,
    reason: str | None = None,
    handed_in: Mapping[EvidenceKind, str] | None = None,
) -> Purchase:
    """One whole step by one person: see the case, hand in evidence (a document's SHA-256, or the
    words of a statement), advance, commit."""
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        evidence = hand_in(case, handed_in or {})
        advance(case, action, given, reason=reason, evidence=evidence)
        tx.commit()
        return case.purchase


def hand_in(case: Case, papers: Mapping[EvidenceKind, str]) -> Mapping[str, str | None]:
    """Attach each document (its SHA-256) or statement (its words); what `advance` is told of it."""
    evidence: dict[str, str | None] = {}
    for kind, paper in papers.items():
        if kind.is_document:
            give_evidence(case, kind, file_sha256=paper)
            evidence[kind] = paper
        else:
            words = texts.required(paper, texts.STATEMENT_LIMIT, EVIDENCE_FIELDS[kind], "说明")
            give_evidence(case, kind, statement=words)
            evidence[kind] = None
    return evidence


def sweep(ctx: Context, batch_size: int = 100) -> int:
    """Take the steps that time alone takes: cover begins, expires, or is renewed.

    Each case in its own transaction, so that one that cannot move holds up no other; it is put off
    for a while, so that it does not come first again. A late sweep takes several steps of one case.
    Returns how many cases moved. Harmless when run twice.
    """
    with ctx.sessions() as tx:
        due = select(Purchase.id).where(Purchase.wakes_at <= ctx.clock())
        ids = tx.scalars(due.order_by(Purchase.wakes_at).limit(batch_size)).all()
    moved = 0
    for purchase_id in ids:
        try:
            moved += _wake(ctx, purchase_id)
        except Exception:  # logged for an operator; the others go on
            logger.exception("purchase %s cannot move on", purchase_id)
            _put_off(ctx, purchase_id)
    return moved


def _put_off(ctx: Context, purchase_id: UUID) -> None:
    """Let a case that could not move sleep on; not while somebody else is at work on it."""
    now = ctx.clock()
    free = select(Purchase.id).where(Purchase.id == purchase_id, Purchase.wakes_at <= now)
    with ctx.sessions() as tx:
        tx.execute(
            update(Purchase)
            .where(Purchase.id.in_(free.with_for_update(skip_locked=True)))
            .values(wakes_at=now + deadlines.PUT_OFF)
        )
        tx.commit()


def _wake(ctx: Context, purchase_id: UUID) -> bool:
    """Settle a case whose moment has come; False when nothing was left to do."""
    with ctx.sessions() as tx:
        case = open_for_the_house(tx, ctx, purchase_id)
        if case.purchase.wakes_at is None or case.purchase.wakes_at > case.now:
            return False  # somebody else was quicker
        moved = bool(settle(case))  # if not, whatever else is missing will settle the case
        tx.commit()
        return moved
