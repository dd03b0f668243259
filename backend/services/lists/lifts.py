"""电梯 as a list: what narrows it, and its lines."""

from collections.abc import Sequence
from datetime import date

from backend.domain.local_time import local_date
from backend.services.base.context import Actor, Context
from backend.services.lists.desk_list import (
    Address,
    DeskList,
    Narrowed,
    named,
    one,
    one_form,
    words,
)
from backend.services.reads.progress import whole_lifts
from backend.services.workbooks.lists import Value
from backend.store.queries.lift_list import NOBODY, LiftFilter, ListedLift, Which

HEADINGS = (
    "注册代码",
    "小区",
    "区县",
    "位置",
    "维保单位",
    "下次检验",
    "停用",
    "保险机构",
    "保险单号",
    "保障到",
)

WHICH_NAMES = {
    Which.COVERED: "有保障",
    Which.UNCOVERED: "没有保障",
    Which.STOPPED: "停用",
    Which.INSPECTION_OVER: "检验已过期",
}
NO_MAINTAINER = "没有登记维保单位"


def asked_of(address: Address, today: date) -> LiftFilter:
    """The lifts that an address asks for."""
    which = one(address, "which")
    return LiftFilter(
        today,
        Which(which) if which in WHICH_NAMES else None,
        named(address, "district"),
        named(address, "insurer"),
        named(address, "maintainer"),
        words(address),
    )


def narrowing_of(chosen: LiftFilter) -> Address:
    """What of the address narrows the list."""
    return one_form(
        which=chosen.which,
        district=chosen.district,
        insurer=chosen.insurer,
        maintainer=chosen.maintainer,
        words=chosen.words,
    )


def active_of(chosen: LiftFilter) -> Sequence[str]:
    """What narrows the list, in words."""
    found = [WHICH_NAMES[chosen.which]] if chosen.which else []
    found += [each for each in (chosen.district, chosen.insurer) if each]
    if chosen.maintainer:
        found.append(NO_MAINTAINER if chosen.maintainer == NOBODY else chosen.maintainer)
    return found + ([f"含“{chosen.words}”"] if chosen.words else [])


def _narrowed(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    chosen = asked_of(address, local_date(ctx.clock()))

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        return [_cells(row) for row in whole_lifts(ctx, actor, chosen, most)]

    return Narrowed(narrowing_of(chosen), active_of(chosen), lines)


def _cells(row: ListedLift) -> Sequence[Value]:
    return (
        row.code,
        row.estate,
        row.district,
        f"{row.building} {row.unit} {row.name}",
        row.maintainer,
        row.next_inspection_on,
        row.stopped_on,
        row.insurer,
        row.policy,
        row.last_day,
    )


LIST = DeskList("电梯", HEADINGS, _narrowed)
