"""消息 as a list: what narrows it, and its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from backend.domain.channels import CHAT
from backend.domain.local_time import YEARS, midnight_after
from backend.domain.messages import (
    CHAT_TITLE,
    STATE_NAMES,
    TITLES,
    WAY_NAMES,
    outcome_words,
    title_of,
)
from backend.services.base.context import Actor, Context
from backend.services.lists.desk_list import Address, DeskList, Narrowed, one, one_form, words
from backend.services.reads.message_pages import case_of_number, part_name, whole_messages
from backend.services.workbooks.lists import Value
from backend.store.messages import OutboxState
from backend.store.queries.message_list import MessageFilter, MessageRow

DAY = timedelta(days=1)
EVENTS = {**TITLES, CHAT.name: CHAT_TITLE}
NOBODYS = UUID(int=0)
HEADINGS = (
    "时间",
    "事项",
    "收件人岗位",
    "通道",
    "案件",
    "小区",
    "状态",
    "结果",
    "发送次数",
    "办结时间",
)


@dataclass(frozen=True)
class Asked:
    """The list that an address asks for."""

    first: date | None
    last: date | None
    state: str
    event: str
    number: str
    case: UUID | None
    estate: str

    @property
    def chosen(self) -> MessageFilter:
        """The same as a query takes it."""
        return MessageFilter(
            midnight_after(self.first - DAY) if self.first else None,
            midnight_after(self.last) if self.last else None,
            OutboxState(self.state) if self.state else None,
            self.event,
            self.case,
            self.estate,
        )

    @property
    def narrowing(self) -> Address:
        """What of the address narrows the list."""
        return one_form(
            first=self.first.isoformat() if self.first else None,
            last=self.last.isoformat() if self.last else None,
            state=self.state,
            event=self.event,
            number=self.number,
            estate=self.estate,
        )

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        days = f"{self.first or '最早'}到{self.last or '现在'}"
        found = [days] if self.first or self.last else []
        found += [STATE_NAMES[self.state]] if self.state else []
        found += [EVENTS[self.event]] if self.event else []
        found += [f"案件{self.number}"] if self.number else []
        return found + ([f"小区含“{self.estate}”"] if self.estate else [])


def asked_of(ctx: Context, actor: Actor, address: Address) -> Asked:
    """The list that an address asks for; a case that is not there has no messages."""
    number = words(address, "number")
    case = case_of_number(ctx, actor, number) if number else None
    state, event = one(address, "state"), one(address, "event")
    return Asked(
        _day(address, "first"),
        _day(address, "last"),
        state if state in STATE_NAMES else "",
        event if event in EVENTS else "",
        number,
        case or (NOBODYS if number else None),
        words(address, "estate"),
    )


def _day(address: Address, name: str) -> date | None:
    try:
        day = date.fromisoformat(one(address, name))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _narrowed(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    this = asked_of(ctx, actor, address)
    return Narrowed(
        this.narrowing,
        this.active,
        lambda most: [_cells(row) for row in whole_messages(ctx, actor, this.chosen, most)],
    )


def _cells(row: MessageRow) -> Sequence[Value]:
    return (
        row.written_at,
        title_of(row.template),
        part_name(row.role),
        WAY_NAMES[row.channel],
        row.case,
        row.estate,
        STATE_NAMES[row.state],
        outcome_words(row.outcome),
        row.attempts,
        row.settled_at,
    )


LIST = DeskList("消息", HEADINGS, _narrowed)
