"""One spelling for comparing what people write: names, places, codes, phones.

What is stored and shown stays as people wrote it; two writings are the same when their normal
forms are. Whoever compares what comes in asks here, at every door. `NAME_FORM` counts up when
`normal_name` changes: names are found by a hash of it, which has to be made anew then.
"""

import re
import unicodedata
from dataclasses import dataclass

from backend.domain.texts import BLANK

NAME_FORM = 3

# Written between the parts of a name. Some are no single letter any more once widths are made one.
_DOTS = str.maketrans(dict.fromkeys(".•‧∙⋅・。᛫⸱ꞏㆍᆞ●⚫⬤⦁◦⚬˙ᐧ⸳", "·"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─", "-"))
# What changes how the letter before it is drawn, not which letter it is.
_VARIANTS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))

# GBK kept 80 letters in a private area until Unicode had them, 䶮 among them; registers of names
# still hold such codes. Python knows where 66 of them went, these are the others.
_GBK_PRIVATE = range(0xE815, 0xE865)
_LATECOMERS = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5,
    0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F,
    0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip

# What nearly all text is made of; in it only blanks are to be tidied.
_USUAL = re.compile(r"[ -~一-鿿]*")
_DIGITS = "零一二三四五六七八九"
_NUMERAL = rf"[{_DIGITS}〇○]"
_PLACE = re.compile(
    rf"第?([0-9A-Z-]+|{_NUMERAL}+|{_NUMERAL}?十{_NUMERAL}?"
    rf"|{_NUMERAL}百(?:[零〇○]{_NUMERAL}|{_NUMERAL}十{_NUMERAL}?)?)"
    r"(?:[号#]?[栋幢座楼房室门户]|单元|号|#)?"
)
_SIMPLE = str.maketrans("樓棟號單戶門", "楼栋号单户门")
# A flat as it is read out, its building first: 3-1-502, 3栋1单元502, 花园A座2-1201室. With 栋 or
# the like a unit may be left out; the floor says nothing that the room does not. Codes with dashes
# have longer parts.
_SHORT = rf"(?:第?(?:[A-Z]?[0-9]{{1,3}}[A-Z]?|[{_DIGITS}〇○十百]+)|[A-Z])"
_ROOM = r"[A-Z]?[0-9]{1,4}[A-Z]?"
_FLAT = re.compile(
    rf"(?P<estate>.*?)(?<![A-Z0-9-])(?P<building>{_SHORT})"
    rf"(?:[号#]?[栋幢座楼#]-?(?:(?P<unit>{_SHORT})(?:单元-?|门-?|-))?"
    rf"|号?-(?P<unit_after>{_SHORT})(?:单元-?|门-?|-))"
    rf"(?:第?[0-9{_DIGITS}十]{{1,3}}[楼层])?"
    rf"(?P<room>{_ROOM}|[{_DIGITS}〇○十百]+)[室房户号]?"
)

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# 010 and 02x have eight digits, all other areas seven or eight.
_LANDLINE = re.compile(r"0(?:10|2[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}")
_ABROAD = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})")
_NEIGHBOUR = re.compile(r"85[23][0-9]{8}|8860?[2-9][0-9]{7,8}")
_EXTENSION = re.compile(r"(.+?)(?:转|分机号?|EXT|#)[.:-]*([0-9]{1,6})")
_STROKE_EXTENSION = re.compile(r"(0[0-9]{2,3}-[0-9]{7,8})-([0-9]{1,6})")


def seen(text: str) -> str:
    """The text without the letters that nobody sees: marks of direction, of width nought."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf" and c not in BLANK)


def plain(text: str) -> str:
    """The text as it is compared: seen letters only, full-width and compatible forms made one,
    letters of GBK's private area where Unicode has them, single blanks, one kind of dash."""
    if _USUAL.fullmatch(text):
        return " ".join(text.split())
    known = "".join(map(_in_unicode, seen(text)))
    narrow = unicodedata.normalize("NFKC", known).translate(_DASHES)
    return " ".join("".join(c for c in seen(narrow) if c not in _VARIANTS).split())


def normal_name(text: str) -> str:
    """A person's or a company's name: blanks, widths and how its dots are written do not count."""
    return re.sub("·+", "·", normal_code(text.translate(_DOTS)).translate(_DOTS))


def normal_code(text: str) -> str:
    """A number or code that somebody gave out: blanks, widths, case make no difference."""
    return unicodedata.normalize("NFKC", "".join(plain(text).split()).upper())


def normal_place(text: str) -> str:
    """A building, a unit or a flat: 1栋, 第一栋 and 1#楼 are one, so are 101, 101室, 一百零一."""
    letters = normal_code(text)
    found = _PLACE.fullmatch(letters.translate(_SIMPLE))
    return _in_digits(found[1]) if found else letters


@dataclass(frozen=True)
class FlatWords:
    """A flat as somebody asks for it, its parts in their normal form; `estate` is a part of a name,
    empty where none was said, `unit` None where that was left out."""

    estate: str
    building: str
    unit: str | None
    room: str


def flat_words(text: str) -> FlatWords | None:
    """The flat that these words name, or None when they name none."""
    found = _FLAT.fullmatch(normal_code(text).translate(_SIMPLE))
    if found is None:
        return None
    unit = found["unit"] or found["unit_after"]
    return FlatWords(
        found["estate"],
        normal_place(found["building"]),
        normal_place(unit) if unit else None,
        normal_place(found["room"]),
    )


def normal_phone(text: str) -> str | None:
    """A number that can be dialled from here, or None when it is none.

    Of the mainland: the eleven digits of a mobile, or a landline with its area code. All others
    with `+` and the country: +85251000001. An extension stays: 07438532500转801.
    """
    written = "".join(plain(text).translate({ord("轉"): "转", ord("機"): "机"}).split()).upper()
    found = _STROKE_EXTENSION.fullmatch(written) or _EXTENSION.fullmatch(written)
    number = _number(found[1] if found else written)
    return f"{number}转{found[2]}" if number and found else number


def _number(written: str) -> str | None:
    digits = re.sub(r"[-.()]", "", written)
    if _NEIGHBOUR.fullmatch(digits) or re.fullmatch(r"861[3-9][0-9]{9}", digits):
        digits = "+" + digits
    if not (abroad := _ABROAD.fullmatch(digits)):
        return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None
    digits = abroad[1]
    if digits.startswith("86"):
        at_home = digits[2:]
        landline = "0" + at_home.removeprefix("0")
        return at_home if _MOBILE.fullmatch(at_home) else _whole(_LANDLINE, landline)
    if digits.startswith(("852", "853", "886")):
        neighbour = _whole(_NEIGHBOUR, digits)
        return neighbour and "+" + re.sub(r"^8860", "886", neighbour)
    return "+" + digits


def _whole(pattern: re.Pattern[str], text: str) -> str | None:
    return text if pattern.fullmatch(text) else None


def _in_unicode(letter: str) -> str:
    code = ord(letter)
    if code not in _GBK_PRIVATE:
        return letter
    place = code - _GBK_PRIVATE.start
    pair = 0xFE50 + place if place < 47 else 0xFE80 + place - 47
    return chr(_LATECOMERS.get(code, ord(pair.to_bytes(2, "big").decode("gb18030"))))


def _in_digits(numeral: str) -> str:
    """十二 → 12, 一〇一 and 一百零一 → 101; what is in digits stays."""
    if "百" in numeral:
        hundreds, _, rest = numeral.partition("百")
        return str(int(_in_digits(hundreds)) * 100 + int(_in_digits(rest) or "0"))
    if "十" in numeral:
        tens, _, ones = numeral.partition("十")
        return str(int(_in_digits(tens) or "1") * 10 + int(_in_digits(ones) or "0"))
    return "".join(
        str(_DIGITS.find(c)) if c in _DIGITS else "0" if c in "〇○" else c for c in numeral
    )
