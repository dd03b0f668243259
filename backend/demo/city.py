"""A city in the middle of things, for `make run`: one purchase in each interesting place.

Everything goes through HTTP, as in the play; only the waiting is left out, so it takes seconds.
5栋 is insured, the notice of 1栋 hangs over the Spring Festival, the plan of 6栋 waits for the
committee, the account of 3栋 could pay for one lift only, and nobody has applied for 2栋 yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select

from backend.demo.cast import BUYER, ESTATE_CODE, INSURER
from backend.demo.scenery import photograph
from backend.demo.seed import found
from backend.demo.stage import DemoStage, Json
from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Context
from backend.store.purchases import Purchase

BEGINS = datetime(2025, 1, 2, 9, tzinfo=SHANGHAI)
PREMIUM_FEN = 130_000


@dataclass(frozen=True)
class DemoBuilding:
    """Lifts that one account pays for."""

    name: str
    account: str
    cover_from: str
    cover_ends_before: str


class City:
    """The demo estate while its past is made. `stage` has let everybody in."""

    def __init__(self, stage: DemoStage) -> None:
        self._stage = stage
        estate = found(stage.act("manager", "GET", "/estates"), "code", ESTATE_CODE)
        self.estate_id = str(estate["id"])
        place = f"/estates/{self.estate_id}"
        self.lifts: list[Json] = stage.act("manager", "GET", f"{place}/lifts")["items"]
        self._accounts = stage.act("manager", "GET", f"{place}/accounts")
        insurers = stage.act("manager", "GET", "/insurers")
        self._insurer = str(found(insurers, "name", INSURER)["id"])

    def at(self, day: int, hour: int = 9, minute: int = 0) -> None:
        """Move on to this time of January 2025."""
        self._stage.set_clock(datetime(2025, 1, day, hour, minute, tzinfo=SHANGHAI))

    def lifts_of(self, building: DemoBuilding) -> list[Json]:
        """The lifts that the building's account pays for."""
        return [lift for lift in self.lifts if lift["building"] == building.name]

    def plan(self, building: DemoBuilding) -> str:
        """From the application to a plan in the committee's hands; the path of the case."""
        act, lifts = self._stage.act, self.lifts_of(building)
        form_paper = self._paper("manager", "application form")
        upkeep_paper = self._paper("clerk", "upkeep record")
        request = {
            "route": "R1",
            "estate_id": self.estate_id,
            "account_id": found(self._accounts, "number", building.account)["id"],
            "insurer_id": self._insurer,
            "applicant": "property_company",
            "lift_ids": [lift["id"] for lift in lifts],
        }
        case = f"/purchases/{act('manager', 'POST', '/purchases', request)['id']}"
        act("manager", "POST", f"{case}/application", {"form_sha256": form_paper()})
        upkeep = {
            "upkeep_statement": "物业管理规范，电梯维保正常，近一年无停用记录。",
            "upkeep_record_sha256": upkeep_paper(),
        }
        act("clerk", "POST", f"{case}/funds-query", upkeep)
        for lift in lifts:
            survey = {"lift_id": lift["id"], "result": "passed", "findings": "运行平稳，可以承保"}
            act("insurer", "POST", f"{case}/surveys", survey)
        act("insurer", "POST", f"{case}/plans", _terms(building, lifts))
        return case

    def approve(self, case: str) -> None:
        """Three members of the committee agree."""
        plan = self._stage.act("clerk", "GET", case)["plan"]["id"]
        for key in ("chair", "deputy", "member"):
            self._stage.act(key, "POST", f"/plans/{plan}/answers", {"answer": "approve"})

    def post(self, case: str, building: DemoBuilding) -> str:
        """The notice hangs in every unit, with photos of the first day; its path."""
        notice = self._stage.act("manager", "POST", f"{case}/notice")
        self.photograph(notice["id"], building, "start")
        return f"/notices/{notice['id']}"

    def photograph(self, notice_id: str, building: DemoBuilding, moment: str) -> None:
        """Two photos in each unit."""
        units = {lift["unit_id"]: lift["unit"] for lift in self.lifts_of(building)}
        places = sorted(units.items(), key=lambda item: str(item[1]))
        photos = [
            (unit_id, framing, self._photo(f"{building.name}{unit} {moment} {framing}"))
            for unit_id, unit in places
            for framing in ("wide", "close")
        ]
        for unit_id, framing, file in photos:
            photo = {
                "unit_id": unit_id,
                "moment": moment,
                "framing": framing,
                "file_sha256": file(),
                "captured_at": self._stage.now().isoformat(),
            }
            self._stage.act("manager", "POST", f"/notices/{notice_id}/photos", photo)

    def register_and_pay(self, case: str, building: DemoBuilding) -> None:
        """The cleared case up to the bank's word."""
        stage, lifts = self._stage, self.lifts_of(building)
        contract_paper = self._paper("manager", "contract")
        invoice_paper = self._paper("manager", "invoice")
        receipt_paper = self._paper("cashier", "bank receipt")
        stage.act("reviewer", "POST", f"{case}/registration")
        total = len(lifts) * PREMIUM_FEN
        today = stage.now().date().isoformat()
        contract = {
            "number": f"DEMO-HT-{building.account}",
            "insurer_id": self._insurer,
            "premium_fen": total,
            "signed_on": today,
            "lift_codes": [lift["registration_code"] for lift in lifts],
            "file_sha256": contract_paper(),
        }
        stage.act("manager", "POST", f"{case}/contract", contract)
        invoice = {
            "number": f"DEMO-FP-{building.account}",
            "insurer_id": self._insurer,
            "amount_fen": total,
            "issued_on": today,
            "file_sha256": invoice_paper(),
            "buyer": BUYER,
        }
        stage.act("manager", "POST", f"{case}/invoices", invoice)
        stage.act("manager", "POST", f"{case}/payment-request", {})
        stage.act("reviewer", "POST", f"{case}/payment-review")
        stage.act("cashier", "POST", f"{case}/payment-order", {})
        receipt = {
            "bank_reference": f"DEMO-BANK-{building.account}",
            "receipt_sha256": receipt_paper(),
        }
        stage.act("cashier", "POST", f"{case}/payment-confirmation", receipt)

    def issue(self, case: str, building: DemoBuilding) -> None:
        """The insurer's policy."""
        lifts, last = self.lifts_of(building), date.fromisoformat(building.cover_ends_before)
        policy = {
            "number": f"DEMO-BD-{building.account}",
            "cover_from": building.cover_from,
            "cover_last_day": (last - timedelta(days=1)).isoformat(),
            "issued_on": self._stage.now().date().isoformat(),
            "premium_fen": len(lifts) * PREMIUM_FEN,
            "lift_codes": [lift["registration_code"] for lift in lifts],
            "file_sha256": self._stage.upload("insurer", "policy", "PDF"),
        }
        self._stage.act("insurer", "POST", f"{case}/policy", policy)

    def _paper(self, key: str, label: str) -> Callable[[], str]:
        """A paper that this person hands in while the case goes on; asked for, its SHA-256."""
        return self._stage.meanwhile(lambda: self._stage.upload(key, label, "PDF"))

    def _photo(self, words: str) -> Callable[[], str]:
        """The same of the manager's photo of what these words name."""

        def taken() -> str:
            content = photograph(words, close=words.endswith("close"))
            return self._stage.hand_in("manager", content, "image/jpeg")

        return self._stage.meanwhile(taken)


def _terms(building: DemoBuilding, lifts: list[Json]) -> Json:
    return {
        "lifts": [{"lift_id": lift["id"], "premium_fen": PREMIUM_FEN} for lift in lifts],
        "sum_insured_fen": 15_000_000,
        "deductible_fen": 20_000,
        "cover_from": building.cover_from,
        "cover_ends_before": building.cover_ends_before,
        "scope_of_cover": "电梯部件故障的修理和更换费用，含人工和材料。",
        "exclusions": "人为损坏、自然灾害和整机更新。",
        "service_commitments": "全天响应；困人三十分钟内到场；每季度查看维保。",
    }


def is_made(ctx: Context) -> bool:
    """Whether anybody has applied for anything yet, at whatever start."""
    with ctx.sessions() as tx:
        return tx.scalar(select(exists().select_from(Purchase))) is True


def live_through_january(stage: DemoStage) -> None:
    """Make the past of the city."""
    city = City(stage)
    stage.set_clock(BEGINS)
    fifth = DemoBuilding("5栋", "DEMO-TC-0501", "2025-01-15", "2026-01-15")
    insured = city.plan(fifth)
    city.approve(insured)
    notice = city.post(insured, fifth)
    city.at(10, 8)
    city.photograph(notice.removeprefix("/notices/"), fifth, "end")
    cleared = {"statement": "公示期内未收到纸质异议。"}
    stage.act("clerk", "POST", f"{insured}/clearance", cleared)
    city.register_and_pay(insured, fifth)
    city.at(13)
    city.issue(insured, fifth)
    city.at(16)
    first = DemoBuilding("1栋", "DEMO-TC-0101", "2025-03-10", "2026-03-10")
    noticed = city.plan(first)
    city.approve(noticed)
    city.at(22)
    sixth = DemoBuilding("6栋", "DEMO-TC-0601", "2025-03-10", "2026-03-10")
    planned = stage.meanwhile(lambda: city.plan(sixth))
    city.post(noticed, first)
    planned()
    stage.catch_up(sweeps=False)
    city.at(23)
