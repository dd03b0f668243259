"""Where somebody may begin a case, in whose name, and what there is to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.domain.roles import APPLICANT_ROLES, Role
from backend.domain.routes.catalogue import POOLED, check_pooled, offered, takes_applications
from backend.services.base.access import nothing_there, roles_in_estate
from backend.services.base.context import Actor, Context
from backend.services.reads.lookups import list_accounts, list_lifts
from backend.store.queries.cases import Reach, Viewer, reach_of
from backend.store.queries.estates import EstateAccount, EstateLift, estates_of
from backend.store.registry import Estate

MOST_ESTATES = 200
# Owners sign on their phones; at a desk their application is on paper, and a clerk enters it.
AT_A_DESK = {kind: role for kind, role in APPLICANT_ROLES.items() if role is not Role.OWNER}


@dataclass(frozen=True)
class Place:
    """An estate; `applicants` in whose name this person may apply there, `on_paper` for a clerk
    who enters what owners signed, `screens` for its district where nobody applies."""

    id: UUID
    name: str
    applicants: Sequence[str]
    on_paper: bool
    accounts: Sequence[EstateAccount] = ()
    lifts: Sequence[EstateLift] = ()
    screens: bool = False


@dataclass(frozen=True)
class Criterion:
    """A criterion of the plan for which estates are screened, by its code, with its clause."""

    code: str
    text: str
    source: str


@dataclass(frozen=True)
class Screened:
    """An estate that may be screened, and for what."""

    name: str
    criteria: Sequence[Criterion]


def places_to_apply(ctx: Context, actor: Actor) -> Sequence[Place]:
    """The estates where this person may begin a case, by name."""
    viewer = Viewer.at(actor.person_id, ctx.clock())
    with ctx.sessions() as tx:
        reach = reach_of(tx, viewer)
        estates = estates_of(tx, viewer, None, MOST_ESTATES)
    found = [_place(ctx, estate, _held(reach, estate)) for estate in estates]
    return sorted((each for each in found if _may(each)), key=lambda each: each.name)


def _held(reach: Reach, estate: Estate) -> frozenset[Role]:
    """What somebody who reaches so far is in this estate."""
    here = {estate.id, estate.district_id}
    scoped = {role for role, ids in reach.scopes.items() if not here.isdisjoint(ids)}
    return reach.offices | scoped


def place_to_apply(ctx: Context, actor: Actor, estate_id: UUID) -> Place:
    """One of them with its accounts and lifts; raises Refused `not_found`, and as a conflict
    `income_of_households` where the city has nothing to apply for with the income of pools."""
    with ctx.sessions() as tx:
        estate = tx.get(Estate, estate_id)
        held = roles_in_estate(tx, ctx, actor, estate_id)
    place = _place(ctx, estate, held) if estate else None
    if place is None or place.screens or not _may(place):
        raise nothing_there("小区")
    if POOLED.isdisjoint(offered(ctx.city)):
        check_pooled(ctx.city)
    accounts = list_accounts(ctx, actor, estate_id)
    lifts = list_lifts(ctx, actor, estate_id)
    return Place(place.id, place.name, place.applicants, place.on_paper, accounts, lifts)


def place_to_screen(ctx: Context, actor: Actor, estate_id: UUID) -> Screened:
    """An estate of the actor's district, and for what it is screened; raises Refused
    `not_found`."""
    with ctx.sessions() as tx:
        estate = tx.get(Estate, estate_id)
        held = roles_in_estate(tx, ctx, actor, estate_id)
    place = _place(ctx, estate, held) if estate else None
    if place is None or not place.screens:
        raise nothing_there("小区")
    route = next(code for code in offered(ctx.city) if not takes_applications(code))
    gates = [(code, ctx.city.gates[code]) for code in ctx.city.routes[route].gates.value]
    criteria = [Criterion(code, gate.text, gate.source) for code, gate in gates]
    return Screened(place.name, criteria)


def _place(ctx: Context, estate: Estate, held: frozenset[Role]) -> Place:
    routes = offered(ctx.city)
    if any(not takes_applications(code) for code in routes) and Role.DISTRICT in held:
        return Place(estate.id, estate.name, (), on_paper=False, screens=True)
    closed = bool(routes) and not any(map(takes_applications, routes))
    applicants = [kind for kind, role in AT_A_DESK.items() if role in held and not closed]
    on_paper = not applicants and Role.CLERK in held and not closed
    return Place(estate.id, estate.name, applicants, on_paper)


def _may(place: Place) -> bool:
    return bool(place.applicants) or place.on_paper or place.screens
