"""What a district found when it screened the estate of a case, for those who take part (SG 四)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backend.domain.roles import TAKES_PART
from backend.services.base.context import Actor, Context
from backend.services.case.case import see_case
from backend.store.screening import ScreeningFinding


@dataclass(frozen=True)
class FoundOf:
    """A criterion of the case's city, with its clause, and what was found of it."""

    text: str
    source: str
    finding: str


def findings_of(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[FoundOf]:
    """In the order of the city's file; none where nobody screened, nor for who takes no part.
    Raises Refused `not_found`."""
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        if not case.held & TAKES_PART:
            return ()
        of_case = ScreeningFinding.purchase_id == purchase_id
        rows = tx.execute(
            select(ScreeningFinding.criterion, ScreeningFinding.finding).where(of_case)
        )
        found = dict(rows.all())
        gates = case.profile.gates.items()
        return [
            FoundOf(gate.text, gate.source, found[code]) for code, gate in gates if code in found
        ]
