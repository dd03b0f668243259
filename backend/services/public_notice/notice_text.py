"""What a notice carries, as it stood when it was frozen: lifts, money, insurer, rights."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.city.schema import CityProfile, ObjectionChannel, Route
from backend.domain.money import yuan
from backend.domain.voting import Result, VoteOutcome
from backend.domain.wording import cover_period
from backend.services.case.case import Case
from backend.services.case.votes import votes_on_plan
from backend.store.purchases import Plan, PlanLift
from backend.store.queries.places import units_served
from backend.store.queries.sources import source_of
from backend.store.registry import Building, Insurer, Lift, Unit
from backend.store.votes import Vote

PRIVACY = "只公布异议的编号、类别和答复，不公布异议人的姓名、房号和电话。"


def how_to_object(city: CityProfile, route: Route) -> str:
    """Who may object, in which of the ways that the city opens, and what it does (JS annex
    二（一）4, SG 四)."""
    who = "本栋或本单元业主" if route.account.value == "pooled_income" else "这些电梯所在单元的业主"
    ways: dict[ObjectionChannel, str] = {
        "mini_program": "通过小程序“提出异议”提交书面意见",
        "paper": f"将签名的纸质意见交给{city.centre.name.value}（交到哪里请先打电话问）",
    }
    open_ways = "，或".join(ways[channel] for channel in city.objection.channels.value)
    return f"受影响的业主（{who}）可在公示期内{open_ways}。经核实的书面反对意见将使本方案暂缓实施。"


def notice_content(case: Case, plan: Plan, places: Sequence[str]) -> dict[str, Any]:
    """The frozen text, to hang in `places`. Amounts in fen and in words; dates as ISO and as people
    write them."""
    tx, purchase, estate, city = case.tx, case.purchase, case.estate, case.profile
    terms = plan.terms
    source = source_of(tx, purchase.id)
    insurer = tx.get_one(Insurer, plan.insurer_id)
    available = source.available_fen
    return {
        "title": f"{estate.name}电梯维修保险方案公示",
        "purchase": purchase.number,
        "estate": {"name": estate.name, "address": estate.address},
        "places": list(places),
        "lifts": _lifts(tx, plan, case.today),
        "route": city.routes[purchase.route].name,
        "account": {
            "name": source.name,
            "number": source.number,
            "available_fen": available,
            "used_fen": plan.premium_fen,
            "left_fen": available - plan.premium_fen,
            "text": f"可用{yuan(available)}，本次使用{yuan(plan.premium_fen)}，"
            f"使用后结余{yuan(available - plan.premium_fen)}",
        },
        "insurer": {
            "name": insurer.name,
            "phone": insurer.phone,
            "chosen": insurer.selection_basis or "由本市选定",
            "criteria": list(city.insurer.criteria.value),
        },
        "cover": {
            "from": terms.cover_from.isoformat(),
            "ends_before": terms.cover_ends_before.isoformat(),
            "text": cover_period(terms.cover_from, terms.cover_last_day),
            "scope_of_cover": terms.scope_of_cover,
            "exclusions": terms.exclusions,
            "sum_insured_fen": terms.sum_insured_fen,
            "deductible_fen": terms.deductible_fen,
            "service_commitments": terms.service_commitments,
        },
        "days": city.limits["public_notice_period"].days.value,
        "how_to_object": how_to_object(city, city.routes[purchase.route]),
        "privacy": PRIVACY,
        "centre": {"name": city.centre.name.value, "phone": city.centre.phone.value},
        "plan_hash": plan.content_hash,
        **_vote(case),
    }


def _vote(case: Case) -> dict[str, Any]:
    """What the owners' vote on the plan came to, where they were asked (Civil Code 278)."""
    if case.profile.voting is None:
        return {}
    passed = votes_on_plan(case.purchase).where(Vote.outcome == VoteOutcome.PASSED).limit(1)
    vote = case.tx.scalar(passed)
    if vote is None or vote.result is None:
        return {}
    return {"vote": list(Result.of(vote.result).sentences)}


def _lifts(tx: Session, plan: Plan, today: date) -> list[dict[str, Any]]:
    rows = tx.execute(
        select(Lift, Building.name, units_served(), PlanLift.premium_fen)
        .join(PlanLift, PlanLift.lift_id == Lift.id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(PlanLift.plan_id == plan.id)
        .order_by(Lift.registration_code)
    )
    return [
        {
            "registration_code": lift.registration_code,
            "address": f"{building}{unit}{lift.name}",
            "installed_on": lift.installed_on.isoformat(),
            "age_years": today.year
            - lift.installed_on.year
            - ((today.month, today.day) < (lift.installed_on.month, lift.installed_on.day)),
            "premium_fen": premium_fen,
        }
        for lift, building, unit, premium_fen in rows
    ]
