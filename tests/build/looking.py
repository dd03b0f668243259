"""What became of a case, and what else the village may need."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from uuid_utils.compat import uuid7

from backend.domain.actions import Action
from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, income_booked, opening
from backend.domain.local_time import SHANGHAI, local_date
from backend.domain.routes.catalogue import table_of
from backend.services.base import audit
from backend.services.base.context import Actor
from backend.services.books import households, ledger
from backend.services.books.ledger import NewEntry
from backend.services.public_notice import notices, objections
from backend.services.purchase import (
    applications,
    approvals,
    payments,
    plans,
    policies,
    registrations,
)
from backend.services.purchase.applications import ApplicationRequest
from backend.services.purchase.approvals import MemberAnswer
from backend.services.purchase.policies import PolicyPaper
from backend.store.city_files import load_city
from backend.store.ledger import Account, Hold
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.notices import Objection, PublicNotice
from backend.store.people import AccessGrant, Person
from backend.store.purchases import (
    Contract,
    CoveragePeriod,
    Plan,
    PlanLift,
    Purchase,
    Transition,
)
from backend.store.registry import Building, Household, Insurer, Lift, LiftUnit, Owner, Unit
from tests.build.proving import enrolled, proved
from tests.build.village import PREMIUM_FEN, Village, stage

R1 = table_of("R1", load_city("jishou"))
# Every state that a case can be taken back from, in the order in which it walks them.
BEFORE_PAYMENT = next(step.sources for step in R1.steps if step.action == Action.WITHDRAW)


def at(text: str) -> datetime:
    """A moment in Shanghai: `2025-03-11 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """The codes of everything that was refused, in order."""
    return [refusal.code for refusal in refused.value.refusals]


def case(village: Village, purchase: Purchase) -> Purchase:
    """The case as it stands now."""
    with village.ctx.sessions() as tx:
        return tx.get_one(Purchase, purchase.id)


def steps(village: Village, purchase: Purchase) -> list[Transition]:
    """Every step that was taken, in order."""
    with village.ctx.sessions() as tx:
        return list(
            tx.scalars(
                select(Transition)
                .where(Transition.purchase_id == purchase.id)
                .order_by(Transition.seq)
            )
        )


def pool(village: Village) -> tuple[int, int]:
    """Balance and held amount of the village's account, in fen."""
    with village.ctx.sessions() as tx:
        account = tx.get_one(Account, village.pool)
        return account.balance_fen, account.held_fen


def holds(village: Village, purchase: Purchase) -> list[tuple[str, int]]:
    """State and amount of every hold of the case, in order."""
    with village.ctx.sessions() as tx:
        rows = tx.scalars(
            select(Hold).where(Hold.purchase_id == purchase.id).order_by(Hold.placed_at, Hold.id)
        )
        return [(hold.state, hold.amount_fen) for hold in rows]


def covers(village: Village, purchase: Purchase) -> list[tuple[str, date | None, date | None]]:
    """State, first day and the day after the last of every cover of the case."""
    with village.ctx.sessions() as tx:
        rows = tx.scalars(
            select(CoveragePeriod)
            .where(CoveragePeriod.purchase_id == purchase.id)
            .order_by(CoveragePeriod.id)
        )
        return [(cover.state, cover.period.lower, cover.period.upper) for cover in rows]


def limits(village: Village, purchase: Purchase, *states: str) -> dict[str, DeadlineRecord]:
    """The time limits in these states (open ones if none is named) by kind, the latest of each."""
    with village.ctx.sessions() as tx:
        rows = tx.scalars(
            select(DeadlineRecord)
            .where(
                DeadlineRecord.purchase_id == purchase.id,
                DeadlineRecord.state.in_(states or ("open",)),
            )
            .order_by(DeadlineRecord.id)
        )
        return {record.kind: record for record in rows}


def notice_of(village: Village, notice_id: UUID) -> PublicNotice:
    """The notice as it stands now."""
    with village.ctx.sessions() as tx:
        return tx.get_one(PublicNotice, notice_id)


def objection_of(village: Village, objection: Objection) -> Objection:
    """The objection as it stands now."""
    with village.ctx.sessions() as tx:
        return tx.get_one(Objection, objection.id)


def letters(village: Village, purchase: Purchase) -> list[tuple[str, str, Mapping[str, str]]]:
    """Who was written to about the case, in order: name, template, fields."""
    names = {actor.person_id: name for name, actor in village.people.items()}
    with village.ctx.sessions() as tx:
        rows = tx.scalars(
            select(Outbox).where(Outbox.purchase_id == purchase.id).order_by(Outbox.id)
        )
        return [(names[row.person_id], row.template, row.data) for row in rows]


def assert_sound(village: Village) -> None:
    """The books balance and replay to what is stored; the audit chain holds."""
    with village.ctx.sessions() as tx:
        assert ledger.trial_balance(tx).total_fen == 0
        assert ledger.drifted(tx) == []
        assert households.drifted(tx) == []
        assert audit.verify(tx).ok


def add_person(
    village: Village, name: str, role: str | None = None, scope: UUID | None = None
) -> Actor:
    """Somebody new, with a role for the city or (with `scope`) for the estate or the insurer."""
    with village.ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=village.clock())
        tx.add(person)
        tx.flush()
        village.people[name] = proved(person.id)
        tx.commit()
    if role:
        also(village, name, role, scope)
    return village.people[name]


def also(village: Village, name: str, role: str, scope: UUID | None = None) -> None:
    """Give somebody another role."""
    kinds = {None: "city", village.estate: "estate", village.insurer: "insurer"}
    with village.ctx.sessions() as tx:
        enrolled(tx, village.ctx, village.actor(name).person_id, role)
        tx.add(
            AccessGrant(
                person_id=village.actor(name).person_id,
                role=role,
                scope_kind=kinds[scope],
                scope_id=scope,
                granted_at=village.clock(),
            )
        )
        tx.commit()


def add_building(village: Village) -> tuple[UUID, UUID]:
    """Another building of the estate with owner `neighbour`: its (empty) account and its lift."""
    actor = add_person(village, "neighbour")
    with village.ctx.sessions() as tx:
        building = Building(estate_id=village.estate, name="2栋")
        tx.add(building)
        tx.flush()
        unit = Unit(building_id=building.id, name="1单元")
        tx.add(unit)
        tx.flush()
        home = Household(unit_id=unit.id, room="101", area_dm2=9_000)
        lift = Lift(
            unit_id=unit.id,
            registration_code="311043310020240099",
            name="1号梯",
            installed_on=date(2015, 6, 1),
        )
        tx.add_all([home, lift])
        tx.flush()
        owner_id = uuid7()
        tx.add(
            Owner(
                id=owner_id,
                household_id=home.id,
                name_sealed=village.ctx.cipher.seal(Owner.name_sealed, owner_id, "邻居"),
                name_hash=village.ctx.cipher.digest("name", "邻居"),
                person_id=actor.person_id,
            )
        )
        account = ledger.open_account(
            tx, AccountKind.POOLED_INCOME, "P2", "2栋统筹账户", building_id=building.id
        )
        tx.commit()
        return account, lift.id


def add_insurer(village: Village, selected: bool) -> UUID:
    """Another insurer, selected by the city or not."""
    with village.ctx.sessions() as tx:
        insurer = Insurer(
            name=f"另一家保险{uuid4()}",
            bank_name="示例银行",
            bank_account="6222000000000002",
            selected_from=date(2024, 12, 1) if selected else None,
        )
        tx.add(insurer)
        tx.commit()
        return insurer.id


def add_income(village: Village, pooled_fen: int) -> None:
    """The bank books value-added income for the village's account."""
    with village.ctx.sessions() as tx:
        bank = village.bank
        statutory = ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE)
        lines = income_booked(bank, statutory, 0, {village.pool: pooled_fen})
        now = village.clock()
        ledger.post(tx, NewEntry(f"income/{uuid4()}", "income", local_date(now), lines), now)
        tx.commit()


def open_city_account(village: Village, income_fen: int) -> UUID:
    """One account for the whole city (韶关: 统筹使用), with this much in it."""
    with village.ctx.sessions() as tx:
        account = ledger.open_account(tx, AccountKind.POOLED_INCOME, "P-CITY", "全市统筹账户")
        lines = opening(village.bank, income_fen, {account: income_fen})
        ledger.post(tx, NewEntry("opening-city", "opening", today(village), lines), village.clock())
        tx.commit()
    return account


def serves(village: Village, place: int, *units: UUID) -> None:
    """The village's lift also serves these units (a shared corridor)."""
    with village.ctx.sessions() as tx:
        values = [{"lift_id": village.lifts[place], "unit_id": unit} for unit in units]
        tx.execute(insert(LiftUnit).values(values))
        tx.commit()


def application(village: Village, **changed: Any) -> ApplicationRequest:
    """What the property manager of the village applies for."""
    application = ApplicationRequest(
        "R1", village.estate, village.pool, village.insurer, "property_company", village.lifts
    )
    return replace(application, **changed)


def planned_for(
    village: Village, lifts: list[UUID], premium_fen: int = PREMIUM_FEN, **terms: Any
) -> Purchase:
    """A case for some of the lifts, with a plan before the committee."""
    manager, insurer = village.actor("manager"), village.actor("insurer")
    purchase = applications.draft(village.ctx, manager, application(village, lift_ids=lifts))
    applications.apply(village.ctx, manager, purchase.id, village.upload("manager"))
    village.clerk.queries_funds(purchase.id, "维保正常")
    for lift in lifts:
        plans.record_survey(village.ctx, insurer, purchase.id, lift, "passed", "运行平稳")
    plan = village.terms(lift_premiums=dict.fromkeys(lifts, premium_fen), **terms)
    return plans.submit_plan(village.ctx, insurer, purchase.id, plan)


def vote(village: Village, purchase: Purchase, name: str, choice: str, reason: str = "x") -> Any:
    """A member answers the current plan in chat."""
    assert purchase.plan_id
    person_id = village.actor(name).person_id
    return approvals.answer(
        village.ctx, person_id, purchase.plan_id, MemberAnswer(choice, reason, "chat", str(uuid4()))
    )


def approve(village: Village, purchase: Purchase) -> None:
    """Two of three members approve."""
    for name in ("member0", "member1"):
        vote(village, purchase, name, "approve")


def post(village: Village, purchase: Purchase) -> UUID:
    """The notice of an approved case is drafted and photographed; it runs from now on."""
    notice = village.manager.drafts_notice(purchase.id)
    village.photograph(notice.id, "start")
    return notice.id


def today(village: Village) -> date:
    """The day in Shanghai."""
    return local_date(village.clock())


def carry(village: Village, purchase: Purchase, to: str) -> Purchase:
    """Take a planned case on to `contracted`, `paying`, `paid` or `policy_issued`.

    The clock moves past its notice; its papers have numbers of their own.
    """
    ctx, tag = village.ctx, purchase.number
    manager, cashier = village.actor("manager"), village.actor("cashier")
    approve(village, purchase)
    notice = post(village, purchase)
    ends_before = notice_of(village, notice).ends_before
    assert ends_before
    village.clock.set(ends_before)
    village.photograph(notice, "end")
    notices.clear(ctx, village.actor("clerk"), purchase.id, "未收到纸质异议")
    registrations.register(ctx, village.actor("reviewer"), purchase.id)
    lifts = lift_premiums(village, purchase)
    papers: dict[str, Any] = {"number": tag, "premium_fen": sum(lifts.values())}
    registrations.sign_contract(
        ctx, manager, purchase.id, village.contract(lift_codes=list(lifts), **papers)
    )
    invoice = village.invoice(number=tag, amount_fen=papers["premium_fen"])
    further: dict[str, Callable[[], object]] = {
        "contracted": lambda: payments.add_invoice(ctx, manager, purchase.id, invoice),
        "payment_requested": lambda: payments.request_payment(ctx, manager, purchase.id),
        "payment_reviewed": lambda: village.reviewer.reviews_payment(purchase.id),
        "paying": lambda: payments.order_payment(ctx, cashier, purchase.id),
        "paid": lambda: payments.confirm_payment(
            ctx, cashier, purchase.id, tag, village.upload("cashier")
        ),
        "policy_issued": lambda: policies.issue_policy(
            ctx, village.actor("insurer"), purchase.id, policy_for(village, purchase, number=tag)
        ),
    }
    for state, act in further.items():
        act()
        if state == to:
            return case(village, purchase)
    raise ValueError(to)


def policy_for(village: Village, purchase: Purchase, **changed: Any) -> PolicyPaper:
    """The policy that fits this case: its plan's days, its lifts, what was contracted."""
    with village.ctx.sessions() as tx:
        now = tx.get_one(Purchase, purchase.id)
        plan = tx.get_one(Plan, now.plan_id)
        contract = tx.get_one(Contract, now.contract_id)
    return village.policy(
        **{
            "cover_from": plan.cover_from,
            "cover_ends_before": plan.cover_ends_before,
            "premium_fen": contract.premium_fen,
            "lift_codes": contract.lift_codes,
            **changed,
        }
    )


def lift_premiums(village: Village, purchase: Purchase) -> dict[str, int]:
    """The premium per registration code of the current plan."""
    with village.ctx.sessions() as tx:
        rows = tx.execute(
            select(Lift.registration_code, PlanLift.premium_fen)
            .join(PlanLift, PlanLift.lift_id == Lift.id)
            .where(PlanLift.plan_id == purchase.plan_id)
        )
        return dict(rows.all())


@stage
def applied(village: Village) -> Purchase:
    """A case whose application is handed in."""
    form = village.upload("manager")
    purchase = village.drafted()
    return village.manager.applies(purchase.id, form)


@stage
def short_of_funds(village: Village) -> Purchase:
    """A case that waits for income."""
    clerk = village.actor("clerk")
    return applications.mark_short(village.ctx, clerk, village.surveyed().id, "报价高于可用资金")


@stage
def survey_failed(village: Village) -> Purchase:
    """A case whose lifts must be mended."""
    failed = village.surveyed("failed")
    return village.person("insurer").fails_survey(failed.id, "制动器磨损")


@stage
def refused_plan(village: Village) -> Purchase:
    """A case whose plan two of three members refused."""
    purchase = village.planned()
    for name in ("member0", "member1"):
        vote(village, purchase, name, "refuse")
    return purchase


@stage
def suspended(village: Village) -> tuple[Purchase, UUID, Objection]:
    """A case that an owner objected to on the day its notice began; the notice, the objection."""
    purchase, notice = village.posted()
    owner = village.actor("owner0")
    objection = objections.file_objection(village.ctx, owner, notice, "price", "保费偏高")
    return purchase, notice, objection


@stage
def registered(village: Village) -> Purchase:
    """A case with a registration number."""
    purchase = village.cleared()
    village.reviewer.registers(purchase.id)
    return purchase


# A way to each state before payment.
BRING_TO: Mapping[str, Callable[[Village], Purchase]] = {
    "drafted": Village.drafted,
    "applied": applied,
    "funds_queried": Village.surveyed,
    "short_of_funds": short_of_funds,
    "survey_failed": survey_failed,
    "planned": Village.planned,
    "approved": Village.approved,
    "refused": refused_plan,
    "posted": lambda village: village.posted()[0],
    "suspended": lambda village: suspended(village)[0],
    "cleared": Village.cleared,
    "registered": registered,
    "contracted": Village.contracted,
    "payment_requested": Village.payable,
    "payment_reviewed": Village.reviewed,
}
