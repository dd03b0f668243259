"""What happened beside the cases, told to people in a role: who manages an estate, where an insurer
is paid, what stands in the books."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain import pages
from backend.domain.channels import TEMPLATE
from backend.domain.roles import BOOK_OFFICERS, ROLE_NAMES, Role
from backend.services.base.context import Context
from backend.services.case.recipients import holders_of
from backend.services.messages import outbox
from backend.services.messages.outbox import Message

WHOLE_CITY = "全市"
OVERSEERS = (Role.SUPERVISOR, Role.AUDITOR)


@dataclass(frozen=True)
class News:
    """What happened, and what the reader may do; each at most 20 characters. `cause` names the
    occasion in the messages' natural keys, `where` the estate."""

    cause: str
    happened: str
    then: str
    where: str = WHOLE_CITY


def write(tx: Session, ctx: Context, news: News, role: Role, people: Iterable[UUID]) -> None:
    """Tell these people, in this role, each once. Does not commit."""
    outbox.write_each(tx, ctx.clock(), messages_of(news, role, people))


def tell_book_officers(
    tx: Session, ctx: Context, news: News, done_by: UUID, *, decided: bool
) -> None:
    """Every officer of the books hears of it but who just acted; once it is decided those who
    oversee the books, too. Whoever holds several of these roles is told once. Does not commit."""
    roles = (*BOOK_OFFICERS, *(OVERSEERS if decided else ()))
    found, done = holders_of(tx, ctx, roles), {done_by}
    messages: list[Message] = []
    for role in roles:
        messages += messages_of(news, role, found[role] - done)
        done |= found[role]
    outbox.write_each(tx, ctx.clock(), messages)


def messages_of(news: News, role: Role, people: Iterable[UUID]) -> list[Message]:
    """To each of these people, in this role, what to write."""
    data = {
        "estate": news.where,
        "role": ROLE_NAMES[role],
        "count": news.happened,
        "until": "没有截止时间",
        "next": news.then,
        "page": pages.of_role(role),
    }
    return [
        Message(
            natural_key=f"{news.cause}/{person_id}",
            person_id=person_id,
            role=str(role),
            channel=TEMPLATE,
            template="handover",
            data=data,
        )
        for person_id in sorted(set(people))
    ]
