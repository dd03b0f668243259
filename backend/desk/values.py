"""One typed value of a form: what its text becomes, or what is wrong with it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from backend.domain.errors import refuse
from backend.domain.local_time import SHANGHAI, YEARS
from backend.domain.money import parse_fen
from backend.domain.normal import normal_code, plain

YES = "yes"
MOST_LETTERS = 10_000
PAPER_NUMBER = 60  # letters of a number on a paper, as over the API
WORDS = 100  # letters of a name or a place
MOST_YUAN = 10**10


class Kind(StrEnum):
    """How a field looks and what it becomes."""

    LINE = "line"  # a number on a paper: blanks, widths and case make no difference
    WORDS = "words"  # a name or a place, as it was typed
    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"  # a day and a time in Shanghai
    YUAN = "yuan"  # becomes fen
    YES = "yes"
    CHOICE = "choice"
    ID = "id"  # a choice of what has an id
    HIDDEN = "hidden"  # the id of what the form is about, as it was when the form was made
    SEVERAL = "several"  # some of the choices
    FILE = "file"  # becomes the SHA-256 of what is kept
    TABLE = "table"


LONGEST = {
    Kind.LINE: PAPER_NUMBER,
    Kind.WORDS: WORDS,
    Kind.CHOICE: WORDS,
    Kind.TEXT: MOST_LETTERS,
}


def value_of(kind: Kind, text: str, label: str, name: str) -> Any:
    """What was typed, as a value; None where nothing was.

    Raises Refused `text_characters_invalid`, `text_too_long`, `field_invalid`, `amount_invalid`,
    `amount_negative`.
    """
    text = text.strip()
    if "\0" in text:
        message = f"“{label}”里有看不见的字符，请重新填写。"
        raise refuse("text_characters_invalid", message, name)
    if kind is Kind.YES:
        return text == YES
    if kind is Kind.LINE:
        text = normal_code(text)
    if not text:
        return None
    if len(text) > LONGEST.get(kind, PAPER_NUMBER):
        raise refuse("text_too_long", f"“{label}”太长，请精简。", name)
    if kind is Kind.YUAN:
        return _fen(text, name)
    if kind not in READ:
        return text
    read, advice = READ[kind]
    try:
        return read(text)
    except ValueError:
        raise refuse("field_invalid", f"“{label}”看不懂，{advice}。", name) from None


def _fen(text: str, name: str) -> int:
    """As money is written in workbooks, too: 1,300.00元."""
    written = plain(text).replace(",", "").removesuffix("元").strip()
    fen = parse_fen(written, name)
    if fen > MOST_YUAN * 100:
        raise refuse("amount_invalid", "金额太大，请核对是不是填成了分。", name)
    return fen


def _day(text: str) -> date:
    """2025-04-01, as browsers send it; 2025/4/1 and 2025年4月1日, as people type and paste it."""
    parts = plain(text).translate(str.maketrans("年月/.", "----")).removesuffix("日").split("-")
    year, month, day = map(_number, parts)
    if year not in YEARS:
        raise ValueError(text)
    return date(year, month, day)


def _moment(text: str) -> datetime:
    """2025-04-01T09:30, as browsers send it."""
    day, between, time = text.replace(" ", "T").partition("T")
    parts = time.split(":") if between else []
    hour, minute, *_ = map(_number, parts)
    return datetime.combine(_day(day), datetime.min.time(), SHANGHAI).replace(
        hour=hour, minute=minute
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise ValueError(text)
    return int(text)


READ: Mapping[Kind, tuple[Callable[[str], Any], str]] = {
    Kind.DAY: (_day, "请写成 2025-04-01 的样子"),
    Kind.MOMENT: (_moment, "请写成 2025-04-01 09:30 的样子"),
    Kind.ID: (UUID, "请重新选择"),
    Kind.HIDDEN: (UUID, "请重新打开这一步"),
}
