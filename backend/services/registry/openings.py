"""期初更正: an opening balance was wrong. One officer enters the right figures with the paper that
shows them, another one confirms them; then the opening as it stood is reversed and booked anew.

All figures of an opening are the bank's to the fen, so a correction changes two or more. What the
flats own is not among them: that is corrected with their sub-ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.domain import ledger as rules
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.facts import ActorFact
from backend.domain.ledger import AccountKind, Lines
from backend.domain.local_time import local_date
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.case.news import News, tell_book_officers
from backend.services.files.handed_in import check_upload
from backend.services.registry.opening_cases import check_room, tell_applicants
from backend.store.ledger import Account, AccountBank, Entry
from backend.store.proposals import OpeningCorrection, OpeningFigure
from backend.store.queries.openings import (
    CorrectionView,
    Opening,
    current,
    figures_of,
    first_openings,
    page_of_openings,
    view_of,
)


@dataclass(frozen=True)
class RightFigures:
    """What the opening should have said, in fen; None, and a pool that is not named, is right."""

    bank_fen: int | None
    statutory_fen: int | None
    pools: Sequence[tuple[UUID, int]]


Change = tuple[int, int]  # an account's opening balance before and after, in fen


def list_openings(
    ctx: Context, actor: Actor, after: UUID | None, page_size: int
) -> Sequence[Opening]:
    """`page_size` of them after the id `after`, as they stand. Raises Refused `not_found`,
    `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return page_of_openings(tx, after, page_size)


def enter(
    ctx: Context,
    actor: Actor,
    opening_id: UUID,
    right: RightFigures,
    file_sha256: str,
    reason: str,
) -> CorrectionView:
    """One officer enters what the opening should have said.

    Raises Refused: not_found, role_required, correction_waiting, account_repeated,
    account_not_of_opening, opening_unchanged, officer_is_party, opening_not_reconciled,
    balance_insufficient, file_unknown, text_required, text_too_long.
    """
    with ctx.sessions() as tx:
        role = require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        if tx.scalar(select(Entry.id).where(Entry.id == opening_id, first_openings())) is None:
            raise nothing_there("期初")
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "更正的缘由")
        bank_id = _lock(tx, figures_of(tx, current(tx, opening_id)))
        before = figures_of(tx, current(tx, opening_id))  # as it stands once the bank is ours
        of_opening = OpeningCorrection.opening_id == opening_id
        if tx.scalar(
            select(OpeningCorrection.id).where(of_opening, OpeningCorrection.decided_at.is_(None))
        ):
            message = "这份期初已有一项更正等待确认，请先确认或退回。"
            raise refuse("correction_waiting", message, kind="conflict")
        changes = _changes(tx, before, bank_id, right)
        fact = _without_interest(tx, ctx, actor, changes)
        _lines_after(bank_id, before, changes)
        check_room(tx, changes)
        check_upload(tx, actor, file_sha256, "file_sha256")
        correction = OpeningCorrection(
            opening_id=opening_id,
            file_sha256=file_sha256,
            reason=why,
            entered_by=actor.person_id,
            in_stead_of=fact.stands_in_for.get(role),
            entered_at=ctx.clock(),
        )
        tx.add(correction)
        tx.flush()
        tx.add_all(
            OpeningFigure(
                correction_id=correction.id, account_id=account, former_fen=former, fen=fen
            )
            for account, (former, fen) in changes.items()
        )
        tx.flush()
        _write_down(tx, ctx, actor, AuditAction.OPENING_ENTER_CORRECTION, correction)
        _tell(tx, ctx, actor, correction, "期初更正待确认", "请核对依据后确认或退回")
        tx.commit()
        return view_of(tx, correction.id)


def confirm(ctx: Context, actor: Actor, correction_id: UUID) -> CorrectionView:
    """Another officer confirms it: the opening is reversed and booked anew, today.

    Raises Refused: not_found, role_required, officer_is_party, own_correction,
    correction_decided, account_closed, balance_insufficient.
    """
    with ctx.sessions() as tx:
        correction, before, changes, fact = _waiting(tx, ctx, actor, correction_id)
        if fact.is_own(correction.entered_by, correction.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人登记的，请由另一位工作人员确认。"
            raise refuse("own_correction", message, kind="forbidden")
        bank_id = _lock(tx, {**before, **changes})
        _check_open(tx, changes)
        check_room(tx, changes)
        now = ctx.clock()
        new = NewEntry(
            f"opening_correction:{correction.id}",
            "opening",
            local_date(now),
            _lines_after(bank_id, before, changes),
            memo="期初更正",
        )
        replaced = current(tx, correction.opening_id)
        correction.entry_id = ledger.replace(tx, replaced, new, now).id
        correction.decided_by, correction.decided_at = actor.person_id, now
        correction.confirmed = True
        tx.flush()
        _write_down(tx, ctx, actor, AuditAction.OPENING_CORRECT, correction)
        _tell(tx, ctx, actor, correction, "期初已更正", "账面已改，请核对可用金额")
        tell_applicants(tx, ctx, correction.id, changes)
        tx.commit()
        return view_of(tx, correction.id)


def turn_down(ctx: Context, actor: Actor, correction_id: UUID, reason: str) -> CorrectionView:
    """It is not so, or not proved: nothing changes. Whoever entered it may take it back.

    Raises Refused: not_found, role_required, officer_is_party, correction_decided, text_required,
    text_too_long.
    """
    with ctx.sessions() as tx:
        correction, *_ = _waiting(tx, ctx, actor, correction_id)
        correction.turned_down_because = texts.required(
            reason, texts.REASON_LIMIT, "reason", "退回的原因"
        )
        correction.decided_by, correction.decided_at = actor.person_id, ctx.clock()
        correction.confirmed = False
        _write_down(tx, ctx, actor, AuditAction.OPENING_TURN_DOWN_CORRECTION, correction)
        _tell(tx, ctx, actor, correction, "期初更正已退回", "账面照旧，无需办理")
        tx.commit()
        return view_of(tx, correction.id)


def _waiting(
    tx: Session, ctx: Context, actor: Actor, correction_id: UUID
) -> tuple[OpeningCorrection, Mapping[UUID, int], Mapping[UUID, Change], ActorFact]:
    """The correction, locked, the figures before it, what it changes, what the officer is to it."""
    require_officer(tx, ctx, actor, *BOOK_OFFICERS)
    correction = tx.get(OpeningCorrection, correction_id, with_for_update=True)
    if correction is None:
        raise nothing_there("期初更正")
    tx.refresh(correction)
    rows = tx.scalars(select(OpeningFigure).where(OpeningFigure.correction_id == correction_id))
    changes = {row.account_id: (row.former_fen, row.fen) for row in rows}
    fact = _without_interest(tx, ctx, actor, changes)
    if correction.decided_at is not None:
        done = "确认" if correction.confirmed else "退回"
        message = f"这项期初更正已经{done}，无需再办。"
        raise refuse("correction_decided", message, kind="conflict")
    return correction, figures_of(tx, current(tx, correction.opening_id)), changes, fact


def _without_interest(
    tx: Session, ctx: Context, actor: Actor, changes: Mapping[UUID, Change]
) -> ActorFact:
    fact = books_officer(tx, ctx, list(changes), actor.person_id)
    if fact.is_party:
        message = "您是所涉小区的业主、业委会委员或物业人员，请由没有利害关系的工作人员办理。"
        raise refuse("officer_is_party", message, kind="conflict")
    return fact


def _lock(tx: Session, accounts: Mapping[UUID, object]) -> UUID:
    """Lock what a correction moves, in the order of ids as everybody does; returns the bank."""
    locked = tx.execute(
        select(Account.id, Account.kind)
        .where(Account.id.in_(accounts))
        .order_by(Account.id)
        .with_for_update(key_share=True)
    )
    (bank_id,) = [account_id for account_id, kind in locked if kind == AccountKind.BANK]
    found: UUID = bank_id
    return found


def _check_open(tx: Session, changes: Mapping[UUID, Change]) -> None:
    """What goes to an account that was split or merged meanwhile could pay for nothing."""
    closed = Account.id.in_(changes), Account.closed_on.is_not(None)
    if number := tx.scalars(select(Account.number).where(*closed).limit(1)).first():
        message = (
            f"账户{number}在登记以后已拆分或合并，不能再更正。请退回这一项，按现在的账户重新登记。"
        )
        raise refuse("account_closed", message, kind="conflict")


def _changes(
    tx: Session, before: Mapping[UUID, int], bank_id: UUID, right: RightFigures
) -> Mapping[UUID, Change]:
    """Which figures differ from what is booked: before and after, by account."""
    wanted = dict(right.pools)
    if len(wanted) < len(right.pools):
        message = "同一个统筹账户写了两次，请合并成一行。"
        raise refuse("account_repeated", message, "pools")
    here = select(Account.id).where(
        Account.id.in_(wanted),
        Account.kind == AccountKind.POOLED_INCOME,
        Account.closed_on.is_(None),
        or_(
            Account.id.in_(before),
            Account.id.in_(select(AccountBank.account_id).where(AccountBank.bank_id == bank_id)),
        ),
    )
    if wanted.keys() - set(tx.scalars(here)):
        message = (
            "有账户不是这份期初里在用的统筹账户，请核对账户和专户；"
            "分立、合并过的，请更正承接它的账户。"
        )
        raise refuse("account_not_of_opening", message, "pools")
    if right.bank_fen is not None:
        wanted[bank_id] = right.bank_fen
    if right.statutory_fen is not None:
        statutory = ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE)
        wanted[statutory] = right.statutory_fen
    changes = {
        account: (before.get(account, 0), fen)
        for account, fen in wanted.items()
        if fen != before.get(account, 0)
    }
    if not changes:
        message = "这些金额和已入账的期初一样，没有要更正的。"
        raise refuse("opening_unchanged", message, "pools")
    return changes


def _lines_after(
    bank_id: UUID, before: Mapping[UUID, int], changes: Mapping[UUID, Change]
) -> Lines:
    """The opening with the right figures; raises Refused `opening_not_reconciled`."""
    after = {**before, **{account: fen for account, (_, fen) in changes.items()}}
    bank_fen = after.pop(bank_id)
    return rules.opening(bank_id, bank_fen, after)


def _tell(
    tx: Session, ctx: Context, actor: Actor, correction: OpeningCorrection, happened: str, then: str
) -> None:
    stands = "waiting" if correction.decided_at is None else "decided"
    news = News(f"opening/{correction.id}/{stands}", happened, then)
    decided = correction.decided_at is not None
    tell_book_officers(tx, ctx, news, actor.person_id, decided=decided)


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, correction: OpeningCorrection
) -> None:
    rows = tx.execute(
        select(Account.number, OpeningFigure.former_fen, OpeningFigure.fen)
        .join(OpeningFigure, OpeningFigure.account_id == Account.id)
        .where(OpeningFigure.correction_id == correction.id)
        .order_by(Account.number)
    )
    facts = {
        "figures": {number: [former, fen] for number, former, fen in rows},
        "file_sha256": correction.file_sha256,
        "reason": correction.turned_down_because or correction.reason,
    }
    subject = ("entry", correction.opening_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
