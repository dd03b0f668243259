"""A purchase as a subject: what its limits ask for, of whom, and what people call it."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import pages
from backend.domain.city.schema import CityProfile
from backend.domain.roles import Role
from backend.domain.routes.catalogue import limit_title
from backend.services.base.context import Context, Heading
from backend.services.case import recipients
from backend.services.case.case import at_hand, lock
from backend.services.case.profiles import profile_of
from backend.store.purchases import Purchase
from backend.store.queries.places import areas_of
from backend.store.registry import Estate

ANSWERING = "approval"  # within which members answer a plan


class PurchaseKind:
    """See `SubjectKind`."""

    def headings(self, tx: Session, subject_ids: Iterable[UUID]) -> Mapping[UUID, Heading]:
        """The number of each case, its estate and its buildings."""
        wanted = list(subject_ids)
        rows = tx.execute(
            select(Purchase.id, Purchase.number, Estate.name)
            .join(Estate, Estate.id == Purchase.estate_id)
            .where(Purchase.id.in_(wanted))
        )
        areas = areas_of(tx, wanted)
        return {
            purchase_id: Heading(number, estate, areas.get(purchase_id, ""))
            for purchase_id, number, estate in rows
        }

    def rules(self, tx: Session, ctx: Context, subject_id: UUID) -> CityProfile:
        """The rules that the case began with."""
        return profile_of(tx, ctx, tx.get_one(Purchase, subject_id))

    def lock(self, tx: Session, subject_id: UUID) -> None:
        """Keep other steps of the case out."""
        lock(tx, subject_id)

    def title(self, limit: str) -> str:
        """What the limit asks for."""
        return limit_title(limit)

    def page(self, subject_id: UUID, limit: str, role: Role) -> str:
        """The page of the case for those who apply; members answer a plan on their own page."""
        answers = (limit, role) == (ANSWERING, Role.COMMITTEE_MEMBER)
        return pages.COMMITTEE if answers else pages.of_case(role, subject_id)

    def people_to_act(
        self, tx: Session, ctx: Context, subject_id: UUID, limit: str
    ) -> Mapping[Role, Sequence[UUID]]:
        """By the rows that serve the limit from where the case stands; the applicant in the part
        in which they applied."""
        purchase = tx.get_one(Purchase, subject_id)
        case = at_hand(tx, ctx, purchase)
        roles = case.table.reminded(limit, purchase.state)
        people = recipients.people_to_act_in([(case, limit, role) for role in roles])
        return {
            case.on_record.get(role, role): found for role, found in zip(roles, people, strict=True)
        }
