"""收益与账户 for those who keep or watch the books: deposits, interest, closes with their shares,
and what stands in the accounts of income."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.agreements import Offer
from backend.domain.closing import CloseState, Share
from backend.domain.deposits import (
    DEPOSIT_STATUS_NAMES,
    INTEREST_STATUS_NAMES,
    DepositStatus,
    InterestStatus,
    cut_words,
    deposit_status,
    interest_status,
    term_words,
)
from backend.domain.households import HouseholdShare
from backend.domain.income import value_added, years_of
from backend.domain.local_time import local_date
from backend.domain.past_income import explain as explain_past
from backend.domain.period_locks import booking_day
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base.access import granted_roles, nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.paging import Paged, paged, whole
from backend.services.books.locks import locked_until
from backend.store.queries import flat_shares as flats
from backend.store.queries import income_list as rows
from backend.store.queries.agreements import agreed_for
from backend.store.queries.banks import Bank, all_banks
from backend.store.queries.income import CloseView, DepositView, InterestView
from backend.store.queries.income_list import (
    DepositFilter,
    DepositRow,
    InterestFilter,
)
from backend.store.queries.leading_decisions import DecisionView, decision_about
from backend.store.queries.past_income import past_parts_of
from backend.store.queries.undos import UndoView, undos_of

READERS = BOOK_READERS
INTEREST_SHOWN = 50
STANDS = (InterestStatus.WAITING, InterestStatus.CONFIRMED)


@dataclass(frozen=True)
class DepositLine:
    """A deposit as the list shows it."""

    view: DepositView
    term: str
    status: DepositStatus
    status_name: str


@dataclass(frozen=True)
class InterestLine:
    """Interest as the list shows it."""

    view: InterestView
    status: InterestStatus
    status_name: str


@dataclass(frozen=True)
class DepositPage:
    """One deposit with the latest of its interest, and the rates agreed for its term on its day,
    each with the agreement's number; whether this person may enter interest now, and whether they
    may still withdraw the deposit."""

    line: DepositLine
    agreed: Sequence[tuple[str, Offer]]
    interest: Sequence[InterestLine]
    may_enter: bool
    may_withdraw: bool


@dataclass(frozen=True)
class InterestPage:
    """One interest: its deposit, each figure with the way it was reckoned, who entered and who
    decided it, and what was to undo it, the latest first; the day on which it is booked where the
    books of the bank's day are locked; whether this person may decide it, and whether they may ask
    for it to be undone; whether they work on the books at all; what the leading
    group decided about what it lacks of the statutory one."""

    line: InterestLine
    deposit: DepositLine
    words: Sequence[tuple[str, str]]
    entered_by: str
    decided_by: str | None
    late_on: date | None
    may_decide: bool
    undos: Sequence[UndoView]
    may_undo: bool
    may_work: bool
    decision: DecisionView | None


@dataclass(frozen=True)
class SharesPage:
    """A close with a page of its shares, and what of it is income of before these books; whether
    this person may preview and post."""

    close: CloseView
    past: str
    shares: Paged[Share]
    previewed_by: str
    posted_by: str | None
    may_work: bool

    @property
    def may_post(self) -> bool:
        """Whether it is still to be posted, by this person's office."""
        return self.may_work and self.close.state is CloseState.PREVIEW


@dataclass(frozen=True)
class FlatSharesPage:
    """A close with a page of what its flats get; whether this person may look at a flat's account
    here: who only watches writes nothing at the desk, not even that they looked."""

    close: CloseView
    shares: Paged[HouseholdShare]
    may_look: bool


def page_of_deposits(
    ctx: Context, actor: Actor, words: str, status: DepositStatus | None, page: int
) -> Paged[DepositLine]:
    """The latest first, fifty a page; raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        chosen = _deposits(tx, ctx, actor, words, status)
        return paged(
            page,
            lambda most: rows.count_deposits(tx, chosen, most),
            lambda skipped, most: _deposit_lines(tx, chosen, skipped, most),
        )


def whole_deposits(
    ctx: Context, actor: Actor, words: str, status: DepositStatus | None, most: int | None
) -> Sequence[DepositLine]:
    """Every line, `most` at most; raises Refused as `page_of_deposits`, and `export_too_long`."""
    with ctx.sessions() as tx:
        chosen = _deposits(tx, ctx, actor, words, status)
        return whole(lambda skipped, some: _deposit_lines(tx, chosen, skipped, some), most)


def read_deposit(ctx: Context, actor: Actor, deposit_id: UUID) -> DepositPage:
    """One of them; raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        chosen = _deposits(tx, ctx, actor)
        row = rows.one_deposit(tx, deposit_id)
        if row is None:
            raise nothing_there("存款")
        line = _deposit_line(row, chosen)
        of_this = InterestFilter(deposit_id=deposit_id)
        interest = _interest_lines(tx, of_this, 0, INTEREST_SHOWN)
        counts = [each for each in interest if each.status in STANDS]
        waits = any(each.status is InterestStatus.WAITING for each in interest)
        works = _may_work(tx, ctx, actor)
        earns = line.status in (DepositStatus.RUNNING, DepositStatus.UNPAID)
        stands = line.status is not DepositStatus.WITHDRAWN
        agreed = agreed_for(tx, line.view.bank_id, line.view.months, line.view.value_on)
        return DepositPage(
            line, agreed, interest, works and earns and not waits, works and stands and not counts
        )


def may_work(ctx: Context, actor: Actor) -> bool:
    """Whether this person enters deposits, interest and closes; raises Refused `role_required`,
    `not_found` for who may not read them."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return _may_work(tx, ctx, actor)


def check_works(ctx: Context, actor: Actor) -> None:
    """Before a form is shown that only officers of the books may send. Raises Refused
    `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)


def banks(ctx: Context, actor: Actor) -> Sequence[Bank]:
    """The fund's bank accounts, for whoever enters a deposit; raises Refused `role_required`,
    `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        return all_banks(tx)


def page_of_interest(
    ctx: Context, actor: Actor, chosen: InterestFilter, page: int
) -> Paged[InterestLine]:
    """The latest first, fifty a page; raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return paged(
            page,
            lambda most: rows.count_interest(tx, chosen, most),
            lambda skipped, most: _interest_lines(tx, chosen, skipped, most),
        )


def whole_interest(
    ctx: Context, actor: Actor, chosen: InterestFilter, most: int | None
) -> Sequence[InterestLine]:
    """Every line, `most` at most; raises Refused as `page_of_interest`, and `export_too_long`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return whole(lambda skipped, some: _interest_lines(tx, chosen, skipped, some), most)


def read_interest(ctx: Context, actor: Actor, interest_id: UUID) -> InterestPage:
    """One of them; raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        chosen = _deposits(tx, ctx, actor)
        row = rows.one_interest(tx, interest_id)
        if row is None:
            raise nothing_there("存款利息")
        view = row.view
        line = _interest_line(view)
        cut = value_added(view.actual_fen, view.statutory_fen)
        days = view.from_on, view.until_on
        years = years_of(cut.pooled_fen, *days)
        works = _may_work(tx, ctx, actor)
        undos = undos_of(tx, interest_id)
        asked = any(each.confirmed is None for each in undos)
        return InterestPage(
            line,
            _deposit_line(row.deposit, chosen),
            cut_words(ctx.city.income, row.measure, days, cut, years),
            shown_name(ctx.cipher, row.entered_by),
            shown_name(ctx.cipher, row.decided_by) if row.decided_by else None,
            _late_on(tx, view, chosen.today),
            works and line.status is InterestStatus.WAITING,
            undos,
            works and line.status is InterestStatus.CONFIRMED and not asked,
            works,
            decision_about(tx, interest_id) if view.owed_fen else None,
        )


def _late_on(tx: Session, view: InterestView, today: date) -> date | None:
    if view.confirmed is None:
        booked_on = booking_day(view.posted_on, locked_until(tx), today)
    else:
        booked_on = rows.booked_on(tx, view.id) or view.posted_on
    return None if booked_on == view.posted_on else booked_on


def page_of_closes(ctx: Context, actor: Actor, page: int) -> Paged[CloseView]:
    """The latest year first, fifty a page; raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return paged(
            page,
            lambda most: rows.count_closes(tx, most),
            lambda skipped, most: rows.close_rows(tx, skipped, most),
        )


def read_shares(
    ctx: Context, actor: Actor, close_id: UUID | None, words: str, page: int
) -> SharesPage | None:
    """A close with a page of its shares; without an id the latest, and None where there is none
    at all. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        found = rows.one_close(tx, close_id)
        if found is None:
            if close_id is not None:
                raise nothing_there("年度分配")
            return None
        close, previewed_by, posted_by = found
        return SharesPage(
            close,
            explain_past(*past_parts_of(tx, close.year, close.previewed_at)),
            paged(
                page,
                lambda most: rows.count_shares(tx, close.id, words, most),
                lambda skipped, most: rows.share_rows(tx, close.id, words, skipped, most),
            ),
            shown_name(ctx.cipher, previewed_by),
            shown_name(ctx.cipher, posted_by) if posted_by else None,
            _may_work(tx, ctx, actor),
        )


def read_flat_shares(
    ctx: Context, actor: Actor, close_id: UUID, words: str, page: int
) -> FlatSharesPage:
    """A close with a page of what its flats get, in the order of their keys; `words` are of their
    estate's name or code. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        found = rows.one_close(tx, close_id)
        if found is None:
            raise nothing_there("年度分配")
        return FlatSharesPage(
            found[0],
            paged(
                page,
                lambda most: flats.count_flat_shares(tx, close_id, words, most),
                lambda skipped, most: flats.flat_share_rows(tx, close_id, words, skipped, most),
            ),
            _may_work(tx, ctx, actor),
        )


def whole_shares(
    ctx: Context, actor: Actor, close_id: UUID | None, words: str, most: int | None
) -> Sequence[Share]:
    """Every share of a close (without an id: the latest), `most` at most; raises Refused
    `role_required`, `not_found`, `export_too_long`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        found = rows.one_close(tx, close_id)
        if found is None:
            raise nothing_there("年度分配")
        close = found[0]
        return whole(
            lambda skipped, some: rows.share_rows(tx, close.id, words, skipped, some), most
        )


def _may_work(tx: Session, ctx: Context, actor: Actor) -> bool:
    return not granted_roles(tx, ctx, actor, None, None).isdisjoint(BOOK_OFFICERS)


def _deposits(
    tx: Session, ctx: Context, actor: Actor, words: str = "", status: DepositStatus | None = None
) -> DepositFilter:
    require_officer(tx, ctx, actor, *READERS)
    return DepositFilter(local_date(ctx.clock()), words, status)


def _deposit_lines(
    tx: Session, chosen: DepositFilter, skipped: int, most: int
) -> Sequence[DepositLine]:
    found = rows.deposit_rows(tx, chosen, skipped, most)
    return [_deposit_line(row, chosen) for row in found]


def _deposit_line(row: DepositRow, chosen: DepositFilter) -> DepositLine:
    view = row.view
    withdrawn = view.withdrawn_because is not None
    status = deposit_status(view.matures_on, row.entered_until, chosen.today, withdrawn=withdrawn)
    return DepositLine(view, term_words(view.months), status, DEPOSIT_STATUS_NAMES[status])


def _interest_lines(
    tx: Session, chosen: InterestFilter, skipped: int, most: int
) -> Sequence[InterestLine]:
    return [_interest_line(view) for view in rows.interest_rows(tx, chosen, skipped, most)]


def _interest_line(view: InterestView) -> InterestLine:
    status = interest_status(view.confirmed, undone=view.undone_at is not None)
    return InterestLine(view, status, INTEREST_STATUS_NAMES[status])
