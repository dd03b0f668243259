"""Money that is paid back: by an insurer part of the premium (退费) or what ends the policy (退保),
to an owner what is left on their special account (余款退还).

One officer enters it by the bank's receipt, another confirms it; until then nothing has moved.
"""

from collections.abc import Mapping
from enum import StrEnum

from backend.domain.actions import Action


class RefundKind(StrEnum):
    """What is proposed, by the step that another officer takes."""

    GIVE_BACK = "give_back"
    CANCEL = "cancel"
    CLOSE_ACCOUNT = "close_account"

    @property
    def step(self) -> Action:
        """The step that another officer takes."""
        return Action(self.value)


class RefundOutcome(StrEnum):
    """How a proposed refund ended: confirmed, refused by either officer, or with the case."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    ENDED = "ended"


# What the insurer pays, which is less of the premium.
FROM_INSURER = (RefundKind.GIVE_BACK, RefundKind.CANCEL)

REFUND_NAMES: Mapping[str, str] = {
    RefundKind.GIVE_BACK: "退费",
    RefundKind.CANCEL: "退保",
    RefundKind.CLOSE_ACCOUNT: "退还专户余款",
}
