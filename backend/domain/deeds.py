"""What an officer may do with one objection as it stands, so that a page offers nothing else.

The services judge again when it is done; this is asked beforehand (JS annex 二（一）4).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backend.domain.objection import UNSETTLED, ObjectionStatus, Publication
from backend.domain.roles import Role


class Deed(StrEnum):
    """What is done with an objection."""

    VERIFY = "verify"
    NOT_ENTITLED = "not-entitled"
    ANSWER = "answer"
    DISMISS = "dismiss"
    UNDO_DISMISSAL = "undo-dismissal"
    DELIVER = "deliver"
    UNDO_DELIVERY = "undo-delivery"
    TAKE_BACK = "take-back"
    PUBLICATION = "publication"


DEED_NAMES: Mapping[str, str] = {
    Deed.VERIFY: "核实是相关业主",
    Deed.NOT_ENTITLED: "答复不是相关业主",
    Deed.ANSWER: "答复异议",
    Deed.DISMISS: "复核：不予采纳",
    Deed.UNDO_DISMISSAL: "撤销不予采纳",
    Deed.DELIVER: "录入书面答复已送达",
    Deed.UNDO_DELIVERY: "撤销录错的送达",
    Deed.TAKE_BACK: "录入书面撤回",
    Deed.PUBLICATION: "审核原文",
}


@dataclass(frozen=True)
class HowFar:
    """How an objection stands: `letter_due` while the answer must be given on paper, `delivered`
    once it was."""

    status: ObjectionStatus
    answered: bool
    letter_due: bool
    delivered: bool
    publication: Publication


def deeds_of(how: HowFar, offices: Collection[Role]) -> tuple[Deed, ...]:
    """What holders of these offices may do with it now, in the order of work."""
    status, open_ = how.status, how.status in UNSETTLED
    waits = status is ObjectionStatus.RECEIVED
    verified = status is ObjectionStatus.VERIFIED
    dismissed = status is ObjectionStatus.INADMISSIBLE
    clerk, reviewer = Role.CLERK in offices, Role.REVIEWER in offices
    given = how.delivered and not how.letter_due
    to_judge = how.publication in (Publication.HELD, Publication.PUBLISHED)
    may = {
        Deed.VERIFY: clerk and waits,
        Deed.NOT_ENTITLED: clerk and waits,
        Deed.ANSWER: clerk and open_ and not how.answered,
        Deed.DELIVER: clerk and how.letter_due,
        Deed.DISMISS: reviewer and verified and how.answered and not how.letter_due,
        Deed.UNDO_DISMISSAL: (clerk or reviewer) and dismissed,
        Deed.TAKE_BACK: clerk and open_,
        Deed.PUBLICATION: clerk and to_judge,
        Deed.UNDO_DELIVERY: clerk and given and not dismissed,
    }
    return tuple(deed for deed, possible in may.items() if possible)
