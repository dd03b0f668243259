"""The choices that a chat message offers: short signed ids that come back when one is tapped.

An id holds the action, the plan, and a signature for the person it was offered to; what somebody
else made up or passed on is plain text. So is the confirmation of a reason that is another one by
now: the words that were shown are signed with it.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from backend.store.cipher import Cipher

Action = Literal["approve", "refuse", "plan", "confirm", "cancel"]

LETTERS: dict[Action, str] = {
    "approve": "a",
    "refuse": "r",
    "plan": "v",
    "confirm": "c",
    "cancel": "x",
}
ACTIONS = {letter: action for action, letter in LETTERS.items()}
ID = re.compile(r"([arvcx])([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{8})")


@dataclass(frozen=True)
class Choice:
    """Something that can be tapped: an answer to a plan, to read the plan in full, or whether a
    refusal for this `reason` is meant."""

    action: Action
    plan_id: UUID
    reason: str = ""


def choice_id(cipher: Cipher, person_id: UUID, choice: Choice) -> str:
    """The id under which this choice is offered to this person, at most 31 characters."""
    plan = base64.urlsafe_b64encode(choice.plan_id.bytes).decode().rstrip("=")
    body = LETTERS[choice.action] + plan
    return body + _signatures(cipher, person_id, body, choice.reason)[0]


def open_choice(cipher: Cipher, person_id: UUID, given: str, reason: str = "") -> Choice | None:
    """The choice behind a tapped id; None when we did not offer it to this person.

    `reason` is what the person was asked to confirm last.
    """
    found = ID.fullmatch(given)
    if found is None:
        return None
    letter, plan, signature = found.groups()
    words = reason if ACTIONS[letter] == "confirm" else ""
    ours = _signatures(cipher, person_id, letter + plan, words)
    if not any(hmac.compare_digest(signature, one) for one in ours):
        return None
    return Choice(ACTIONS[letter], UUID(bytes=base64.urlsafe_b64decode(plan + "==")), words)


def _signatures(cipher: Cipher, person_id: UUID, body: str, words: str) -> list[str]:
    """By each key that we have; what is offered now has the first."""
    signed = "/".join(filter(None, (str(person_id), body, words)))
    digests = cipher.digests("chat_choice", signed)
    return [base64.urlsafe_b64encode(digest[:6]).decode() for digest in digests]
