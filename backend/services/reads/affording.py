"""投保测算: which lifts the pools of an estate, or of the city, can insure and when; what the same
premium would cost each flat from the maintenance fund. A forecast with its assumptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain import affording as rules
from backend.domain.affording import AreaCost, LiftNeed, OnePool, Outlook
from backend.domain.city.schema import CityProfile
from backend.domain.households import IncomeMode
from backend.domain.income import affordability
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.roles import BOOK_READERS
from backend.services.base.access import nothing_there, require_officer, roles_in_estate
from backend.services.base.context import Actor, Context
from backend.store.queries import affording as rows
from backend.store.queries.affording import CityYear, FlatHere, LiftHere, Pool
from backend.store.registry import Estate

Assumption = tuple[str, str]
ORDER = (
    "没有保障的电梯排在前面，其余按保障到期先后；账户里的钱够付它和前面各台的第一年保费，就算能投保"
)
ORDER_OF_ACCOUNTS = "一个账户的全部电梯够付第一年保费，才算能投保"
ORDER_OF_CITY = "全市的账户够付几台的第一年保费，就算几台能投保"
SAME_EACH_YEAR = "，以后每年一样多"
NOT_CLOSED = "还没有年度分配，各账户每年有多少收益估不出；在小区的测算里按存款估算"
TO_HOUSEHOLDS = "本市的增值收益分到各户，统筹账户不再有新的收益"
TIME = "一年的增值收益在次年年度分配以后入账，下一次预计在{year}年［方案四（二）］"
SAME = "余额、利率、电梯不变，期间没有别的支出；其他申请冻结的钱已经扣除"
FLATS = "改用维修资金账户（R2）的，同样的保费按建筑面积分摊；动用维修资金另有条件，见城市参数"


@dataclass(frozen=True)
class AccountForecast:
    """One pool: what it can insure, said in a sentence too, and what the same would cost flats."""

    pool: Pool
    outlook: Outlook
    words: str
    per_flat: Sequence[AreaCost]


@dataclass(frozen=True)
class Summary:
    """Several pools together, in fen; `closes_in` is when the last of them can insure its lifts."""

    name: str
    lifts: int
    now: int
    carried: int
    premium_fen: int
    available_fen: int
    shortfall_fen: int
    closes_in: int | None


@dataclass(frozen=True)
class EstateForecast:
    """An estate: each pool, each building, all of it; by year how many lifts can be insured;
    `unpaid` are lifts for which no pool is there."""

    estate: Estate
    accounts: Sequence[AccountForecast]
    buildings: Sequence[Summary]
    whole: Summary
    years: Sequence[tuple[int, int]]
    unpaid: int
    booking: int
    assumptions: Sequence[Assumption]


@dataclass(frozen=True)
class CityForecast:
    """The city: the pools of its places by the year in which they can insure all their lifts, or
    (`own`) the city's own pools; of `lifts` how many can be insured now, and by each year."""

    groups: Sequence[CityYear]
    own: Summary | None
    lifts: int
    now: int
    accounts: int
    shortfall_fen: int
    years: Sequence[tuple[int, int]]
    booking: int
    assumptions: Sequence[Assumption]


def read_estate(ctx: Context, actor: Actor, estate_id: UUID) -> EstateForecast:
    """For whoever has a role in the estate. Raises Refused `not_found`."""
    today = local_date(ctx.clock())
    with ctx.sessions() as tx:
        held = roles_in_estate(tx, ctx, actor, estate_id)
        estate = tx.get(Estate, estate_id)
        if not held or estate is None:
            raise nothing_there("小区")
        pools = rows.pools_in(tx, estate_id)
        flats = rows.flats_here(tx, estate_id)
        lifts = rows.lifts_here(tx, estate_id, today)
        income, booking, basis = _income(tx, ctx.city, pools, flats, today)
        found = [_account(ctx.city, pool, lifts, flats, income, booking) for pool in pools]
        in_order = sorted(found, key=lambda each: each.pool.building)
        by_building = groupby(in_order, key=lambda each: each.pool.building)
        return EstateForecast(
            estate,
            found,
            [_summary(name, [each.outlook for each in some]) for name, some in by_building],
            _summary(estate.name, [each.outlook for each in found]),
            rules.by_year([each.outlook for each in found], today.year),
            sum(lift.account_id is None for lift in lifts),
            booking,
            _assumptions(ctx.city, basis, booking, ORDER),
        )


def read_city(ctx: Context, actor: Actor) -> CityForecast:
    """For those who keep or watch the books. Raises Refused `role_required`, `not_found`."""
    today = local_date(ctx.clock())
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        close_id, booking, basis = _income_of_city(tx, ctx.city, today)
        premium = ctx.city.market.typical_premium_fen.value
        groups = rows.city_by_year(tx, close_id, premium, booking)
        own = None if groups else _citys_own(tx, close_id, premium)
    years = range(today.year, today.year + rules.YEARS_SHOWN)
    if own is not None:
        whole = _of_own(own, booking)
        return CityForecast(
            groups=[],
            own=whole,
            lifts=own.lifts,
            now=whole.now,
            accounts=0,
            shortfall_fen=whole.shortfall_fen,
            years=[(year, own.insured(year, booking)) for year in years],
            booking=booking,
            assumptions=_assumptions(ctx.city, basis, booking, ORDER_OF_CITY),
        )
    return CityForecast(
        groups=groups,
        own=None,
        lifts=sum(each.lifts for each in groups),
        now=_reached(groups, booking - 1),
        accounts=sum(each.accounts for each in groups),
        shortfall_fen=sum(each.shortfall_fen for each in groups),
        years=[(year, _reached(groups, year)) for year in years],
        booking=booking,
        assumptions=_assumptions(ctx.city, basis, booking, ORDER_OF_ACCOUNTS),
    )


def _account(
    city: CityProfile,
    pool: Pool,
    lifts: Sequence[LiftHere],
    flats: Sequence[FlatHere],
    income: Mapping[UUID, int],
    booking: int,
) -> AccountForecast:
    typical = city.market.typical_premium_fen.value
    needs = [
        LiftNeed(
            lift.id,
            lift.words,
            lift.planned_fen or typical,
            lift.planned_fen is not None,
            lift.covered_until,
        )
        for lift in lifts
        if lift.account_id == pool.id
    ]
    found = rules.outlook(pool.available_fen, income.get(pool.id, 0), booking, needs)
    areas = {str(flat.id): flat.area_dm2 for flat in flats if flat.account_id == pool.id}
    return AccountForecast(
        pool, found, rules.words_of(found), rules.per_flat(found.premium_fen, areas)
    )


def _income(
    tx: Session,
    city: CityProfile,
    pools: Sequence[Pool],
    flats: Sequence[FlatHere],
    today: date,
) -> tuple[Mapping[UUID, int], int, str]:
    """What each pool gets once a year, when next, and what that rests on."""
    close_id, booking, basis = _income_of_city(tx, city, today)
    if basis == TO_HOUSEHOLDS:
        return {}, booking, basis
    if close_id is not None:
        return rows.shares_in(tx, close_id, [pool.id for pool in pools]), booking, basis
    whole = rules.income_of_a_year(rows.running_deposits(tx, today))
    money = rows.flats_money(tx)
    had: dict[UUID, int] = {}
    for flat in flats:
        if flat.account_id is not None:
            had[flat.account_id] = had.get(flat.account_id, 0) + flat.principal_fen
    given = {account: whole * fen // money for account, fen in had.items()} if money else {}
    words = f"还没有年度分配：在存的存款一年的增值收益约{yuan(whole)}，按各户余额占全市的比例估算"
    return given, booking, f"{words}{SAME_EACH_YEAR}"


def _income_of_city(tx: Session, city: CityProfile, today: date) -> tuple[UUID | None, int, str]:
    """The close whose shares pools get once a year, when next, and what that rests on."""
    if _is_households(city):
        return None, rules.next_booking(None, None, today), TO_HOUSEHOLDS
    last = rows.last_close(tx)
    if last is None:
        return None, rules.next_booking(None, rows.earning_since(tx), today), NOT_CLOSED
    close_id, closed = last
    basis = f"每个账户按{closed}年度分配分到的{SAME_EACH_YEAR}"
    return close_id, rules.next_booking(closed, None, today), basis


def _is_households(city: CityProfile) -> bool:
    return IncomeMode(city.income.mode.value) is IncomeMode.HOUSEHOLD


def _summary(name: str, outlooks: Sequence[Outlook]) -> Summary:
    closes = [each.closes_in for each in outlooks]
    return Summary(
        name,
        sum(len(each.lifts) for each in outlooks),
        sum(each.now for each in outlooks),
        sum(each.carried for each in outlooks),
        sum(each.premium_fen for each in outlooks),
        sum(each.available_fen for each in outlooks),
        sum(each.shortfall_fen for each in outlooks),
        None if None in closes or not closes else max(year for year in closes if year is not None),
    )


def _citys_own(tx: Session, close_id: UUID | None, premium: int) -> OnePool | None:
    available, yearly, lifts = rows.citys_own(tx, close_id)
    return OnePool(available, yearly, premium, lifts) if available or yearly else None


def _of_own(pool: OnePool, booking: int) -> Summary:
    needed_fen = pool.lifts * pool.premium_fen
    found = affordability(pool.available_fen, needed_fen, pool.yearly_fen, booking)
    return Summary(
        "全市统筹",
        pool.lifts,
        pool.insured(booking - 1, booking),
        pool.carried,
        needed_fen,
        pool.available_fen,
        found.shortfall_fen,
        found.closes_in,
    )


def _reached(groups: Sequence[CityYear], year: int) -> int:
    """How many lifts of whole accounts can be insured by this year."""
    return sum(
        each.lifts for each in groups if each.closes_in is not None and each.closes_in <= year
    )


def _assumptions(city: CityProfile, basis: str, booking: int, order: str) -> Sequence[Assumption]:
    typical = city.market.typical_premium_fen
    premium = f"每台每年{yuan(typical.value)}（{typical.source_text}）"
    planned = order == ORDER
    return [
        ("保费", f"有方案的电梯按最近一份方案，没有的按{premium}" if planned else premium),
        ("收益", basis),
        *([("时间", TIME.format(year=booking))] if basis != TO_HOUSEHOLDS else []),
        ("次序", order),
        ("不变", SAME),
        *([("维修资金", FLATS)] if planned else []),
    ]
