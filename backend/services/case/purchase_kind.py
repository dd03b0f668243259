"""A purchase as a subject: what its limits ask for, of whom, and what people call it."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.city.schema import CityProfile
from backend.domain.limits import LIMIT_TITLES, RESPONSIBLE
from backend.domain.roles import Role
from backend.services.base.context import Context, Heading
from backend.services.case import recipients, steps
from backend.services.case.profiles import profile_of
from backend.store.purchases import Purchase
from backend.store.registry import Estate


class PurchaseKind:
    """See `SubjectKind`."""

    def headings(self, tx: Session, subject_ids: Iterable[UUID]) -> Mapping[UUID, Heading]:
        """The number of each case, and its estate."""
        rows = tx.execute(
            select(Purchase.id, Purchase.number, Estate.name)
            .join(Estate, Estate.id == Purchase.estate_id)
            .where(Purchase.id.in_(subject_ids))
        )
        return {purchase_id: Heading(number, estate) for purchase_id, number, estate in rows}

    def rules(self, tx: Session, ctx: Context, subject_id: UUID) -> CityProfile:
        """The rules that the case began with."""
        return profile_of(tx, ctx, tx.get_one(Purchase, subject_id))

    def lock(self, tx: Session, subject_id: UUID) -> None:
        """Keep other steps of the case out."""
        steps.lock(tx, subject_id)

    def title(self, limit: str) -> str:
        """What the limit asks for."""
        return LIMIT_TITLES[limit]

    def responsible(self, tx: Session, subject_id: UUID, limit: str) -> tuple[Role, ...]:
        """Who must act within the limit, named first, and who is warned with them."""
        return RESPONSIBLE[limit]

    def people_to_act(
        self, tx: Session, ctx: Context, subject_id: UUID, limit: str, role: Role
    ) -> Sequence[UUID]:
        """Those in this role who must still act within the limit."""
        purchase = tx.get_one(Purchase, subject_id)
        return recipients.people_to_act(tx, ctx, purchase, limit, role)
