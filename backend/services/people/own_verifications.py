"""What became of the verifications that a person made about the own flat or seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.domain.verification import VERIFICATION_NAMES, VerificationKind
from backend.services.base.context import Actor, Context
from backend.store.people import OwnerVerification
from backend.store.queries.places import places_of

SHOWN = 20


@dataclass(frozen=True)
class OwnVerification:
    """What this person said to be, and the centre's word on it."""

    id: UUID
    kind_name: str
    place: str
    state: str
    state_name: str
    made_at: datetime
    reason: str | None


def own_verifications(ctx: Context, actor: Actor) -> Sequence[OwnVerification]:
    """The verifications of this person, the latest first, with the centre's word and its reason."""
    with ctx.sessions() as tx:
        verifications = tx.scalars(
            select(OwnerVerification)
            .where(OwnerVerification.person_id == actor.person_id)
            .order_by(OwnerVerification.id.desc())
            .limit(SHOWN)
        ).all()
        places = places_of(tx, [verification.subject_id for verification in verifications])
    return [
        OwnVerification(
            id=verification.id,
            kind_name="业委会委员"
            if verification.kind == VerificationKind.COMMITTEE_MEMBER
            else "业主",
            place=places[verification.subject_id],
            state=verification.state,
            state_name=VERIFICATION_NAMES[verification.state],
            made_at=verification.made_at,
            reason=verification.reason,
        )
        for verification in verifications
    ]
