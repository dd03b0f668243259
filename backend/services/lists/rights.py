"""授权 as a list: what narrows it, and its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.domain.roles import GRANT_SCOPES, ROLE_NAMES
from backend.services.base.context import Actor, Context
from backend.services.lists.desk_list import Address, DeskList, Narrowed, one, one_form
from backend.services.reads.rights import ENDS_SOON, IDLE, Right, whole_rights
from backend.services.workbooks.lists import Value
from backend.store.queries.rights import RightFilter

ROLES = {str(role): ROLE_NAMES[role] for role in GRANT_SCOPES}
HEADINGS = (
    "人员",
    "电话",
    "身份",
    "范围",
    "授权人",
    "授权时间",
    "截止时间",
    "代谁办理",
    "最近登录",
    "结束的原因",
)
CITY, COMMAND_LINE = "全市", "系统命令行"


@dataclass(frozen=True)
class Asked:
    """The list that an address asks for."""

    role: str
    ended: bool
    soon: bool
    idle: bool

    @property
    def narrowing(self) -> Address:
        """What of the address narrows the list."""
        ticks = {"ended": self.ended, "soon": self.soon, "idle": self.idle}
        found = {name: "1" for name, ticked in ticks.items() if ticked}
        return one_form(**found, role=self.role)

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        found = [ROLES[self.role]] if self.role else []
        found += ["30天内截止"] if self.soon else []
        found += ["90天没有登录"] if self.idle else []
        return found + (["包括已截止的"] if self.ended else [])

    def chosen(self, now: datetime) -> RightFilter:
        """The same as a query takes it, for `now`."""
        return RightFilter(
            now,
            self.role or None,
            self.ended,
            now + ENDS_SOON if self.soon else None,
            now - IDLE if self.idle else None,
        )


def asked_of(address: Address) -> Asked:
    """The list that an address asks for."""
    role = one(address, "role")
    ticked = (one(address, name) == "1" for name in ("ended", "soon", "idle"))
    return Asked(role if role in ROLES else "", *ticked)


def _narrowed(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    this = asked_of(address)

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        found = whole_rights(ctx, actor, this.chosen(ctx.clock()), most)
        return [_cells(row) for row in found]

    return Narrowed(this.narrowing, this.active, lines)


def _cells(row: Right) -> Sequence[Value]:
    return (
        row.name,
        row.phone,
        row.role_name,
        row.scope or CITY,
        row.given_by or COMMAND_LINE,
        row.given_at,
        row.valid_until,
        row.stands_in_for,
        row.seen_at,
        row.ended_because,
    )


LIST = DeskList("授权", HEADINGS, _narrowed)
