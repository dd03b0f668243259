"""What the desk asks of a right that is to be given: which, within what, until when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.desk import gate
from backend.desk.forms import Field, Given, Known
from backend.desk.values import Kind
from backend.domain.local_time import midnight_after
from backend.domain.roles import GRANT_SCOPES, ROLE_NAMES, Role
from backend.http.parts import context
from backend.services.base.access import require
from backend.services.people.grants import Granted
from backend.services.reads.people_pages import givable, scopes

ROLE = Field("role", "身份", Kind.CHOICE)
SCOPE = Field(
    "scope_id",
    "范围",
    Kind.ID,
    "属地住建部门选区，物业选小区，保险机构选机构；中心和监督人员是全市的，不选。",
    optional=True,
)
LAST_DAY = Field("until", "最后一天", Kind.DAY, "含当日；长期的不填。", optional=True)


@dataclass(frozen=True)
class RightAsked:
    """The fields, and what there is to choose from for who sits here."""

    fields: Sequence[Field]
    known: Known


def right_asked() -> RightAsked:
    """What whoever sits here may give; raises Refused `role_required` for who may give nothing,
    `not_found` for who has no office."""
    roles = givable(context(), gate.me())
    within = scopes(context(), gate.me(), roles)  # no office, no page
    if not roles:
        require((), (Role.ADMINISTRATOR, Role.CLERK))
    choices = {
        ROLE.name: [(str(role), ROLE_NAMES[role]) for role in roles],
        SCOPE.name: [(str(each), words) for each, words in within],
    }
    return RightAsked((ROLE, SCOPE, LAST_DAY) if within else (ROLE, LAST_DAY), Known({}, choices))


def city_right_asked() -> RightAsked:
    """The same of the whole city, and it may be none: for administrators."""
    asked = right_asked()
    roles = [role for role in givable(context(), gate.me()) if GRANT_SCOPES[role] == "city"]
    if not roles:
        require((), (Role.ADMINISTRATOR,))
    names = {str(role) for role in roles}
    choices = [each for each in asked.known.choices[ROLE.name] if each[0] in names]
    field = replace(ROLE, optional=True, hint="保险机构、物业的人不选，邀请以后由中心经办授权。")
    return RightAsked((field, LAST_DAY), Known({}, {ROLE.name: choices}))


def granted(given: Given) -> Granted:
    """What was asked for; a role that nobody grants is refused by the service."""
    last = given[LAST_DAY.name]
    until = midnight_after(last) if last else None
    return Granted(Role(given[ROLE.name]), given.get(SCOPE.name), until)
