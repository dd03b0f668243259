"""Instead of an application: the district screens an estate, district and centre guide it (SG 四,
五（四）). What pays are the city's pools of the years that are named, each by what it has left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.actions import Action
from backend.domain.errors import Refused, refuse
from backend.domain.facts import Finding, StepFacts
from backend.domain.ledger import AccountKind
from backend.domain.local_time import local_date
from backend.domain.roles import Role
from backend.domain.routes.catalogue import check_offered, table_of
from backend.domain.source import source_words
from backend.domain.steps import EvidenceKind
from backend.services.base.access import nothing_there, require, roles_in_estate
from backend.services.base.context import Actor, Context
from backend.services.base.numbers import next_number
from backend.services.case.case import Case, at_hand, open_case
from backend.services.case.conflicts_of_interest import (
    Involvement,
    check_works_not_for,
    estate_officer,
)
from backend.services.case.profiles import remember_profile
from backend.services.case.steps import advance, hand_in, take_step
from backend.services.purchase.duplicates import check_lifts_free, lock_lifts
from backend.store.ledger import Account
from backend.store.purchases import Purchase, PurchaseLift, PurchaseSource
from backend.store.queries import area
from backend.store.registry import Building, Estate, Insurer, Lift
from backend.store.screening import ScreeningFinding

ROUTE = "SG"


@dataclass(frozen=True)
class Guidance:
    """Which lifts are to be insured, with which insurer, out of which of the city's pools."""

    lift_ids: Sequence[UUID]
    insurer_id: UUID
    account_ids: Sequence[UUID]


def screen(
    ctx: Context,
    actor: Actor,
    estate_id: UUID,
    findings: Mapping[str, Finding],
    sheet_sha256: str,
) -> Purchase:
    """The district finds that an estate meets the plan's criteria, by code; this begins a case.

    Raises Refused: not_found (also for an estate of another district), role_required,
    route_not_offered, income_of_households, criterion_unknown, text_required, text_too_long,
    estate_screened, file_unknown, and as conflicts all that the step refuses at once:
    criterion_missing, criterion_not_met, committee_not_in_office, not_managed.
    """
    with ctx.sessions() as tx:
        # Of two who screen one estate at once, one sees what the other did.
        estate = tx.get(Estate, estate_id, with_for_update={"key_share": True})
        held = roles_in_estate(tx, ctx, actor, estate_id) if estate else frozenset()
        if not held:
            raise nothing_there("小区")
        check_offered(ROUTE, ctx.city)
        require(held, [Role.DISTRICT])
        found = _checked(ctx, findings)
        _check_not_screened(tx, ctx, estate_id)
        fact = estate_officer(tx, ctx, estate_id, actor.person_id)
        case = _begin(tx, ctx, actor, estate_id, Involvement(held, fact))
        papers = hand_in(case, {EvidenceKind.SCREENING_SHEET: sheet_sha256})
        advance(case, Action.SCREEN, StepFacts(screening=found), evidence=papers)
        tx.add_all(
            ScreeningFinding(
                purchase_id=case.purchase.id,
                criterion=code,
                finding=each.words,
                found_by=actor.person_id,
                found_at=case.now,
            )
            for code, each in found.items()
        )
        tx.commit()
        return case.purchase


def repeated() -> Refused:
    """A criterion stands on the sheet twice."""
    message = "同一项条件写了两次，请只写一次。"
    return refuse("criterion_repeated", message, "findings")


def undo_screening(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """误选: the case ends, and the estate may be screened anew."""
    return take_step(ctx, actor, purchase_id, Action.UNDO_SCREEN, reason=reason)


def guide(ctx: Context, actor: Actor, purchase_id: UUID, guidance: Guidance) -> Purchase:
    """District or centre set lifts, insurer and what pays; the insurer makes its plan next.

    The circle is the units that the lifts serve. Nobody chooses the insurer that they work for.
    Raises Refused: not_found, role_required, lifts_missing, lifts_repeated, lift_unknown,
    lift_in_open_case, insurer_unknown, account_required, account_repeated, account_not_citys,
    account_empty, and as conflicts officer_is_party, lift_not_running, lift_data_incomplete,
    inspection_overdue, insurer_not_selected.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.GUIDE)
        check_works_not_for(tx, ctx, actor, guidance.insurer_id)
        if case.table.find(case.state, Action.GUIDE):
            _set_lifts(case, guidance.lift_ids)
            _set_source(case, guidance.account_ids)
            _set_insurer(case, guidance.insurer_id)
        advance(case, Action.GUIDE)
        tx.commit()
        return case.purchase


def undo_guiding(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """Lifts, insurer or pools were the wrong ones: they are set anew."""
    return take_step(ctx, actor, purchase_id, Action.UNDO_GUIDE, reason=reason)


def _checked(ctx: Context, findings: Mapping[str, Finding]) -> Mapping[str, Finding]:
    """The findings in tidy words, about criteria of the city's plan alone."""
    asked = ctx.city.routes[ROUTE].gates.value
    if unknown := sorted(findings.keys() - set(asked)):
        message = "筛选表里有方案没有的条件，请按本市方案的条件逐项填写。"
        raise refuse("criterion_unknown", message, unknown[0])
    return {
        code: Finding(
            findings[code].met,
            texts.required(findings[code].words, texts.STATEMENT_LIMIT, code, "查明的情况"),
        )
        for code in asked
        if code in findings
    }


def _check_not_screened(tx: Session, ctx: Context, estate_id: UUID) -> None:
    beginning = table_of(ROUTE, ctx.city).first.target
    number = tx.scalar(
        select(Purchase.number)
        .where(Purchase.estate_id == estate_id, Purchase.state == beginning)
        .limit(1)
    )
    if number:
        message = (
            f"该小区已入选（{number}），还没有确定电梯，请在那一件里继续；选错了的，先撤销入选。"
        )
        raise refuse("estate_screened", message, "estate_id", "conflict")


def _begin(tx: Session, ctx: Context, actor: Actor, estate_id: UUID, involved: Involvement) -> Case:
    now = ctx.clock()
    purchase = Purchase(
        number=next_number(tx, "purchase", local_date(now)),
        route=ROUTE,
        state=str(table_of(ROUTE, ctx.city).first.target),
        version=0,
        profile_version=remember_profile(tx, ctx),
        estate_id=estate_id,
        applicant=ctx.city.routes[ROUTE].applicants.value[0],
        applied_by=actor.person_id,
        started_at=now,
        updated_at=now,
    )
    tx.add(purchase)
    tx.flush()
    return at_hand(tx, ctx, purchase, None, actor, involved)


def _set_lifts(case: Case, lift_ids: Sequence[UUID]) -> None:
    tx, purchase = case.tx, case.purchase
    if not lift_ids:
        raise refuse("lifts_missing", "请至少选择一台电梯。", "lift_ids")
    if len(set(lift_ids)) != len(lift_ids):
        raise refuse("lifts_repeated", "同一台电梯出现了两次，请删除重复的。", "lift_ids")
    known = lock_lifts(tx, Lift.id.in_(lift_ids), Building.estate_id == purchase.estate_id)
    if len(known) != len(lift_ids):
        raise refuse("lift_unknown", "所选电梯不属于本小区，请核对注册代码。", "lift_ids")
    check_lifts_free(tx, known, own=purchase.id)
    of_case = PurchaseLift.purchase_id == purchase.id
    rows = [{"purchase_id": purchase.id, "lift_id": lift} for lift in known]
    # First those that are named now: the last lift of a case never leaves it.
    tx.execute(insert(PurchaseLift).values(rows).on_conflict_do_nothing())
    if _guided_before(case):
        tx.execute(delete(PurchaseLift).where(of_case, PurchaseLift.lift_id.not_in(known)))
    area.serve_lifts_of(tx, purchase.id)


def _guided_before(case: Case) -> bool:
    return case.purchase.insurer_id is not None


def _set_insurer(case: Case, insurer_id: UUID) -> None:
    if case.tx.get(Insurer, insurer_id) is None:
        raise refuse("insurer_unknown", "没有找到该保险机构，请重新选择。", "insurer_id")
    case.purchase.insurer_id = insurer_id
    case.tx.flush()


def _set_source(case: Case, account_ids: Sequence[UUID]) -> None:
    """The pools pay in proportion to what each can spend now, so that a year which has little left
    is asked for little [D]."""
    tx, own = case.tx, PurchaseSource.purchase_id == case.purchase.id
    if not account_ids:
        message = "请至少选择一个年度的统筹资金。"
        raise refuse("account_required", message, "account_ids")
    if len(set(account_ids)) != len(account_ids):
        message = "同一个账户写了两次，请删除重复的。"
        raise refuse("account_repeated", message, "account_ids")
    pools = select(Account).where(
        Account.id.in_(account_ids),
        Account.kind == AccountKind.POOLED_INCOME,
        Account.closed_on.is_(None),
        area.account_is_the_citys(),
    )
    accounts = tx.scalars(pools.order_by(Account.id)).all()
    if len(accounts) != len(account_ids):
        message = "所选账户不是全市统筹使用的收益账户，或已经停用，请重新选择。"
        raise refuse("account_not_citys", message, "account_ids")
    weights = {account.id: account.balance_fen - account.held_fen for account in accounts}
    if empty := [account.name for account in accounts if not weights[account.id]]:
        raise _empty(case, empty)
    rows = [
        {"purchase_id": case.purchase.id, "account_id": account_id, "weight": weight}
        for account_id, weight in weights.items()
    ]
    if _guided_before(case):
        tx.execute(delete(PurchaseSource).where(own))
    tx.execute(insert(PurchaseSource).values(rows))


def _empty(case: Case, names: Sequence[str]) -> Refused:
    what = source_words(case.facts.route.account.value)
    message = f"{'、'.join(names)}没有可用资金，请不选它，或等待{what}入账。"
    return refuse("account_empty", message, "account_ids", "conflict")
