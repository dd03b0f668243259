"""The kinds of values that bodies carry. Bounds keep every sum inside a 64-bit count of fen."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field

from backend.domain import texts
from backend.domain.normal import normal_code

MOST_FEN = 10**12
MOST_ITEMS = 200
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T.+")


def _written_day(value: object) -> object:
    """Numbers and moments are no dates, although pydantic could make some of them."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError("not a date")
    return value


def _written_moment(value: object) -> object:
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise ValueError("not a moment")
    return value


def _compared(value: object) -> object:
    return normal_code(value) if isinstance(value, str) else value


Fen = Annotated[int, Field(strict=True, ge=0, le=MOST_FEN)]
PositiveFen = Annotated[int, Field(strict=True, gt=0, le=MOST_FEN)]
Day = Annotated[
    date, BeforeValidator(_written_day), Field(ge=date(2000, 1, 1), lt=date(2101, 1, 1))
]
When = Annotated[
    AwareDatetime,
    BeforeValidator(_written_moment),
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2101, 1, 1, tzinfo=UTC)),
]
Yes = Annotated[bool, Field(strict=True)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="先上传得到的 SHA-256")]
# What somebody gave out to be copied: blanks, widths and case make no difference to it.
PaperNumber = Annotated[str, Field(min_length=1, max_length=60), BeforeValidator(_compared)]
RegistrationCode = Annotated[str, Field(min_length=1, max_length=40), BeforeValidator(_compared)]
# Emptiness is for the service to refuse, which says what is wanted.
Place = Annotated[str, Field(min_length=1, max_length=50)]
Reason = Annotated[str, Field(max_length=texts.REASON_LIMIT)]
Statement = Annotated[str, Field(max_length=texts.STATEMENT_LIMIT)]
Answer = Annotated[str, Field(max_length=texts.ANSWER_LIMIT)]
Terms = Annotated[str, Field(min_length=1, max_length=3000)]
