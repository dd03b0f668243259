"""案件 as a list: what narrows it, and its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.domain.local_time import local_date
from backend.domain.money import decimal_yuan
from backend.domain.roles import APPLICANT_ROLES, ROLE_NAMES
from backend.domain.routes.catalogue import is_state, known_limits, limit_title, state_name
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
from backend.services.reads.case_list import SORTS, whole_list
from backend.services.workbooks.lists import Value
from backend.store.queries.case_list import CaseFilter, CaseRow

# Days without progress in a case at work; all of those at work.
STILL = {"0": "在办", "7": "7天没有进展", "30": "30天没有进展", "90": "90天没有进展"}
MOMENT = timedelta(microseconds=1)
HEADINGS = (
    "编号",
    "小区",
    "状态",
    "申请人",
    "最近的期限（最后一日）",
    "电梯（台）",
    "保费（元）",
    "最近进展",
)


@dataclass(frozen=True)
class Asked:
    """The list as an address asks for it; `narrowing` is what of it narrows the list."""

    states: Sequence[str]
    words: str
    overdue: bool
    sort: str
    district: str
    insurer: str
    limit: str
    still: str

    @property
    def counted_by(self) -> Address:
        """Of what narrows the list what no field of its page asks for: ways lead here with it."""
        return one_form(
            district=self.district, insurer=self.insurer, limit=self.limit, still=self.still
        )

    @property
    def narrowing(self) -> Address:
        """What of the address narrows the list."""
        overdue = "1" if self.overdue else ""
        asked = one_form(state=self.states, words=self.words, overdue=overdue)
        return {**asked, **self.counted_by}

    @property
    def address(self) -> Address:
        """What of the address makes this list: what narrows it, and its order."""
        return {**self.narrowing, "sort": [self.sort]}

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        found = [state_name(state) for state in self.states]
        found += [each for each in (self.district, self.insurer) if each]
        found += [f"期限“{limit_title(self.limit)}”"] if self.limit else []
        found += [STILL[self.still]] if self.still else []
        found += [f"含“{self.words}”"] if self.words else []
        return found + (["已逾期"] if self.overdue else [])

    def chosen(self, now: datetime) -> CaseFilter:
        """The same as a query takes it, for `now`."""
        return CaseFilter(
            self.states,
            self.words,
            now if self.overdue else None,
            self.district,
            self.insurer,
            self.limit,
            now - timedelta(days=int(self.still)) if self.still else None,
        )


def asked_of(address: Address) -> Asked:
    """The list that an address asks for."""
    sort, limit, still = (one(address, name) for name in ("sort", "limit", "still"))
    return Asked(
        [state for state in address.get("state", ()) if is_state(state)],
        words(address),
        one(address, "overdue") == "1",
        sort if sort in SORTS else SORTS[0],
        named(address, "district"),
        named(address, "insurer"),
        limit if limit in known_limits() else "",
        still if still in STILL else "",
    )


def applicant_name(kind: str) -> str:
    """Who applied, by the part that acts for them."""
    return ROLE_NAMES[APPLICANT_ROLES[kind]]


def _narrowed(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    this = asked_of(address)

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        rows = whole_list(ctx, actor, this.chosen(ctx.clock()), this.sort, most)
        return [_cells(row) for row in rows]

    return Narrowed(this.address, this.active, lines)


def _cells(row: CaseRow) -> Sequence[Value]:
    return (
        row.number,
        row.estate,
        state_name(row.state),
        applicant_name(row.applicant),
        local_date(row.due - MOMENT) if row.due else None,
        row.lifts,
        None if row.premium_fen is None else decimal_yuan(row.premium_fen),
        row.updated_at,
    )


LIST = DeskList("案件", HEADINGS, _narrowed)
