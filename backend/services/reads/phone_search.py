"""Whose phone somebody calls from, for the counter: who has the number and where, by masked names.

The number is compared by its digests and stays nowhere; that somebody looked, and whom they found,
is in the audit chain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.normal import normal_phone
from backend.domain.personal import masked_name
from backend.domain.roles import ROLE_NAMES, Role
from backend.services.base import audit
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of, shown_name
from backend.store.queries import phones
from backend.store.queries.cases import Viewer

READERS = (Role.CLERK,)
CITY = "全市"


@dataclass(frozen=True)
class Called:
    """Somebody who has the number: as what, and where (an estate, where it is one)."""

    name: str
    part: str
    place: str
    estate_id: UUID | None = None
    person_id: UUID | None = None


def find_by_phone(ctx: Context, actor: Actor, phone: str) -> Sequence[Called]:
    """Owners, members of committees and holders of rights with this whole number.

    Raises Refused `not_found`, `role_required`, `phone_invalid`.
    """
    number = normal_phone(phone)
    if number is None:
        raise refuse("phone_invalid", "请填写完整的电话号码。", "q")
    digests = ctx.cipher.digests("phone", number)
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        viewer = Viewer.at(actor.person_id, ctx.clock())
        owners = phones.owners_by_phone(tx, digests)
        members = phones.members_by_phone(tx, digests, viewer)
        rights = phones.rights_by_phone(tx, digests, viewer)
        found = {
            "owners": [str(each.owner.id) for each in owners],
            "members": [str(member.id) for member, _, _ in members],
            "people": sorted({str(person.id) for person, _, _ in rights}),
        }
        subject = ("person", actor.person_id)
        audit.append(tx, viewer.now, actor.person_id, AuditAction.PHONE_LOOK_UP, subject, found)
        called = [_owner(ctx, each) for each in owners]
        called += [
            Called(
                masked_name(name_of(ctx.cipher, member)),
                f"{ROLE_NAMES[Role.COMMITTEE_MEMBER]}（{member.position}）",
                estate,
                estate_id,
            )
            for member, estate, estate_id in members
        ]
        called += [
            Called(
                shown_name(ctx.cipher, person),
                ROLE_NAMES[Role(role)],
                scope or CITY,
                person_id=person.id,
            )
            for person, role, scope in rights
        ]
        tx.commit()
    return called


def _owner(ctx: Context, of: phones.OwnersFlat) -> Called:
    verified = "已核验" if of.owner.person_id else "未核验"
    return Called(
        masked_name(name_of(ctx.cipher, of.owner)),
        f"{ROLE_NAMES[Role.OWNER]}（{verified}）",
        f"{of.estate} {of.building} {of.unit} {of.room}",
        of.estate_id,
    )
