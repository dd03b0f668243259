"""Pictures of every page for docs/pictures: `make pictures`.

Each picture of the mini-program shows one page at 320, 390 and 768 px, above in normal and below in
elder size; one of the officers' desk shows the screen of an office at 1366×600.
"""

import io
import re
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import requests
from PIL import Image
from playwright.sync_api import Browser

from backend.demo.cast import ACCOUNT, CAST
from tests.build.chromium import chromium
from tests.build.pc import Desk
from tests.e2e.city import City, running_city
from tests.e2e.pages import PAGES
from tests.e2e.phone import ELDER, NORMAL, Phone

DOCS = Path(__file__).parents[2] / "docs" / "pictures"
# Of the desk: who opens it, where, and the links that are followed from there.
DESK = {
    "desk-today": ("clerk", "/desk/", ()),
    "desk-cases": ("clerk", "/desk/cases", ()),
    "desk-case": ("clerk", "/desk/cases?state=posted", ("^SQ-",)),
    "desk-step": ("manager", "/desk/cases?words=SQ-2025-000004", ("^SQ-", "提交申请")),
    "desk-estate": ("manager", "/desk/estates", ("示例花园",)),
    "desk-people": ("administrator", "/desk/people", ()),
    "desk-dashboard": ("supervisor", "/desk/dashboard", ()),
    "desk-account": ("auditor", f"/desk/audit/account?number={ACCOUNT}", ()),
    "desk-income": ("cashier", "/desk/income", ()),
    "desk-deposit": ("cashier", "/desk/income/deposits", ("DEMO-CD-1",)),
    "desk-shares": ("reviewer", "/desk/income/closes", ("年第1次",)),
}
INCOME = ("desk-income", "desk-deposit", "desk-shares")
# Half a year of a demand deposit, confirmed by another officer; the year's shares wait for one.
DEPOSIT = {"number": "DEMO-CD-1", "rate": "0.45", "months": 0, "value_on": "2024-07-01"}
INTEREST = {"bank_reference": "DEMO-INT-1", "posted_on": "2025-01-01", "until_on": "2025-01-01"}
PRINCIPAL_FEN, INTEREST_FEN = 100_000_000, 230_000
WIDTHS = (320, 390, 768)
HEIGHT = 844
GAP = 24
GROUND = (226, 230, 234)
COLOURS = 64


def screenshot(phone: Phone, width: int) -> Image.Image:
    """The page as it stands, at this width."""
    phone.page.set_viewport_size({"width": width, "height": HEIGHT})
    phone.page.wait_for_timeout(300)
    return Image.open(io.BytesIO(phone.page.screenshot())).convert("RGB")


def sheet(browser: Browser, city: City, name: str, facts: dict[str, str]) -> Image.Image:
    """One page in all sizes."""
    key, path, words = PAGES[name]
    size = (sum(WIDTHS) + GAP * (len(WIDTHS) + 1), 2 * HEIGHT + 3 * GAP)
    paper = Image.new("RGB", size, GROUND)
    for row, font in enumerate((NORMAL, ELDER)):
        phone = Phone(browser, city.settings.wechat_url, CAST[key].shown, font)
        phone.open(path.format(**facts))
        phone.sees(words)
        left = GAP
        for width in WIDTHS:
            paper.paste(screenshot(phone, width), (left, GAP + row * (HEIGHT + GAP)))
            left += width + GAP
        phone.close()
    return paper


def screen(browser: Browser, city: City, name: str) -> Image.Image:
    """One page of the desk, as its officer finds it."""
    key, path, link = DESK[name]
    desk = Desk(browser, f"http://127.0.0.1:{city.settings.desk_port}")
    sits_down = f"{city.settings.wechat_url}/office-pc/{quote(CAST[key].shown)}"
    answer = requests.post(sits_down, timeout=30, allow_redirects=False)
    for cookie, value in answer.cookies.items():
        desk.takes(cookie, str(value))
    desk.open(path)
    for words in link:
        desk.page.get_by_role("link", name=re.compile(words)).first.click()
    paper = Image.open(io.BytesIO(desk.page.screenshot())).convert("RGB")
    desk.close()
    return paper


def earn(city: City) -> None:
    """What the pages of income show: a deposit, its interest, and the shares of its year."""
    stage = city.stage
    for key in ("cashier", "reviewer", "clerk"):
        stage.enter(key)
    bank = stage.act("cashier", "GET", "/ledger/banks")["items"][0]["id"]
    paper = {"file_sha256": stage.upload("cashier", "certificate", "PDF")}
    body = {"bank_id": bank, "principal_fen": PRINCIPAL_FEN, **DEPOSIT, **paper}
    deposit = stage.act("cashier", "POST", "/deposits", body)["id"]
    receipt = {**INTEREST, "actual_fen": INTEREST_FEN}
    receipt["file_sha256"] = stage.upload("cashier", "receipt", "PDF")
    interest = stage.act("cashier", "POST", f"/deposits/{deposit}/interest", receipt)["id"]
    stage.act("reviewer", "POST", f"/deposit-interest/{interest}/confirmation")
    stage.act("clerk", "POST", "/year-closes", {"year": 2024})


def main(browser_path: str, names: list[str]) -> None:
    """Take the pictures of these pages, or of all."""
    DOCS.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="tibao-pictures-") as folder,
        running_city(Path(folder)) as city,
        chromium(browser_path) as browser,
    ):
        Path(folder).chmod(0o711)
        facts = city.facts()
        if not names or set(names) & set(INCOME):
            earn(city)
        for name in names or (*PAGES, *DESK):
            if name in DESK:
                small = screen(browser, city, name)
            else:
                paper = sheet(browser, city, name, facts)
                half = (paper.width // 2, paper.height // 2)
                small = paper.resize(half, Image.Resampling.LANCZOS)
            small.quantize(COLOURS).save(DOCS / f"page-{name}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
