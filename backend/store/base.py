"""What every table shares: the declarative base, column types and constraint names."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from uuid_utils.compat import uuid7

# Every constraint has a predictable name, so migrations and error handling can refer to it.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All records of the house."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {
        str: Text,
        int: BigInteger,
        bytes: LargeBinary,
        date: Date,
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


# A UUIDv7 primary key: sortable by creation, made here and not by the database.
Id = Annotated[UUID, mapped_column(Uuid, primary_key=True, default=uuid7)]

E = TypeVar("E", bound=StrEnum)


class OneOf(TypeDecorator[E], Generic[E]):
    """Text that is one of an enum's values: members come out, and nothing else goes in."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """A member or its value as text; raises ValueError for any other."""
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """The member."""
        return None if value is None else self.kind(value)


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """The database refuses any other value too."""
    return CheckConstraint(f"{column} IN ({values_of(*kind)})", name=column)


def values_of(*members: StrEnum) -> str:
    """Values of an enum as a list in SQL, for conditions of indexes and constraints."""
    return ", ".join(f"'{member}'" for member in members)
