"""公示 in the lobby: the whole frozen plan on one sheet, A4 or A3."""

from dataclasses import dataclass

from backend.domain.posters import NoticePaper
from backend.pictures.sheet import MIDDLE, RIGHT_MIDDLE, Box, Ink, PosterSheet, with_missing
from backend.pictures.typesetting import STEP, Block, DoesNotFit, largest_that_fits, set_at

WIDTH, HEIGHT = 210.0, 297.0
SCALES: dict[NoticePaper, float] = {"A4": 1.0, "A3": 2**0.5}
EDGE = 13.0
RIGHT = WIDTH - EDGE

# The text of the plan, in mm on paper. It may become as small as newspapers print.
LARGEST, SMALLEST = 4.6, 2.6
LABEL = 23.0
BODY_TOP, BODY_BOTTOM = 92.0, 215.0
CODE = 66.0  # mm with its white margin: read by a phone that has the whole sheet in view, at 60°
COLUMNS = (0.31, 0.4, 0.11, 0.18)  # of the table of lifts
MANY_LIFTS = 8  # more than these may stand two abreast
BETWEEN = 5.0  # mm between two that stand abreast
GAP = 0.42  # between rows, in em


@dataclass(frozen=True)
class LobbyNotice:
    """What the notice says: `lifts` are the rows of the table after its `heading`, `sections` the
    plan as pairs of label and text, `deadline` and `money` pairs of label and figure, `start` and
    `period_note` what explains the deadline, `rights` what owners can do. `address` is what the
    code holds, `fingerprint` names the frozen text.
    """

    title: str
    number: str
    place: str
    deadline: tuple[str, str]
    start: str
    period_note: str
    money: tuple[tuple[str, str], ...]
    heading: tuple[str, ...]
    lifts: tuple[tuple[str, ...], ...]
    sections: tuple[tuple[str, str], ...]
    rights: tuple[tuple[str, str], ...]
    address: str
    scan: str
    fingerprint: str


def draw_lobby_notice(notice: LobbyNotice, paper: NoticePaper, bleed: bool = False) -> PosterSheet:
    """Raises DoesNotFit when the plan is longer than the paper can hold legibly."""
    sheet = PosterSheet(WIDTH, HEIGHT, bleed, SCALES[paper])
    _head(sheet, notice)
    _period(sheet, notice)
    _money(sheet, notice)
    _plan(sheet, notice)
    _rights(sheet, notice)
    return sheet


def _head(sheet: PosterSheet, notice: LobbyNotice) -> None:
    sheet.fill((0, 0, WIDTH, 33), Ink.ON_ACCENT)
    sheet.write(
        notice.title,
        (EDGE, 3.5, RIGHT, 22.5),
        (10.5, 4),
        Ink.ON_ACCENT,
        bold=True,
        within=MIDDLE,
        leading=1.25,
    )
    ink = Ink.QUIET_ON_ACCENT
    sheet.write(f"公示编号 {notice.number}", (EDGE, 22, 95, 30), (4, 2.2), ink, within=MIDDLE)
    place = f"张贴处：{notice.place}"
    sheet.write(place, (97, 22, RIGHT, 30), (4, 2.2), ink, within=RIGHT_MIDDLE, leading=1.25)


def _period(sheet: PosterSheet, notice: LobbyNotice) -> None:
    """The deadline is the largest figure of the sheet: whoever misses it has lost a right."""
    left, right = EDGE + 5, RIGHT - 4
    sheet.fill((EDGE, 36, RIGHT, 70.5), Ink.PALE_TEXT, radius=2)
    label, value = notice.deadline
    sheet.write(label, (left, 37.5, 95, 43.5), (4.2, 3), Ink.PALE_QUIET, within=MIDDLE)
    sheet.write(
        notice.start, (97, 37.5, right, 43.5), (4.2, 2.6), Ink.PALE_QUIET, within=RIGHT_MIDDLE
    )
    box = (left, 43.5, right, 58)
    sheet.write(value, box, (11.5, 6), Ink.PALE_TEXT, bold=True, within=MIDDLE, leading=1.2)
    note = (left, 58, right, 69.5)
    sheet.write(notice.period_note, note, (4.0, 2.2), Ink.PALE_ACCENT, within=MIDDLE, leading=1.3)


def _money(sheet: PosterSheet, notice: LobbyNotice) -> None:
    each = (RIGHT - EDGE) / len(notice.money)
    for number, (label, value) in enumerate(notice.money):
        left = EDGE + number * each
        if number:
            sheet.fill((left, 75, left + 0.25, 87), Ink.LINE, full=True)
        box: Box = (left + (4 if number else 1), 73, left + each - 2, 78.5)
        sheet.write(label, box, (3.6, 2.6), Ink.QUIET)
        box = (box[0], 78.5, box[2], 88)
        sheet.write(value, box, (6.4, 3), Ink.ACCENT, bold=True, within=MIDDLE, leading=1.2)
    sheet.rule(EDGE, RIGHT, 89.5)


@dataclass(frozen=True)
class _Row:
    """Cells set side by side, each with its place from the left."""

    cells: tuple[tuple[Block, float, Ink, bool], ...]
    ruled: bool

    @property
    def height(self) -> float:
        return max(block.height for block, *_ in self.cells)


def _plan(sheet: PosterSheet, notice: LobbyNotice) -> None:
    """Table and sections at the largest size at which all of them fit."""
    size = LARGEST
    smallest = SMALLEST / sheet.scale
    lifts = [tuple(map(sheet.legible, row)) for row in notice.lifts]
    sections = [(sheet.legible(label), sheet.legible(text)) for label, text in notice.sections]
    while True:
        size = max(size, smallest)
        rows = _table(notice.heading, lifts, size) + _sections(sections, size)
        gap = size * GAP
        spare = BODY_BOTTOM - BODY_TOP - sum(row.height + gap for row in rows)
        if spare >= 0:
            break
        if size <= smallest:
            raise DoesNotFit(notice.title)
        size *= STEP
    gap += min(spare / len(rows), gap)
    top = BODY_TOP
    for row in rows:
        for block, left, ink, bold in row.cells:
            sheet.place(block, left, RIGHT, top, ink, bold=bold)
        top += row.height + gap
        if row.ruled:
            sheet.rule(EDGE, RIGHT, top - gap / 2)


def _table(heading: tuple[str, ...], lifts: list[tuple[str, ...]], size: float) -> list[_Row]:
    """One lift a row, or two where that saves height."""
    ways = []
    for abreast in (1, 2) if len(lifts) > MANY_LIFTS else (1,):
        rows = [_table_row([heading] * abreast, size * 0.86, Ink.QUIET, abreast)]
        for at in range(0, len(lifts), abreast):
            rows.append(_table_row(lifts[at : at + abreast], size, Ink.TEXT, abreast))
        ways.append(rows)
    return min(ways, key=lambda rows: sum(row.height + size * GAP for row in rows))


def _table_row(lifts: list[tuple[str, ...]], size: float, ink: Ink, abreast: int) -> _Row:
    each = (RIGHT - EDGE - BETWEEN * (abreast - 1)) / abreast
    row = []
    for number, cells in enumerate(lifts):
        left = EDGE + number * (each + BETWEEN)
        for text, share in zip(cells, COLUMNS, strict=True):
            row.append((set_at(text, each * share - 2, size, 1.3), left, ink, False))
            left += each * share
    return _Row(tuple(row), True)


def _sections(sections: list[tuple[str, str]], size: float) -> list[_Row]:
    rows = []
    for label, text in sections:
        name = set_at(label, LABEL - 2, size, 1.4)
        value = set_at(text, RIGHT - EDGE - LABEL, size, 1.4)
        cells = (name, EDGE, Ink.ACCENT, True), (value, EDGE + LABEL, Ink.TEXT, False)
        rows.append(_Row(cells, False))
    return rows


def _rights(sheet: PosterSheet, notice: LobbyNotice) -> None:
    top, bottom = 218.0, 288.0
    sheet.fill((EDGE, top, RIGHT, bottom), Ink.PALE_TEXT, radius=2)
    side = RIGHT - 2 - CODE
    sheet.fill((side, top + 2, RIGHT - 2, bottom - 2), Ink.TEXT, radius=1)
    sheet.code(notice.address, side, top + 2, CODE)
    left, right = EDGE + 5, side - 4
    scan = (left, top + 3, right, top + 12)
    sheet.write(notice.scan, scan, (6.2, 4), Ink.PALE_ACCENT, bold=True, within=MIDDLE)
    pairs = [(sheet.legible(label), sheet.legible(text)) for label, text in notice.rights]
    room = bottom - top - 17
    blocks = largest_that_fits(pairs, (15, right - left - 16), room, (4.4, 1.8), 0.4)
    heights = [max(label.height, text.height) for label, text in blocks]
    gap = min(4.0, (room - sum(heights)) / len(blocks))
    y = top + 14 + (room - sum(heights) - gap * (len(blocks) - 1)) / 2
    for (label, text), height in zip(blocks, heights, strict=True):
        sheet.place(label, left, left + 15, y, Ink.PALE_ACCENT, bold=True)
        sheet.place(text, left + 16, right, y, Ink.PALE_TEXT)
        y += height + gap
    foot = with_missing(sheet, notice.fingerprint)
    sheet.write(foot, (EDGE, 289, RIGHT, 295), (2.6, 1.4), Ink.QUIET, leading=1.2, within=MIDDLE)
