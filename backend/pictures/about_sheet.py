"""“About the insurance”: what the plans ask to be posted in lobby and cab. A4."""

from dataclasses import dataclass

from backend.pictures.sheet import CENTRE, MIDDLE, Ink, PosterSheet, with_missing
from backend.pictures.typesetting import STEP, Block, DoesNotFit, set_at

WIDTH, HEIGHT = 210.0, 297.0
EDGE = 14.0
RIGHT = WIDTH - EDGE
LARGEST, SMALLEST = 5.0, 3.0
BODY_TOP, BODY_BOTTOM = 45.0, 211.0
CODE = 66.0  # mm with its white margin, as on the notice
MARK = 11.0


@dataclass(frozen=True)
class AboutSheet:
    """What the sheet says: `answers` are pairs of question and answer, `address` what the code
    holds, `foot` the centre, its phone and the plan behind all this.
    """

    title: str
    subtitle: str
    answers: tuple[tuple[str, str], ...]
    emergency_phone: str
    emergency: str
    place: str
    address: str
    foot: str


def draw_about_sheet(about: AboutSheet, bleed: bool = False) -> PosterSheet:
    """Raises DoesNotFit when the answers are longer than the sheet can hold legibly."""
    sheet = PosterSheet(WIDTH, HEIGHT, bleed)
    sheet.fill((0, 0, WIDTH, 40), Ink.ON_ACCENT)
    sheet.write(
        about.title, (EDGE, 6, RIGHT, 24), (12.5, 8), Ink.ON_ACCENT, bold=True, within=MIDDLE
    )
    box = (EDGE, 24, RIGHT, 36)
    sheet.write(about.subtitle, box, (5.0, 2.4), Ink.QUIET_ON_ACCENT, within=MIDDLE, leading=1.3)
    _answers(sheet, about)
    _bottom(sheet, about)
    return sheet


def _answers(sheet: PosterSheet, about: AboutSheet) -> None:
    texts = [(sheet.legible(question), sheet.legible(answer)) for question, answer in about.answers]
    size = LARGEST
    while True:
        pairs = [_set(question, answer, size) for question, answer in texts]
        spare = BODY_BOTTOM - BODY_TOP - sum(q.height + a.height for q, a in pairs)
        if spare >= size * 0.7 * len(pairs):
            break
        size *= STEP
        if size < SMALLEST:
            raise DoesNotFit(about.title)
    gap = min(spare / len(pairs), size * 1.6)
    top = BODY_TOP + gap / 4
    for number, (question, answer) in enumerate(pairs, 1):
        sheet.fill((EDGE, top + 0.4, EDGE + 7.6, top + 8.0), Ink.ON_ACCENT, radius=3.8)
        circle = (EDGE, top + 0.4, EDGE + 7.6, top + 8.0)
        sheet.write(str(number), circle, (4.8, 4), Ink.ON_ACCENT, bold=True, within=CENTRE)
        sheet.place(question, EDGE + MARK, RIGHT, top, Ink.ACCENT, bold=True)
        top += question.height
        sheet.place(answer, EDGE + MARK, RIGHT, top, Ink.TEXT)
        top += answer.height + gap


def _set(question: str, answer: str, size: float) -> tuple[Block, Block]:
    width = RIGHT - EDGE - MARK
    return set_at(question, width, size * 1.2), set_at(answer, width, size, 1.45)


def _bottom(sheet: PosterSheet, about: AboutSheet) -> None:
    top, bottom = 214.0, 284.0
    sheet.fill((EDGE, top, RIGHT, bottom), Ink.PALE_TEXT, radius=3)
    sheet.fill((EDGE + 2, top + 2, EDGE + 2 + CODE, bottom - 2), Ink.TEXT, radius=2)
    sheet.code(about.address, EDGE + 2, top + 2, CODE)
    left, right = EDGE + CODE + 7, RIGHT - 5
    sheet.write(
        "扫一扫，看本梯", (left, top + 3, right, top + 15), (8.4, 5), Ink.PALE_ACCENT, bold=True
    )
    sheet.write(
        about.place,
        (left, top + 15, right, top + 29),
        (4.8, 2.2),
        Ink.PALE_TEXT,
        within=MIDDLE,
        leading=1.3,
    )
    sheet.fill((left, top + 31, right, bottom - 3), Ink.ALARM, radius=2)
    phone = (left + 4, top + 32, left + 32, bottom - 4)
    sheet.write(
        about.emergency_phone, phone, (13, 3.4), Ink.ALARM, bold=True, within=MIDDLE, leading=1.1
    )
    words = (left + 34, top + 32, right - 3, bottom - 4)
    sheet.write(about.emergency, words, (4.2, 2.2), Ink.ALARM_TEXT, within=MIDDLE, leading=1.35)
    foot = with_missing(sheet, about.foot)
    sheet.write(foot, (EDGE, 285.5, RIGHT, 294), (3.2, 1.6), Ink.QUIET, leading=1.25, within=MIDDLE)
