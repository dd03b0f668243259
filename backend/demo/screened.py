"""The play by Shaoguan's route SG: two years' income, an estate that is screened and guided.

What both routes have, from the committee's word to the cover, is played as in `play`.
"""

from datetime import datetime

from backend.demo.cast import BUILDING, ESTATE_CODE, INSURER
from backend.demo.play import LIFTS, PREMIUM_FEN, Play, Scene, check, from_the_plan_on, named
from backend.demo.seed import found
from backend.demo.stage import Json
from backend.domain.local_time import SHANGHAI

YEARS = (2023, 2024)
DEPOSIT_FEN, INTEREST_FEN = 150_000_000, 2_925_000  # at 1.95 %, of which 0.45 % is value-added
CRITERIA = {
    "fund_ample": "专项维修资金结余六百八十余万元，户均六千余元。",
    "committee_works": "业委会在任，上一年度召开会议六次，纪要齐全。",
    "managed_and_upkept": "物业合同在期，电梯每十五日维保一次，记录完整。",
    "willing": "业委会、物业书面表示愿意参加试点。",
}


class ScreenedPlay(Play):
    """One performance: nobody applies, and the city's pools of two years pay."""

    bank = ""
    pools: Json

    def earn(self) -> None:
        """A deposit of each year above the benchmark, and its interest (SG 五（三）)."""
        self._from(2)
        bank = self.stage.act("cashier", "GET", "/ledger/banks")["items"][0]
        self.bank = bank["number"]
        for year in YEARS:
            self._deposit(bank["id"], year)
            with self.record.step("clerk", "preview_close"):
                preview = self.stage.act("clerk", "POST", "/year-closes", {"year": year})
            with self.record.step("reviewer", "post_close") as entry:
                path = f"/year-closes/{preview['id']}/posting"
                entry["close"] = self.stage.act("reviewer", "POST", path)
                entry["amount_fen"] = entry["close"]["moved_fen"]

    def _from(self, day: int) -> None:
        self.stage.set_clock(datetime(2025, 1, day, 9, tzinfo=SHANGHAI))
        self.stage.catch_up()

    def _deposit(self, bank_id: str, year: int) -> None:
        terms = {"rate": "1.95", "months": 12, "value_on": f"{year}-01-01"}
        with self.record.step("cashier", "enter_deposit") as entry:
            body = {
                "bank_id": bank_id,
                "number": f"DEMO-CD-{year}",
                "principal_fen": DEPOSIT_FEN,
                **terms,
                "file_sha256": self.stage.upload("cashier", "certificate of deposit", "PDF"),
            }
            deposit = self.stage.act("cashier", "POST", "/deposits", body)
            entry["amount_fen"] = DEPOSIT_FEN
        with self.record.step("cashier", "enter_interest") as entry:
            receipt = {
                "bank_reference": f"DEMO-INT-{year}",
                "posted_on": f"{year + 1}-01-01",
                "until_on": f"{year + 1}-01-01",
                "actual_fen": INTEREST_FEN,
                "file_sha256": self.stage.upload("cashier", "interest receipt", "PDF"),
            }
            path = f"/deposits/{deposit['id']}/interest"
            interest = self.stage.act("cashier", "POST", path, receipt)
            entry["amount_fen"] = INTEREST_FEN
        with self.record.step("reviewer", "confirm_interest"):
            path = f"/deposit-interest/{interest['id']}/confirmation"
            self.stage.act("reviewer", "POST", path)

    def screen(self) -> None:
        """One criterion is not met at first, and the district is told which (SG 四)."""
        self._from(13)
        self.estate = found(self.stage.act("district", "GET", "/estates"), "code", ESTATE_CODE)
        path = f"/estates/{self.estate['id']}/screenings"
        sheet = {
            "findings": [
                {"criterion": code, "met": True, "finding": words}
                for code, words in CRITERIA.items()
            ],
            "sheet_sha256": self.stage.upload("district", "screening sheet", "PDF"),
        }
        with self.record.step("district", "screen_refused") as entry:
            unwilling = {"criterion": "willing", "met": False, "finding": "业委会尚未表态。"}
            refused = {**sheet, "findings": [*sheet["findings"][:-1], unwilling]}
            entry["missing"] = self.stage.refused("district", path, refused)
        check([one["code"] for one in entry["missing"]] == ["criterion_not_met"], "应指出哪一项")
        with self.record.step("district", "screen"):
            self.record.purchase_id = self.stage.act("district", "POST", path, sheet)["id"]

    def guide(self) -> None:
        """Lifts, insurer, and both years' pools (SG 五（三）, 五（四）)."""
        self.at(1, 14)
        place = f"/estates/{self.estate['id']}"
        lifts = self.stage.act("district", "GET", f"{place}/lifts")["items"]
        self.lifts = [lift for lift in lifts if lift["building"] == BUILDING]
        check(len(self.lifts) == LIFTS, f"应有 {LIFTS} 台电梯")
        self.units = sorted({lift["unit_id"] for lift in self.lifts})
        insurers = self.stage.act("district", "GET", "/insurers")
        self.insurer = found(insurers, "name", INSURER)["id"]
        self.pools = self.stage.act("district", "GET", f"{place}/accounts")
        with self.record.step("district", "guide") as entry:
            guidance = {
                "lift_ids": [lift["id"] for lift in self.lifts],
                "insurer_id": self.insurer,
                "account_ids": [pool["id"] for pool in self.pools["items"]],
            }
            self.stage.act("district", "POST", f"{self.case}/guidance", guidance)
            entry["pools"] = [pool["name"] for pool in self.pools["items"]]
        check(len(entry["pools"]) == len(YEARS), "应有两个年度的统筹资金")
        tokens = self.stage.act("manager", "GET", f"{place}/lifts")["items"]
        self.token = found({"items": tokens}, "id", self.lifts[0]["id"])["token"]

    def plan(self) -> None:
        """The insurer's plan (SG 五（二）)."""
        self.at(1, 15)
        with self.record.step("insurer", "submit_plan") as entry:
            self.stage.act("insurer", "POST", f"{self.case}/plans", self.terms())
            entry["amount_fen"] = LIFTS * PREMIUM_FEN


def scenes(play: ScreenedPlay) -> list[tuple[str, Scene]]:
    """The scenes in order."""
    return named(play.earn, play.screen, play.guide, play.plan, *from_the_plan_on(play))
