"""The play: six lifts get insured over the Spring Festival of 2025, by Jishou's route R1.

Each scene is a function; together they are the whole annex 二（一） with an objection on the way.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from backend.demo.cast import ACCOUNT, BANK, BUYER, CAST, ESTATE_CODE, INSURER
from backend.demo.record import Record
from backend.demo.scenery import photograph
from backend.demo.seed import found
from backend.demo.stage import DemoFailed, DemoStage, Json
from backend.domain.local_time import SHANGHAI

Scene = Callable[[], None]

PREMIUM_FEN = 130_000
LIFTS = 6
PAID_BY = "DEMO-BANK-20250304-001"  # the bank's reference


class Play:
    """One performance. `bank` is where the money lies that pays."""

    bank = BANK
    applicant = "manager"  # who acts for those who applied
    buyer = BUYER
    premium_fen = LIFTS * PREMIUM_FEN

    def __init__(self, stage: DemoStage, record: Record) -> None:
        self.stage = stage
        self.record = record
        self.estate: Json = {}
        self.lifts: list[Json] = []
        self.insurer = ""
        self.notice: Json = {}
        self.units: list[str] = []
        self.token = ""

    @property
    def case(self) -> str:
        """The path of the case."""
        return f"/purchases/{self.record.purchase_id}"

    def at(self, month: int, day: int, hour: int = 9, minute: int = 30) -> None:
        """Move on to this time of 2025, and let what is due by then happen."""
        self.stage.set_clock(datetime(2025, month, day, hour, minute, tzinfo=SHANGHAI))
        self.stage.catch_up()

    def apply(self) -> None:
        """The property manager applies on the committee's mandate (annex 二（一）1)."""
        self.estate = found(self.stage.act("manager", "GET", "/estates"), "code", ESTATE_CODE)
        place = f"/estates/{self.estate['id']}"
        accounts = self.stage.act("manager", "GET", f"{place}/accounts")
        account = found(accounts, "number", ACCOUNT)
        lifts = self.stage.act("manager", "GET", f"{place}/lifts")["items"]
        self.lifts = [lift for lift in lifts if lift["building"] == account["building"]]
        check(len(self.lifts) == LIFTS, f"应有 {LIFTS} 台电梯")
        self.units = sorted({lift["unit_id"] for lift in self.lifts})
        self.token = self.lifts[0]["token"]
        insurers = self.stage.act("manager", "GET", "/insurers")
        self.insurer = found(insurers, "name", INSURER)["id"]
        request = {
            "route": "R1",
            "estate_id": self.estate["id"],
            "account_id": account["id"],
            "insurer_id": self.insurer,
            "applicant": "property_company",
            "lift_ids": [lift["id"] for lift in self.lifts],
        }
        with self.record.step("manager", "draft"):
            self.record.purchase_id = self.stage.act("manager", "POST", "/purchases", request)["id"]
        with self.record.step("manager", "apply"):
            form = {"form_sha256": self.stage.upload("manager", "application form", "PDF")}
            self.stage.act("manager", "POST", f"{self.case}/application", form)

    def query_funds(self) -> None:
        """The clerk answers what the account can spend (annex 二（一）2)."""
        self.at(1, 14)
        with self.record.step("clerk", "query_funds") as entry:
            statement = {
                "upkeep_statement": "物业管理规范，六台电梯维保正常，近一年无停用记录。",
                "upkeep_record_sha256": self.stage.upload("clerk", "upkeep record", "PDF"),
            }
            answer = self.stage.act("clerk", "POST", f"{self.case}/funds-query", statement)
            entry["amount_fen"] = answer["available_fen"]

    def plan(self) -> None:
        """Survey per lift and plan (annex 二（一）3)."""
        self.at(1, 15)
        with self.record.step("insurer", "survey"):
            for lift in self.lifts:
                finding = {
                    "lift_id": lift["id"],
                    "result": "passed",
                    "findings": "运行平稳，符合投保条件",
                }
                self.stage.act("insurer", "POST", f"{self.case}/surveys", finding)
        with self.record.step("insurer", "submit_plan") as entry:
            self.stage.act("insurer", "POST", f"{self.case}/plans", self.terms())
            entry["amount_fen"] = self.premium_fen

    def terms(self) -> Json:
        """What the plan promises."""
        return {
            "lifts": [{"lift_id": lift["id"], "premium_fen": PREMIUM_FEN} for lift in self.lifts],
            "sum_insured_fen": 15_000_000,
            "deductible_fen": 20_000,
            "cover_from": "2025-03-10",
            "cover_ends_before": "2026-03-10",
            "scope_of_cover": "电梯部件故障的修理和更换费用，含人工和材料。",
            "exclusions": "人为损坏、自然灾害和整机更新。",
            "service_commitments": "全天响应；困人三十分钟内到场；每季度查看维保。",
        }

    def approve(self) -> None:
        """The committee answers in chat, by name; one member changes their mind."""
        self.at(1, 16, 19)
        with self.record.step("chair", "approve_in_chat"):
            self._ask_and_tap("chair", "你好", "同意")
        with self.record.step("deputy", "refuse_in_chat"):
            self._ask_and_tap("deputy", "看看方案", "不同意")
            self.stage.catch_up()
            self.stage.write("deputy", "保费偏高，请说明依据")
            self.stage.catch_up()
            self.stage.tap("deputy", "提交这个意见")
        with self.record.step("member", "approve_in_chat"):
            self.stage.write("member", "在吗")
            self.stage.catch_up()
            self.stage.write("member", "同意")
        with self.record.step("deputy", "approve_in_chat"):
            self.stage.write("deputy", "同意")
        check(self.record.case()["state"] == "approved", "三名委员同意后应审议通过")

    def _ask_and_tap(self, key: str, words: str, label: str) -> None:
        """Write, and tap the answer's choice. A chat message is never sent twice, so one that a
        killed worker held in its hands is lost; then the person asks once more."""
        self.stage.write(key, words)
        self.stage.catch_up()
        if not self.stage.offers(key, label):
            self.stage.write(key, words)
            self.stage.catch_up()
        self.stage.tap(key, label)

    def post_notice(self) -> None:
        """The notice is posted in three units; with the last photo it runs, over the holiday."""
        self.at(1, 22)
        with self.record.step("manager", "draft_notice"):
            self.notice = self.stage.act("manager", "POST", f"{self.case}/notice")
        with self.record.step("manager", "post_notice") as entry:
            self._photograph("start", self.units)
            entry["amount_fen"] = self.premium_fen
        ends_on = self.record.case()["notice"]["ends_on"]
        check(ends_on == "2025-02-05", f"公示应顺延至春节假期后的 2025-02-05，却是 {ends_on}")

    def _photograph(self, moment: str, units: list[str]) -> None:
        for unit in units:
            for framing in ("wide", "close"):
                # By its place: ids differ each time, and two pictures then once in a while not.
                words = f"{self.units.index(unit)} {moment} {framing}"
                content = photograph(words, close=framing == "close")
                photo = {
                    "unit_id": unit,
                    "moment": moment,
                    "framing": framing,
                    "file_sha256": self.stage.hand_in("manager", content, "image/jpeg"),
                    "captured_at": self.stage.now().isoformat(),
                }
                self.stage.act("manager", "POST", f"/notices/{self.notice['id']}/photos", photo)

    def object_and_withdraw(self) -> None:
        """An owner objects, the case is suspended; answered, the owner withdraws; time runs on."""
        self.at(1, 24, 20)
        with self.record.step("owner", "object"):
            words = {"kind": "price", "text": "保费每台一千三百元偏高，请公布比选过程和其他报价。"}
            path = f"/notices/{self.notice['id']}/objections"
            objection = self.stage.act("owner", "POST", path, words)
        check(self.record.case()["state"] == "suspended", "收到业主异议后应暂缓实施")
        self.at(1, 27)
        with self.record.step("clerk", "answer_objection"):
            reply = {
                "answer": "三家机构报价在一千三百至一千五百元之间，比选记录可到中心查阅。",
            }
            self.stage.act("clerk", "POST", f"/objections/{objection['id']}/answer", reply)
        self.at(2, 6)
        with self.record.step("owner", "withdraw_objection"):
            self.stage.act("owner", "POST", f"/objections/{objection['id']}/withdrawal", {})
        ends_on = self.record.case()["notice"]["ends_on"]
        check(ends_on == "2025-02-18", f"余下十二日应续行至 2025-02-18，却是 {ends_on}")

    def clear(self) -> None:
        """The end photos: one is missing at first, and the clerk is told which."""
        for day in (15, 17, 18):
            self.at(2, day, 9, 5)
            with self.record.step(None, "remind"):
                pass
        self.at(2, 18, 17)
        with self.record.step("manager", "end_photos"):
            self._photograph("end", self.units[:-1])
        self.at(2, 19)
        statement = {"statement": "公示期内未收到纸质异议。"}
        with self.record.step("clerk", "clear_refused") as entry:
            entry["missing"] = self.stage.refused("clerk", f"{self.case}/clearance", statement)
        check(len(entry["missing"]) == 2, "应一次列出缺少的两张照片")
        with self.record.step("manager", "end_photos"):
            self._photograph("end", self.units[-1:])
        with self.record.step("clerk", "clear"):
            self.stage.act("clerk", "POST", f"{self.case}/clearance", statement)

    def register_and_contract(self) -> None:
        """Registered by another officer; the contract is signed (annex 二（一）5–6)."""
        self.at(2, 20)
        with self.record.step("reviewer", "register"):
            self.stage.act("reviewer", "POST", f"{self.case}/registration")
        self.at(2, 21)
        self.sign("2025-02-21")

    def sign(self, signed_on: str) -> None:
        """The contract is signed by those who applied and the insurer."""
        with self.record.step(self.applicant, "sign_contract") as entry:
            contract = {
                "number": "DEMO-HT-2025-001",
                "insurer_id": self.insurer,
                "premium_fen": self.premium_fen,
                "signed_on": signed_on,
                "lift_codes": [lift["registration_code"] for lift in self.lifts],
                "file_sha256": self.stage.upload(self.applicant, "contract", "PDF"),
            }
            self.stage.act(self.applicant, "POST", f"{self.case}/contract", contract)
            entry["amount_fen"] = contract["premium_fen"]

    def request_payment(self) -> None:
        """The file lacks the invoice at first; complete, the seven working days begin."""
        with self.record.step(self.applicant, "request_payment_refused") as entry:
            entry["missing"] = self.stage.refused(
                self.applicant, f"{self.case}/payment-request", {}
            )
        self.at(2, 24)
        with self.record.step(self.applicant, "request_payment") as entry:
            invoice = {
                "number": "DEMO-FP-2025-001",
                "insurer_id": self.insurer,
                "amount_fen": self.premium_fen,
                "issued_on": "2025-02-24",
                "file_sha256": self.stage.upload(self.applicant, "invoice", "PDF"),
                "buyer": self.buyer,
            }
            self.stage.act(self.applicant, "POST", f"{self.case}/invoices", invoice)
            self.stage.act(self.applicant, "POST", f"{self.case}/payment-request", {})
            entry["amount_fen"] = invoice["amount_fen"]
        check(entry["deadline"]["ends_on"] == "2025-03-05", "应于 2025-03-05 前拨付")

    def pay(self) -> None:
        """The reviewer is reminded and looks at the papers, the cashier is reminded and pays on the
        sixth working day (annex 二（一）7)."""
        for name, month, day in (("reviewer", 2, 28), ("cashier", 3, 4)):
            self.at(month, day, 9, 5)
            with self.record.step(None, "remind") as entry:
                pass
            reminded = [message["to"] for message in entry["messages"]]
            check(CAST[name].name in reminded, f"{CAST[name].name}应收到拨付提醒")
            if name == "reviewer":
                self.at(2, 28, 15)
                with self.record.step("reviewer", "review_payment"):
                    self.stage.act("reviewer", "POST", f"{self.case}/payment-review")
        self.at(3, 4, 15)
        with self.record.step("cashier", "order_payment") as entry:
            order = self.stage.act("cashier", "POST", f"{self.case}/payment-order", {})
            entry["amount_fen"] = order["amount_fen"]
            banks = self.stage.act("cashier", "GET", "/ledger/banks")
            entry["bank"] = found(banks, "id", order["bank_id"])["number"]
        check(entry["bank"] == self.bank, f"保费应从付款账户的钱所在的 {self.bank} 付")
        with self.record.step("cashier", "confirm_payment") as entry:
            receipt = {
                "bank_reference": PAID_BY,
                "receipt_sha256": self.stage.upload("cashier", "bank receipt", "PDF"),
            }
            self.stage.act("cashier", "POST", f"{self.case}/payment-confirmation", receipt)
            entry["amount_fen"] = self.premium_fen

    def insure(self) -> None:
        """The policy; on its first day the cover begins by itself, and a scan shows it."""
        self.at(3, 5)
        with self.record.step("insurer", "issue_policy"):
            policy = {
                "number": "DEMO-BD-2025-001",
                "cover_from": "2025-03-10",
                "cover_last_day": "2026-03-09",
                "issued_on": "2025-03-05",
                "premium_fen": self.premium_fen,
                "lift_codes": [lift["registration_code"] for lift in self.lifts],
                "file_sha256": self.stage.upload("insurer", "policy", "PDF"),
            }
            self.stage.act("insurer", "POST", f"{self.case}/policy", policy)
        self.stage.set_clock(datetime(2025, 3, 10, 0, 1, tzinfo=SHANGHAI))
        with self.record.step(None, "begin_cover"):
            pass
        self.at(3, 10, 8)
        with self.record.step("resident", "scan") as entry:
            entry["lift"] = self.stage.act(None, "GET", f"/public/lifts/{self.token}")
        check(entry["lift"]["covered"], "扫码应显示已有保障")


def check(holds: bool, failure: str) -> None:
    """Raises DemoFailed with what failed unless it holds."""
    if not holds:
        raise DemoFailed(failure)


def scenes(play: Play) -> list[tuple[str, Scene]]:
    """The scenes in order."""
    return named(play.apply, play.query_funds, play.plan, *from_the_plan_on(play))


def from_the_plan_on(play: Play) -> Sequence[Scene]:
    """What every route plays alike: from the committee to the first day of cover."""
    return (
        *(play.approve, play.post_notice, play.object_and_withdraw, play.clear),
        *(play.register_and_contract, play.request_payment, play.pay, play.insure),
    )


def named(*those: Scene) -> list[tuple[str, Scene]]:
    """Scenes by their names, in this order."""
    return [(scene.__name__, scene) for scene in those]
