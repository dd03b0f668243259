"""What people write: seen by those who read it, and not too much. One code for each fault."""

import unicodedata

from backend.domain.errors import Refusal, Refused

# Why somebody did something; a statement of fact; what the centre answers.
REASON_LIMIT = 500
STATEMENT_LIMIT = 2000
ANSWER_LIMIT = 2000
# A building, a unit, an account, as people call it.
PLACE_LIMIT = 40

# These turn the direction of writing, so that a text reads as another one.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and marks that show as nothing, beside those whose category says so.
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
BLANK_CATEGORIES = frozenset({"Cf", "Zs", "Zl", "Zp", "Mn", "Me"})
TAGS = range(0xE0000, 0xE0080)  # a whole hidden alphabet


def required(text: str | None, longest: int, field: str, what: str) -> str:
    """The text without surrounding blanks; `what` names it in the refusal (理由, 答复 …).

    Raises Refused: `text_required`, `text_too_long`, `text_characters_invalid`.
    """
    faults = wrong(text, longest, field, what)
    if faults:
        raise Refused(*faults)
    return tidy(text)


def optional(text: str | None, longest: int, field: str, what: str) -> str | None:
    """The same, or None where nothing was written."""
    return required(text, longest, field, what) if tidy(text) else None


def wrong(text: str | None, longest: int, field: str, what: str) -> list[Refusal]:
    """What is wrong with a text that is needed, if anything."""
    text = tidy(text)
    if not text:
        return [Refusal("text_required", f"请写明{what}。", field)]
    if len(text) > longest:
        message = f"{what}最多{longest}字，现有{len(text)}字，请精简。"
        return [Refusal("text_too_long", message, field)]
    if any(_unseen(letter) for letter in text):
        message = f"{what}里有看不见的控制字符，请删除后重新输入。"
        return [Refusal("text_characters_invalid", message, field)]
    return []


def tidy(text: str | None) -> str:
    """The text without surrounding blanks; "" when nothing in it can be seen."""
    text = (text or "").replace("\r\n", "\n").strip()
    return "" if all(_blank(letter) for letter in text) else text


def _unseen(letter: str) -> bool:
    if letter in "\n\t":
        return False
    hides = letter in TURNING or ord(letter) in TAGS
    return hides or unicodedata.category(letter) in ("Cc", "Cs")


def _blank(letter: str) -> bool:
    blank = letter.isspace() or letter in BLANK
    return blank or unicodedata.category(letter) in BLANK_CATEGORIES


def file_name(text: str, longest: int) -> str:
    """What a browser calls a file, without folders and without what nobody sees; its end, where
    its kind stands, if it is long."""
    last = text.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable() and letter not in TURNING)
    return shown.strip()[-longest:] or "未命名"
