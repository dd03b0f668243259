"""Asked again (二次验证): what nobody may do on the strength of an old sign-in alone."""

from backend.clock import system_clock
from backend.domain.errors import refuse
from backend.domain.second_factor import is_recent
from backend.services.base.context import Actor

NEEDED = "second_factor_needed"


def require_recent_proof(actor: Actor | None) -> None:
    """Before rights are given and payments ordered: whoever has a second factor must have proved it
    in this session a moment ago, at the desk as on the phone.

    Who has none passes: the desk lets nobody work whose office needs one. So does the server's
    command line (`actor` None). Raises Refused `second_factor_needed`.
    """
    proof = actor.proof if actor else None
    if proof and proof.has_factor and not is_recent(proof.proved_at, system_clock()):
        message = "办这件事要再验证一次：请输入验证器上现在的六位数字。"
        raise refuse(NEEDED, message, kind="forbidden")
