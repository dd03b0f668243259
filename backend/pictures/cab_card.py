"""The card in the lift cab: whom to call when trapped, and the code to scan. A5, upright."""

from dataclasses import dataclass

from backend.pictures.sheet import MIDDLE, RIGHT_MIDDLE, Ink, PosterSheet, with_missing

WIDTH, HEIGHT = 148.0, 210.0
EDGE = 9.0


@dataclass(frozen=True)
class CabCard:
    """What the card says. `address` is what the code holds; `steps` what trapped people do.

    `insurance` and `maintenance` are whole lines of text; `foot` names the centre and its phone.
    """

    place: str
    estate: str
    registration_code: str
    address: str
    emergency_phone: str
    steps: tuple[str, ...]
    insurance: str
    maintenance: str
    foot: str


def draw_cab_card(card: CabCard, bleed: bool = False) -> PosterSheet:
    """Raises DoesNotFit when a text is longer than the card can hold."""
    sheet = PosterSheet(WIDTH, HEIGHT, bleed)
    _head(sheet, card)
    _emergency(sheet, card)
    _scan(sheet, card)
    _facts(sheet, card)
    _foot(sheet, card)
    return sheet


def _head(sheet: PosterSheet, card: CabCard) -> None:
    sheet.fill((0, 0, WIDTH, 20), Ink.ON_ACCENT)
    sheet.write(card.place, (EDGE, 2.5, 100, 17.5), (8, 2), Ink.ON_ACCENT, bold=True, within=MIDDLE)
    sheet.write(
        card.estate,
        (102, 2.5, WIDTH - EDGE, 17.5),
        (4.4, 2),
        Ink.QUIET_ON_ACCENT,
        within=RIGHT_MIDDLE,
        leading=1.3,
    )


def _emergency(sheet: PosterSheet, card: CabCard) -> None:
    right = WIDTH - EDGE
    sheet.fill((EDGE, 25, right, 89), Ink.ALARM, radius=3)
    sheet.write(
        "被困电梯，请打", (EDGE + 5, 26.5, 72, 50), (8.4, 5), Ink.ALARM, bold=True, within=MIDDLE
    )
    sheet.write(
        card.emergency_phone,
        (72, 26.5, right - 5, 50),
        (21, 6),
        Ink.ALARM,
        bold=True,
        within=RIGHT_MIDDLE,
        leading=1.1,
    )
    top = 50.0
    each = (87 - top) / len(card.steps)
    for number, step in enumerate(card.steps, 1):
        box = (EDGE + 15, top, right - 5, top + each)
        sheet.write(
            str(number),
            (EDGE + 5, top, EDGE + 13, top + each),
            (6, 5),
            Ink.ALARM,
            bold=True,
            within=MIDDLE,
        )
        sheet.write(step, box, (4.8, 2.6), Ink.ALARM_TEXT, within=MIDDLE, leading=1.35)
        top += each


def _scan(sheet: PosterSheet, card: CabCard) -> None:
    sheet.code(card.address, EDGE - 3, 92, 60)
    left, right = 70.0, WIDTH - EDGE
    sheet.write("微信扫一扫", (left, 97, right, 110), (9.6, 8), Ink.ACCENT, bold=True)
    lines = "谁承保、保到哪一天\n谁维保、下次哪天检验\n正在公示什么、怎么提意见"
    sheet.write(lines, (left, 111, right, 133), (5.0, 4), Ink.TEXT, leading=1.45)
    words = "不用登录，不收集个人信息。没有微信，用手机相机扫也能看。"
    sheet.write(words, (left, 134.5, right, 149), (3.9, 3.2), Ink.QUIET)


def _facts(sheet: PosterSheet, card: CabCard) -> None:
    rows = (
        ("保险", card.insurance),
        ("维保", card.maintenance),
        ("注册代码", card.registration_code),
    )
    top, each = 152.0, 14.6
    for label, text in rows:
        sheet.rule(EDGE, WIDTH - EDGE, top)
        sheet.write(label, (EDGE, top, 34, top + each), (4.6, 4), Ink.QUIET, within=MIDDLE)
        box = (35, top + 0.8, WIDTH - EDGE, top + each - 0.4)
        sheet.write(text, box, (5.0, 2.4), Ink.TEXT, bold=True, within=MIDDLE, leading=1.28)
        top += each
    sheet.rule(EDGE, WIDTH - EDGE, top)


def _foot(sheet: PosterSheet, card: CabCard) -> None:
    box = (EDGE, 197, WIDTH - EDGE, 207.5)
    sheet.write(with_missing(sheet, card.foot), box, (3.4, 1.8), Ink.QUIET, within=MIDDLE)
