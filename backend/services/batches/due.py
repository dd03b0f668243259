"""Premiums that are due: what the cashier can order now, and what stands in the way of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.local_time import local_date
from backend.domain.objection import holding
from backend.domain.paying import account_refusals, cover_words
from backend.domain.purchase import officer_refusals
from backend.domain.roles import Role
from backend.domain.routes.catalogue import states_before
from backend.services.base.access import granted_roles, require_officer
from backend.services.base.context import Actor, Context
from backend.services.case.conflicts_of_interest import Involvement, involvements
from backend.store.queries.banks import Bank, all_banks
from backend.store.queries.batches import (
    BatchRow,
    DueRow,
    batches,
    count_batches,
    count_due,
    due_rows,
    ordered_rows,
)

READERS = (Role.CASHIER, Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
ROWS = 50
MOST_PAGES = 20


@dataclass(frozen=True)
class DueCase:
    """A case that waits for its premium, with everything known to be in the way of this person."""

    row: DueRow
    reasons: Sequence[str]


@dataclass(frozen=True)
class DuePage:
    """A page of what is due, by its last day; `banks` are the accounts to pay from; `may_pay`
    whether this person may make a batch."""

    rows: Sequence[DueCase]
    total: int
    page: int
    pages: int
    banks: Sequence[Bank]
    may_pay: bool
    more: bool = False


@dataclass(frozen=True)
class BatchPage:
    """A page of batches, the latest first."""

    rows: Sequence[BatchRow]
    total: int
    page: int
    pages: int
    more: bool = False


def page_of_due(ctx: Context, actor: Actor, page: int) -> DuePage:
    """Fifty a page. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        pays = Role.CASHIER in granted_roles(tx, ctx, actor, None, None)
        states = states_before(Action.ORDER_PAYMENT, ctx.city)
        total = count_due(tx, states, ROWS * MOST_PAGES)
        pages = max(1, -(-total // ROWS))
        page = min(max(page, 1), pages)
        rows = due_rows(tx, states, holding(ctx.city.objection), (page - 1) * ROWS, ROWS)
        known = involvements(tx, ctx, [row.purchase for row in rows], actor.person_id)
        found = [
            DueCase(row, _reasons(ctx, row, known[row.purchase.id] if pays else None))
            for row in rows
        ]
        return DuePage(found, total, page, pages, all_banks(tx), pays)


def page_of_batches(ctx: Context, actor: Actor, page: int) -> BatchPage:
    """Fifty a page. Raises Refused `not_found`, `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        total = count_batches(tx, ROWS * MOST_PAGES)
        pages = max(1, -(-total // ROWS))
        page = min(max(page, 1), pages)
        return BatchPage(batches(tx, (page - 1) * ROWS, ROWS), total, page, pages)


def overtaken(tx: Session, ctx: Context, batch_id: UUID) -> list[Refusal]:
    """What came in the way of orders of this batch since they were given."""
    rows = ordered_rows(tx, holding(ctx.city.objection), batch_id)
    return [
        Refusal("batch_overtaken", f"案件{row.purchase.number}：{reason}")
        for row in rows
        for reason in _in_the_way(ctx, row)
    ]


def _reasons(ctx: Context, row: DueRow, of_payer: Involvement | None) -> Sequence[str]:
    """What one look tells; whoever orders is told all of it."""
    words = _in_the_way(ctx, row)
    if of_payer:
        purchase, city = row.purchase, ctx.city
        facts = Facts(
            ctx.clock(),
            local_date(ctx.clock()),
            city,
            city.routes[purchase.route],
            purchase.applicant,
            of_payer.fact,
            purchase.entered_by,
        )
        words += [refusal.message for refusal in officer_refusals(facts, Role.CASHIER)]
    return words


def _in_the_way(ctx: Context, row: DueRow) -> list[str]:
    """The same whoever pays."""
    today = local_date(ctx.clock())
    refusals = account_refusals(came_back=row.account_came_back, changed=row.account_changed)
    words = [refusal.message for refusal in refusals]
    words += [cover_words(row.cover_from, row.cover_ends_before, today)]
    if row.objections:
        words.append(f"还有{row.objections}件异议未处理，请先核实、答复或等待撤回。")
    return [each for each in words if each]
