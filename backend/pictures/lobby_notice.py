"""公示 in the lobby: the whole frozen plan on one sheet, A4 or A3."""

from dataclasses import dataclass

from backend.domain.posters import NoticePaper
from backend.pictures.sheet import CENTRE, MIDDLE, RIGHT_MIDDLE, Box, Ink, PosterSheet, with_missing
from backend.pictures.typesetting import STEP, Block, DoesNotFit, largest_that_fits, set_at

WIDTH, HEIGHT = 210.0, 297.0
SCALES: dict[NoticePaper, float] = {"A4": 1.0, "A3": 2**0.5}
EDGE = 13.0
RIGHT = WIDTH - EDGE

# The text of the plan, in mm on paper. It may become as small as newspapers print.
LARGEST, SMALLEST = 4.6, 2.6
LABEL = 23.0
BODY_TOP, BODY_BOTTOM = 93.0, 231.0
COLUMNS = (0.31, 0.4, 0.11, 0.18)  # of the table of lifts


@dataclass(frozen=True)
class LobbyNotice:
    """What the notice says: `lifts` are the rows of the table after its `heading`, `sections` the
    plan as pairs of label and text, `period` and `money` pairs of label and figure, `rights` what
    owners can do. `address` is what the code holds, `fingerprint` names the frozen text.
    """

    title: str
    number: str
    place: str
    period: tuple[tuple[str, str], tuple[str, str]]
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
        (EDGE, 4.5, RIGHT, 22),
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
    sheet.fill((EDGE, 37.5, RIGHT, 66.5), Ink.PALE_TEXT, radius=2)
    middle = WIDTH / 2
    for (label, value), left, right in (
        (notice.period[0], EDGE + 5, middle - 2),
        (notice.period[1], middle + 4, RIGHT - 4),
    ):
        sheet.write(label, (left, 39, right, 45), (3.8, 3), Ink.PALE_QUIET)
        sheet.write(
            value, (left, 44.5, right, 54), (6.6, 3.4), Ink.PALE_TEXT, bold=True, within=MIDDLE
        )
    note = (EDGE + 5, 54, RIGHT - 4, 65.5)
    sheet.write(notice.period_note, note, (4.0, 2.2), Ink.PALE_ACCENT, within=MIDDLE, leading=1.3)


def _money(sheet: PosterSheet, notice: LobbyNotice) -> None:
    each = (RIGHT - EDGE) / len(notice.money)
    for number, (label, value) in enumerate(notice.money):
        left = EDGE + number * each
        if number:
            sheet.fill((left, 71.5, left + 0.25, 86.5), Ink.LINE, full=True)
        box: Box = (left + (4 if number else 1), 69.5, left + each - 2, 75.5)
        sheet.write(label, box, (3.8, 2.6), Ink.QUIET)
        box = (box[0], 75.5, box[2], 87)
        sheet.write(value, box, (7.6, 3), Ink.ACCENT, bold=True, within=MIDDLE, leading=1.2)
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
        rows = _rows(notice.heading, lifts, sections, max(size, smallest))
        gap = max(size, smallest) * 0.42
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


def _rows(
    heading: tuple[str, ...],
    lifts: list[tuple[str, ...]],
    sections: list[tuple[str, str]],
    size: float,
) -> list[_Row]:
    rows = [_table_row(heading, size * 0.86, Ink.QUIET)]
    rows += [_table_row(lift, size, Ink.TEXT) for lift in lifts]
    for label, text in sections:
        rows.append(
            _Row(
                (
                    (set_at(label, LABEL - 2, size, 1.4), EDGE, Ink.ACCENT, True),
                    (set_at(text, RIGHT - EDGE - LABEL, size, 1.4), EDGE + LABEL, Ink.TEXT, False),
                ),
                False,
            )
        )
    return rows


def _table_row(cells: tuple[str, ...], size: float, ink: Ink) -> _Row:
    left = EDGE
    row = []
    for text, share in zip(cells, COLUMNS, strict=True):
        width = (RIGHT - EDGE) * share
        row.append((set_at(text, width - 2, size, 1.3), left, ink, False))
        left += width
    return _Row(tuple(row), True)


def _rights(sheet: PosterSheet, notice: LobbyNotice) -> None:
    top, bottom = 235.0, 288.0
    sheet.fill((EDGE, top, RIGHT, bottom), Ink.PALE_TEXT, radius=2)
    side = 49.0
    sheet.fill((RIGHT - side - 2, top + 2, RIGHT - 2, bottom - 2), Ink.TEXT, radius=1)
    sheet.code(notice.address, RIGHT - side - 1.5, top + 1.2, side - 1)
    scan = (RIGHT - side - 1, top + 44.5, RIGHT - 3, bottom - 2.6)
    sheet.write(notice.scan, scan, (3.5, 2), Ink.TEXT, leading=1.2, within=CENTRE)
    left, right = EDGE + 5, RIGHT - side - 6
    pairs = [(sheet.legible(label), sheet.legible(text)) for label, text in notice.rights]
    room = bottom - top - 6
    blocks = largest_that_fits(pairs, (17, right - left - 18), room, (4.4, 1.8), 0.4)
    heights = [max(label.height, text.height) for label, text in blocks]
    gap = min(4.0, (room - sum(heights)) / len(blocks))
    y = top + 3 + (room - sum(heights) - gap * (len(blocks) - 1)) / 2
    for (label, text), height in zip(blocks, heights, strict=True):
        sheet.place(label, left, left + 17, y, Ink.PALE_ACCENT, bold=True)
        sheet.place(text, left + 18, right, y, Ink.PALE_TEXT)
        y += height + gap
    foot = with_missing(sheet, notice.fingerprint)
    sheet.write(foot, (EDGE, 289, RIGHT, 295), (2.6, 1.4), Ink.QUIET, leading=1.2, within=MIDDLE)
