"""An estate without a property company may be managed by one owner alone (JS annex 一.3)."""

from uuid import UUID

from backend.domain.audit_actions import AuditAction
from backend.domain.roles import Role
from backend.domain.texts import REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.proof import require_recent_proof
from backend.store.registry import Estate

KEEPERS = (Role.CLERK, Role.ADMINISTRATOR)


def set_sole_manager(
    ctx: Context, actor: Actor, estate_id: UUID, manager: str | None, reason: str
) -> None:
    """Record which owner manages the estate alone and on what that rests; None: nobody any more.

    A property company counts beside it. Raises Refused: not_found, role_required, text_required,
    text_too_long, and as `require_recent_proof`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *KEEPERS)
        require_recent_proof(actor)
        estate = tx.get(Estate, estate_id, with_for_update=True)
        if estate is None:
            raise nothing_there("小区")
        if manager is not None:
            manager = required(manager, REASON_LIMIT, "manager", "单独管理的产权人和依据")
        facts = {
            "from": estate.sole_manager,
            "to": manager,
            "reason": required(reason, REASON_LIMIT, "reason", "理由"),
        }
        estate.sole_manager = manager
        subject = ("estate", estate.id)
        audit.append(tx, ctx.clock(), actor.person_id, AuditAction.SOLE_MANAGER_SET, subject, facts)
        tx.commit()
