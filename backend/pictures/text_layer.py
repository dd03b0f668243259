"""The words of a sheet once more, unseen, over its picture in a PDF: to search, copy, read aloud.

Their font is made for each file: it has a blank of the right width for every character, so that
any character goes, also one that no font of ours can draw, and nothing is missing at the printer's.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from backend.pictures.typesetting import BASE_LINE, advance

UNITS = 1000  # of one em
INVISIBLE = 3  # the way to render text that leaves no mark
MOST_AT_ONCE = 100  # entries of one block, as the format wants


@dataclass(frozen=True)
class Line:
    """A line of text: where its box begins on the trimmed sheet and how large it is, in mm."""

    text: str
    left: float
    top: float
    size: float


def letters_of(lines: Sequence[Line]) -> str:
    """Every character once. Its number in the font is its place here, counted from one."""
    return "".join(dict.fromkeys("".join(line.text for line in lines)))


def drawing(lines: Sequence[Line], letters: str, edge: float, height: float, point: float) -> bytes:
    """What a page draws with the font /T. `edge` is the bleed and `height` that of the trimmed
    sheet in mm, `point` how many points a millimetre has."""
    numbers = {letter: number for number, letter in enumerate(letters, 1)}
    parts = [f"BT {INVISIBLE} Tr"]
    for line in lines:
        left = (edge + line.left) * point
        base = (edge + height - line.top - BASE_LINE * line.size) * point
        codes = "".join(f"{numbers[letter]:04x}" for letter in line.text)
        parts.append(f"/T {line.size * point:.2f} Tf 1 0 0 1 {left:.2f} {base:.2f} Tm <{codes}> Tj")
    return "\n".join((*parts, "ET")).encode()


def font(letters: str, first: int) -> list[bytes]:
    """The font's objects, of which the first has the number `first` in its file."""
    widths = [round(advance(letter) * UNITS) for letter in letters]
    blanks = _blanks(widths)
    name = "/BaseFont /TextLayer"
    descendant, program, words, described = (first + place for place in (1, 2, 3, 4))
    return [
        f"<< /Type /Font /Subtype /Type0 {name} /Encoding /Identity-H "
        f"/DescendantFonts [{descendant} 0 R] /ToUnicode {words} 0 R >>".encode(),
        f"<< /Type /Font /Subtype /CIDFontType2 {name} /CIDToGIDMap /Identity "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/DW {UNITS} /W [1 [{' '.join(map(str, widths))}]] /FontDescriptor {described} 0 R "
        ">>".encode(),
        stream(blanks, f"/Length1 {len(blanks)}"),
        stream(_meanings(letters)),
        f"<< /Type /FontDescriptor /FontName /TextLayer /Flags 4 /FontBBox [0 0 {UNITS} {UNITS}] "
        f"/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 733 /StemV 80 "
        f"/FontFile2 {program} 0 R >>".encode(),
    ]


def stream(content: bytes, more: str = "") -> bytes:
    """An object of bytes; `more` are entries of its dictionary."""
    head = f"<< /Length {len(content)} {more}>>"
    return head.encode() + b"\nstream\n" + content + b"\nendstream"


def _blanks(widths: Sequence[int]) -> bytes:
    """A TrueType font of empty glyphs."""
    # Loaded when first needed: of those who know of sheets, few ever write one.
    glyph = import_module("fontTools.ttLib.tables._g_l_y_f").Glyph
    names = [".notdef", *(f"g{number}" for number in range(1, len(widths) + 1))]
    build = import_module("fontTools.fontBuilder").FontBuilder(UNITS, isTTF=True)
    build.setupGlyphOrder(names)
    build.setupCharacterMap({})
    build.setupGlyf({name: glyph() for name in names})
    build.setupHorizontalMetrics(
        {name: (width, 0) for name, width in zip(names, (UNITS, *widths), strict=True)}
    )
    build.setupHorizontalHeader(ascent=880, descent=-120)
    build.setupNameTable({"familyName": "TextLayer", "styleName": "Regular"})
    build.setupOS2()
    build.setupPost(keepGlyphNames=False)
    build.updateHead(created=0, modified=0)
    file = io.BytesIO()
    build.save(file)
    return file.getvalue()


def _meanings(letters: str) -> bytes:
    """Which character each number stands for."""
    entries = [
        f"<{number:04x}> <{letter.encode('utf-16-be').hex()}>"
        for number, letter in enumerate(letters, 1)
    ]
    blocks = [entries[at : at + MOST_AT_ONCE] for at in range(0, len(entries), MOST_AT_ONCE)]
    mapped = [f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar" for block in blocks]
    return "\n".join(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CMapName /TextLayer def /CMapType 2 def",
            "1 begincodespacerange <0000> <ffff> endcodespacerange",
            *mapped,
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        )
    ).encode()
