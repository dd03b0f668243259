"""An import of a balances workbook under way: what its parts share."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.normal import normal_place
from backend.services.base.context import Context
from backend.services.workbooks import balances_sheets as sheets
from backend.services.workbooks.workbook import Column, Counts, Row, Workbook

# A household's place; a pooled account's, whose unit is None when it is the whole building's.
HOUSEHOLD = (sheets.ESTATE_CODE, sheets.BUILDING, sheets.UNIT, sheets.ROOM)
POOL: tuple[Column[Any], ...] = (sheets.ESTATE_CODE, sheets.BUILDING, sheets.POOL_UNIT)
Place = tuple[str | None, ...]


@dataclass(frozen=True)
class Pool:
    """A building or unit whose pooled account a row is about; `name` is its place in words."""

    building_id: UUID
    unit_id: UUID | None
    name: str


def place_of(row: Row, *columns: Column[Any]) -> Place:
    """A place as it is compared; the unit of a whole building's account is None."""
    return tuple(None if row[column] is None else normal_place(row[column]) for column in columns)


@dataclass
class Work:
    """An import under way."""

    tx: Session
    ctx: Context
    book: Workbook
    households: dict[Place, UUID] = field(default_factory=dict)
    pools: dict[Place, Pool] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    natural_key: str = ""

    @property
    def bank(self) -> Row:
        """The one bank account of the workbook."""
        return self.book.rows[sheets.BANK.name][0]

    def household(self, row: Row) -> UUID:
        """The household that a row names."""
        return self.households[place_of(row, *HOUSEHOLD)]

    def listed_households(self) -> list[UUID]:
        """Those of the sub-ledger."""
        return [self.household(row) for row in self.book.rows[sheets.SUBLEDGER.name]]

    def pool(self, row: Row) -> Pool:
        """Whose account a row is about."""
        return self.pools[place_of(row, *POOL)]

    def estates(self) -> set[str]:
        """Whose households and pools the workbook brings."""
        listed = (sheets.SUBLEDGER, sheets.POOLS)
        return {row[sheets.ESTATE_CODE] for each in listed for row in self.book.rows[each.name]}
