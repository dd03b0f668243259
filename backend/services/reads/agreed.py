"""What the papers of a case say so far, so that nobody types it again on the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.services.base.context import Actor, Context
from backend.services.case.case import see_case
from backend.services.case.facts import load_facts
from backend.services.purchase.payments import buyers_of
from backend.store.purchases import Contract


@dataclass(frozen=True)
class AgreedContract:
    """The contract that counts; premium in fen."""

    number: str
    insurer_id: UUID
    premium_fen: int
    signed_on: date
    lift_codes: Sequence[str]


@dataclass(frozen=True)
class Agreed:
    """The contract, if it is there; who the invoice may be made out to; what was paid and has not
    come back (fen)."""

    contract: AgreedContract | None
    buyers: Sequence[str]
    paid_fen: int


def read_agreed(ctx: Context, actor: Actor, purchase_id: UUID) -> Agreed:
    """For whoever has a role in the case; raises Refused `not_found`."""
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        of_case = case.purchase.contract_id
        contract = tx.get_one(Contract, of_case) if of_case else None
        paid_fen = load_facts(case, ["terms"]).terms.paid_fen if contract else 0
        return Agreed(_shown(contract) if contract else None, buyers_of(case), paid_fen)


def _shown(contract: Contract) -> AgreedContract:
    return AgreedContract(
        contract.number,
        contract.insurer_id,
        contract.premium_fen,
        contract.signed_on,
        contract.lift_codes,
    )
