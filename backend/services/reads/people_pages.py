"""One person as the keepers of rights see them, and everybody's own rights in words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.desk_accounts import STATUS_NAMES, status_of
from backend.domain.personal import masked_phone
from backend.domain.roles import DELEGABLE, GRANT_SCOPES, OFFICERS, Role, keeper_of
from backend.services.base.access import granted_roles, nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import phone_of, shown_name
from backend.services.reads.rights import ENDS_SOON, READERS, Right, shown_right
from backend.store.desk import DeskAccount
from backend.store.people import Lockout, LoginSession, Person, SecondFactor
from backend.store.queries import rights
from backend.store.registry import Estate, Insurer

MOST_CHOICES = 500


@dataclass(frozen=True)
class PersonPage:
    """A person: rights, where they are signed in, whether they are kept out (`lockout_id`), since
    when they have an authenticator, how they sign in without WeChat (`account`, in words).

    `may_give` are the roles that whoever looks may give them; `may_keep_out` whether they may end
    sessions and keep them out.
    """

    person_id: UUID
    name: str
    phone: str | None
    rights: Sequence[Right]
    desk_sessions: int
    phone_sessions: int
    factor_at: datetime | None
    lockout_id: UUID | None
    locked_at: datetime | None
    account: str
    account_number: str
    may_give: Sequence[Role]
    may_keep_out: bool


@dataclass(frozen=True)
class MyRights:
    """What somebody may do, which of it can be passed on for a time, and what they passed on."""

    rights: Sequence[Right]
    delegable: Collection[UUID]
    lent: Sequence[Right]


def read_person(ctx: Context, actor: Actor, person_id: UUID) -> PersonPage:
    """Somebody who holds or held a right, or was let in without WeChat; raises Refused `not_found`
    for all others, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        person = tx.get(Person, person_id)
        rows = rights.of_person(tx, person_id)
        account = tx.scalar(select(DeskAccount).where(DeskAccount.person_id == person_id))
        if person is None or not (rows or account):
            raise nothing_there("人员")
        held = granted_roles(tx, ctx, actor, None, None)
        at_desk, on_phone = _sessions(tx, person_id)
        lockout = tx.scalar(
            select(Lockout).where(Lockout.person_id == person_id, Lockout.lifted_at.is_(None))
        )
        enrolled = select(SecondFactor.enrolled_at).where(SecondFactor.person_id == person_id)
        phone, is_self = phone_of(ctx.cipher, person), person_id == actor.person_id
        return PersonPage(
            person_id=person_id,
            name=shown_name(ctx.cipher, person),
            phone=masked_phone(phone) if phone else None,
            rights=[shown_right(ctx, row) for row in rows],
            desk_sessions=at_desk,
            phone_sessions=on_phone,
            factor_at=tx.scalar(enrolled),
            lockout_id=lockout.id if lockout else None,
            locked_at=lockout.locked_at if lockout else None,
            account=_status(account) if account else "",
            account_number=account.number if account and Role.ADMINISTRATOR in held else "",
            may_give=[] if is_self or person.left_at else may_give(held),
            may_keep_out=Role.ADMINISTRATOR in held and not is_self,
        )


def may_give(held: Collection[Role]) -> Sequence[Role]:
    """The roles that somebody with these may give."""
    return [role for role in GRANT_SCOPES if keeper_of(role) in held]


def givable(ctx: Context, actor: Actor) -> Sequence[Role]:
    """The roles that this person may give; none for who keeps no rights."""
    with ctx.sessions() as tx:
        return may_give(granted_roles(tx, ctx, actor, None, None))


def scopes(ctx: Context, actor: Actor, roles: Collection[Role]) -> Sequence[tuple[UUID, str]]:
    """Within what these roles can be given: districts, estates and insurers, as far as there are
    few enough to choose from. Raises Refused `not_found`, `role_required`."""
    kinds = {GRANT_SCOPES[role] for role in roles}
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        found: list[tuple[UUID, str]] = []
        if "district" in kinds:
            district = select(Estate.district_id, func.min(Estate.district))
            by_name = district.group_by(Estate.district_id).order_by(func.min(Estate.district))
            districts = tx.execute(by_name.limit(MOST_CHOICES))
            found += [(each, f"区：{name}") for each, name in districts]
        if "estate" in kinds:
            estates = select(Estate.id, Estate.name).order_by(Estate.name).limit(MOST_CHOICES)
            found += [(each, f"小区：{name}") for each, name in tx.execute(estates)]
        if "insurer" in kinds:
            insurers = select(Insurer.id, Insurer.name).order_by(Insurer.name).limit(MOST_CHOICES)
            found += [(each, f"保险机构：{name}") for each, name in tx.execute(insurers)]
        return found


def my_rights(ctx: Context, actor: Actor) -> MyRights:
    """What this person may do now."""
    now = ctx.clock()
    with ctx.sessions() as tx:
        rows = [row for row in rights.of_person(tx, actor.person_id) if row.grant.valid(now)]
        lent = rights.lent_by(tx, actor.person_id, now)
        return MyRights(
            [shown_right(ctx, row) for row in rows],
            {
                row.grant.id
                for row in rows
                if row.grant.stands_in_for is None and row.grant.role in DELEGABLE
            },
            [shown_right(ctx, row) for row in lent],
        )


def ending_soon(ctx: Context, actor: Actor) -> tuple[Sequence[Right], int]:
    """Within thirty days: the person's own rights that end, and how many of those that they keep
    for others do."""
    now = ctx.clock()
    with ctx.sessions() as tx:
        own = [shown_right(ctx, row) for row in rights.of_person(tx, actor.person_id)]
        held = {right.role for right in own if right.valid}
        keeps = may_give(held) if held & OFFICERS else []
        others = rights.count_ending(tx, now, now + ENDS_SOON, keeps) if keeps else 0
        mine = [right for right in own if right.ends_soon]
        return mine, others - sum(right.role in keeps for right in mine)


def _sessions(tx: Session, person_id: UUID) -> tuple[int, int]:
    """How many last: at desks, on phones."""
    rows = tx.execute(
        select(LoginSession.at_desk, func.count())
        .where(LoginSession.person_id == person_id, LoginSession.expires_at > system_clock())
        .group_by(LoginSession.at_desk)
    )
    found: dict[bool, int] = {}
    for at_desk, count in rows:
        found[at_desk] = count
    return found.get(True, 0), found.get(False, 0)


def _status(account: DeskAccount) -> str:
    return STATUS_NAMES[
        status_of(
            begun=account.begun_at is not None,
            has_passphrase=account.phrase_hash is not None,
            invited_at=account.invited_at,
            now=system_clock(),
        )
    ]
