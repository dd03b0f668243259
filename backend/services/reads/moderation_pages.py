"""原文审核 for those who handle objections: which words wait, are published, or were refused.

What is listed of them everybody may read on the public notice: number, kind, how it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.domain.objection import Publication
from backend.domain.purchase import officer_refusals
from backend.domain.roles import Role
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.paging import Paged, paged, whole
from backend.services.case.case import case_of_objection, see_case
from backend.services.reads.objections import HANDLE
from backend.store.queries import moderation
from backend.store.queries.moderation import WordsRow

READERS = HANDLE


@dataclass(frozen=True)
class WordsPage:
    """One objection's words as they stand, and what this officer may do: decide on held ones, take
    published ones down; `obstacles` say why not, where it is for what they did in the case."""

    row: WordsRow
    may_decide: bool
    may_take_down: bool
    obstacles: Sequence[str]


def page_of_words(ctx: Context, actor: Actor, which: Publication, page: int) -> Paged[WordsRow]:
    """Those that stand so, fifty a page; raises Refused `not_found`, `role_required` for others."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return paged(
            page,
            lambda most: moderation.count(tx, which, most),
            lambda skipped, most: moderation.rows(tx, which, skipped, most),
        )


def whole_words(
    ctx: Context, actor: Actor, which: Publication, most: int | None = None
) -> Sequence[WordsRow]:
    """Every line, `most` at most; raises Refused as `page_of_words`, and `export_too_long`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return whole(lambda skipped, some: moderation.rows(tx, which, skipped, some), most)


def read_words_page(ctx: Context, actor: Actor, objection_id: UUID) -> WordsPage:
    """How one stands, without words that are not public; raises Refused as `page_of_words`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        case = see_case(tx, ctx, actor, case_of_objection(objection_id), "异议")
        row = moderation.one(tx, objection_id)
        if row is None or row.publication is Publication.PRIVATE:
            raise nothing_there("要求公布的原文")
        refused = {role: officer_refusals(case.facts, role) for role in HANDLE if role in case.held}
        free = {role for role, refusals in refused.items() if not refusals}
        obstacles = [refusal.message for refusals in refused.values() for refusal in refusals]
        return WordsPage(
            row,
            row.publication is Publication.HELD and Role.CLERK in free,
            row.publication is Publication.PUBLISHED and bool(free),
            [] if free else list(dict.fromkeys(obstacles)),
        )


def next_to_judge(ctx: Context, actor: Actor, after: UUID) -> UUID | None:
    """The next that waits after this one; raises Refused as `page_of_words`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return moderation.next_held(tx, after)
