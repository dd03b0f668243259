"""What a person takes back at the platform itself, of which it tells us.

撤回授权 (个人信息保护法 15): of all that the platform may be allowed to show us, we keep the phone
number alone; it goes, and proves nothing any more. What was done by it before stays done, such as a
place on the roster that it bound. 注销微信账号 (47): the person is erased here too, as by
`account_deletion`; nobody can sign in as them again.
"""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.seldom import logger_of
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.people.account_deletion import erase
from backend.store.people import AccessGrant, Identity, Person

logger = logger_of(__name__)

# The platform's numbers of what we never get or keep: number plates, addresses, invoices, the
# microphone, nickname and picture, steps, places, … A number that is not among them (8; another
# list says 301) is taken for the phone's: it can be proved again, but not taken back again.
NOT_THE_PHONE = frozenset(
    ("1", "2", "3", "4", "5", "6", "7", "12", "13", "14", "15", "16", "18", "19", "20")
)


def take_back(tx: Session, ctx: Context, appid: str, openid: str, what: str) -> None:
    """The person with this openid does not show us `what` (the platform's numbers) any more.

    A number that was typed was not got by an authorisation, and stays. Does not commit.
    """
    person = _behind(tx, appid, openid)
    numbers = re.findall(r"[0-9]+", what)
    if person is None or person.phone_verified_at is None or NOT_THE_PHONE.issuperset(numbers):
        return
    person.phone_sealed = person.phone_hash = person.phone_verified_at = None
    subject = ("person", person.id)
    facts = {"taken_back": sorted(numbers)}
    audit.append(tx, ctx.clock(), person.id, AuditAction.PHONE_REVOKE, subject, facts)


def close_account(tx: Session, ctx: Context, appid: str, openid: str) -> None:
    """The person with this openid has no account at the platform any more. Does not commit.

    Rights that they hold are of no use without it: the centre is told to give them to somebody.
    """
    person = _behind(tx, appid, openid)
    if person is None:
        return
    held = select(AccessGrant.id).where(
        AccessGrant.person_id == person.id, AccessGrant.valid(ctx.clock())
    )
    if tx.scalar(held.limit(1)):
        logger.error(
            "person %s holds an office and closed the account: grant it anew",
            person.id,
            extra={"kind": person.id},
        )
    erase(tx, ctx, person, person.id)


def _behind(tx: Session, appid: str, openid: str) -> Person | None:
    return tx.scalar(
        select(Person)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.appid == appid, Identity.openid == openid)
        .with_for_update(of=Person)
    )
