"""进度: how far the city is with what its plan wants, by district; for officers, and for a district
of its own. And the lifts whose count that is, by who looks after and who insures them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backend.domain.local_time import local_date
from backend.domain.routes.catalogue import known_limits, limit_title
from backend.domain.targets import TargetProgress, progress_of
from backend.services.base.context import Actor, Context
from backend.services.base.paging import Paged, paged, whole
from backend.services.reads.objection_pages import reach_of_reader
from backend.store.database import at_one_moment
from backend.store.queries import case_list, lift_list
from backend.store.queries.lift_list import (
    DistrictRow,
    InsurerRow,
    LiftFilter,
    ListedLift,
    MaintainerRow,
)


@dataclass(frozen=True)
class DistrictProgress:
    """A district: what stands there, how many cases are at work, and in how many somebody is
    late."""

    row: DistrictRow
    at_work: int
    overdue: int


@dataclass(frozen=True)
class LimitProgress:
    """What is to be done within a limit: in how many cases, and in how many it is over."""

    kind: str
    title: str
    running: int
    overdue: int


@dataclass(frozen=True)
class Progress:
    """All of it at a moment, of the city or of somebody's districts. `targets` are the city's: a
    district, which sees only its own lifts, is shown none."""

    of: str
    at: datetime
    today: date
    targets: Sequence[TargetProgress]
    districts: Sequence[DistrictProgress]
    limits: Sequence[LimitProgress]

    @property
    def sums(self) -> DistrictProgress:
        """Of all districts."""
        rows = [each.row for each in self.districts]
        return DistrictProgress(
            DistrictRow(
                "合计",
                sum(row.estates for row in rows),
                sum(row.lifts for row in rows),
                sum(row.covered for row in rows),
            ),
            sum(each.at_work for each in self.districts),
            sum(each.overdue for each in self.districts),
        )


def read_progress(ctx: Context, actor: Actor) -> Progress:
    """What stands now; raises Refused `not_found` for who is neither officer nor a district's."""
    now = ctx.clock()
    today = local_date(now)
    with ctx.sessions() as tx:
        at_one_moment(tx)
        reach = reach_of_reader(tx, ctx, actor)
        rows = lift_list.by_district(tx, reach, today)
        at_work, overdue = _cases(case_list.figures(tx, reach, now, ()))
        limits = case_list.by_limit(tx, reach, now)
    covered = sum(row.covered for row in rows)
    return Progress(
        ctx.city.name if reach.offices else "、".join(row.district for row in rows),
        now,
        today,
        progress_of(ctx.city, covered, today) if reach.offices else [],
        [DistrictProgress(row, at_work[row.district], overdue[row.district]) for row in rows],
        [
            LimitProgress(kind, limit_title(kind), *numbers)
            for kind, *numbers in limits
            if kind in known_limits()
        ],
    )


@dataclass(frozen=True)
class Oversight:
    """Who looks after the lifts within reach and who insures them, as of a moment."""

    at: datetime
    maintainers: Sequence[MaintainerRow]
    insurers: Sequence[InsurerRow]


def read_oversight(ctx: Context, actor: Actor) -> Oversight:
    """What market supervision and the insurance regulator watch (JS 六（二）, SG 六（二）); raises
    Refused as `read_progress`."""
    now = ctx.clock()
    today = local_date(now)
    with ctx.sessions() as tx:
        at_one_moment(tx)
        reach = reach_of_reader(tx, ctx, actor)
        return Oversight(
            now,
            lift_list.by_maintainer(tx, reach, today),
            lift_list.by_insurer(tx, reach, today),
        )


def page_of_lifts(ctx: Context, actor: Actor, chosen: LiftFilter, page: int) -> Paged[ListedLift]:
    """Lifts in use by estate, fifty a page; raises Refused as `read_progress`."""
    with ctx.sessions() as tx:
        reach = reach_of_reader(tx, ctx, actor)
        return paged(
            page,
            lambda most: lift_list.count(tx, reach, chosen, most),
            lambda skipped, most: lift_list.rows(tx, reach, chosen, skipped, most),
        )


def whole_lifts(
    ctx: Context, actor: Actor, chosen: LiftFilter, most: int | None = None
) -> Sequence[ListedLift]:
    """Every line, `most` at most; raises Refused as `page_of_lifts`, and `export_too_long`."""
    with ctx.sessions() as tx:
        reach = reach_of_reader(tx, ctx, actor)
        return whole(lambda *span: lift_list.rows(tx, reach, chosen, *span), most)


def _cases(
    figures: Sequence[case_list.CaseFigure],
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """By district: cases at work, and those in which somebody is late."""
    at_work, overdue = Counter[str](), Counter[str]()
    for each in figures:
        at_work[each.district] += each.at_work
        overdue[each.district] += each.overdue
    return at_work, overdue
