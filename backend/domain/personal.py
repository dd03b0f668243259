"""Names and phone numbers: one spelling for comparing them, and how much of a name is shown."""

import re
import unicodedata

# Ways to write a mainland number with its country code.
_COUNTRY_CODE = re.compile(r"^(?:\+|00)?86(?=1[3-9]\d{9}$)")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅", "·"))


def normal_name(text: str) -> str:
    """The spelling under which a name is hashed: full-width forms and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_DOTS).split()).upper()


def normal_phone(text: str) -> str | None:
    """Digits of a mobile or a landline with area code, or None when it is neither."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    digits = _COUNTRY_CODE.sub("", digits)
    return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None


def masked_name(name: str) -> str:
    """The first character and two stars, whatever the length: `张**`."""
    return name.strip()[:1] + "**"


def masked_phone(phone: str) -> str:
    """The first three and the last four digits: `138****5678`."""
    return f"{phone[:3]}****{phone[-4:]}"
