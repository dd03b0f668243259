"""The registry: what stands in the city, who owns it, who looks after it.

Personal data is sealed (`…_sealed`, encrypted) and found again by keyed hash (`…_hash`).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.cover import LiftUse
from backend.store.base import Base, Id, OneOf

# No list of letters waits to be merged: everybody who looks for a name would read it.
AT_ONCE = {"fastupdate": "off"}
FormerNames = Annotated[list[str], mapped_column(ARRAY(Text), default=list, server_default="{}")]


class PropertyCompany(Base):
    """物业服务企业."""

    __tablename__ = "property_company"
    __table_args__ = (
        Index(
            "ix_property_company_letters",
            text("string_to_array(lower(name), NULL)"),
            postgresql_using="gin",
            postgresql_with=AT_ONCE,
        ),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    credit_code: Mapped[str | None] = mapped_column(unique=True)
    phone: Mapped[str | None]

    @classmethod
    def letters(cls) -> ColumnElement[Sequence[str]]:
        """In a query: the letters of its name, as the index has them."""
        return func.string_to_array(func.lower(cls.name), null())


class Maintainer(Base):
    """维保单位: looks after lifts."""

    __tablename__ = "maintainer"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str | None]


class Insurer(Base):
    """保险机构 or 共保体; `selected_*` is the term for which the city chose it, ended early for
    `selection_ended_because`. The account is empty until two officers gave it one."""

    __tablename__ = "insurer"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str | None]
    bank_name: Mapped[str]
    bank_account: Mapped[str]
    selected_from: Mapped[date | None]
    selected_until: Mapped[date | None]
    selection_basis: Mapped[str | None]
    selection_ended_because: Mapped[str | None]

    @hybrid_method
    def selected(self, on: date) -> bool:
        """Whether the city's selection covers this day, its last one included (JS 五（二）2)."""
        if self.selected_from is None or on < self.selected_from:
            return False
        return self.selected_until is None or on <= self.selected_until

    @selected.expression
    @classmethod
    def _selected(cls, on: date) -> ColumnElement[bool]:
        return and_(
            cls.selected_from.is_not(None),
            cls.selected_from <= on,
            or_(cls.selected_until.is_(None), cls.selected_until >= on),
        )


class Estate(Base):
    """住宅小区. `district_id` stands for its district (区), by its name; `sole_manager` is the
    owner who manages it alone, without a property company (其他产权人单独管理), and on what that
    rests."""

    __tablename__ = "estate"
    __table_args__ = (
        Index("ix_estate_name", "name", "id"),
        Index(
            "ix_estate_letters",
            text("string_to_array(lower((name || code) || address), NULL)"),
            postgresql_using="gin",
            postgresql_with=AT_ONCE,
        ),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    address: Mapped[str]
    district: Mapped[str]
    district_id: Mapped[UUID] = mapped_column(
        Computed("CAST(md5(district) AS uuid)", persisted=True), index=True
    )
    property_company_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("property_company.id"), index=True
    )
    sole_manager: Mapped[str | None]

    @classmethod
    def letters(cls) -> ColumnElement[Sequence[str]]:
        """In a query: the letters of its name, code and address, as the index has them."""
        return func.string_to_array(func.lower(cls.name + cls.code + cls.address), null())


class Building(Base):
    """栋; `former_names` are those that it had before, in their normal form."""

    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("estate_id", "name"),)

    id: Mapped[Id]
    estate_id: Mapped[UUID] = mapped_column(ForeignKey("estate.id"))
    name: Mapped[str]
    former_names: Mapped[FormerNames]


class Unit(Base):
    """单元; `former_names` as a building's."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("building_id", "name"),)

    id: Mapped[Id]
    building_id: Mapped[UUID] = mapped_column(ForeignKey("building.id"))
    name: Mapped[str]
    former_names: Mapped[FormerNames]


class Household(Base):
    """户: one flat; area in 0.01 m²."""

    __tablename__ = "household"
    __table_args__ = (
        UniqueConstraint("unit_id", "room"),
        CheckConstraint("area_dm2 > 0", name="area_positive"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    room: Mapped[str]
    area_dm2: Mapped[int]


class Owner(Base):
    """业主: one name on the roster of a household; bound to a person once verified.

    Who has sold is bound to nobody from `ended_at` on; `former_person_id` says who it was, until
    the name itself has ended (`name_ended_at`).
    """

    __tablename__ = "owner"
    __table_args__ = (
        UniqueConstraint("household_id", "name_hash"),
        CheckConstraint(
            "CASE WHEN ended_at IS NULL THEN former_person_id IS NULL ELSE person_id IS NULL END",
            name="ended",
        ),
        Index(
            "ix_owner_gone",
            "ended_at",
            postgresql_where=text("ended_at IS NOT NULL AND name_ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    name_sealed: Mapped[bytes]
    name_hash: Mapped[bytes]
    phone_sealed: Mapped[bytes | None]
    phone_hash: Mapped[bytes | None] = mapped_column(index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    former_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    name_ended_at: Mapped[datetime | None]


class Lift(Base):
    """电梯; `name` is how people call it (1号梯).

    `unit_id` is where it stands, its address; the units that it serves are `LiftUnit`. `stopped_on`
    is the day since which it stands still, `retired_on` the day on which it was taken out for good.
    """

    __tablename__ = "lift"
    __table_args__ = (
        ForeignKeyConstraint(
            ("id", "unit_id"),
            ("lift_unit.lift_id", "lift_unit.unit_id"),
            name="fk_lift_serves_home",
            use_alter=True,
            deferrable=True,
            initially="DEFERRED",
        ),
        CheckConstraint("replaced_by_id IS NULL OR retired_on IS NOT NULL", name="replaced"),
        Index("ix_lift_code_tail", text('"right"(registration_code, 6)')),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    registration_code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    brand: Mapped[str | None]
    installed_on: Mapped[date]
    next_inspection_on: Mapped[date | None]
    maintainer_id: Mapped[UUID | None] = mapped_column(ForeignKey("maintainer.id"))
    stopped_on: Mapped[date | None]
    retired_on: Mapped[date | None]
    replaced_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("lift.id"))

    @hybrid_property
    def use(self) -> LiftUse:
        """Whether it runs, stands still, or was taken out for good."""
        if self.retired_on is not None:
            return LiftUse.RETIRED
        return LiftUse.RUNNING if self.stopped_on is None else LiftUse.STOPPED

    @use.inplace.expression
    @classmethod
    def _use(cls) -> ColumnElement[LiftUse]:
        return case(
            (cls.retired_on.is_not(None), literal(LiftUse.RETIRED, OneOf(LiftUse))),
            (cls.stopped_on.is_not(None), literal(LiftUse.STOPPED, OneOf(LiftUse))),
            else_=literal(LiftUse.RUNNING, OneOf(LiftUse)),
        )


class FormerLiftCode(Base):
    """A registration code that a lift had before; it is never another lift's."""

    __tablename__ = "former_lift_code"

    registration_code: Mapped[str] = mapped_column(primary_key=True)
    lift_id: Mapped[UUID] = mapped_column(ForeignKey("lift.id"), index=True)
    until: Mapped[datetime]


class LiftUnit(Base):
    """A unit that the lift serves; the one where it stands is added by the database."""

    __tablename__ = "lift_unit"

    lift_id: Mapped[UUID] = mapped_column(ForeignKey("lift.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)


class LiftToken(Base):
    """The random 128-bit token in a lift's QR code; at most one is valid at a time."""

    __tablename__ = "lift_token"
    __table_args__ = (
        Index(
            "uq_lift_token_valid",
            "lift_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    token: Mapped[str] = mapped_column(primary_key=True)
    lift_id: Mapped[UUID] = mapped_column(ForeignKey("lift.id"), index=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    @hybrid_property
    def valid(self) -> bool:
        """Whether the code leads to its lift: not revoked. A revoked one stays so."""
        return self.revoked_at is None

    @valid.inplace.expression
    @classmethod
    def _valid(cls) -> ColumnElement[bool]:
        return cls.revoked_at.is_(None)


class Committee(Base):
    """业主委员会 for one term of office."""

    __tablename__ = "committee"
    __table_args__ = (
        UniqueConstraint("estate_id", "term_from"),
        CheckConstraint("term_until > term_from", name="term_order"),
    )

    id: Mapped[Id]
    estate_id: Mapped[UUID] = mapped_column(ForeignKey("estate.id"))
    term_from: Mapped[date]
    term_until: Mapped[date]

    @hybrid_method
    def in_office(self, on: date) -> bool:
        """Whether the term runs on this day: the first day counts, `term_until` does not."""
        return self.term_from <= on < self.term_until

    @in_office.expression
    @classmethod
    def _in_office(cls, on: date) -> ColumnElement[bool]:
        return and_(cls.term_from <= on, cls.term_until > on)

    @hybrid_method
    def term_over(self, on: date) -> bool:
        """Whether the term has ended by this day; one that is yet to begin has not."""
        return self.term_until <= on

    @term_over.expression
    @classmethod
    def _term_over(cls, on: date) -> ColumnElement[bool]:
        return cls.term_until <= on


class CommitteeMember(Base):
    """业委会委员; `recused` says that a declared interest keeps the member out of decisions.

    `filed`: name and phone came with the committee's own filing (备案表). Two of one name on one
    committee are told apart by their phones.
    """

    __tablename__ = "committee_member"
    __table_args__ = (
        Index(
            "uq_committee_member_namesakes",
            "committee_id",
            "name_hash",
            "phone_hash",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    committee_id: Mapped[UUID] = mapped_column(ForeignKey("committee.id"))
    position: Mapped[str]
    name_sealed: Mapped[bytes]
    name_hash: Mapped[bytes]
    phone_sealed: Mapped[bytes | None]
    phone_hash: Mapped[bytes | None] = mapped_column(index=True)
    left_on: Mapped[date | None]
    recused: Mapped[bool]
    filed: Mapped[bool] = mapped_column(server_default=text("false"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    name_ended_at: Mapped[datetime | None]

    @hybrid_method
    def sits(self, on: date) -> bool:
        """Whether the member has not left by this day; `left_on` is the first day without."""
        return self.left_on is None or on < self.left_on

    @sits.expression
    @classmethod
    def _sits(cls, on: date) -> ColumnElement[bool]:
        return or_(cls.left_on.is_(None), cls.left_on > on)


class NameForm(Base):
    """Which `NAME_FORM` the rosters' name hashes are of: one row."""

    __tablename__ = "name_form"

    form: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
