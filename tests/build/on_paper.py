"""What owners sign on paper, and owners without a phone."""

from sqlalchemy import update

from backend.services.purchase.cosignatures import SignedOnPaper
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
