"""公开账目 are published regularly (民法典 281): at the beginning of each quarter the property
companies and committees of estates whose money a pooled account holds hear that the account is
read by the code in each lift, and tell the owners. Once, however often this is swept, and nobody
where no lift has a code yet.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Row, func, select, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.ledger import AccountKind
from backend.domain.local_time import local_date
from backend.domain.public_account import PLEASE_TELL, PUBLISHED, quarter_of
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.case.news import News, messages_of
from backend.services.messages import outbox
from backend.store.audit import LastLook
from backend.store.ledger import Account
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Lift,
    LiftToken,
    Unit,
)

SWEEP = "public_accounts"
People = Mapping[UUID, set[UUID]]


def publish(ctx: Context) -> int:
    """Tell of this quarter's, unless that was done; how many messages were written. A city begins
    with the quarter after its first."""
    quarter = quarter_of(local_date(ctx.clock()))
    with ctx.sessions() as tx:
        last = tx.get(LastLook, SWEEP, with_for_update=True)
        if last is not None and last.seq >= quarter:
            return 0
        written = _tell(tx, ctx, quarter) if last else 0
        values = {"looked_at": ctx.clock(), "seq": quarter}
        row = insert(LastLook).values(sweep=SWEEP, **values)
        tx.execute(row.on_conflict_do_update(index_elements=["sweep"], set_=values))
        tx.commit()
        return written


def _tell(tx: Session, ctx: Context, quarter: int) -> int:
    in_role = {
        Role.COMMITTEE_MEMBER: _members(tx, ctx),
        Role.PROPERTY_MANAGER: _managers(tx, ctx),
    }
    messages = []
    for estate_id, name in _estates(tx):
        news = News(f"public-account/{estate_id}/{quarter}", PUBLISHED, PLEASE_TELL, name)
        done: set[UUID] = set()
        for role, people in in_role.items():
            messages += messages_of(news, role, people[estate_id] - done)
            done |= people[estate_id]
    return len(outbox.write_each(tx, ctx.clock(), messages))


def _estates(tx: Session) -> Sequence[Row[UUID, str]]:
    """With an account of their own, or cases that the city's pays, and a lift whose code leads
    there."""
    pooled = Account.kind == AccountKind.POOLED_INCOME, Account.closed_on.is_(None)
    building = func.coalesce(Account.building_id, Unit.building_id)
    own = (
        select(Building.estate_id)
        .select_from(Account)
        .outerjoin(Unit, Unit.id == Account.unit_id)
        .join(Building, Building.id == building)
        .where(*pooled)
    )
    with_cases = select(Purchase.estate_id)
    with_code = (
        select(Building.estate_id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Lift, Lift.unit_id == Unit.id)
        .join(LiftToken, LiftToken.lift_id == Lift.id)
        .where(LiftToken.valid)
    )
    some = Estate.id.in_(union(own, with_cases)), Estate.id.in_(with_code)
    return tx.execute(select(Estate.id, Estate.name).where(*some).order_by(Estate.id)).all()


def _managers(tx: Session, ctx: Context) -> People:
    return _by_estate(
        tx.execute(
            select(AccessGrant.scope_id, AccessGrant.person_id).where(
                AccessGrant.role == str(Role.PROPERTY_MANAGER), AccessGrant.valid(ctx.clock())
            )
        ).all()
    )


def _members(tx: Session, ctx: Context) -> People:
    today = local_date(ctx.clock())
    return _by_estate(
        tx.execute(
            select(Committee.estate_id, CommitteeMember.person_id)
            .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
            .where(
                Committee.in_office(today),
                CommitteeMember.sits(today),
                CommitteeMember.person_id.is_not(None),
            )
        ).all()
    )


def _by_estate(rows: Sequence[Row[UUID | None, UUID | None]]) -> People:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for estate_id, person_id in rows:
        if estate_id and person_id:
            found[estate_id].add(person_id)
    return found
