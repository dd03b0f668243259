"""Pictures of the posters for docs/pictures: `make pictures`. Everything on them is invented.

The words are those of `services/printing/poster_words`, for rows that stand in no database.
"""

from datetime import date
from pathlib import Path
from uuid import UUID

from PIL import Image

from backend.domain.cover import CoverState
from backend.pictures.about_sheet import draw_about_sheet
from backend.pictures.cab_card import draw_cab_card
from backend.pictures.export import check_codes
from backend.pictures.lobby_notice import draw_lobby_notice
from backend.pictures.sheet import PosterSheet
from backend.services.printing import poster_words
from backend.services.public_notice.notice_text import PRIVACY, how_to_object
from backend.store.city_files import load_city
from backend.store.notices import PublicNotice
from backend.store.queries.lifts import CoverRow, LiftRow
from tests.build.poster_values import ADDRESS

DOCS = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH = 720
COLOURS = 64

CITY = load_city("jishou")
ESTATE = "示例花园（虚构）"
INSURER = "示例财产保险（虚构）"
NOBODY = UUID(int=0)

LIFT = LiftRow(
    lift_id=NOBODY,
    registration_code="DEMO-TI-000012",
    name="1号梯",
    estate=ESTATE,
    address="吉首市示例路1号（虚构）",
    building="3栋",
    unit="2单元",
    installed_on=date(2015, 6, 1),
    maintainer="示例电梯维保（虚构）",
    maintainer_phone="0743-0000012",
    next_inspection_on=date(2025, 9, 1),
    unit_id=NOBODY,
    building_id=NOBODY,
)
COVER = CoverRow(
    insurer=INSURER,
    insurer_phone="0743-0000021",
    starts_on=date(2025, 4, 1),
    ends_before=date(2026, 4, 1),
    state=CoverState.IN_FORCE,
    policy_number=None,
    purchase_id=NOBODY,
    terms=None,
)
CONTENT = {
    "title": f"{ESTATE}电梯维修保险方案公示",
    "purchase": "SQ-2025-000001",
    "estate": {"name": ESTATE, "address": LIFT.address},
    "places": ["3栋1单元", "3栋2单元"],
    "lifts": [
        {
            "registration_code": f"DEMO-TI-00001{unit}",
            "address": f"3栋{unit}单元1号梯",
            "age_years": 9,
            "premium_fen": 130_000,
        }
        for unit in (1, 2)
    ],
    "route": "增值收益统筹账户",
    "account": {
        "name": "3栋统筹账户",
        "number": "DEMO-TC-0003",
        "available_fen": 1_234_567,
        "used_fen": 260_000,
        "left_fen": 974_567,
    },
    "insurer": {
        "name": INSURER,
        "phone": "0743-0000021",
        "chosen": "由本市选定",
        "criteria": list(CITY.insurer.criteria.value),
    },
    "cover": {
        "text": "2025年4月1日0:00至2026年3月31日24:00",
        "scope_of_cover": "曳引机、控制系统、门系统、钢丝绳因故障、磨损、老化而维修的"
        "材料费和人工费。",
        "exclusions": "人为破坏；日常保养本身的费用；装饰装修。",
        "sum_insured_fen": 15_000_000,
        "deductible_fen": 0,
        "service_commitments": "接到报修30分钟内到场；每季度巡检一次。",
    },
    "days": 7,
    "how_to_object": how_to_object(CITY, CITY.routes["R1"]),
    "privacy": PRIVACY,
    "centre": {"name": CITY.centre.name.value, "phone": CITY.centre.phone.value},
}
NOTICE = PublicNotice(
    number="GS-2025-000012",
    content=CONTENT,
    content_hash="0123456789abcdef" * 4,
    state="open",
    starts_on=date(2025, 3, 8),
    ends_on=date(2025, 3, 17),
    explanation=[
        {
            "rule": "moved_past_days_off",
            "text": "3月15日至16日周末休息，顺延到其后第一日2025年3月17日（周一）。",
        }
    ],
)


def keep(sheet: PosterSheet, name: str) -> None:
    """The sheet at screen size, once its code was read back."""
    check_codes(sheet)
    picture = sheet.image.convert("RGB")
    size = (WIDTH, round(picture.height * WIDTH / picture.width))
    small = picture.resize(size, Image.Resampling.LANCZOS).quantize(COLOURS)
    small.save(DOCS / f"poster-{name}.png", optimize=True)


def main() -> None:
    """Draw one poster of each kind."""
    words = poster_words.lobby_notice(NOTICE, "3栋2单元", ADDRESS, CITY)
    keep(draw_cab_card(poster_words.cab_card(CITY, LIFT, COVER, ADDRESS)), "cab-card")
    keep(draw_lobby_notice(words, "A4"), "lobby-notice")
    keep(draw_about_sheet(poster_words.about_sheet(CITY, LIFT, ADDRESS)), "about")


if __name__ == "__main__":
    main()
