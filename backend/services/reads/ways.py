"""In which ways a person may begin an application: as whom, by which route, from which money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.domain.city.schema import ApplicantKind
from backend.domain.local_time import local_date, midnight_after
from backend.domain.roles import APPLICANT_ROLES, Role
from backend.domain.routes.catalogue import (
    OF_HOUSEHOLDS,
    ROUTES,
    nothing_offered,
    offered,
    takes_applications,
)
from backend.domain.tokens import is_token
from backend.domain.wording import until
from backend.services.base.access import nothing_there, roles_in_estate
from backend.services.base.context import Actor, Context
from backend.services.case.committees import committee_in_office, mandate_until
from backend.services.case.conflicts_of_interest import is_recused
from backend.store.ledger import Account
from backend.store.queries import area
from backend.store.queries.estates import EstateAccount, accounts_in
from backend.store.queries.owned_alone import lifts_in, lifts_owned_alone
from backend.store.queries.places import Place, place_behind_code
from backend.store.registry import Building, Estate, Household, Lift, LiftToken, Owner, Unit

NAMES: dict[str, str] = {
    "owners": "业主联名",
    "committee": "业主委员会",
    "property_company": "物业服务企业",
    "independent_owner": "独立产权人",
}

SCREENED_ONLY = (
    "本市不受理申请：由属地住建部门摸底筛选小区，入选的小区由物业办理，方案公示无异议后投保。"
    "有意愿的，请向物业或属地住建部门提出。"
)


@dataclass(frozen=True)
class Way:
    """One way to apply that is open to this person; `words` say what it takes, `accounts` are
    those that they may name as the one that pays. Where none is named, `lift_ids` are the lifts
    that they may insure so."""

    route: str
    applicant: ApplicantKind
    name: str
    words: str
    accounts: Sequence[EstateAccount]
    lift_ids: Sequence[UUID] = ()


@dataclass(frozen=True)
class Ways:
    """An estate and the ways to apply there that are open to this person.

    `lift_id` and `place` are those of the lift whose code was scanned, if one was; `hint` says what
    is missing when there is no way.
    """

    estate_id: UUID
    estate: str
    lift_id: UUID | None
    place: Place | None
    ways: Sequence[Way]
    hint: str


def ways_in_estate(ctx: Context, actor: Actor, estate_id: UUID) -> Ways:
    """For somebody who has a role there; raises Refused `not_found` for everybody else."""
    with ctx.sessions() as tx:
        estate = tx.get(Estate, estate_id)
        held = roles_in_estate(tx, ctx, actor, estate_id) if estate else frozenset()
        if estate is None or not held:
            raise nothing_there("小区")
        ways = _ways(tx, ctx, actor, estate.id, held)
        return Ways(estate.id, estate.name, None, None, ways, _hint(ctx, ways))


def ways_for_lift(ctx: Context, actor: Actor, token: str) -> Ways:
    """For whoever scanned the code in a cab; who is not known yet finds no way, and where to be
    verified. Raises Refused `not_found` for codes that are unknown or revoked."""
    with ctx.sessions() as tx:
        row = tx.execute(_behind_code(token)).one_or_none() if is_token(token) else None
        if row is None:
            raise nothing_there("电梯")
        estate, lift_id = row
        held = roles_in_estate(tx, ctx, actor, estate.id)
        ways = _ways(tx, ctx, actor, estate.id, held)
        place = place_behind_code(tx, token)
        return Ways(estate.id, estate.name, lift_id, place, ways, _hint(ctx, ways))


def _behind_code(token: str) -> Select[Estate, UUID]:
    """The estate and the lift whose valid code this is."""
    return (
        select(Estate, Lift.id)
        .join(Building, Building.estate_id == Estate.id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Lift, Lift.unit_id == Unit.id)
        .join(LiftToken, LiftToken.lift_id == Lift.id)
        .where(LiftToken.token == token, LiftToken.valid)
    )


def _ways(
    tx: Session, ctx: Context, actor: Actor, estate_id: UUID, held: frozenset[Role]
) -> Sequence[Way]:
    """What the city's routes offer to the parts that this person has in the estate today."""
    accounts = accounts_in(tx, estate_id)
    ways: list[Way] = []
    for route in filter(takes_applications, offered(ctx.city)):
        for kind in ctx.city.routes[route].applicants.value:
            if kind not in NAMES or APPLICANT_ROLES[kind] not in held:
                continue
            if ROUTES[route].shared:
                words = _words(tx, kind, estate_id, actor, ctx.clock())
                ways += _shared(tx, ctx, actor, estate_id, (route, kind), words)
            elif kind == "owners":
                paying = _paying_for_homes(tx, actor)
                own = [account for account in accounts if account.id in paying]
                ways.append(Way(route, kind, NAMES[kind], _owners_words(ctx), own))
            elif kind == "independent_owner":
                if alone := lifts_owned_alone(tx, estate_id, actor.person_id):
                    theirs = _words_alone(ctx, route)
                    ways.append(Way(route, kind, NAMES[kind], theirs, (), alone))
            elif words := _words(tx, kind, estate_id, actor, ctx.clock()):
                ways.append(Way(route, kind, NAMES[kind], words, accounts))
    return ways


def _shared(
    tx: Session,
    ctx: Context,
    actor: Actor,
    estate_id: UUID,
    way: tuple[str, ApplicantKind],
    words: str | None,
) -> Sequence[Way]:
    """Where the flats pay nobody names an account: owners may name the lifts that serve their
    flats, others any."""
    route, kind = way
    mine = actor.person_id if kind == "owners" else None
    needed = _owners_words(ctx) if kind == "owners" else words
    lifts = lifts_in(tx, estate_id, mine)
    if not needed or not lifts:
        return ()
    return (Way(route, kind, NAMES[kind], f"{needed}保费按建筑面积由各户分摊。", (), lifts),)


def _owners_words(ctx: Context) -> str:
    needed = ctx.city.applicants.minimum_cosigners.value
    return f"起草就算您签名；满{needed}位相关业主（含您）联名后提交，用微信邀请邻居。"


def _words_alone(ctx: Context, route: str) -> str:
    years = ctx.city.routes[route].deposit_years
    return (
        "这些电梯只服务您一个产权人的房屋。保险机构拟定方案后，由中心开立专户，"
        f"您一次性缴存{years.value if years else 1}年保费，每年拨付一年。"
    )


def _words(
    tx: Session, kind: ApplicantKind, estate_id: UUID, actor: Actor, now: datetime
) -> str | None:
    """What the way takes; None where it is closed today."""
    today = local_date(now)
    if tx.scalar(committee_in_office(estate_id, today)) is None:
        return None
    if kind == "committee":
        recused = is_recused(tx, estate_id, actor.person_id, now)
        return None if recused else "您代表业主委员会申请，申请表盖业委会的章。"
    last = mandate_until(tx, estate_id, today)
    if last is None:
        return None
    return f"业主委员会的委托有效至{until(midnight_after(last))}，申请表盖物业的章。"


def _paying_for_homes(tx: Session, actor: Actor) -> frozenset[UUID]:
    """The accounts that pay for a unit in which the person owns a flat."""
    rows = (
        select(Account.id)
        .join(Unit, area.in_covered_area())
        .join(Household, Household.unit_id == Unit.id)
        .join(Owner, Owner.household_id == Household.id)
        .where(Owner.person_id == actor.person_id)
    )
    return frozenset(tx.scalars(rows))


def _hint(ctx: Context, ways: Sequence[Way]) -> str:
    """Who may apply, for somebody to whom no way is open."""
    if ways:
        return ""
    if closed := nothing_offered(ctx.city):
        return closed
    if not any(map(takes_applications, offered(ctx.city))):
        return SCREENED_ONLY
    kinds = {kind for code in offered(ctx.city) for kind in ctx.city.routes[code].applicants.value}
    may = "、".join(words for kind, words in _who_may(ctx).items() if kind in kinds)
    then = "发起联名" if "owners" in kinds else "申请"
    of_flats = OF_HOUSEHOLDS if ctx.city.income.mode.value == "household" else ""
    return f"{of_flats}可以申请的有：{may}。您是业主的，先核验房屋，核验后就能在这里{then}。"


def _who_may(ctx: Context) -> Mapping[ApplicantKind, str]:
    """Whoever may apply somewhere, in words."""
    return {
        "owners": f"{ctx.city.applicants.minimum_cosigners.value}名以上相关业主联名",
        "committee": "业主委员会（在任且未申报回避的委员）",
        "property_company": "业主委员会委托的物业",
        "independent_owner": "电梯只服务其房屋的独立产权人",
    }
