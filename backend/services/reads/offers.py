"""What may be done with a case, as a page shows it: every step from here, whether this person may
take it now, what is in the way, who else does it, and what would follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from backend.domain.errors import refuse
from backend.domain.foresee import Offer, foresee
from backend.domain.preview import follows
from backend.domain.refund import RefundKind
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.routes.catalogue import action_name
from backend.domain.steps import EVIDENCE_NAMES
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, see_case
from backend.services.case.facts import load_facts


class When(StrEnum):
    """Whether a step can be taken: by this person now, not yet, or by others."""

    NOW = "now"
    NOT_YET = "not_yet"
    OTHERS = "others"


@dataclass(frozen=True)
class OfferView:
    """A step from here. `reasons` say what is in the way, `needs` what must be handed in with it,
    `follows` what comes of it; `by` names who takes it."""

    action: str
    name: str
    when: When
    by: str
    reasons: Sequence[str]
    needs: Sequence[str]
    clause: str
    follows: Sequence[str]


def offers_of(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[OfferView]:
    """Every step of people from where the case stands: first what this person may take now.

    Raises Refused `not_found`.
    """
    with ctx.sessions() as tx:
        return _offers(see_case(tx, ctx, actor, purchase_id))


def offer_of(ctx: Context, actor: Actor, purchase_id: UUID, action: str) -> OfferView:
    """One of them; raises Refused `not_found`, and `step_not_possible` (conflict) for a step that
    does not begin here."""
    for offer in offers_of(ctx, actor, purchase_id):
        if offer.action == action:
            return offer
    message = "案件已有新进展，这一步现在不能办理。"
    raise refuse("step_not_possible", message, kind="conflict")


def _offers(case: Case) -> Sequence[OfferView]:
    offers = foresee(case.table, case.purchase.state, case.held, case.facts)
    people = [offer for offer in offers if _is_offered(offer)]
    facts = load_facts(case, {group for offer in people if offer.role for group in offer.groups})
    known = foresee(case.table, case.purchase.state, case.held, facts)
    views = [_view(case, offer) for offer in known if _is_offered(offer)]
    order = list(When)
    return sorted(views, key=lambda view: order.index(view.when))


def _is_offered(offer: Offer) -> bool:
    """Not what the house does itself, nor what follows when somebody confirms a refund."""
    return offer.step.roles != (Role.SYSTEM,) and offer.step.action not in list(RefundKind)


def _view(case: Case, offer: Offer) -> OfferView:
    step = offer.step
    reasons = [refusal.message for refusal in offer.refusals] if offer.role else []
    when = When.OTHERS if offer.role is None else When.NOT_YET if reasons else When.NOW
    by = (role for role in step.roles if role is not Role.SYSTEM)
    return OfferView(
        action=str(step.action),
        name=action_name(step.action),
        when=when,
        by="、".join(ROLE_NAMES[case.on_record.get(role, role)] for role in by),
        reasons=list(dict.fromkeys(reasons)),
        needs=[EVIDENCE_NAMES[kind] for kind in offer.needs],
        clause=step.clause,
        follows=list(follows(step, offer.facts, case.calendar)),
    )
