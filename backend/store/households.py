"""The fund's household sub-ledger (分户账) beside the general ledger.

A flat's balance is its opening (`HouseholdBalance`) and its movements. The ledger has one control
account for each building; guards add up what flats have there, and compare both at each commit.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.households import MovementKind
from backend.store.base import Base, OneOf, one_of


class HouseholdControl(Base):
    """分户控制账户: the ledger's account of what the flats of a building have in the fund.
    `households_fen` is what openings and movements there add up to; the database itself keeps it.
    """

    __tablename__ = "household_control"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    building_id: Mapped[UUID] = mapped_column(ForeignKey("building.id"), unique=True)
    households_fen: Mapped[int]


class HouseholdMovement(Base):
    """分户明细: what an entry moved on a flat, more than nothing when its balance grew.

    The key begins with the flat: a flat's account is a few rows side by side. A guard looks once
    for a whole statement whether flat, control account and entry fit, in the place of foreign keys
    that would be looked up row by row.
    """

    __tablename__ = "household_movement"
    __table_args__ = (
        one_of("kind", MovementKind),
        CheckConstraint("amount_fen <> 0", name="amount"),
    )

    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[MovementKind] = mapped_column(OneOf(MovementKind), primary_key=True)
    account_id: Mapped[UUID]
    booked_on: Mapped[date]
    amount_fen: Mapped[int]


class HouseholdShare(Base):
    """One flat's share of a year, as `YearShare` is an account's: what it gets of the statutory
    interest, and in a city whose households own it of the value-added income; `…_before_fen` is
    what earlier revisions gave, `…_extra` the spare fen for one of the largest remainders."""

    __tablename__ = "household_share"
    __table_args__ = (
        CheckConstraint(
            "weight >= 0 AND statutory_extra IN (0, 1) AND value_added_extra IN (0, 1)",
            name="weight",
        ),
        CheckConstraint(
            "least(statutory_fen, statutory_before_fen, value_added_fen, value_added_before_fen)"
            " >= 0",
            name="fen",
        ),
    )

    close_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    weight: Mapped[Decimal] = mapped_column(Numeric)
    statutory_extra: Mapped[int]
    statutory_fen: Mapped[int]
    statutory_before_fen: Mapped[int]
    value_added_extra: Mapped[int]
    value_added_fen: Mapped[int]
    value_added_before_fen: Mapped[int]
