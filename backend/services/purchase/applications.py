"""Applying: from the first draft to the dated answer on funds (JS annex 一, 二（一）1–2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.city.schema import SourceAccount
from backend.domain.errors import refuse
from backend.domain.facts import ActorFact
from backend.domain.local_time import local_date
from backend.domain.roles import APPLICANT_ROLES, Role
from backend.domain.routes.catalogue import check_offered, table_of, takes_applications
from backend.domain.steps import EvidenceKind
from backend.services.base.access import nothing_there, require, roles_in_estate
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import next_number
from backend.services.case.case import Case, at_hand, open_case
from backend.services.case.conflicts_of_interest import Involvement, estate_officer, is_recused
from backend.services.case.facts import load_facts
from backend.services.case.notifications import ask_another_clerk
from backend.services.case.profiles import remember_profile
from backend.services.case.steps import advance, give_evidence, hand_in, take_step
from backend.services.purchase.application_form import is_made_here, made_here
from backend.services.purchase.cosignatures import (
    SignedOnPaper,
    put_on_record,
    require_affected,
    sign,
)
from backend.services.purchase.duplicates import check_form_fresh, check_lifts_free, lock_lifts
from backend.store.ledger import Account
from backend.store.purchases import Purchase, PurchaseLift, PurchaseSource, PurchaseUnit
from backend.store.queries import area
from backend.store.registry import Building, Estate, Insurer, Lift, Unit


@dataclass(frozen=True)
class ApplicationRequest:
    """What an applicant asks for: which lifts, out of which account, with which insurer.

    Account and insurer are None where the route sets them later.
    """

    route: str
    estate_id: UUID
    account_id: UUID | None
    insurer_id: UUID | None
    applicant: str
    lift_ids: Sequence[UUID]


def draft(ctx: Context, actor: Actor, request: ApplicationRequest) -> Purchase:
    """Begin a case (领取申请表). The account and the lifts must belong to the estate.

    Its circle and its source are written with it, and the signature of the owner who begins it.
    Raises Refused: not_found, route_not_offered, income_of_households,
    applicant_not_allowed, role_required, account_required, account_closed, account_not_of_estate,
    not_an_affected_owner, lifts_missing, lifts_repeated, lift_unknown, insurer_unknown,
    lift_outside_circle, lift_in_open_case, insurer_not_selected, recused.
    """
    with ctx.sessions() as tx:
        estate = tx.get(Estate, request.estate_id)
        held = roles_in_estate(tx, ctx, actor, request.estate_id) if estate else frozenset()
        if not held:
            raise nothing_there("小区")
        _check_route(ctx, request)
        require(held, [APPLICANT_ROLES[request.applicant]])
        _check_request(tx, ctx, request)
        owner = None
        if request.applicant == "owners":
            circle = area.circle_of_draft(request.account_id, request.lift_ids)
            owner = require_affected(tx, circle, actor.person_id)
        if request.applicant == "committee":
            _check_not_recused(tx, ctx, request.estate_id, actor)
        involved = Involvement(held | {Role.APPLICANT}, ActorFact(actor.person_id))
        case = _begin(tx, ctx, actor, request, involved)
        if owner:
            sign(case, owner)
        tx.commit()
        return case.purchase


def draft_on_paper(
    ctx: Context,
    actor: Actor,
    request: ApplicationRequest,
    signed: Sequence[SignedOnPaper],
    file_sha256: str,
    namesakes_checked: bool = False,
) -> Purchase:
    """The clerk enters what owners without a phone signed together, of which this is the scan.

    From then on the clerk acts for them; another clerk compares it and hands it in (`apply`), and
    is asked to. Raises Refused as `draft` and `cosignatures.enter`.
    """
    with ctx.sessions() as tx:
        estate = tx.get(Estate, request.estate_id)
        held = roles_in_estate(tx, ctx, actor, request.estate_id) if estate else frozenset()
        if not held:
            raise nothing_there("小区")
        _check_route(ctx, request)
        require(held, [Role.CLERK])
        _check_request(tx, ctx, request)
        fact = estate_officer(tx, ctx, request.estate_id, actor.person_id)
        involved = Involvement(held | {Role.APPLICANT}, fact)
        case = _begin(tx, ctx, actor, request, involved, on_paper=True)
        put_on_record(case, signed, file_sha256, namesakes_checked)
        ask_another_clerk(case)
        tx.commit()
        return case.purchase


def _begin(
    tx: Session,
    ctx: Context,
    actor: Actor,
    request: ApplicationRequest,
    involved: Involvement,
    *,
    on_paper: bool = False,
) -> Case:
    """The case, its circle, its source and its first step."""
    now = ctx.clock()
    purchase = Purchase(
        number=next_number(tx, "purchase", local_date(now)),
        route=request.route,
        state=str(table_of(request.route, ctx.city).first.target),
        version=0,
        profile_version=remember_profile(tx, ctx),
        estate_id=request.estate_id,
        applicant=request.applicant,
        applied_by=actor.person_id,
        on_paper=on_paper,
        entered_in_stead_of=involved.fact.stands_in_for.get(Role.CLERK) if on_paper else None,
        insurer_id=request.insurer_id,
        started_at=now,
        updated_at=now,
    )
    tx.add(purchase)
    tx.flush()
    _add_what_is_asked(tx, purchase, request)
    case = at_hand(tx, ctx, purchase, None, actor, involved)
    advance(case, case.table.first.action)
    return case


def _add_what_is_asked(tx: Session, purchase: Purchase, request: ApplicationRequest) -> None:
    tx.add_all(PurchaseLift(purchase_id=purchase.id, lift_id=lift) for lift in request.lift_ids)
    circle = area.circle_of_draft(request.account_id, request.lift_ids).subquery()
    units = select(literal(purchase.id), circle.c.id)
    tx.execute(insert(PurchaseUnit).from_select(["purchase_id", "unit_id"], units))
    if request.account_id:
        tx.add(PurchaseSource(purchase_id=purchase.id, account_id=request.account_id, weight=1))
    tx.flush()


def _check_not_recused(tx: Session, ctx: Context, estate_id: UUID, actor: Actor) -> None:
    if is_recused(tx, estate_id, actor.person_id, ctx.clock()):
        raise refuse(
            "recused",
            "您与本次申请有利害关系，应当回避，请由业主委员会其他委员申请。",
            kind="forbidden",
        )


def _check_route(ctx: Context, request: ApplicationRequest) -> None:
    """The city offers the route, and to applicants of this kind."""
    check_offered(request.route, ctx.city)
    if not takes_applications(request.route):
        message = "这条办理路线不受理申请：由属地住建部门摸底筛选小区，入选后由物业办理。"
        raise refuse("route_takes_no_applications", message, "route")
    if request.applicant not in ctx.city.routes[request.route].applicants.value:
        raise refuse(
            "applicant_not_allowed", "这条办理路线不受理这类申请人，请重新选择。", "applicant"
        )


def _check_request(tx: Session, ctx: Context, request: ApplicationRequest) -> None:
    _check_account(tx, request, ctx.city.routes[request.route].account.value)
    if not request.lift_ids:
        raise refuse("lifts_missing", "请至少选择一台电梯。", "lift_ids")
    if len(set(request.lift_ids)) != len(request.lift_ids):
        raise refuse("lifts_repeated", "同一台电梯出现了两次，请删除重复的。", "lift_ids")
    known = lock_lifts(tx, Lift.id.in_(request.lift_ids), Building.estate_id == request.estate_id)
    if len(known) != len(request.lift_ids):
        raise refuse("lift_unknown", "所选电梯不属于本小区，请核对注册代码。", "lift_ids")
    check_lifts_free(tx, known)
    if request.insurer_id and tx.get(Insurer, request.insurer_id) is None:
        raise refuse("insurer_unknown", "没有找到该保险机构，请重新选择。", "insurer_id")


def _check_account(tx: Session, request: ApplicationRequest, kind: SourceAccount) -> None:
    """A pool is named with the draft, the estate's or the city's; other sources come later."""
    fits = request.account_id is None
    if kind in ("pooled_income", "city_pool"):
        if request.account_id is None:
            raise refuse("account_required", "请选择付款的统筹账户。", "account_id")
        account, place = _account_and_estate(tx, request.account_id)
        estate = request.estate_id if kind == "pooled_income" else None
        if account and account.closed_on:
            message = "这个统筹账户已拆分或合并，请选择现在的账户。"
            raise refuse("account_closed", message, "account_id", kind="conflict")
        fits = bool(account and account.kind == "pooled_income" and place == estate)
    if not fits and kind == "special_account":
        message = "这条路线的专户在方案拟定以后由中心开立，申请时不用选账户。"
        raise refuse("account_not_of_estate", message, "account_id")
    if not fits:
        raise refuse("account_not_of_estate", "该统筹账户不属于本小区，请重新选择。", "account_id")


def _account_and_estate(tx: Session, account_id: UUID) -> tuple[Account | None, UUID | None]:
    of_unit = select(Unit.building_id).where(Unit.id == Account.unit_id).scalar_subquery()
    estate = select(Building.estate_id).where(
        Building.id == func.coalesce(Account.building_id, of_unit)
    )
    found = tx.execute(
        select(Account, estate.scalar_subquery()).where(Account.id == account_id)
    ).one_or_none()
    return (found[0], found[1]) if found else (None, None)


def apply(
    ctx: Context,
    actor: Actor,
    purchase_id: UUID,
    form_sha256: str | None = None,
    warranty_and_fee: str | None = None,
) -> Purchase:
    """Hand in the application with its signed form (申请表); one that is signed in the mini-program
    is made here, when none is given.

    `warranty_and_fee` says until when somebody answers for the lifts anyhow (质保期) and which of
    their costs the property fee covers already, so that nothing is bought twice; it is kept with
    the application. Raises Refused: lift_in_open_case, form_reused, and what the step may refuse.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.APPLY)
        if case.table.find(case.state, Action.APPLY):
            _check_own_lifts_free(case)
        made = made_here(case) if form_sha256 is None and is_made_here(case) else None
        form = made[0] if made else form_sha256
        evidence: dict[str, str | None] = {}
        if form is not None:
            check_form_fresh(tx, case.purchase, form)
            give_evidence(case, EvidenceKind.APPLICATION_FORM, file_sha256=form)
            evidence[EvidenceKind.APPLICATION_FORM] = form
        if warranty_and_fee is not None:
            evidence |= hand_in(case, {EvidenceKind.WARRANTY_AND_FEE: warranty_and_fee})
        advance(case, Action.APPLY, evidence=evidence)
        if made:
            ctx.files.put(made[1])
        tx.commit()
        return case.purchase


def _check_own_lifts_free(case: Case) -> None:
    lifts = select(PurchaseLift.lift_id).where(PurchaseLift.purchase_id == case.purchase.id)
    check_lifts_free(case.tx, lock_lifts(case.tx, Lift.id.in_(lifts)), own=case.purchase.id)


def query_funds(
    ctx: Context, actor: Actor, purchase_id: UUID, upkeep_statement: str, record_sha256: str
) -> tuple[Purchase, int]:
    """The clerk answers what the account can spend today, and states that upkeep is normal.

    Until upkeep has a module of its own, gate 3 is this dated statement and what it rests on: the
    paper of those who keep the lifts, their word or their last record (JS annex 一.3). Returns the
    case and the answer in fen.
    """
    papers = {
        EvidenceKind.UPKEEP_RECORD: record_sha256,
        EvidenceKind.UPKEEP_STATEMENT: upkeep_statement,
    }
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        evidence = hand_in(case, papers)
        known = load_facts(case, ["money"])
        advance(case, Action.QUERY_FUNDS, evidence=evidence, known=known)
        tx.commit()
        return case.purchase, known.money.available_fen


def rectify(ctx: Context, actor: Actor, purchase_id: UUID, statement: str) -> Purchase:
    """The applicant reports what was mended after a failed survey."""
    statements = {EvidenceKind.RECTIFICATION: statement}
    return take_step(ctx, actor, purchase_id, Action.RECTIFY, handed_in=statements)


def return_application(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """退回补正: what is wrong is put right, and applied for again; the co-signatures stay."""
    return take_step(ctx, actor, purchase_id, Action.RETURN_APPLICATION, reason=reason)


def reject(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """不予受理, with reasons."""
    return take_step(ctx, actor, purchase_id, Action.REJECT, reason=reason)


def undo_rejection(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """误办不予受理: the reviewer has the application accepted or returned once more.

    Raises Refused: lift_in_open_case, and what the step may refuse.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.UNDO_REJECT)
        if case.table.find(case.state, Action.UNDO_REJECT):
            _check_own_lifts_free(case)
        advance(case, Action.UNDO_REJECT, reason=reason)
        tx.commit()
        return case.purchase


def mark_short(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """资金不足: wait for more income, or go by another route."""
    return take_step(ctx, actor, purchase_id, Action.MARK_SHORT, reason=reason)


def withdraw(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """The applicant takes the case back before payment; what was held is released."""
    return take_step(ctx, actor, purchase_id, Action.WITHDRAW, reason=reason)


def terminate(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """The reviewer ends a case that cannot go on."""
    return take_step(ctx, actor, purchase_id, Action.TERMINATE, reason=reason)
