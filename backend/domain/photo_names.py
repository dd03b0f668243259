"""Which place of a notice a photo shows, by what its file is called in somebody's folder:
`1栋1单元近景.jpg`, `1-1 远.jpg`. A name that fits no place, or two of them, says nothing."""

import re
from collections.abc import Collection, Mapping
from typing import TypeVar

from backend.domain.normal import plain

Place = TypeVar("Place")

# What a framing is called in a file's name.
FRAMING_WORDS: Mapping[str, str] = {"wide": "远|全景", "close": "近|特写"}
_OF_BUILDING = re.compile(r"(.*?(?:栋|幢|座|号楼|楼))(.+)")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
# No place begins in the middle of a number; what names a building means no other one's unit.
_STARTS = "(?<![0-9〇零十百])"
_NO_BUILDING = "^[^栋幢座楼]*"
_DIGITS = str.maketrans("一二三四五六七八九", "123456789")


def place_named(
    file_name: str, places: Mapping[Place, str], framings: Collection[str]
) -> tuple[Place, str] | None:
    """The place and the framing; None where the name does not tell both."""
    text = _bare(_ENDING.sub("", plain(file_name)))
    found = [place for place, names in _called(places).items() if _is_in(names, text)]
    framed = [each for each in framings if re.search(FRAMING_WORDS[each], text)]
    if not framed and len(framings) == 1:
        framed = list(framings)
    return (found[0], framed[0]) if len(found) == len(framed) == 1 else None


def _bare(text: str) -> str:
    return re.sub(r"[\s_—]+", "", text).translate(_DIGITS)


def _called(places: Mapping[Place, str]) -> Mapping[Place, Collection[str]]:
    """How each place may be called: wholly, by its two numbers, and by its unit where no other
    place has one of that name."""
    whole = {place: _bare(plain(name)) for place, name in places.items()}
    parts = {place: _OF_BUILDING.fullmatch(name) for place, name in whole.items()}
    units = [each.group(2) for each in parts.values() if each]
    called: dict[Place, set[str]] = {place: {name} for place, name in whole.items()}
    for place, of in parts.items():
        if of is None:
            continue
        numbers = [re.findall("[0-9]+", part) for part in of.groups()]
        if all(len(each) == 1 for each in numbers):
            called[place].add("-".join(each[0] for each in numbers))
        if units.count(of.group(2)) == 1:
            called[place].add(of.group(2))
    return called


def _is_in(names: Collection[str], text: str) -> bool:
    """Whether one of these stands in the text, not as a part of a longer number or of a date, and a
    unit by itself not behind the name of a building."""
    return any(re.search(_alone(name), text) for name in names)


def _alone(name: str) -> str:
    if re.fullmatch("[0-9]+-[0-9]+", name):
        return rf"(?<![0-9-]){name}(?!-?[0-9])"
    begins = _STARTS if _OF_BUILDING.fullmatch(name) else _NO_BUILDING + _STARTS
    return begins + re.escape(name)
