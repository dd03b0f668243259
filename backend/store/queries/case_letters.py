"""Letters to owners who applied on paper: which cases wait for one, and those of one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.domain.letters import How
from backend.domain.routes.catalogue import action_name, state_name
from backend.domain.subject import PURCHASE
from backend.store.purchases import Purchase, Transition
from backend.store.registry import Estate
from backend.store.rulings import CaseLetter, CaseLetterDelivery


@dataclass(frozen=True)
class LetterDue:
    """A case whose last step its applicants have not been told of; `printed` once its letter was
    made, so that only its delivery is missing."""

    purchase_id: UUID
    number: str
    estate: str
    action: str
    state: str
    since: datetime
    printed: bool

    @property
    def step_name(self) -> str:
        """What was done last."""
        return action_name(self.action)

    @property
    def state_name(self) -> str:
        """Where the case stands."""
        return state_name(self.state)


@dataclass(frozen=True)
class LetterRow:
    """A letter, by which step of the case, and how it was given, if it was."""

    id: UUID
    version: int
    action: str
    state: str
    printed_by: UUID
    printed_at: datetime
    how: How | None
    given_on: date | None
    file_sha256: str | None
    entered_by: UUID | None
    entered_at: datetime | None


def letter_due() -> ColumnElement[bool]:
    """Of cases: whether a step was taken since the applicants were given a letter."""
    return and_(Purchase.on_paper, Purchase.version > Purchase.letter_version)


def letters_due(tx: Session, most: int) -> Sequence[LetterDue]:
    """Those that wait longest first, also of cases that are over."""
    printed = exists().where(
        CaseLetter.purchase_id == Purchase.id, CaseLetter.version == Purchase.version
    )
    rows = tx.execute(
        select(
            Purchase.id,
            Purchase.number,
            Estate.name,
            Transition.action,
            Purchase.state,
            Transition.at,
            printed,
        )
        .join(Estate, Estate.id == Purchase.estate_id)
        .join(Transition, _step_of(Purchase.version))
        .where(letter_due())
        .order_by(Purchase.updated_at, Purchase.id)
        .limit(most)
    )
    return [LetterDue(*row) for row in rows]


def letters_of(tx: Session, purchase_id: UUID) -> Sequence[LetterRow]:
    """Those of one case, the latest first."""
    rows = tx.execute(
        select(
            CaseLetter.id,
            CaseLetter.version,
            Transition.action,
            Transition.to_state,
            CaseLetter.printed_by,
            CaseLetter.printed_at,
            CaseLetterDelivery.how,
            CaseLetterDelivery.given_on,
            CaseLetterDelivery.file_sha256,
            CaseLetterDelivery.entered_by,
            CaseLetterDelivery.entered_at,
        )
        .join(Purchase, Purchase.id == CaseLetter.purchase_id)
        .join(Transition, _step_of(CaseLetter.version))
        .outerjoin(
            CaseLetterDelivery,
            and_(
                CaseLetterDelivery.letter_id == CaseLetter.id,
                CaseLetterDelivery.undone_at.is_(None),
            ),
        )
        .where(CaseLetter.purchase_id == purchase_id)
        .order_by(CaseLetter.version.desc())
    )
    return [LetterRow(*row) for row in rows]


def last_given(tx: Session, purchase_id: UUID) -> int | None:
    """By the last step of which the applicants were given a letter."""
    return tx.scalar(
        select(func.max(CaseLetter.version))
        .join(CaseLetterDelivery, CaseLetterDelivery.letter_id == CaseLetter.id)
        .where(CaseLetter.purchase_id == purchase_id, CaseLetterDelivery.undone_at.is_(None))
    )


def _step_of(version: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The step of a case that is its `version`."""
    return and_(
        Transition.subject_kind == PURCHASE,
        Transition.subject_id == Purchase.id,
        Transition.seq == version,
    )
