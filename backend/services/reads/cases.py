"""Reading cases: what each person may see of them, in a fixed number of queries.

An owner of the estate sees the public part (state, plan, notice); papers and reasons are for those
who take part. Who objected stays with the centre: to everyone else an objection is a number, a
kind and an answer (个人信息保护法 25, 28). Reading the words leaves a link in the audit chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.approval import Tally
from backend.domain.audit_actions import AuditAction
from backend.domain.deadlines import RUNNING
from backend.domain.errors import Refused
from backend.domain.foresee import foresee
from backend.domain.money import yuan
from backend.domain.objection import ObjectionStatus, answer_in_full, as_published
from backend.domain.purchase import officer_refusals
from backend.domain.refund import RefundKind
from backend.domain.roles import OFFICERS, TAKES_PART, Role
from backend.domain.standing_still import left_after_pause
from backend.domain.texts import REASON_LIMIT, required
from backend.domain.wording import (
    COVER_PERIOD,
    DEDUCTIBLE,
    PLAN_CODE,
    SUM_INSURED,
    later_start,
    written,
)
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.case import deadlines
from backend.services.case.case import Case, case_of_objection, see_case
from backend.services.case.committees import tally
from backend.services.case.live_notice import notice_fact
from backend.services.case.refunds import waiting
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.proposals import Refund
from backend.store.purchases import Plan, PlanLift, Policy, Purchase, Transition
from backend.store.queries.cases import (
    CaseLift,
    CaseObjection,
    Viewer,
    deadlines_of,
    lifts_of,
    objections_of,
    page_of_cases,
    photos_of,
    plan_of,
    reach_of,
    transitions_of,
)
from backend.store.queries.papers import Paper, papers_of
from backend.store.queries.sources import Source, source_of
from backend.store.registry import Owner

REVIEWED = frozenset({ObjectionStatus.VERIFIED, ObjectionStatus.INADMISSIBLE})


@dataclass(frozen=True)
class PlanView:
    """The current plan, its premium per lift in fen, and how the committee's answers stand."""

    plan: Plan
    lift_premiums: Mapping[UUID, int]
    answers: Tally


@dataclass(frozen=True)
class PolicyView:
    """The policy that counts; `note` says when its cover begins later than the plan promised."""

    number: str
    cover_from: date
    cover_last_day: date
    issued_on: date
    premium_fen: int
    note: str | None


@dataclass(frozen=True)
class NoticeView:
    """The live notice and the photos it still lacks, in words."""

    notice: PublicNotice
    missing_start: Sequence[str]
    missing_end: Sequence[str]
    late_end: Sequence[str]


@dataclass(frozen=True)
class ObjectionView:
    """An objection; from `id` on for the officer who handles it. `photos` are their SHA-256;
    `letter_due` while the answer must still be given on paper, `delivered_on` when it was."""

    number: str
    notice_number: str
    kind: str
    status: str
    answer: str | None
    id: UUID | None = None
    source: str | None = None
    received_at: datetime | None = None
    text: str | None = None
    publication: str | None = None
    photos: Sequence[str] = ()
    letter_due: bool | None = None
    delivered_on: date | None = None


@dataclass(frozen=True)
class LimitLeft:
    """How long a limit still runs, in words for any reader, and whether somebody is late."""

    words: str
    late: bool


@dataclass(frozen=True)
class CaseView:
    """One case as this person may see it; `place` is its estate and buildings, `source` pays.
    `refund` waits for a second officer, `refund_kinds` may be entered; `left` says of each limit
    that runs, by id, how long."""

    purchase: Purchase
    place: str
    source: Source
    lifts: Sequence[CaseLift]
    plan: PlanView | None
    policy: PolicyView | None
    notice: NoticeView | None
    objections: Sequence[ObjectionView]
    deadlines: Sequence[DeadlineRecord]
    possible_actions: Sequence[str]
    transitions: Sequence[Transition]
    papers: Sequence[Paper]
    refund: Refund | None
    refund_kinds: Sequence[RefundKind]
    full: bool
    left: Mapping[UUID, LimitLeft]


@dataclass(frozen=True)
class UnmaskedObjection:
    """Whose words they are, for a clerk who says why: the name on the paper or on the roster, and
    the picture of the signature (SHA-256)."""

    text: str
    objector: str | None
    signature_sha256: str | None


def list_cases(
    ctx: Context, actor: Actor, state: str | None, after: UUID | None, page_size: int
) -> Sequence[Purchase]:
    """Cases that the person may see, oldest first, `page_size` of them after the id `after`."""
    viewer = Viewer.at(actor.person_id, ctx.clock())
    with ctx.sessions() as tx:
        return page_of_cases(tx, reach_of(tx, viewer), state, after, page_size)


def read_case(ctx: Context, actor: Actor, purchase_id: UUID, words: bool = True) -> CaseView:
    """One case; raises Refused `not_found` for unknown ones and those of others alike.

    Without `words` nothing is shown of what objectors wrote, and the look leaves no link: a page
    that is refreshed asks so.
    """
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        purchase = case.purchase
        full = bool(case.held & TAKES_PART)
        transitions = transitions_of(tx, purchase.id)
        own = None
        if case.held & TAKES_PART == {Role.INSURER}:
            transitions, own = _since_theirs(transitions), purchase.insurer_id
        limits = deadlines_of(tx, purchase.id)
        view = CaseView(
            purchase=purchase,
            place=case.place,
            source=source_of(tx, purchase.id),
            lifts=lifts_of(tx, purchase),
            plan=_plan(tx, ctx, purchase),
            policy=_policy(tx, purchase),
            notice=_notice(case),
            objections=_objections(case, words),
            deadlines=limits,
            possible_actions=possible_actions(case),
            transitions=transitions,
            papers=papers_of(tx, purchase.id, own) if full else (),
            refund=_refund(case),
            refund_kinds=[
                kind for kind in RefundKind if case.table.find(purchase.state, kind.step)
            ],
            full=full,
            left={each.id: left_of(case, each) for each in limits if each.state in RUNNING},
        )
        read = [objection.number for objection in view.objections if objection.text is not None]
        if read:
            subject = ("purchase", purchase.id)
            facts = {"objections": read}
            audit.append(
                tx,
                ctx.clock(),
                actor.person_id,
                AuditAction.PURCHASE_READ_OBJECTIONS,
                subject,
                facts,
            )
            tx.commit()
        return view if full else _public_part(view)


def left_of(case: Case, record: DeadlineRecord) -> LimitLeft:
    """How long this limit runs, or will run on once nothing holds it."""
    if record.days_left is not None:
        unit = deadlines.schedule(case, record).unit
        return LimitLeft(left_after_pause(record.days_left, unit), late=False)
    left = deadlines.remaining(case, record)
    return LimitLeft(left.time_words, left.late)


def _since_theirs(transitions: Sequence[Transition]) -> Sequence[Transition]:
    """An insurer sees the way of a case from the step by which it took over: what the one before
    asked for is none of its business."""
    chosen = (Action.CHANGE_INSURER, Action.GUIDE)
    took_over = [row.seq for row in transitions if row.action in chosen]
    return [row for row in transitions if row.seq >= max(took_over, default=0)]


def _public_part(view: CaseView) -> CaseView:
    lifts = [replace(lift, findings=None) for lift in view.lifts]
    return replace(view, lifts=lifts, papers=())


def _plan(tx: Session, ctx: Context, purchase: Purchase) -> PlanView | None:
    plan = plan_of(tx, purchase)
    if plan is None:
        return None
    premiums = tx.execute(
        select(PlanLift.lift_id, PlanLift.premium_fen)
        .where(PlanLift.plan_id == plan.id)
        .order_by(PlanLift.lift_id)
    )
    answers = tally(tx, purchase, ctx.clock())
    return PlanView(plan, dict(premiums.all()), answers)


def _policy(tx: Session, purchase: Purchase) -> PolicyView | None:
    if purchase.policy_id is None:
        return None
    policy, plan = tx.get_one(Policy, purchase.policy_id), tx.get_one(Plan, purchase.plan_id)
    note = later_start(plan.cover_from, policy.cover_from)
    return PolicyView(
        policy.number,
        policy.cover_from,
        policy.cover_last_day,
        policy.issued_on,
        policy.premium_fen,
        note,
    )


def _refund(case: Case) -> Refund | None:
    """For the officers, where refunds are made at all."""
    may_wait = case.table.allows(Action.REFUSE_REFUND, case.purchase.state)
    shown = may_wait and case.held & OFFICERS
    return case.tx.scalar(waiting(case.purchase)) if shown else None


def _notice(case: Case) -> NoticeView | None:
    notice = case.live_notice
    if notice is None:
        return None
    fact = notice_fact(case.tx, case.profile, notice)
    return NoticeView(notice, fact.missing_start, fact.missing_end, fact.late_end)


def _objections(case: Case, words: bool) -> Sequence[ObjectionView]:
    """The clerk reads the words of all, the reviewer of those to be reviewed or dismissed."""
    offices = [
        role
        for role in (Role.CLERK, Role.REVIEWER)
        if words and role in case.held and not officer_refusals(case.facts, role)
    ]
    rows = objections_of(case.tx, case.purchase.id)
    open_ = {
        row.id
        for row in rows
        if Role.CLERK in offices or (offices and row.answer and row.status in REVIEWED)
    }
    photos = photos_of(case.tx, sorted(open_)) if open_ else {}
    return [_shown(case.ctx, row, row.id in open_, photos.get(row.id, ())) for row in rows]


def _shown(ctx: Context, row: CaseObjection, full: bool, photos: Sequence[str]) -> ObjectionView:
    answer = answer_in_full(row.answer, row.dismissal)
    shown = answer if full else as_published(answer, row.taken_down)
    public = ObjectionView(row.number, row.notice_number, row.kind, row.status, shown)
    if not full:
        return public
    return replace(
        public,
        id=row.id,
        source=row.source,
        received_at=row.received_at,
        text=ctx.cipher.open(Objection.text_sealed, row.id, row.text_sealed),
        publication=row.publication,
        photos=photos,
        letter_due=row.letter_due_since is not None,
        delivered_on=row.delivered_on,
    )


def possible_actions(case: Case) -> Sequence[str]:
    """The actions that the table offers this person from here; the case may not be ready yet."""
    offers = foresee(case.table, case.purchase.state, case.held, case.facts)
    return [str(offer.step.action) for offer in offers if offer.is_open]


def unmask_objection(
    ctx: Context, actor: Actor, objection_id: UUID, reason: str
) -> UnmaskedObjection:
    """Who objected, for a clerk who says why; the look is in the audit chain.

    Raises Refused `not_found`, `text_required`, `same_officer`, `officer_is_party`.
    """
    reason = required(reason, REASON_LIMIT, "reason", "查看异议人身份的理由")
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, case_of_objection(objection_id), "异议")
        if Role.CLERK not in case.held:
            raise nothing_there("异议")
        refusals = officer_refusals(case.facts, Role.CLERK)
        if refusals:
            raise Refused(*refusals, kind="conflict")
        objection = tx.get_one(Objection, objection_id)
        owner = tx.get(Owner, objection.owner_id) if objection.owner_id else None
        subject, facts = ("objection", objection.id), {"reason": reason}
        audit.append(tx, ctx.clock(), actor.person_id, AuditAction.OBJECTION_UNMASK, subject, facts)
        tx.commit()
        return UnmaskedObjection(
            text=ctx.cipher.open(Objection.text_sealed, objection.id, objection.text_sealed),
            objector=_objector(ctx, objection, owner),
            signature_sha256=objection.signature_sha256,
        )


def _objector(ctx: Context, objection: Objection, owner: Owner | None) -> str | None:
    """The name on the paper, or on the roster."""
    if sealed := objection.objector_sealed:
        return ctx.cipher.open(Objection.objector_sealed, objection.id, sealed)
    return name_of(ctx.cipher, owner) if owner else None


def plan_words(plan: Plan) -> Sequence[tuple[str, str]]:
    """What the committee decides on, in the words of the notice."""
    last = plan.cover_ends_before - timedelta(days=1)
    return (
        ("第几版", str(plan.revision)),
        (COVER_PERIOD, f"{written(plan.cover_from)}至{written(last)}"),
        (f"每台{SUM_INSURED}", yuan(plan.sum_insured_fen)),
        (DEDUCTIBLE, yuan(plan.deductible_fen)),
        ("保障范围", plan.scope_of_cover),
        ("不赔的情形", plan.exclusions),
        ("服务承诺", plan.service_commitments),
        (PLAN_CODE, plan.content_hash),
    )
