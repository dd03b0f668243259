"""资金不足 ends when money comes in: the clerk who must ask the account again hears of it, and
those who applied. The case is among the clerk's to-dos already, by the limit of its waiting."""

from sqlalchemy import ColumnElement, String, cast, exists, func, select

from backend.domain import pages
from backend.domain.channels import TEMPLATE
from backend.domain.roles import Role
from backend.domain.states import SHORT, STATE_NAMES
from backend.domain.wording import minute
from backend.services.base.context import Context
from backend.services.case.case import Case, open_for_the_house
from backend.services.case.recipients import people_for_each
from backend.services.messages import outbox
from backend.services.messages.outbox import Message
from backend.store.ledger import Entry, Posting
from backend.store.messages import Outbox
from backend.store.purchases import Purchase, PurchaseSource, Transition

# Who hears what. A field of a message holds twenty characters.
NEXT_STEPS = {
    Role.CLERK: "统筹账户有入账，请重新查询资金",
    Role.APPLICANT: "统筹账户有入账，中心将重新查询",
}


def _money_came() -> ColumnElement[bool]:
    """Whether the row's case was found short and its account was credited since (credits are
    negative lines), for a query that has the case's last step."""
    credited = exists().where(
        PurchaseSource.purchase_id == Purchase.id,
        Posting.account_id == PurchaseSource.account_id,
        Posting.amount_fen < 0,
        Entry.id == Posting.entry_id,
        Entry.created_at > Transition.at,
    )
    short = Purchase.state.in_(SHORT)
    return short & credited.correlate(Purchase, Transition)


def tell_of_money(ctx: Context) -> int:
    """Tell of each shortage that ended, once; how many there were. Each in its own transaction."""
    key = func.concat("money_came/", cast(Transition.id, String), "/")
    heard = exists().where(
        Outbox.subject_id == Purchase.id, func.starts_with(Outbox.natural_key, key)
    )
    with ctx.sessions() as tx:
        ended = tx.execute(
            select(Purchase.id, Transition.id)
            .join(
                Transition,
                (Transition.subject_id == Purchase.id) & (Transition.seq == Purchase.version),
            )
            .where(_money_came(), ~heard.correlate(Purchase, Transition))
        ).all()
    for purchase_id, step_id in ended:
        with ctx.sessions() as tx:
            case = open_for_the_house(tx, ctx, purchase_id)
            if case.purchase.state in SHORT:
                outbox.write_each(tx, case.now, _messages(case, f"money_came/{step_id}"))
                tx.commit()
    return len(ended)


def _messages(case: Case, key: str) -> list[Message]:
    tasks = {case.told(role): task for role, task in reversed(NEXT_STEPS.items())}
    people = people_for_each(case, tasks)
    common = {
        "estate": case.place,
        "number": case.purchase.number,
        "state": STATE_NAMES[case.purchase.state],
        "at": minute(case.now),
    }
    return [
        Message(
            natural_key=f"{key}/{person_id}",
            person_id=person_id,
            role=str(case.on_record.get(role, role)),
            channel=TEMPLATE,
            template="purchase_progress",
            data=common | {"next": task, "page": pages.of_role(case.on_record.get(role, role))},
            subject=case.subject,
        )
        for role, task in tasks.items()
        for person_id in people[role]
    ]
