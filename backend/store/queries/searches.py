"""Finding things of the city by what people have of them in hand: a number, a code, a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.domain.normal import FlatWords, normal_place
from backend.domain.roles import OFFICERS, Role
from backend.store.notices import Objection, PublicNotice, RegistrationRecord
from backend.store.purchases import Payment, Policy, Purchase
from backend.store.queries.case_list import ESCAPED
from backend.store.queries.cases import Reach, visible
from backend.store.registry import (
    Building,
    Estate,
    FormerLiftCode,
    Household,
    Lift,
    PropertyCompany,
    Unit,
)

MOST = 20  # hits of a kind; whoever has more says more
MOST_ESTATES = 50  # in which a flat is looked for; in more, an estate must be named
TAIL = 6  # the last digits of a code, as people read them out
AT_HOME = (Role.PROPERTY_MANAGER, Role.COMMITTEE_MEMBER, Role.OWNER)


@dataclass(frozen=True)
class FoundCase:
    """A case, and of which of its papers the number is (a table's name)."""

    id: UUID
    number: str
    estate: str
    paper: str


@dataclass(frozen=True)
class FoundLift:
    """A lift, by its code or one that it had."""

    id: UUID
    registration_code: str
    name: str
    building: str
    unit: str
    estate: str
    estate_id: UUID


@dataclass(frozen=True)
class FoundUnit:
    """A unit, where flats are looked for."""

    id: UUID
    name: str
    building: str
    estate: str
    estate_id: UUID


@dataclass(frozen=True)
class FoundFlat:
    """A flat, and the unit that it is in."""

    id: UUID
    room: str
    unit: FoundUnit


@dataclass(frozen=True)
class FoundName:
    """An estate or a company by its name; `beside` tells it from others of the name."""

    id: UUID
    name: str
    beside: str


def within(reach: Reach) -> ColumnElement[bool]:
    """Estates towards which the person has a role; officers have one towards all."""
    if reach.offices & OFFICERS:
        return true()
    ids = [estate for role in AT_HOME for estate in reach.scopes.get(role, ())]
    districts = reach.scopes.get(Role.DISTRICT, ())
    here = [
        column.in_(of) for column, of in ((Estate.id, ids), (Estate.district_id, districts)) if of
    ]
    return or_(false(), *here)


def has_letters(letters: ColumnElement[Sequence[str]], words: str) -> ColumnElement[bool]:
    """What has all letters of these words somewhere, by the index of `letters`: few of a city. A
    pattern says which of them have the words."""
    return letters.op("@>")(func.string_to_array(words.replace(" ", "").lower(), null()))


def named_like(words: str) -> str:
    """What a name that holds these words is like, blanks left out."""
    return f"%{words.translate(ESCAPED)}%"


def holds_words(
    text: ColumnElement[str] | InstrumentedAttribute[str], words: str
) -> ColumnElement[bool]:
    """The words stand in the text, whatever the case. Of a pattern over an expression the planner
    believes that next to nothing has it, and sorts what it could read in order."""
    return func.strpos(func.lower(text), words.lower()) > 0


def cases_by_number(tx: Session, reach: Reach, number: str) -> Sequence[FoundCase]:
    """Cases of which this is the number, or that of one of their papers."""
    objected = select(PublicNotice.purchase_id, literal("objection")).join(
        Objection, Objection.notice_id == PublicNotice.id
    )
    papers: Sequence[Select[UUID, str]] = (
        select(Purchase.id, literal("purchase")).where(Purchase.number == number),
        select(PublicNotice.purchase_id, literal("notice")).where(PublicNotice.number == number),
        objected.where(Objection.number == number),
        select(RegistrationRecord.purchase_id, literal("registration")).where(
            RegistrationRecord.number == number
        ),
        select(Payment.purchase_id, literal("payment")).where(Payment.number == number),
        select(Policy.purchase_id, literal("policy")).where(Policy.number == number),
    )
    found = union_all(*papers).subquery("found")
    case, paper = found.c
    query = (
        select(Purchase.id, Purchase.number, Estate.name, func.min(paper))
        .join(found, case == Purchase.id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(visible(reach))
        .group_by(Purchase.id, Purchase.number, Estate.name)
        .order_by(Purchase.number)
    )
    return [FoundCase(*row) for row in tx.execute(query.limit(MOST))]


def lifts_by_code(tx: Session, reach: Reach, code: str) -> Sequence[FoundLift]:
    """Lifts of this registration code, whether now or before, or whose code ends so."""
    known = [
        select(Lift.id).where(Lift.registration_code == code),
        select(FormerLiftCode.lift_id).where(FormerLiftCode.registration_code == code),
    ]
    if len(code) == TAIL:
        known.append(select(Lift.id).where(func.right(Lift.registration_code, TAIL) == code))
    query = (
        select(
            Lift.id,
            Lift.registration_code,
            Lift.name,
            Building.name,
            Unit.name,
            Estate.name,
            Estate.id,
        )
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(Lift.id.in_(union_all(*known)), within(reach))
        .order_by(Lift.registration_code)
    )
    return [FoundLift(*row) for row in tx.execute(query.limit(MOST))]


def units_by_words(tx: Session, reach: Reach, words: FlatWords) -> Sequence[FoundUnit] | None:
    """The units that these words may mean, by any name that they have or had; None in more than
    `MOST_ESTATES` estates."""
    where = [within(reach)]
    if words.estate:
        name = func.replace(Estate.name, " ", "", type_=Text)
        where += [has_letters(Estate.letters(), words.estate), holds_words(name, words.estate)]
    some = select(Estate.id).where(*where).order_by(Estate.name, Estate.id)
    estates = tx.scalars(some.limit(MOST_ESTATES + 1)).all()
    if len(estates) > MOST_ESTATES:
        return None
    query = (
        select(Building, Unit, Estate.name)
        .join(Unit, Unit.building_id == Building.id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(Estate.id.in_(estates))
        .order_by(Estate.name, Building.name, Unit.name)
    )
    return [
        FoundUnit(unit.id, unit.name, building.name, estate, building.estate_id)
        for building, unit, estate in tx.execute(query)
        if _is_called(building, words.building)
        and (words.unit is None or _is_called(unit, words.unit))
    ]


def _is_called(place: Building | Unit, name: str) -> bool:
    return name == normal_place(place.name) or name in place.former_names


def flats_by_room(tx: Session, units: Sequence[FoundUnit], room: str) -> Sequence[FoundFlat]:
    """The flats of these units whose room this is."""
    of = {unit.id: unit for unit in units}
    query = select(Household.id, Household.room, Household.unit_id).where(Household.unit_id.in_(of))
    found = [FoundFlat(id_, name, of[unit]) for id_, name, unit in tx.execute(query)]
    places = {unit.id: nth for nth, unit in enumerate(units)}
    here = [flat for flat in found if normal_place(flat.room) == room]
    return sorted(here, key=lambda flat: (places[flat.unit.id], flat.room))[:MOST]


def estates_by_name(tx: Session, reach: Reach, words: str) -> Sequence[FoundName]:
    """Estates with these words in their name, or with this code."""
    name = func.replace(Estate.name, " ", "", type_=Text)
    query = (
        select(Estate.id, Estate.name, Estate.address)
        .where(
            has_letters(Estate.letters(), words),
            or_(holds_words(name, words), Estate.code == words),
            within(reach),
        )
        .order_by(Estate.name, Estate.id)
    )
    return [FoundName(*row) for row in tx.execute(query.limit(MOST))]


def companies_by_name(tx: Session, reach: Reach, words: str) -> Sequence[FoundName]:
    """Property companies with these words in their name that manage an estate within reach."""
    manages = select(Estate.id).where(
        Estate.property_company_id == PropertyCompany.id, within(reach)
    )
    query = (
        select(
            PropertyCompany.id,
            PropertyCompany.name,
            func.coalesce(PropertyCompany.credit_code, ""),
        )
        .where(
            has_letters(PropertyCompany.letters(), words),
            holds_words(func.replace(PropertyCompany.name, " ", "", type_=Text), words),
            manages.exists(),
        )
        .order_by(PropertyCompany.name)
    )
    return [FoundName(*row) for row in tx.execute(query.limit(MOST))]
