"""What a number format makes of a number: whether people saw what is stored.

Only formats whose outcome is certain are known here; of all others nothing is claimed.
"""

import re
from decimal import Decimal

_PLAIN = ("General", "@", "G/通用格式")
# Room for a sign, filling blanks, colours and the locale of a currency.
_UNSEEN = re.compile(r"_.|\*.|\[(?:[^\W\d]+|\$[^\]-]?-[0-9A-Fa-f]+)\]| ")
_MONEY = re.compile(r'"?[¥￥]?"?[#,]*[0#]+(?:\.([0#?]*))?(?:"?(?:元|㎡|平方米|m²)"?)?')


def whole_as_shown(number: int, shown_by: str) -> str | None:
    """The letters that this format shows for a whole number: 101 by `0000` is 0101.

    None when it may show something else than digits.
    """
    code = _positive(shown_by)
    if code in _PLAIN or (code == "#,##0" and abs(number) < 1000):
        return str(number)
    return str(number).zfill(code.count("0")) if re.fullmatch("#*0+|#+", code) else None


def shows_whole(number: Decimal, shown_by: str) -> bool:
    """Whether this format shows all of a number: neither rounded, nor in per cent or in 万."""
    code = _positive(shown_by)
    if code in _PLAIN:
        return True
    found = _MONEY.fullmatch(code)
    return found is not None and number == round(number, len(found[1] or ""))


def shows_day(shown_by: str) -> bool:
    """Whether this format shows a date with its year and its day."""
    letters = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", shown_by.split(";")[0]).lower()
    return "d" in letters and ("y" in letters or "e" in letters)


def _positive(shown_by: str) -> str:
    """The part of a format for positive numbers, without what is not seen of it; no format at all
    is the general one, an empty part shows nothing."""
    return _UNSEEN.sub("", shown_by.split(";")[0]) if shown_by else "General"
