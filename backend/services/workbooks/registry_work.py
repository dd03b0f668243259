"""An import of a registry workbook under way: what its parts share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from backend.domain.normal import normal_name, normal_place
from backend.services.base.context import Context
from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.merge import Record, ToSeal, called, existing, merge
from backend.services.workbooks.workbook import Counts, Row, Workbook, WorkbookSheet
from backend.store.cipher import Cipher
from backend.store.sealed import SEALED, Sealed

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
        old = self.existing(model, key, where)
        fixed = [column.key for column in key]
        ids, self.counts[what] = merge(self.tx, self.ctx.cipher, model, old, wanted, fixed, keep)
        return ids

    def existing(
        self, model: type[Any], key: tuple[Any, ...], where: ColumnElement[bool]
    ) -> dict[Key, Record]:
        """The records of one kind that are there, texts in their key in the normal form of places.

        Hashes are those of the key that seals now, also where the row's are of the one before.
        """
        today = partial(self._hashed_today, [place for place in SEALED if place.model is model])
        return existing(self.tx, model, key, where, form=normal_place, as_found=today)

    def _hashed_today(self, places: Sequence[Sealed], record: Record) -> Record:
        for place in places:
            sealed = record[place.column.key]
            if place.found_by is not None and sealed is not None:
                name = place.found_by.key
                known = place.hash_today(self.ctx.cipher, record["id"], sealed, record[name])
                record[name] = known
        return record

    def merge_companies(
        self, what: str, model: type[Any], wanted: dict[Key, Record]
    ) -> dict[Key, UUID]:
        """Companies, which all estates of the city share: found by name however it is written."""
        old = called(self.tx, model, [record["name"] for record in wanted.values()])
        ids, self.counts[what] = merge(
            self.tx, self.ctx.cipher, model, old, wanted, ("name",), COMPANY_KEEPS
        )
        return ids


def personal(cipher: Cipher, name: str, phone: str | None) -> Record:
    """Name and phone as the roster keeps them: to be sealed, and hashed in their normal form."""
    return {
        "name_sealed": ToSeal(name),
        "name_hash": cipher.digest("name", normal_name(name)),
        "phone_sealed": ToSeal(phone) if phone else None,
        "phone_hash": cipher.digest("phone", phone) if phone else None,
    }
