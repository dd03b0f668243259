"""The parts of an .xlsx file that an import needs, in an archive that any reader understands.

A file comes from outside, so it is looked through before a library reads it: how large it becomes,
how deep its tags lie, how many cells it has. What is handed on is plain: parts are found by what
the package itself says of them, whatever the case and the strokes of their names; pictures, rules
and colours, which only make readers stumble, stay behind.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

# What is done for a file is what is limited: how many entries are listed, how much is unpacked, how
# many tags are read, how many cells are kept. Pictures stay packed, however large.
MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_INDEX_BYTES = 512 * 1024  # the archive's own list of what is in it
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
# Sheets that people fill in become 10 to 30 times as large, empty ones with a format 60 times.
MAX_SWELLING, SMALL_BYTES = 100, 5 * 1024 * 1024
MAX_CELLS = 1_000_000
MAX_ROWS = 200_000
MAX_LETTERS = 20_000_000  # in all cells of a sheet, in all texts of the table
LAST_ROW = 1_048_576  # of the file format
# Lower than this (points) or narrower (letters) nobody can read what stands there.
LOWEST, NARROWEST = 3.0, 0.7
MAX_TAGS, MAX_DEPTH, MAX_ATTRIBUTES = 4 * MAX_CELLS, 40, 100
MAX_OTHER_TAGS = 200_000  # all but cells and their texts: styles, rules, spans
MOST_NAMED = 20  # merged cells that are named; who undoes those sees the others
TEXTS_LEFT = 50_000  # texts and their runs that no cell may refer to any more
MAX_FORMAT, MAX_CELL_TEXT = 255, 32_767  # letters; of the file format

CONTENT_TYPES = "[Content_Types].xml"
STYLES = "xl/styles.xml"
_WANTED = re.compile(r"[./+](main|worksheet|sharedStrings|styles)\+xml$")
_OF_CELLS = frozenset({"row", "c", "v", "f", "is", "t", "r", "si", "rPr", "phoneticPr", "rPh"})
_REFERENCE = re.compile(rb"""(\s(?:PartName|Target)\s*=\s*)("[^"]*"|'[^']*')""")
_STRICT = "http://purl.oclc.org/ooxml"

# The numbers of the formats that a Chinese program has of its own, beside one that shows as much.
_DAY, _DAY_MONTH, _MONTH_YEAR, _TIME = "14", "16", "17", "20"
_CHINESE_FORMATS = {
    **dict.fromkeys(("30", "31"), _DAY),
    **dict.fromkeys(("28", "29", "51", "53", "54", "58"), _DAY_MONTH),
    **dict.fromkeys(("27", "36", "50", "52", "57"), _MONTH_YEAR),
    **dict.fromkeys(("32", "33", "34", "35", "55", "56"), _TIME),
}


class BadWorkbook(Exception):
    """The file cannot be read as a workbook; the message says so in Chinese."""


@dataclass
class Glance:
    """What a look at a part's tags tells: a sheet's last row, the last with something in it, how
    many cells (or texts), what is hidden, what is merged.

    `shown_columns` is None unless all others are hidden.
    """

    last_row: int = 0
    last_filled: int = 0
    cells: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    shown_columns: list[tuple[int, int]] | None = None
    merged: list[str] = field(default_factory=list)


@dataclass
class Package:
    """An archive with the needed parts alone, and a glance at each by its path."""

    content: bytes
    glances: dict[str, Glance]


def open_package(content: bytes) -> Package:
    """Look through the file and make it plain.

    Raises BadWorkbook for what is too large or has no place in a workbook; BadZipFile, KeyError
    and others for what is none.
    """
    if len(content) > MAX_FILE_BYTES:
        raise BadWorkbook(f"文件超过 {MAX_FILE_BYTES >> 20} MB，请删去图片或拆分后重新上传。")
    _check_index(content)
    with ZipFile(BytesIO(content)) as archive:
        parts: dict[str, list[ZipInfo]] = {}
        for part in archive.infolist():
            parts.setdefault(_name(part.filename), []).append(part)
        types = _unpacked(archive, parts, [CONTENT_TYPES.lower()], len(content))
        index = _referring(types[CONTENT_TYPES.lower()])
        kinds = _kinds(index)
        wanted = [name for name in kinds if name in parts]
        wanted += [_relations_of(name) for name in wanted if kinds[name] == "main"]
        return _made_plain(_unpacked(archive, parts, wanted, len(content)), index, kinds)


def _check_index(content: bytes) -> None:
    """No more entries than a workbook has: each becomes an object before anything else is known.

    The size in either of the records at the end is the one that a reader goes by.
    """
    end = content.rfind(b"PK\5\6")
    size = int.from_bytes(content[end + 12 : end + 16], "little") if end >= 0 else 0
    large = content.rfind(b"PK\6\6", 0, max(end, 0))
    if large >= 0 and size == 0xFFFFFFFF:
        size = 0
    if large >= 0 and content[end - 20 : end - 16] == b"PK\6\7":
        size = max(size, int.from_bytes(content[large + 40 : large + 48], "little"))
    if size > MAX_INDEX_BYTES:
        raise BadWorkbook("文件里的部件过多，不是正常的工作簿，请另存为 .xlsx 后重新上传。")


def _name(written: str) -> str:
    """One name for a part: forward strokes, small letters."""
    return written.replace("\\", "/").lstrip("/").lower()


def _unpacked(
    archive: ZipFile, parts: Mapping[str, Sequence[ZipInfo]], names: Iterable[str], packed: int
) -> dict[str, bytes]:
    """These parts, each there once, when they are not too much together."""
    entries = {name: parts[name] for name in names}
    if any(len(twice) > 1 for twice in entries.values()):
        raise BadWorkbook("文件里同一个部件有两份，看不出哪份是真的，请另存为 .xlsx 后重新上传。")
    if any(entry.flag_bits & 1 for (entry,) in entries.values()):
        raise BadWorkbook("文件设有打开密码，请去掉密码并另存为 .xlsx 后重新上传。")
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for (entry,) in entries.values()):
        raise BadZipFile("a workbook is only ever stored or deflated")
    size = sum(entry.file_size for (entry,) in entries.values())
    if size > MAX_UNPACKED_BYTES or size > max(SMALL_BYTES, MAX_SWELLING * packed):
        raise BadWorkbook(
            f"文件解压后有 {max(size >> 20, 1)} MB，空行或内容过多，请删去后重新上传。"
        )
    return {name: archive.read(entry) for name, (entry,) in entries.items()}


def _made_plain(parts: dict[str, bytes], index: bytes, kinds: Mapping[str, str]) -> Package:
    glances: dict[str, Glance] = {}
    plain = {CONTENT_TYPES: index}
    for name in parts.keys() & kinds.keys():
        kind, xml = kinds[name], parts.pop(name)
        glances[name] = _look(xml)
        if kind == "styles":
            plain[STYLES] = _formats_alone(xml)
        elif kind == "main":
            plain[name] = ElementTree.tostring(_kept(xml, {"workbookPr", "sheets"}))
            relations = _relations_of(name)
            plain[relations] = _referring(parts[relations])
        else:
            plain[name] = xml
    by_kind = [(kinds[name], glance.cells) for name, glance in glances.items()]
    if sum(n for kind, n in by_kind if kind == "sharedStrings") > TEXTS_LEFT + sum(
        n for kind, n in by_kind if kind == "worksheet"
    ):
        raise BadWorkbook("文件里的文字比单元格还多，请另存为 .xlsx 后重新上传。")
    content = BytesIO()
    with ZipFile(content, "w", ZIP_STORED) as archive:
        for name, xml in plain.items():
            archive.writestr(name, xml)
    return Package(content.getvalue(), glances)


def _relations_of(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/_rels/{file}.rels".lstrip("/")


def _referring(xml: bytes) -> bytes:
    """An index of parts, which calls each as `_name` does."""
    _look(xml)
    return _REFERENCE.sub(lambda found: found[1] + found[2].replace(b"\\", b"/").lower(), xml)


def _kinds(types: bytes) -> dict[str, str]:
    """What each part is that an import needs."""
    found = {}
    for entry in ElementTree.fromstring(types):  # noqa: S314 - looked through
        if match := _WANTED.search(entry.get("ContentType", "")):
            found[entry.get("PartName", "").lstrip("/")] = match[1]
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _kept(xml: bytes, tags: Container[str]) -> ElementTree.Element:
    root = ElementTree.fromstring(xml)  # noqa: S314 - looked through
    for child in list(root):
        if _local(child.tag) not in tags:
            root.remove(child)
    return root


def _formats_alone(xml: bytes) -> bytes:
    """The styles with nothing but number formats in them."""
    root = _kept(xml, {"numFmts", "cellXfs"})
    for style in root.iter():
        if _local(style.tag) == "xf":
            number = style.get("numFmtId", "0")
            style.clear()
            style.set("numFmtId", _CHINESE_FORMATS.get(number, number))
    return ElementTree.tostring(root)


def _look(xml: bytes) -> Glance:
    """Run over the tags once; raises BadWorkbook where they leave the limits."""
    look = _Look()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = look.doctype
    parser.StartElementHandler = look.start
    parser.EndElementHandler = look.end
    parser.CharacterDataHandler = look.text
    parser.Parse(xml, True)
    return look.glance


class _Look:
    """What is counted and noted on the way through a part."""

    def __init__(self) -> None:
        self.glance = Glance()
        self._depth = self._tags = self._others = self._rows = 0
        self._text = self._texts = 0
        self._rows_hidden = self._in_cell = False

    def doctype(self, *_: object) -> None:
        raise BadWorkbook("文件含有工作簿不应有的内容（DOCTYPE），请另存为 .xlsx 后重新上传。")

    def end(self, _: str) -> None:
        self._depth -= 1
        self._in_cell = False

    def text(self, letters: str) -> None:
        if not self._in_cell:
            return
        self._text += len(letters)
        self._texts += len(letters)
        if self._text > MAX_CELL_TEXT or self._texts > MAX_LETTERS:
            raise BadWorkbook("单元格里的文字过长或过多，请删去多余文字后重新上传。")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._tags += 1
        namespace, _, name = tag.rpartition(" ")
        self._in_cell = name in ("t", "v", "f")
        if name not in _OF_CELLS:
            self._others += 1
            self._other(name, attributes)
        if (
            self._depth > MAX_DEPTH
            or self._tags > MAX_TAGS
            or self._others > MAX_OTHER_TAGS
            or len(attributes) > MAX_ATTRIBUTES
        ):
            raise BadWorkbook("文件的内部结构不正常或格式规则过多，请另存为 .xlsx 后重新上传。")
        if name in ("c", "r", "si"):
            self.glance.cells += 1
            self._text = self._text if name == "r" else 0
            if self.glance.cells > MAX_CELLS:
                raise BadWorkbook(f"一张表超过 {MAX_CELLS:,} 个单元格，请删去多余内容或拆分。")
        elif name in ("v", "is", "f"):
            self.glance.last_filled = self.glance.last_row
        elif name == "row":
            self._row(attributes)
        elif namespace.startswith(_STRICT) and self._depth == 1:
            raise BadWorkbook(
                "文件是“Strict Open XML”格式，请另存为“Excel 工作簿（*.xlsx）”后重新上传。"
            )

    def _other(self, name: str, attributes: dict[str, str]) -> None:
        if name == "col":
            self._column(attributes)
        elif name == "sheetFormatPr":
            self._rows_hidden = _hidden(attributes, "zeroHeight", "defaultRowHeight", LOWEST)
            if _hidden(attributes, "", "defaultColWidth", NARROWEST):
                self.glance.shown_columns = []
        elif name == "mergeCell":
            if len(self.glance.merged) < MOST_NAMED:
                self.glance.merged.append(attributes["ref"])
        elif name == "numFmt" and len(attributes["formatCode"]) > MAX_FORMAT:
            raise BadWorkbook("文件含有过长的数字格式，请另存为 .xlsx 后重新上传。")

    def _row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r", self.glance.last_row + 1))
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise BadWorkbook(f"一张表超过 {MAX_ROWS:,} 行，请删去空行或拆分。")
        if not self.glance.last_row < number <= LAST_ROW:
            raise ValueError("rows do not follow each other")
        self.glance.last_row = number
        default = self._rows_hidden and not {"ht", "hidden"} & attributes.keys()
        if default or _hidden(attributes, "hidden", "ht", LOWEST):
            self.glance.hidden_rows.add(number)

    def _column(self, attributes: dict[str, str]) -> None:
        columns = int(attributes["min"]), int(attributes["max"])
        if _hidden(attributes, "hidden", "width", NARROWEST):
            self.glance.hidden_columns.append(columns)
        elif self.glance.shown_columns is not None:
            self.glance.shown_columns.append(columns)


def _hidden(attributes: dict[str, str], flag: str, size: str, smallest: float) -> bool:
    """Whether it says that it is hidden, or is too small for anything in it to be read."""
    return attributes.get(flag) in ("1", "true") or float(attributes.get(size, smallest)) < smallest
