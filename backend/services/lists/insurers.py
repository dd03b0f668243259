"""保险机构 as a list: what narrows it, and its lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.selection import TERM_STATUS_NAMES, TermStatus
from backend.services.base.context import Actor, Context
from backend.services.lists.desk_list import Address, DeskList, Narrowed, one, one_form, words
from backend.services.reads.insurer_pages import InsurerLine, whole_insurers
from backend.services.workbooks.lists import Value

HEADINGS = (
    "保险机构",
    "电话",
    "入选情况",
    "入选开始",
    "入选截止（含当日）",
    "入选依据",
    "提前结束的依据",
    "在用备案条款（份）",
    "在办案件",
    "按期办理（次）",
    "超期（次）",
    "开户银行",
    "收款账号",
)


@dataclass(frozen=True)
class Asked:
    """The list that an address asks for."""

    words: str
    status: TermStatus | None

    @property
    def narrowing(self) -> Address:
        """What of the address narrows the list."""
        return one_form(words=self.words, status=str(self.status or ""))

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        found = [f"含“{self.words}”"] if self.words else []
        return found + ([TERM_STATUS_NAMES[self.status]] if self.status else [])


def asked_of(address: Address) -> Asked:
    """The list that an address asks for."""
    which = one(address, "status")
    return Asked(words(address), TermStatus(which) if which in TERM_STATUS_NAMES else None)


def _narrowed(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    this = asked_of(address)

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        return [_cells(row) for row in whole_insurers(ctx, actor, this.words, this.status, most)]

    return Narrowed(this.narrowing, this.active, lines)


def _cells(row: InsurerLine) -> Sequence[Value]:
    return (
        row.name,
        row.phone,
        row.status_name,
        row.first,
        row.last,
        row.basis,
        row.ended_because,
        row.clauses,
        row.cases,
        row.kept,
        row.late,
        row.bank_name,
        row.bank_account,
    )


LIST = DeskList("保险机构", HEADINGS, _narrowed)
