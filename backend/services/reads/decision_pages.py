"""领导小组决定 for those who keep or watch the books."""

from dataclasses import dataclass
from uuid import UUID

from backend.domain.money import yuan
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base.access import granted_roles, nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.paging import Paged, paged
from backend.store.queries.leading_decisions import (
    DecisionView,
    count_decisions,
    decision_rows,
    decision_view,
    owed_by,
)


@dataclass(frozen=True)
class DecisionLine:
    """A decision, and who entered it."""

    view: DecisionView
    entered_by: str


@dataclass(frozen=True)
class DecisionsPage:
    """The latest first, and whether this person's office enters them."""

    found: Paged[DecisionLine]
    may_work: bool


def read_decisions(ctx: Context, actor: Actor, page: int) -> DecisionsPage:
    """Fifty a page. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)

        def lines(skipped: int, most: int) -> list[DecisionLine]:
            return [
                DecisionLine(view, shown_name(ctx.cipher, entered_by))
                for view, entered_by in decision_rows(tx, skipped, most)
            ]

        return DecisionsPage(
            paged(page, lambda most: count_decisions(tx, most), lines),
            not granted_roles(tx, ctx, actor, None, None).isdisjoint(BOOK_OFFICERS),
        )


def read_decision(ctx: Context, actor: Actor, decision_id: UUID) -> DecisionView:
    """One of them. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        view = decision_view(tx, decision_id)
        if view is None:
            raise nothing_there("领导小组的决定")
        return view


def what_an_account_owes(ctx: Context, actor: Actor, account_id: UUID) -> str:
    """In words, for the form about it. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        found = owed_by(tx, account_id)
        if found is None:
            raise nothing_there("账户")
        number, name, owed_fen, _ = found
        return f"{name} {number}，该退回、已经用掉{yuan(owed_fen)}"
