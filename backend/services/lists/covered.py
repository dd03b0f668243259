"""保障中的电梯 as a list: what narrows it, and its lines."""

from collections.abc import Sequence
from datetime import date

from backend.domain.local_time import local_date
from backend.services.base.context import Actor, Context
from backend.services.lists.desk_list import Address, DeskList, Narrowed, one_form, words
from backend.services.reads.progress import whole_covered
from backend.services.workbooks.lists import Value
from backend.store.queries.covered_lifts import CoveredFilter, CoveredRow

HEADINGS = (
    "注册代码",
    "小区",
    "区县",
    "位置",
    "维保单位",
    "下次检验",
    "保险机构",
    "保险单号",
    "保障到",
)


def asked_of(address: Address, today: date) -> CoveredFilter:
    """The lifts that an address asks for."""
    return CoveredFilter(
        today, words(address, "district"), words(address, "insurer"), words(address)
    )


def narrowing_of(chosen: CoveredFilter) -> Address:
    """What of the address narrows the list."""
    return one_form(district=chosen.district, insurer=chosen.insurer, words=chosen.words)


def active_of(chosen: CoveredFilter) -> Sequence[str]:
    """What narrows the list, in words."""
    found = [each for each in (chosen.district, chosen.insurer) if each]
    return found + ([f"含“{chosen.words}”"] if chosen.words else [])


def _narrowed(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    chosen = asked_of(address, local_date(ctx.clock()))

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        return [_cells(row) for row in whole_covered(ctx, actor, chosen, most)]

    return Narrowed(narrowing_of(chosen), active_of(chosen), lines)


def _cells(row: CoveredRow) -> Sequence[Value]:
    return (
        row.code,
        row.estate,
        row.district,
        f"{row.building} {row.unit} {row.name}",
        row.maintainer,
        row.next_inspection_on,
        row.insurer,
        row.policy,
        row.last_day,
    )


LIST = DeskList("保障中的电梯", HEADINGS, _narrowed)
