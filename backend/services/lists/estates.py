"""小区 and 海报 as lists: their lines, narrowed by the words that somebody typed."""

from collections.abc import Callable, Sequence

from backend.services.base.context import Actor, Context
from backend.services.lists.desk_list import Address, DeskList, Narrowed, named, one_form, words
from backend.services.printing.poster_lists import PosterLine, whole_posters
from backend.services.reads.estate_pages import whole_estates
from backend.services.workbooks.lists import Value
from backend.store.queries.estate_list import EstateFilter, EstateRow

HEADINGS = (
    "小区代码",
    "小区",
    "地址",
    "区县",
    "物业服务企业",
    "电梯（台）",
    "有保障（台）",
    "在办案件",
)
POSTER_HEADINGS = (
    "小区代码",
    "小区",
    "电梯（台）",
    "已印轿厢卡（台）",
    "公示（份）",
    "需重贴（张）",
    "最近下单",
)
# The lines of a list whose only condition is what was typed.
Lines = Callable[[Context, Actor, str, int | None], Sequence[Sequence[Value]]]


def _by_words(lines: Lines) -> Callable[[Context, Actor, Address], Narrowed]:
    def narrowed(ctx: Context, actor: Actor, address: Address) -> Narrowed:
        typed = words(address)
        active = [f"含“{typed}”"] if typed else []
        return Narrowed(one_form(words=typed), active, lambda most: lines(ctx, actor, typed, most))

    return narrowed


def asked_of(address: Address) -> EstateFilter:
    """The estates that an address asks for."""
    return EstateFilter(words(address), named(address, "district"))


def active_of(chosen: EstateFilter) -> Sequence[str]:
    """What narrows the estates, in words."""
    found = [chosen.district] if chosen.district else []
    return found + ([f"含“{chosen.words}”"] if chosen.words else [])


def _estates(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    chosen = asked_of(address)

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        return [_cells(row) for row in whole_estates(ctx, actor, chosen, most)]

    narrowing = one_form(words=chosen.words, district=chosen.district)
    return Narrowed(narrowing, active_of(chosen), lines)


def _posters(ctx: Context, actor: Actor, typed: str, most: int | None) -> Sequence[Sequence[Value]]:
    return [_poster_cells(line) for line in whole_posters(ctx, actor, typed, most)]


def _cells(row: EstateRow) -> Sequence[Value]:
    return (
        row.code,
        row.name,
        row.address,
        row.district,
        row.company,
        row.lifts,
        row.covered,
        row.cases,
    )


def _poster_cells(line: PosterLine) -> Sequence[Value]:
    row = line.estate
    return (row.code, row.name, row.lifts, row.cards, row.notices, line.dead, row.last_order)


LIST = DeskList("小区", HEADINGS, _estates)
POSTERS = DeskList("海报", POSTER_HEADINGS, _by_words(_posters))
