"""What owners sign on paper, and owners without a phone."""

from sqlalchemy import update

from backend.services.purchase import applications
from backend.services.purchase.applications import ApplicationRequest
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.store.purchases import Purchase
from backend.store.registry import Owner
from tests.build.village import Village, called


def signed(*owners: int) -> list[SignedOnPaper]:
    """As the form says who signed, of the village's four owners."""
    return [
        SignedOnPaper("1栋", f"{number % 2 + 1}单元", f"{number + 1}01", called("冯样", number))
        for number in owners
    ]


def without_phone(village: Village, *owners: int) -> None:
    """These owners never came to the mini-program."""
    with village.ctx.sessions() as tx:
        for number in owners:
            of_them = Owner.id == village.owners[number]
            tx.execute(update(Owner).where(of_them).values(person_id=None))
        tx.commit()


def entered(
    village: Village, lines: list[SignedOnPaper] | None = None, name: str = "clerk"
) -> Purchase:
    """The form of three owners for every lift, as this person entered it."""
    request = ApplicationRequest(
        "R1", village.estate, village.pool, village.insurer, "owners", village.lifts
    )
    return applications.draft_on_paper(
        village.ctx,
        village.actor(name),
        request,
        signed(0, 1, 2) if lines is None else lines,
        village.upload(name),
    )
