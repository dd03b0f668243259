"""Asked again (二次验证): what nobody may do on the strength of an old sign-in alone."""

from backend.clock import system_clock
from backend.domain.errors import refuse
from backend.domain.second_factor import NEEDED, check_proved
from backend.services.base.context import Actor


def require_recent_proof(actor: Actor | None) -> None:
    """Before anything that changes who is paid, who may do what, or who comes in: whose office
    needs a second factor, and who has one, must have proved it in this session a moment ago, at
    the desk as on the phone. `tests/services/test_who_is_asked.py` finds who forgets to call this.

    The server's command line passes (`actor` None); who came without a session, as in chat, does
    not. Raises Refused as `domain.second_factor.check_proved`.
    """
    if actor is None:
        return
    proof = actor.proof
    if proof is None:
        raise refuse(NEEDED, "这件事只能登录后办理：请在小程序或工作台上办。", kind="forbidden")
    check_proved(
        has_factor=proof.has_factor,
        needs_factor=proof.needs_factor,
        proved_at=proof.proved_at,
        now=system_clock(),
    )
