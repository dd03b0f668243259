"""异议 as a list for the centre, for whoever watches it, and for a district of its own estates.

What is listed everybody may read on the public notice: number, kind, how it stands.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.domain.roles import OFFICERS, Role
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.base.paging import MOST_COUNTED, Paged, paged, whole
from backend.services.reads.objections import HANDLE
from backend.store.queries import objection_list
from backend.store.queries.cases import Reach, Viewer, reach_of
from backend.store.queries.objection_list import ObjectionFilter, ObjectionRow

READERS = (Role.DISTRICT, *sorted(OFFICERS))


def page_of_objections(
    ctx: Context, actor: Actor, chosen: ObjectionFilter, page: int
) -> Paged[ObjectionRow]:
    """Open ones by their limit, fifty a page; raises Refused `not_found` for others."""
    with ctx.sessions() as tx:
        reach = reach_of_reader(tx, ctx, actor)
        return paged(
            page,
            lambda most: objection_list.count(tx, reach, chosen, most),
            lambda skipped, most: objection_list.rows(tx, reach, chosen, skipped, most),
        )


def whole_objections(
    ctx: Context, actor: Actor, chosen: ObjectionFilter, most: int | None = None
) -> Sequence[ObjectionRow]:
    """Every line, `most` at most; raises Refused as `page_of_objections`, `export_too_long`."""
    with ctx.sessions() as tx:
        reach = reach_of_reader(tx, ctx, actor)
        return whole(
            lambda skipped, some: objection_list.rows(tx, reach, chosen, skipped, some), most
        )


def count_open(ctx: Context, actor: Actor) -> int:
    """How many wait for those who handle them; none for others."""
    with ctx.sessions() as tx:
        reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
        handles = reach.offices.intersection(HANDLE)
        return objection_list.count(tx, reach, ObjectionFilter(), MOST_COUNTED) if handles else 0


def reach_of_reader(tx: Session, ctx: Context, actor: Actor) -> Reach:
    """How far an officer or a district reaches, in these roles alone; raises Refused `not_found`
    for others."""
    reach = reach_of(tx, Viewer.at(actor.person_id, ctx.clock()))
    districts = reach.scopes.get(Role.DISTRICT, ())
    offices = reach.offices & OFFICERS
    if not offices and not districts:
        raise nothing_there()
    scopes = {Role.DISTRICT: districts} if districts else {}
    return Reach(reach.person_id, scopes, offices, ())
