"""What may be done with a case, as a page shows it: every step from here and what is done
beside the steps, whether this person may now, what is in the way, who else does it, and what would
follow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from backend.domain.actions import Action
from backend.domain.errors import refuse
from backend.domain.foresee import Offer, foresee
from backend.domain.preview import follows
from backend.domain.purchase import officer_refusals, role_for
from backend.domain.refund import RefundKind
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.routes.catalogue import action_name
from backend.domain.steps import EVIDENCE_NAMES, Activity
from backend.domain.wording import basis
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.case import Case, see_case
from backend.services.case.facts import load_facts
from backend.services.case.refunds import waiting


def _of_owners(case: Case) -> bool:
    return case.purchase.applicant == "owners"


def _on_paper(case: Case) -> bool:
    return case.purchase.on_paper


def _has_notice(case: Case) -> bool:
    return case.live_notice is not None


def _no_refund_waits(case: Case) -> bool:
    """And something can come back: where nothing was paid only what is left on an account."""
    if case.tx.scalar(waiting(case.purchase)) is not None:
        return False
    paid = case.table.find(case.purchase.state, Action.GIVE_BACK)
    return bool(paid) or load_facts(case, ["money"]).money.available_fen > 0


def _lift_return_waits(case: Case) -> bool:
    return deadlines.running(case.tx, case.subject, "lift_return") is not None


def _always(case: Case) -> bool:
    return True


def _nothing(case: Case) -> bool:
    return False


# What an activity needs beside its state, so that there is something to be done. What is done with
# one objection, or with a refund that waits, is offered where that is shown.
HAS_OBJECT: Mapping[str, Callable[[Case], bool]] = {
    Action.COSIGN: _of_owners,
    Action.ENTER_COSIGNATURES: _of_owners,
    Action.WITHDRAW_COSIGNATURE: _of_owners,
    Action.ENTER_WORD: _on_paper,
    Action.PHOTOGRAPH: _has_notice,
    Action.PROPOSE_REFUND: _no_refund_waits,
    Action.WAIVE_REFUND: _lift_return_waits,
    Action.ANSWER_OBJECTION: _nothing,
    Action.DELIVER_ANSWER: _nothing,
    Action.DISMISS_OBJECTION: _nothing,
    Action.UNDO_DISMISSAL: _nothing,
    Action.REFUSE_REFUND: _nothing,
}


class When(StrEnum):
    """Whether a step can be taken: by this person now, not yet, or by others."""

    NOW = "now"
    NOT_YET = "not_yet"
    OTHERS = "others"


@dataclass(frozen=True)
class OfferView:
    """A step from here, or what is done beside the steps. `reasons` say what is in the way, `needs`
    what must be handed in with it, `follows` what comes of it; `by` names who takes it."""

    action: str
    name: str
    when: When
    by: str
    reasons: Sequence[str]
    needs: Sequence[str]
    clause: str
    follows: Sequence[str]


def offers_of(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[OfferView]:
    """Every step of people from where the case stands, and what they do beside the steps: first
    what this person may do now.

    Raises Refused `not_found`.
    """
    with ctx.sessions() as tx:
        return _offers(see_case(tx, ctx, actor, purchase_id))


def offer_of(ctx: Context, actor: Actor, purchase_id: UUID, action: str) -> OfferView:
    """One of them; raises Refused `not_found`, and `step_not_possible` (conflict) for what has no
    place here."""
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
    views += [view for row in case.table.activities.values() for view in _beside(case, row)]
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
        clause=basis(step.clause),
        follows=list(follows(step, offer.facts, case.calendar)),
    )


def _beside(case: Case, row: Activity) -> Sequence[OfferView]:
    """An activity: to whoever may do it, and to all if it is what the case waits for. Owners have
    no desk: what is theirs they do on the phone."""
    has_object = HAS_OBJECT.get(row.action, _always)
    if not case.table.allows(row.action, case.purchase.state):
        return ()
    if case.is_closed and not row.while_:
        return ()  # what has a place in every state has none in a case that is over
    held = case.held - {Role.OWNER}
    role = role_for(row, held, case.purchase.applicant_role)
    awaited = case.table.awaited(case.purchase.state) == row.action
    if not (role or awaited) or not has_object(case):
        return ()
    barred = [refusal.message for refusal in officer_refusals(case.facts, role)] if role else []
    when = When.OTHERS if role is None else When.NOT_YET if barred else When.NOW
    return [
        OfferView(
            action=str(row.action),
            name=action_name(row.action),
            when=when,
            by="、".join(ROLE_NAMES[case.on_record.get(each, each)] for each in row.roles),
            reasons=barred,
            needs=(),
            clause=basis(row.clause),
            follows=(),
        )
    ]
