"""存款协议 for those who keep or watch the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.domain.agreements import Agreed, agreed_rates
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base.access import granted_roles, nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.paging import Paged, paged
from backend.store.agreements import BankAgreement
from backend.store.queries.agreements import (
    AgreementView,
    agreement_rows,
    agreement_view,
    count_agreements,
)


@dataclass(frozen=True)
class AgreementLine:
    """An agreement, the rates that it has by term, and who entered it."""

    view: AgreementView
    agreed: Sequence[Agreed]
    entered_by: str


@dataclass(frozen=True)
class AgreementsPage:
    """The latest first, and whether this person's office enters them."""

    found: Paged[AgreementLine]
    may_work: bool


def read_agreements(ctx: Context, actor: Actor, page: int) -> AgreementsPage:
    """Fifty a page. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)

        def lines(skipped: int, most: int) -> list[AgreementLine]:
            return [
                AgreementLine(view, agreed_rates(view.offers), shown_name(ctx.cipher, person))
                for view, person in agreement_rows(tx, skipped, most)
            ]

        return AgreementsPage(
            paged(page, lambda most: count_agreements(tx, most), lines),
            not granted_roles(tx, ctx, actor, None, None).isdisjoint(BOOK_OFFICERS),
        )


def read_agreement(ctx: Context, actor: Actor, agreement_id: UUID) -> AgreementView:
    """One of them. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        if tx.get(BankAgreement, agreement_id) is None:
            raise nothing_there("存款协议")
        return agreement_view(tx, agreement_id)
