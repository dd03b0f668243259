"""A building's pooled account is split between its units, or theirs are merged into one.

An account is a building's or a unit's (JS 四（二）).

Money only changes its holder within the fund: one balanced entry. Accounts that ended take part in
no new case; what still reaches them, such as a refund, goes on by doing the same once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.ledger import AccountKind, Line
from backend.domain.local_time import local_date
from backend.domain.money import Part, split
from backend.domain.roles import Role
from backend.domain.texts import PLACE_LIMIT, REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import banks, ledger
from backend.services.books.ledger import NewEntry
from backend.store.ledger import Account, Entry
from backend.store.queries.estates import case_paid_from
from backend.store.registry import Building, Household, Unit


@dataclass(frozen=True)
class NewAccount:
    """An account to open: its number at the bank's books, and what people call it."""

    number: str
    name: str


def split_account(
    ctx: Context,
    actor: Actor,
    building_id: UUID,
    parts: Sequence[tuple[UUID, NewAccount]],
    reason: str,
) -> tuple[Part, ...]:
    """One account for each unit instead of the building's; what each got, by number, in fen.

    `parts` names each unit once. The balance is divided by the floor area of the flats (建筑面积),
    to the fen [D]; in equal parts where no flat is known. Raises Refused: not_found, role_required,
    text_required, account_parts_differ, account_in_use, account_number_taken.
    """
    with ctx.sessions() as tx:
        reason, building = _open(tx, ctx, actor, building_id, reason)
        areas = _areas(tx, building_id)
        of_units = dict(parts)
        if len(of_units) < len(parts) or set(of_units) != set(areas):
            message = "请给这栋楼的每个单元各写一个新账户，不多也不少。"
            raise refuse("account_parts_differ", message, "parts")
        before = _ending(tx, building_id, Account.unit_id.is_(None))
        if not before:
            raise nothing_there("统筹账户")
        opened = {
            of_units[unit_id].number: _opened(tx, building, unit_id, of_units[unit_id])
            for unit_id in areas
        }
        flats = any(areas.values())
        weights = [(of_units[at].number, area if flats else 1) for at, area in areas.items()]
        given = {account.id: account.balance_fen for account in before}
        banks.lie_at(tx, opened.values(), banks.banks_of(tx, given.keys()))
        shares = split(sum(given.values()), weights)
        lines = {opened[share.name]: share.fen for share in shares}
        _move(tx, ctx, given, lines, "account_split", reason)
        facts = {
            "from": {account.number: account.balance_fen for account in before},
            "to": {share.name: share.fen for share in shares},
            "reason": reason,
        }
        _close(tx, ctx, actor, before, AuditAction.ACCOUNT_SPLIT, building_id, facts)
        tx.commit()
        return shares


def merge_accounts(
    ctx: Context, actor: Actor, building_id: UUID, into: NewAccount, reason: str
) -> int:
    """One account of the building instead of those of its units; what it got, in fen.

    Raises Refused as `split_account`.
    """
    with ctx.sessions() as tx:
        reason, building = _open(tx, ctx, actor, building_id, reason)
        before = _ending(tx, building_id, Account.unit_id.is_not(None))
        if not before:
            raise nothing_there("统筹账户")
        opened = _opened(tx, building, None, into)
        given = {account.id: account.balance_fen for account in before}
        banks.lie_at(tx, [opened], banks.banks_of(tx, given.keys()))
        total = sum(given.values())
        _move(tx, ctx, given, {opened: total}, "account_merge", reason)
        facts = {
            "from": {account.number: account.balance_fen for account in before},
            "to": into.number,
            "reason": reason,
        }
        _close(tx, ctx, actor, before, AuditAction.ACCOUNT_MERGE, building_id, facts)
        tx.commit()
        return total


def _open(
    tx: Session, ctx: Context, actor: Actor, building_id: UUID, reason: str
) -> tuple[str, Building]:
    """Two officers at once pass one after the other: they wait for the building."""
    require_officer(tx, ctx, actor, Role.REVIEWER)
    building = tx.get(Building, building_id, with_for_update=True)
    if building is None:
        raise nothing_there("楼栋")
    return required(reason, REASON_LIMIT, "reason", "拆分或合并账户的依据"), building


def _areas(tx: Session, building_id: UUID) -> dict[UUID, int]:
    """The floor area of the flats of each unit, in 0.01 m²; 0 where none is known."""
    rows = tx.execute(
        select(Unit.id, func.coalesce(func.sum(Household.area_dm2), 0))
        .outerjoin(Household, Household.unit_id == Unit.id)
        .where(Unit.building_id == building_id)
        .group_by(Unit.id)
        .order_by(Unit.id)
    )
    return {unit_id: int(area) for unit_id, area in rows}


def _ending(tx: Session, building_id: UUID, level: ColumnElement[bool]) -> Sequence[Account]:
    """The building's accounts of this level that hold money or are open, locked; none of them is
    what an open case is paid from."""
    accounts = tx.scalars(
        select(Account)
        .where(
            Account.kind == AccountKind.POOLED_INCOME,
            Account.building_id == building_id,
            level,
            Account.closed_on.is_(None) | (Account.balance_fen > 0),
        )
        .order_by(Account.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    case = case_paid_from(tx, [account.id for account in accounts])
    if case:
        message = f"申请 {case} 正在用这个账户办理，请等它办结或撤回后再拆分、合并账户。"
        raise refuse("account_in_use", message, kind="conflict")
    return accounts


def _opened(tx: Session, building: Building, unit_id: UUID | None, new: NewAccount) -> UUID:
    """The account of this number, open: one that was closed before is open again, or what goes
    there could pay for nothing."""
    number = required(new.number, PLACE_LIMIT, "number", "账户编号")
    name = required(new.name, PLACE_LIMIT, "name", "账户名称")
    account_id = ledger.open_account(
        tx, AccountKind.POOLED_INCOME, number, name, building_id=building.id, unit_id=unit_id
    )
    tx.execute(update(Account).where(Account.id == account_id).values(closed_on=None))
    return account_id


def _move(
    tx: Session,
    ctx: Context,
    given: Mapping[UUID, int],
    taken: Mapping[UUID, int],
    kind: str,
    memo: str,
) -> None:
    """Book what goes over; an account without a balance gets no line."""
    lines = [Line(account, fen) for account, fen in given.items() if fen]
    lines += [Line(account, -fen) for account, fen in taken.items() if fen]
    if lines:
        accounts = sorted(str(account) for account in given)
        times = tx.scalar(
            select(func.count()).where(Entry.natural_key.like(f"{kind}:{accounts[0]}:%"))
        )
        key = f"{kind}:{accounts[0]}:{times}"
        now = ctx.clock()
        ledger.post(tx, NewEntry(key, kind, local_date(now), lines, memo=memo), now)


def _close(
    tx: Session,
    ctx: Context,
    actor: Actor,
    accounts: Sequence[Account],
    action: AuditAction,
    building_id: UUID,
    facts: Mapping[str, object],
) -> None:
    today: date = local_date(ctx.clock())
    for account in accounts:
        account.closed_on = account.closed_on or today
    subject = ("building", building_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
