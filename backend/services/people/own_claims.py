"""What became of the claims that a person made about the own flat or seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.services.base.context import Actor, Context
from backend.services.people.roster import MEMBER
from backend.store.people import Claim
from backend.store.queries.places import places_of

SHOWN = 20


CLAIM_WORDS = {"open": "等待中心核验", "verified": "已核验通过", "rejected": "未通过"}


@dataclass(frozen=True)
class OwnClaim:
    """What this person said to be, and the centre's word on it."""

    id: UUID
    kind_name: str
    place: str
    state: str
    state_name: str
    made_at: datetime
    reason: str | None


def own_claims(ctx: Context, actor: Actor) -> Sequence[OwnClaim]:
    """The claims of this person, the latest first, with the centre's word and its reason."""
    with ctx.sessions() as tx:
        claims = tx.scalars(
            select(Claim)
            .where(Claim.person_id == actor.person_id)
            .order_by(Claim.id.desc())
            .limit(SHOWN)
        ).all()
        places = places_of(tx, [claim.subject_id for claim in claims])
    return [
        OwnClaim(
            id=claim.id,
            kind_name="业委会委员" if claim.kind == MEMBER else "业主",
            place=places[claim.subject_id],
            state=claim.state,
            state_name=CLAIM_WORDS[claim.state],
            made_at=claim.made_at,
            reason=claim.reason,
        )
        for claim in claims
    ]
