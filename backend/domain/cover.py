"""Surveys and cover: what an insurer finds first, and how long it insures (JS annex 一, 四)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from backend.domain.errors import refuse


class SurveyResult(StrEnum):
    """What the insurer found at a lift (查勘)."""

    PASSED = "passed"
    FAILED = "failed"


SURVEY_NAMES = {SurveyResult.PASSED: "通过", SurveyResult.FAILED: "未通过"}


class CoverState(StrEnum):
    """Of one lift's period of cover: reserved with the drafted notice, in force with the policy,
    then over; `released` never began. `unpaid`: the policy is there, but the bank sent the premium
    back."""

    RESERVED = "reserved"
    UNPAID = "unpaid"
    IN_FORCE = "in_force"
    RELEASED = "released"
    ENDED = "ended"


class LiftUse(StrEnum):
    """Whether a lift runs, stands still for a time (停用), or was taken out for good (拆除)."""

    RUNNING = "running"
    STOPPED = "stopped"
    RETIRED = "retired"


@dataclass(frozen=True)
class CoverTerms:
    """What a plan (保险方案) promises for each lift. Money in fen; cover runs from a day until
    before another."""

    sum_insured_fen: int
    deductible_fen: int
    cover_from: date
    cover_ends_before: date
    scope_of_cover: str
    exclusions: str
    service_commitments: str

    @property
    def cover_last_day(self) -> date:
        """The last day that is covered."""
        return self.cover_ends_before - timedelta(days=1)


def insures(state: CoverState, starts_on: date, ends_before: date, on: date) -> bool:
    """Whether cover in this state, of these days, insures its lift on this day (JS 四（三）)."""
    return state == CoverState.IN_FORCE and starts_on <= on < ends_before


def a_year_after(first: date) -> date:
    """The first day after one year of cover that begins on `first` (《民法典》202: calendar years).

    A year from 29 February ends with the last day of the next February, since there is no 29th.
    """
    if (first.month, first.day) == (2, 29):
        return date(first.year + 1, 3, 1)
    return first.replace(year=first.year + 1)


def ends_as_agreed(first: date, agreed_from: date, agreed_ends_before: date) -> date:
    """The end of cover that begins on `first` and is as long as agreed: a year is a calendar year
    (《民法典》202), anything else the same number of days."""
    if agreed_ends_before == a_year_after(agreed_from):
        return a_year_after(first)
    return first + (agreed_ends_before - agreed_from)


def year_premium(premium_fen: int, first: date, ends_before: date) -> int:
    """What the year from `first` costs at the premium of this period, by days, rounded up to the
    fen [D]: what must be there for one year (JS annex 一.2)."""
    year_days = (a_year_after(first) - first).days
    return -(-premium_fen * year_days // (ends_before - first).days)


def check_period(first: date, ends_before: date, today: date) -> None:
    """Cover is for some days, none of them past, and a year at most: the account pays year by year
    (JS annex 一.2).

    Raises Refused: `period_invalid`, `cover_begins_in_past`, `period_too_long`.
    """
    if not first < ends_before:
        raise refuse("period_invalid", "保障结束日期应晚于开始日期。", "cover_ends_before")
    if first < today:
        raise refuse("cover_begins_in_past", "保障开始日期不能早于今天。", "cover_from")
    if ends_before > a_year_after(first):
        message = "保费按年支付，保障期间不得超过一年。"
        raise refuse("period_too_long", message, "cover_ends_before")
