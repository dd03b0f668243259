"""The play by Jishou's route R3: an owner who has a house alone pays three years in beforehand."""

from backend.demo.cast import ALONE, ESTATE_CODE, HOUSE, INSURER
from backend.demo.play import PREMIUM_FEN, Play, Scene, check, named
from backend.demo.seed import found
from backend.demo.stage import Json

YEARS = 3


class OwnersPlay(Play):
    """One performance: nobody votes, nobody objects, and the owner's special account pays."""

    applicant = ALONE
    buyer = "产权人本人"
    premium_fen = PREMIUM_FEN
    home: Json

    def begin(self) -> None:
        """On the phone: the way that the estate offers to this owner (annex 二（三）1)."""
        places = self.stage.act(ALONE, "GET", "/estates")
        self.estate = found(places, "code", ESTATE_CODE)
        place = f"/estates/{self.estate['id']}"
        ways = self.stage.act(ALONE, "GET", f"{place}/ways")["ways"]
        (way,) = [way for way in ways if way["route"] == "R3"]
        self.lifts = [
            lift
            for lift in self.stage.act(ALONE, "GET", f"{place}/lifts")["items"]
            if lift["id"] in way["lift_ids"]
        ]
        check([lift["building"] for lift in self.lifts] == [HOUSE[0]], "应只有自己的那台电梯")
        printed = self.stage.act("manager", "GET", f"{place}/lifts")
        self.token = found(printed, "id", self.lifts[0]["id"])["token"]
        insurers = self.stage.act(ALONE, "GET", "/insurers")
        self.insurer = found(insurers, "name", INSURER)["id"]
        request = {
            "route": "R3",
            "estate_id": self.estate["id"],
            "insurer_id": self.insurer,
            "applicant": "independent_owner",
            "lift_ids": way["lift_ids"],
        }
        with self.record.step(ALONE, "draft"):
            self.record.purchase_id = self.stage.act(ALONE, "POST", "/purchases", request)["id"]
        with self.record.step(ALONE, "apply"):
            papers = {
                "title_sha256": self.stage.upload(ALONE, "title"),
                "upkeep_record_sha256": self.stage.upload(ALONE, "upkeep record"),
            }
            self.stage.act(ALONE, "POST", f"{self.case}/own-application", papers)

    def open_account(self) -> None:
        """The clerk compares the title and opens the special account (annex 二（三）2)."""
        self.at(1, 16)
        with self.record.step("clerk", "open_account"):
            words = {"title_check": "不动产权证原件已核对，全栋一个产权人，与名册一致。"}
            self.stage.act("clerk", "POST", f"{self.case}/special-account", words)
        with self.record.step(ALONE, "ask_in_chat"):
            self.stage.write(ALONE, "进度")

    def fund(self) -> None:
        """One year is too little; three years come in as one sum (annex 二（三）3)."""
        self.at(1, 17)
        bank = self.stage.act("cashier", "GET", "/ledger/banks")["items"][0]
        paid = {
            "amount_fen": PREMIUM_FEN,
            "bank_id": bank["id"],
            "received_on": "2025-01-17",
            "bank_reference": "DEMO-ZH-20250117-001",
            "receipt_sha256": self.stage.upload("cashier", "bank receipt", "PDF"),
        }
        path = f"{self.case}/special-deposit"
        with self.record.step("cashier", "fund_refused") as entry:
            entry["missing"] = self.stage.refused("cashier", path, paid)
        with self.record.step("cashier", "fund") as entry:
            whole = {**paid, "amount_fen": YEARS * PREMIUM_FEN}
            self.stage.act("cashier", "POST", path, whole)
            entry["amount_fen"] = YEARS * PREMIUM_FEN
        own = self.stage.act(ALONE, "GET", f"{self.case}/my-part")
        check(own["held_fen"] == PREMIUM_FEN, "应预留一年保费")

    def contract(self) -> None:
        """The owner and the insurer sign (annex 二（三）4)."""
        self.at(2, 12)
        self.sign("2025-02-12")

    def look(self) -> None:
        """What is left is there for the next two years."""
        own = self.stage.act(ALONE, "GET", f"{self.case}/my-part")
        check(own["available_fen"] == (YEARS - 1) * PREMIUM_FEN, "专户应余两年保费")


def scenes(play: OwnersPlay) -> list[tuple[str, Scene]]:
    """The scenes in order."""
    return named(
        *(play.begin, play.plan, play.open_account, play.fund, play.contract),
        *(play.request_payment, play.pay, play.insure, play.look),
    )
