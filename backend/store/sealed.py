"""Every place where something is sealed, for what goes through all of them: the change of keys.

A test compares this list with the columns that there are.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, func, inspect

from backend.domain.normal import normal_name
from backend.store.bank_statements import BankStatementLine
from backend.store.cipher import Cipher, Column
from backend.store.desk import DeskDraft, Invitation
from backend.store.imports import WorkbookImport
from backend.store.messages import ChatTurn, Inbox, Outbox, UnreadableCallback
from backend.store.notices import Objection
from backend.store.people import (
    IdempotencyKey,
    Lockout,
    Person,
    RectificationRequest,
    SecondFactor,
)
from backend.store.registry import CommitteeMember, Owner

IN_JSON = "sealed"  # under which name a column of JSON holds it, in base64


@dataclass(frozen=True)
class Sealed:
    """A sealed column, and the column by which it is found again, which is of the same key.

    `kind` is that of the hash: `Cipher.digest`.
    """

    column: Column
    found_by: Column | None = None
    kind: Literal["name", "phone"] = "name"

    @property
    def name(self) -> str:
        """`table.column`."""
        return f"{self.model.__tablename__}.{self.column.key}"

    @property
    def model(self) -> Any:
        """Its record."""
        return self.column.class_

    @cached_property
    def row_id(self) -> Any:
        """What the row is known by: its one key."""
        (key,) = inspect(self.model).primary_key
        return getattr(self.model, key.name)

    @cached_property
    def in_json(self) -> bool:
        """Whether it stands in a column of JSON."""
        return not isinstance(self.column.type, LargeBinary)

    @cached_property
    def value(self) -> ColumnElement[Any]:
        """The sealed bytes, null for none."""
        if self.in_json:
            return func.decode(self.column[IN_JSON].astext, "base64", type_=LargeBinary)
        return self.column.expression

    def hashes(self, cipher: Cipher, text: str) -> list[bytes]:
        """Those under which this text may be found, the first by the key that seals now."""
        return cipher.digests(self.kind, normal_name(text) if self.kind == "name" else text)

    def hash_today(self, cipher: Cipher, row_id: UUID, sealed: bytes, known: bytes) -> bytes:
        """The hash of a value that may be sealed with the key before, by the one that seals now.

        A hash that is of no key's stays: that of a name whose normal form is another one today.
        """
        if sealed.startswith(cipher.head):
            return known
        hashes = self.hashes(cipher, cipher.open(self.column, row_id, sealed))
        return hashes[0] if known in hashes else known


SEALED = (
    Sealed(Owner.name_sealed, Owner.name_hash),
    Sealed(Owner.phone_sealed, Owner.phone_hash, "phone"),
    Sealed(CommitteeMember.name_sealed, CommitteeMember.name_hash),
    Sealed(CommitteeMember.phone_sealed, CommitteeMember.phone_hash, "phone"),
    Sealed(Person.name_sealed),
    Sealed(Person.phone_sealed, Person.phone_hash, "phone"),
    Sealed(RectificationRequest.text_sealed),
    Sealed(Lockout.reason_sealed),
    Sealed(Lockout.lift_reason_sealed),
    Sealed(SecondFactor.secret_sealed),
    Sealed(DeskDraft.words_sealed),
    Sealed(Invitation.name_sealed),
    Sealed(WorkbookImport.content_sealed),
    Sealed(WorkbookImport.found_sealed),
    Sealed(BankStatementLine.words_sealed),
    Sealed(Objection.text_sealed),
    Sealed(Objection.objector_sealed),
    Sealed(ChatTurn.reason_sealed),
    Sealed(Inbox.body_sealed),
    Sealed(UnreadableCallback.body_sealed),
    Sealed(Outbox.data),
    Sealed(IdempotencyKey.body),
)
