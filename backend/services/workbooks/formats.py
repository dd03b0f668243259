"""What a number format makes of a number: whether people saw what is stored.

Only formats whose outcome is certain are known here; of all others nothing is claimed.
"""

import re
from decimal import Decimal

_PLAIN = ("General", "@", "G/通用格式")
# Room for a sign, filling blanks, colours and the locale of a currency.
_UNSEEN = re.compile(r"_.|\*.|\[(?:[^\W\d]+|\$[^\]-]?-[0-9A-Fa-f]+)\]| ")
_SECTIONS = re.compile(r'(?:[^;"\\]|"[^"]*"?|\\.?)*')
_MONEY = re.compile(r'"?[¥￥]?"?[#,]*[0#]+(?:\.([0#?]*))?(?:"?(?:元|㎡|平方米|m²)"?)?')

_DASH = re.compile(r'"?[¥￥]?"?"?-"?\?*')  # as books show a nought


def whole_as_shown(number: int, shown_by: str) -> str | None:
    """The letters that this format shows for a whole number: 101 by `0000` is 0101.

    None when it may show something else than digits.
    """
    code = _for_number(shown_by, number)
    if code in _PLAIN or (code == "#,##0" and abs(number) < 1000):
        return str(number)
    return str(number).zfill(code.count("0")) if re.fullmatch("#*0+|#+", code) else None


def shows_whole(number: Decimal, shown_by: str) -> bool:
    """Whether this format shows all of a number: neither rounded, nor in per cent or in 万."""
    code = _for_number(shown_by, number)
    if code in _PLAIN or (not number and _DASH.fullmatch(code)):
        return True
    found = _MONEY.fullmatch(code)
    return found is not None and number == round(number, len(found[1] or ""))


def shows_day(shown_by: str) -> bool:
    """Whether this format shows a date with its year and its day."""
    letters = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", _sections(shown_by)[0]).lower()
    return "d" in letters and ("y" in letters or "e" in letters)


def shows_text(shown_by: str) -> bool:
    """Whether this format shows a text as it is: the fourth part of a format is for texts."""
    sections = _sections(shown_by)
    if len(sections) < 4:
        sections = [code for code in sections if "@" in code] or ["@"]
    return _UNSEEN.sub("", sections[-1]) in _PLAIN


def _for_number(shown_by: str, number: Decimal | int) -> str:
    """The part of a format for this number, without what is not seen of it; no format at all is
    the general one, an empty part shows nothing."""
    if not shown_by:
        return "General"
    sections = _sections(shown_by)
    place = 2 if number == 0 else 1 if number < 0 else 0
    return _UNSEEN.sub("", sections[place] if place < len(sections) else sections[0])


def _sections(shown_by: str) -> list[str]:
    """The parts of a format: for numbers above nought, below it, nought, and texts."""
    sections, place = [], 0
    while place <= len(shown_by):
        found = _SECTIONS.match(shown_by, place)
        sections.append(found[0] if found else "")
        place += len(sections[-1]) + 1
    return sections
