"""人员与授权: who may do what, and what stands still when somebody leaves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.personal import masked_phone
from backend.domain.right_ends import RIGHT_END_NAMES
from backend.domain.roles import CASE_OFFICERS, ROLE_NAMES, Role
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import phone_of, shown_name
from backend.services.base.paging import MOST_COUNTED, MOST_PAGES, ROWS, whole
from backend.services.case.conflicts_of_interest import officer_acts
from backend.services.case.waiting import Waiting, waiting_cases
from backend.store.queries import rights
from backend.store.queries.cases import within_scope
from backend.store.queries.rights import RightFilter, RightRow

READERS = (Role.ADMINISTRATOR, Role.CLERK, Role.AUDITOR)
IDLE = timedelta(days=90)
ENDS_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Right:
    """A right as a list shows it: people by masked names; `given_by` is None for the command line,
    `scope` for the whole city. `ends_soon` within thirty days, `idle` for ninety."""

    id: UUID
    person_id: UUID
    name: str
    phone: str | None
    role: Role
    role_name: str
    scope: str | None
    given_by: str | None
    given_at: datetime
    valid_until: datetime | None
    valid: bool
    stands_in_for: str | None
    seen_at: datetime | None
    idle: bool
    ends_soon: bool
    ended_because: str


@dataclass(frozen=True)
class RightsPage:
    """A page of the list; `more` where there are more than can be counted."""

    rows: Sequence[Right]
    total: int
    more: bool
    page: int
    pages: int


@dataclass(frozen=True)
class LeftCase:
    """A case that waits for the leaver's role: who of the others may take it, and why each of the
    rest may not."""

    id: UUID
    number: str
    estate: str
    due: datetime | None
    heirs: Sequence[str]
    obstacles: Sequence[str]


@dataclass(frozen=True)
class Leaving:
    """What follows if a right ends: the cases that wait for its holder, and for whom else."""

    right: Right
    others: int
    cases: Sequence[LeftCase]

    @property
    def orphans(self) -> Sequence[LeftCase]:
        """Those that nobody else may take."""
        return [case for case in self.cases if not case.heirs]


def page_of_rights(ctx: Context, actor: Actor, chosen: RightFilter, page: int) -> RightsPage:
    """Rights by person, fifty a page; raises Refused `not_found`, `role_required` for others."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        total = rights.count(tx, chosen, MOST_COUNTED)
        pages = max(1, min(MOST_PAGES, -(-total // ROWS)))
        page = min(max(page, 1), pages)
        found = rights.rows(tx, chosen, (page - 1) * ROWS, ROWS)
        rows = [shown_right(ctx, row) for row in found]
    return RightsPage(rows, total, total == MOST_COUNTED, page, pages)


def whole_rights(
    ctx: Context, actor: Actor, chosen: RightFilter, most: int | None = None
) -> Sequence[Right]:
    """Every line, `most` at most; raises Refused as `page_of_rights`, and `export_too_long`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        found = whole(lambda skipped, some: rights.rows(tx, chosen, skipped, some), most)
        return [shown_right(ctx, row) for row in found]


def leaving(ctx: Context, actor: Actor, grant_id: UUID) -> Leaving:
    """What stands still if this right ends, before anybody ends it; raises Refused as
    `page_of_rights`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        row = rights.one(tx, grant_id)
        if row is None:
            raise nothing_there("授权")
        right = shown_right(ctx, row)
        people = rights.others(tx, row.grant, ctx.clock())
        others = {person.id: shown_name(ctx.cipher, person) for person in people}
        waits = _waits(tx, ctx, row) if right.valid else []
        acted = _acted(tx, [each.purchase.id for each in waits if each.purchase])
        cases = [_left(each, right.role, others, acted) for each in waits]
    return Leaving(right, len(others), [case for case in cases if case])


def _waits(tx: Session, ctx: Context, row: RightRow) -> Sequence[Waiting]:
    """Cases that the holder could take on by this right."""
    role, scope = Role(row.grant.role), row.grant.scope_id
    found = waiting_cases(tx, ctx, within_scope(role, scope)) if scope else waiting_cases(tx, ctx)
    return [each for each in found if each.role is role and row.holder.id in each.people]


def _acted(tx: Session, cases: Sequence[UUID]) -> Mapping[tuple[UUID, UUID], Collection[Role]]:
    """As what officers acted already, by case and person."""
    found: dict[tuple[UUID, UUID], set[Role]] = {}
    for case, role, person in tx.execute(officer_acts(cases)) if cases else ():
        if person is not None:
            found.setdefault((case, person), set()).add(Role(role))
    return found


def _left(
    each: Waiting,
    role: Role,
    others: Mapping[UUID, str],
    acted: Mapping[tuple[UUID, UUID], Collection[Role]],
) -> LeftCase | None:
    if each.purchase is None:
        return None
    obstacles = []
    for person, name in others.items():
        if person not in each.people:
            parts = set(acted.get((each.purchase.id, person), ())) - {role}
            names = "、".join(ROLE_NAMES[part] for part in sorted(parts & CASE_OFFICERS))
            why = f"在本案中已办过{names}" if names else "与本案有利害关系，或已停用"
            obstacles.append(f"{name}：{why}")
    return LeftCase(
        each.purchase.id,
        each.purchase.number,
        each.estate,
        each.due,
        [name for person, name in others.items() if person in each.people],
        obstacles,
    )


def shown_right(ctx: Context, row: RightRow) -> Right:
    """A right as lists show it."""
    now, grant = ctx.clock(), row.grant
    role, until, valid = Role(grant.role), grant.valid_until, grant.valid(now)
    phone = phone_of(ctx.cipher, row.holder)
    return Right(
        id=grant.id,
        person_id=grant.person_id,
        name=shown_name(ctx.cipher, row.holder),
        phone=masked_phone(phone) if phone else None,
        role=role,
        role_name=ROLE_NAMES[role],
        scope=row.scope,
        given_by=shown_name(ctx.cipher, row.giver) if row.giver else None,
        given_at=grant.granted_at,
        valid_until=until,
        valid=valid,
        stands_in_for=shown_name(ctx.cipher, row.absent) if row.absent else None,
        seen_at=row.seen_at,
        idle=row.seen_at is None or row.seen_at < now - IDLE,
        ends_soon=valid and until is not None and until <= now + ENDS_SOON,
        ended_because=RIGHT_END_NAMES[grant.ended_because] if grant.ended_because else "",
    )
