"""异议 as a list: what narrows it, and its lines, without any words of authors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.domain.local_time import local_date
from backend.domain.objection import KINDS, OWED_NAMES, SOURCE_NAMES, STATUS_NAMES, Owed, Source
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
from backend.services.reads.objection_pages import whole_objections
from backend.services.workbooks.lists import Value
from backend.store.queries.objection_list import ObjectionFilter, ObjectionRow

MOMENT = timedelta(microseconds=1)
HEADINGS = (
    "异议",
    "案件",
    "小区",
    "区县",
    "类别",
    "来自",
    "收到时间",
    "状态",
    "要办",
    "期限（最后一日）",
)


@dataclass(frozen=True)
class Asked:
    """The list that an address asks for."""

    owed: str
    words: str
    district: str
    overdue: bool

    @property
    def narrowing(self) -> Address:
        """What of the address narrows the list."""
        overdue = "1" if self.overdue else ""
        return one_form(owed=self.owed, words=self.words, district=self.district, overdue=overdue)

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        found = [f"要{name}" for owed, name in OWED_NAMES.items() if owed == self.owed]
        found += [self.district] if self.district else []
        found += [f"含“{self.words}”"] if self.words else []
        return found + (["已逾期"] if self.overdue else [])

    def chosen(self, now: datetime) -> ObjectionFilter:
        """The same as a query takes it, for `now`."""
        late = now if self.overdue else None
        return ObjectionFilter(self.owed or None, self.words, self.district, late)


def asked_of(address: Address) -> Asked:
    """The list that an address asks for."""
    owed = one(address, "owed")
    return Asked(
        owed if owed in OWED_NAMES else "",
        words(address),
        named(address, "district"),
        one(address, "overdue") == "1",
    )


def _narrowed(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    this = asked_of(address)

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        found = whole_objections(ctx, actor, this.chosen(ctx.clock()), most)
        return [_cells(row) for row in found]

    return Narrowed(this.narrowing, this.active, lines)


def _cells(row: ObjectionRow) -> Sequence[Value]:
    return (
        row.number,
        row.case,
        row.estate,
        row.district,
        KINDS[row.kind],
        SOURCE_NAMES[Source(row.source)],
        row.received_at,
        STATUS_NAMES[row.status],
        OWED_NAMES[Owed(row.owed)],
        local_date(row.due - MOMENT) if row.due else None,
    )


LIST = DeskList("异议", HEADINGS, _narrowed)
