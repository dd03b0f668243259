"""What every list of the desk is: an address narrows it, and it leaves as a workbook.

An address is its parts by name, as a query says them; what of it narrows nothing is left out, so
that two addresses of one list are the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from backend.domain.texts import tidy
from backend.domain.wording import minute
from backend.services.base.context import Actor, Context
from backend.services.workbooks.lists import Value

Address = Mapping[str, Sequence[str]]
MOST_LETTERS = 50


@dataclass(frozen=True)
class Narrowed:
    """A list as an address asks for it: the address in its one form, what narrows it in words, and
    its lines as cells, up to so many (None: as many as anybody waits for); raises Refused for whom
    it is not for, and `export_too_long`."""

    address: Address
    active: Sequence[str]
    lines: Callable[[int | None], Sequence[Sequence[Value]]]


@dataclass(frozen=True)
class DeskList:
    """A list by its title, with the headings of its columns, and how an address narrows it."""

    title: str
    headings: Sequence[str]
    narrowed: Callable[[Context, Actor, Address], Narrowed]


def one(address: Address, name: str) -> str:
    """A part of an address; empty where it has none."""
    return next(iter(address.get(name, ())), "")


def words(address: Address, name: str = "words") -> str:
    """What somebody typed to find."""
    return named(address, name)[:MOST_LETTERS]


def named(address: Address, name: str) -> str:
    """The name of something that a way leads here with: all of it, since it is looked for whole."""
    return tidy(one(address, name))


def one_form(**parts: Sequence[str] | str | None) -> Address:
    """The address of these parts, without those that are empty."""
    found = {name: [part] if isinstance(part, str) else part for name, part in parts.items()}
    return {name: list(part) for name, part in found.items() if part and any(part)}


def about_list(ctx: Context, title: str, active: Sequence[str], lines: int) -> Sequence[str]:
    """What stands beside a list that leaves: whose, what narrowed it, and when."""
    return [
        f"{ctx.city.name} {title}，共{lines}行",
        f"条件：{'、'.join(active) or '全部'}",
        f"导出时间：{minute(ctx.clock())}",
    ]
