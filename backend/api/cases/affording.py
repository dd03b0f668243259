"""Before applying: which lifts the pools can insure and when, as a forecast."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.domain.affording import year_words
from backend.http.parts import actor, context
from backend.http.present import Output, present
from backend.http.routes import Routes
from backend.services.reads.affording import (
    AccountForecast,
    Assumption,
    EstateForecast,
    Summary,
    read_city,
    read_estate,
)

routes = Routes("affording", "投保测算：账户够给哪些电梯投保、哪一年够")


class ForecastPath(BaseModel):
    """An estate."""

    estate_id: UUID = Field(description="哪一个小区")


class LiftForecastOut(Output):
    """A lift in its turn; without a year nothing comes in that could pay for it."""

    lift_id: UUID
    words: str
    premium_fen: int
    of_plan: bool
    covered_until: date | None
    needed_fen: int
    shortfall_fen: int
    closes_in: int | None
    when: str


class AreaCostOut(Output):
    """What the same premium would cost flats of one area from the maintenance fund."""

    area_dm2: int
    flats: int
    least_fen: int
    most_fen: int


class AccountForecastOut(Output):
    """What a pool can insure."""

    account_id: UUID
    number: str
    name: str
    building: str
    unit: str | None
    available_fen: int
    yearly_fen: int
    premium_fen: int
    shortfall_fen: int
    closes_in: int | None
    when: str
    now: int
    carried: int
    words: str
    lifts: list[LiftForecastOut]
    per_flat: list[AreaCostOut]


class SummaryOut(Output):
    """Several pools together."""

    name: str
    lifts: int
    now: int
    carried: int
    premium_fen: int
    available_fen: int
    shortfall_fen: int
    closes_in: int | None


class YearReachedOut(Output):
    """How many lifts can be insured by a year."""

    year: int
    lifts: int


class AssumptionOut(Output):
    """What the forecast assumes."""

    name: str
    text: str


class EstateForecastOut(Output):
    """An estate's forecast."""

    estate: str
    accounts: list[AccountForecastOut]
    buildings: list[SummaryOut]
    whole: SummaryOut
    years: list[YearReachedOut]
    unpaid: int
    assumptions: list[AssumptionOut]


class CityGroupOut(Output):
    """Pools that can insure all their lifts in one year."""

    closes_in: int | None
    when: str
    accounts: int
    lifts: int
    shortfall_fen: int


class CityForecastOut(Output):
    """The city's forecast."""

    groups: list[CityGroupOut]
    own: SummaryOut | None
    lifts: int
    accounts: int
    shortfall_fen: int
    years: list[YearReachedOut]
    assumptions: list[AssumptionOut]


@routes.get(
    "/estates/<estate_id>/forecast",
    auth="person",
    answers={200: EstateForecastOut, 304: None},
    refuses=("not_found",),
)
def estate_forecast(path: ForecastPath) -> Response:
    """小区的投保测算

    每个统筹账户现在够给哪几台电梯投保、还差多少、预计哪一年够，以及改用维修资金时各种面积的房屋要分摊
    多少。是估算，假设都列在里面；以保险机构的方案为准。
    """
    return present(_estate(read_estate(context(), actor(), path.estate_id)))


@routes.get(
    "/forecast",
    auth="person",
    answers={200: CityForecastOut, 304: None},
    refuses=("not_found role_required",),
)
def city_forecast() -> Response:
    """全市的投保测算

    各统筹账户预计哪一年够给全部电梯投保，供经办、复核、出纳和监督、审计查看。
    """
    found = read_city(context(), actor())
    return present(
        CityForecastOut(
            groups=[
                CityGroupOut(
                    closes_in=each.closes_in,
                    when=year_words(each.closes_in, found.booking),
                    accounts=each.accounts,
                    lifts=each.lifts,
                    shortfall_fen=each.shortfall_fen,
                )
                for each in found.groups
            ],
            own=_summary(found.own) if found.own else None,
            lifts=found.lifts,
            accounts=found.accounts,
            shortfall_fen=found.shortfall_fen,
            years=_years(found.years),
            assumptions=_assumed(found.assumptions),
        )
    )


def _estate(found: EstateForecast) -> EstateForecastOut:
    return EstateForecastOut(
        estate=found.estate.name,
        accounts=[_account(each) for each in found.accounts],
        buildings=[_summary(each) for each in found.buildings],
        whole=_summary(found.whole),
        years=_years(found.years),
        unpaid=found.unpaid,
        assumptions=_assumed(found.assumptions),
    )


def _account(each: AccountForecast) -> AccountForecastOut:
    pool, outlook = each.pool, each.outlook
    return AccountForecastOut(
        account_id=pool.id,
        number=pool.number,
        name=pool.name,
        building=pool.building,
        unit=pool.unit,
        available_fen=outlook.available_fen,
        yearly_fen=outlook.yearly_fen,
        premium_fen=outlook.premium_fen,
        shortfall_fen=outlook.shortfall_fen,
        closes_in=outlook.closes_in,
        when=year_words(outlook.closes_in, outlook.next_booking),
        now=outlook.now,
        carried=outlook.carried,
        words=each.words,
        lifts=[
            LiftForecastOut(
                lift_id=lift.need.lift,
                words=lift.need.words,
                premium_fen=lift.need.premium_fen,
                of_plan=lift.need.of_plan,
                covered_until=lift.need.covered_until,
                needed_fen=lift.needed_fen,
                shortfall_fen=lift.shortfall_fen,
                closes_in=lift.closes_in,
                when=year_words(lift.closes_in, outlook.next_booking),
            )
            for lift in outlook.lifts
        ],
        per_flat=[AreaCostOut.model_validate(cost) for cost in each.per_flat],
    )


def _summary(found: Summary) -> SummaryOut:
    return SummaryOut.model_validate(found)


def _years(years: Sequence[tuple[int, int]]) -> list[YearReachedOut]:
    return [YearReachedOut(year=year, lifts=lifts) for year, lifts in years]


def _assumed(assumptions: Sequence[Assumption]) -> list[AssumptionOut]:
    return [AssumptionOut(name=name, text=text) for name, text in assumptions]
