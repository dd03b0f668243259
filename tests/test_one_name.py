"""One thing has one name, and one moment one spelling, on every page that people read.

The names live in `domain/wording`; here are the other ones that were in use.
"""

import re
from pathlib import Path

import pytest

from backend.domain import wording

ROOT = Path(__file__).parents[1]
PAGES = (
    *(ROOT / "miniprogram_stub").rglob("*.wxml"),
    *(path for path in (ROOT / "miniprogram_stub").rglob("*.ts") if path.name != "api.d.ts"),
    *(ROOT / "backend" / "api").rglob("*.html"),
    *(ROOT / "backend" / "services" / "public").rglob("*.py"),
    *(ROOT / "backend" / "services" / "reads").rglob("*.py"),
    *(ROOT / "backend" / "services" / "printing").rglob("*.py"),
)
OTHERWISE = {
    wording.SUM_INSURED: "最多赔付|每台限额|保险金额|责任限额",
    wording.DEDUCTIBLE: "每次自付|先自付|每次免赔(?!额)",
    wording.PLAN_CODE: "方案指纹",
    wording.COVER_PERIOD: "保险期间",
    wording.NOTICE_OPEN: "正在征求意见",
    wording.DAY_ENDS: "[0-9}]时至|24时|23:59",
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_thing_is_called_by_its_name_alone(name: str) -> None:
    texts = {path: path.read_text("utf-8") for path in PAGES}
    astray = [
        f"{path.relative_to(ROOT)}: {found[0]} instead of {name}"
        for path, text in texts.items()
        for found in re.finditer(OTHERWISE[name], text)
    ]
    assert astray == []


@pytest.mark.parametrize("name", [wording.SUM_INSURED, wording.DEDUCTIBLE, wording.PLAN_CODE])
def test_the_phone_says_the_same_names(name: str) -> None:
    assert any(name in path.read_text("utf-8") for path in PAGES if path.suffix == ".wxml")
