"""What an application is for changes: a lift leaves it, another insurer or plan is asked for."""

from uuid import UUID

from backend.domain.actions import Action
from backend.domain.errors import refuse
from backend.domain.facts import InsurerFact, StepFacts
from backend.domain.roles import Role
from backend.services.base.context import Actor, Context
from backend.services.case.case import open_case
from backend.services.case.conflicts_of_interest import check_works_not_for
from backend.services.case.steps import advance, take_step
from backend.services.purchase.plans import check_lift_of
from backend.store.purchases import Purchase
from backend.store.registry import Insurer


def drop_lift(
    ctx: Context, actor: Actor, purchase_id: UUID, lift_id: UUID, reason: str
) -> Purchase:
    """The applicant takes a lift out: it will not pass its survey, was scrapped or stands still.

    It is free for another case, and its surveys stay on record. A plan that stood is void. Raises
    Refused: last_lift, lift_not_in_purchase, and what the step may refuse.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.DROP_LIFT)
        check_lift_of(case, lift_id)
        advance(case, Action.DROP_LIFT, StepFacts(lift_id=lift_id), reason=reason)
        tx.commit()
        return case.purchase


def request_plan(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """The applicant does not wait: after a refusal the insurer makes a plan anew, a changed one or
    the same, and the committee decides on that."""
    return take_step(ctx, actor, purchase_id, Action.REQUEST_PLAN, reason=reason)


def change_insurer(
    ctx: Context, actor: Actor, purchase_id: UUID, insurer_id: UUID, reason: str
) -> Purchase:
    """The applicant chooses another insurer, who looks at the lifts and makes a plan anew.

    From the notice on only where the city's selection of the first one has ended. The one before
    hears that it is out and sees the case no more. Where an office chooses, nobody does who works
    for the new one (officer_is_party, a conflict). Raises Refused: insurer_unknown,
    insurer_unchanged, insurer_not_selected, insurer_still_selected, and what the step may refuse.
    """
    with ctx.sessions() as tx:
        case = open_case(tx, ctx, actor, purchase_id)
        case.require_role(Action.CHANGE_INSURER)
        row = case.table.find(case.state, Action.CHANGE_INSURER)
        if row and Role.APPLICANT not in row.roles:
            check_works_not_for(tx, ctx, actor, insurer_id)
        insurer = tx.get(Insurer, insurer_id)
        if insurer is None:
            raise refuse("insurer_unknown", "没有找到该保险机构，请重新选择。", "insurer_id")
        is_another = insurer_id != case.purchase.insurer_id
        chosen = InsurerFact(insurer_id, insurer.selected(case.today), is_another)
        advance(case, Action.CHANGE_INSURER, StepFacts(insurer=chosen), reason=reason)
        tx.commit()
        return case.purchase
