"""One try at something in the generated histories, and what it can see of its case."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from backend.domain.cover import CoverState
from backend.services.base.context import Actor
from backend.services.purchase.paper_entries import Scanned
from backend.store.notices import Objection, PublicNotice
from backend.store.proposals import Refund
from backend.store.purchases import (
    CoveragePeriod,
    Plan,
    Purchase,
    PurchaseLift,
)
from backend.store.registry import Insurer, Lift
from tests.build.village import Village

APPLICANTS = {"owners": "owner0", "committee": "member0", "property_company": "manager"}


LIVE = ("posting", "open", "suspended", "ended")


@dataclass
class Try:
    """One try at something: where, on which case, by whom, and numbers to vary it by."""

    village: Village
    case: Purchase
    name: str
    number: int

    @property
    def actor(self) -> Actor:
        return self.village.actor(self.name)

    def by(self, name: str) -> "Try":
        """The same by somebody else."""
        return Try(self.village, self.case, name, self.number)

    def numbered(self, number: int) -> "Try":
        """The same, done in that way."""
        return Try(self.village, self.case, self.name, number)

    def letter_due(self, objection: UUID) -> bool:
        """Whether its author must still be given the answer on paper."""
        with self.village.ctx.sessions() as tx:
            return tx.get_one(Objection, objection).letter_due_since is not None

    @property
    def applicant(self) -> str:
        """Who acts for those who applied: for owners on paper a clerk who did not enter it."""
        return "clerk2" if self.case.on_paper else APPLICANTS[self.case.applicant]

    def paper(self) -> str:
        return self.village.upload(self.name)

    def scanned(self) -> Scanned:
        """A paper that came to the counter just now."""
        return Scanned(self.paper(), self.village.clock())

    def lifts(self) -> dict[UUID, str]:
        """The lifts of the case, id → registration code."""
        with self.village.ctx.sessions() as tx:
            rows = tx.execute(
                select(Lift.id, Lift.registration_code)
                .join(PurchaseLift, PurchaseLift.lift_id == Lift.id)
                .where(PurchaseLift.purchase_id == self.case.id)
            )
            return dict(rows.all())

    def notice(self) -> PublicNotice | None:
        with self.village.ctx.sessions() as tx:
            return tx.scalar(
                select(PublicNotice)
                .where(PublicNotice.purchase_id == self.case.id)
                .order_by(PublicNotice.id.desc())
                .limit(1)
            )

    def objections(self) -> list[Objection]:
        """All of the case, those to notices that were replaced too."""
        with self.village.ctx.sessions() as tx:
            return list(
                tx.scalars(
                    select(Objection)
                    .join(PublicNotice, PublicNotice.id == Objection.notice_id)
                    .where(PublicNotice.purchase_id == self.case.id)
                    .order_by(Objection.id)
                )
            )

    def refund(self) -> Refund | None:
        """What was entered as paid back and waits for a second officer."""
        of_case = Refund.purchase_id == self.case.id, Refund.outcome.is_(None)
        with self.village.ctx.sessions() as tx:
            return tx.scalar(select(Refund).where(*of_case))

    @property
    def insurer(self) -> str:
        """Who works for the insurer of the case."""
        return "insurer" if self.case.insurer_id == self.village.insurer else "other"

    def another_insurer(self) -> UUID:
        """One that the case is not with."""
        with self.village.ctx.sessions() as tx:
            others = select(Insurer.id).where(Insurer.id != self.case.insurer_id)
            return tx.scalars(others.order_by(Insurer.name)).first() or self.village.insurer

    def covered_until(self) -> date | None:
        """When the cover ends that another case has for the lifts."""
        with self.village.ctx.sessions() as tx:
            theirs = select(func.max(func.upper(CoveragePeriod.period))).where(
                CoveragePeriod.lift_id.in_(self.lifts()),
                CoveragePeriod.purchase_id != self.case.id,
                CoveragePeriod.state.in_((CoverState.RESERVED, CoverState.IN_FORCE)),
            )
            ends: date | None = tx.scalar(theirs)
            return ends

    def plan(self) -> Plan | None:
        with self.village.ctx.sessions() as tx:
            return tx.get(Plan, self.case.plan_id) if self.case.plan_id else None


Act = Callable[[Try], object]
