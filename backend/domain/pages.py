"""What a tap on a message opens in the mini-program: the pages of `miniprogram_stub/app.json`."""

from collections.abc import Mapping
from uuid import UUID

from backend.domain.roles import Role

MINE = "pages/mine/mine"
COMMITTEE = "pages/committee/committee"
MANAGER = "pages/manager/manager"
VOTE = "pages/vote/vote"

# Whoever has no page of their own for cases finds what is theirs under 我的.
_OF_ROLE: Mapping[Role, str] = {Role.COMMITTEE_MEMBER: COMMITTEE, Role.PROPERTY_MANAGER: MANAGER}
# Those on the applying side have a page for each case.
_APPLYING = frozenset({Role.OWNER, Role.COMMITTEE_MEMBER, Role.PROPERTY_MANAGER, Role.APPLICANT})


def of_role(role: Role) -> str:
    """Where somebody in this role finds all that is theirs."""
    return _OF_ROLE.get(role, MINE)


def of_case(role: Role, purchase_id: UUID) -> str:
    """Where somebody in this role sees to this one case."""
    return f"pages/case/case?id={purchase_id}" if role in _APPLYING else of_role(role)


def notice(number: str) -> str:
    """A public notice."""
    return f"pages/notice/notice?number={number}"


def receipt(objection_id: UUID) -> str:
    """An objection as its author sees it, with the answer."""
    return f"pages/receipt/receipt?id={objection_id}"


def lift(token: str) -> str:
    """A lift, by the code that was scanned."""
    return f"pages/lift/lift?scene={token}"


def joint(purchase_id: UUID) -> str:
    """An application by owners together, where it is signed."""
    return f"pages/joint/joint?case={purchase_id}"
