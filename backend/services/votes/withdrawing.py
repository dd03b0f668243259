"""A vote is taken back before anybody has voted, or voided by the reviewer, with a reason."""

from uuid import UUID

from backend.domain.actions import Action
from backend.services.base.context import Actor, Context
from backend.services.case.steps import take_step
from backend.store.purchases import Purchase


def withdraw_vote(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """Those who may open a vote take it back. Raises Refused: not_found, role_required,
    step_not_possible, ballots_cast, text_required, text_too_long."""
    return take_step(ctx, actor, purchase_id, Action.WITHDRAW_VOTE, reason=reason)


def void_vote(ctx: Context, actor: Actor, purchase_id: UUID, reason: str) -> Purchase:
    """The reviewer voids it, until its notice hangs. Raises Refused: not_found, role_required,
    step_not_possible, same_officer, officer_is_party, text_required, text_too_long."""
    return take_step(ctx, actor, purchase_id, Action.VOID_VOTE, reason=reason)
