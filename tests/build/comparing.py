"""What comes to the counter on paper: with its scan, and another clerk who compares it."""

from uuid import UUID

from sqlalchemy import select

from backend.services.base.context import Actor, Context
from backend.services.case.conflicts_of_interest import count_cosigners
from backend.services.public_notice import objections, second_looks
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase.paper_entries import Scanned
from backend.store.notices import Objection
from backend.store.people import AccessGrant, Person
from backend.store.proposals import PaperEntry
from backend.store.purchases import Purchase
from tests.build.handing_in import handed_in


def another_clerk(ctx: Context, entered_by: UUID) -> Actor:
    """Some clerk of the whole city who did not enter it; somebody new where there is none."""
    with ctx.sessions() as tx:
        others = select(AccessGrant.person_id).where(
            AccessGrant.role == "clerk", AccessGrant.person_id != entered_by
        )
        found = tx.scalar(others.limit(1))
        if found is None:
            person = Person(name_sealed=None, created_at=ctx.clock())
            tx.add(person)
            tx.flush()
            tx.add(
                AccessGrant(
                    person_id=person.id, role="clerk", scope_kind="city", granted_at=ctx.clock()
                )
            )
            found = person.id
            tx.commit()
    return Actor(found)


def compare(ctx: Context, entry_id: UUID) -> None:
    """The scan says what was entered."""
    with ctx.sessions() as tx:
        entered_by = tx.get_one(PaperEntry, entry_id).entered_by
    second_looks.confirm(ctx, another_clerk(ctx, entered_by), entry_id)


def how_many_signed(ctx: Context, purchase_id: UUID) -> int:
    """How many people signed the application."""
    with ctx.sessions() as tx:
        return tx.scalars(count_cosigners(tx.get_one(Purchase, purchase_id))).one()


def entered_with_scan(
    ctx: Context, actor: Actor, notice_id: UUID, paper: PaperObjection
) -> Objection:
    """An objection on paper is entered."""
    return objections.enter_paper(ctx, actor, notice_id, paper, handed_in(ctx, actor))


def withdrawn_on_paper(ctx: Context, actor: Actor, objection_id: UUID, scan: str) -> None:
    """A withdrawal on paper is entered, and another clerk compares it."""
    paper = Scanned(scan, ctx.clock())
    compare(ctx, objections.enter_withdrawal(ctx, actor, objection_id, paper).id)
