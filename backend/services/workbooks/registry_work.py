"""An import of a registry workbook under way: what its parts share."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from backend.domain.normal import normal_name, normal_place
from backend.services.base.context import Context
from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.merge import Record, called, existing, merge
from backend.services.workbooks.workbook import Counts, Row, Workbook, WorkbookSheet
from backend.store.cipher import Cipher

COMPANY_KEEPS = frozenset({"credit_code", "phone"})
PHONE_KEEPS = frozenset({"phone_sealed", "phone_hash"})

Key = tuple[Any, ...]


@dataclass
class Work:
    """An import under way; `filed`: its committee is as the committee itself filed it (备案表)."""

    tx: Session
    ctx: Context
    book: Workbook
    filed: bool = False
    counts: dict[str, Counts] = field(default_factory=dict)

    def rows(self, sheet: WorkbookSheet) -> list[Row]:
        """The rows of a sheet."""
        return self.book.rows[sheet.name]

    @property
    def estate(self) -> Row:
        """The one estate of the workbook."""
        return self.rows(sheets.ESTATE)[0]

    def merge(
        self,
        what: str,
        model: type[Any],
        key: tuple[Any, ...],
        where: ColumnElement[bool],
        wanted: dict[Key, Record],
        keep: frozenset[str] = frozenset(),
    ) -> dict[Key, UUID]:
        """Bring the records of one kind to what the workbook says; their ids by natural key.

        Texts in the key of a wanted record are in the normal form of places.
        """
        old = existing(self.tx, model, key, where, form=normal_place)
        fixed = [column.key for column in key]
        ids, self.counts[what] = merge(self.tx, model, old, wanted, fixed, keep)
        return ids

    def merge_companies(
        self, what: str, model: type[Any], wanted: dict[Key, Record]
    ) -> dict[Key, UUID]:
        """Companies, which all estates of the city share: found by name however it is written."""
        old = called(self.tx, model, [record["name"] for record in wanted.values()])
        ids, self.counts[what] = merge(self.tx, model, old, wanted, ("name",), COMPANY_KEEPS)
        return ids


def personal(cipher: Cipher, name: str, phone: str | None) -> Record:
    """Name and phone as the roster keeps them: sealed, and hashed in their normal form."""
    return {
        "name_sealed": cipher.seal(name),
        "name_hash": cipher.digest("name", normal_name(name)),
        "phone_sealed": cipher.seal(phone) if phone else None,
        "phone_hash": cipher.digest("phone", phone) if phone else None,
    }
