"""The year after the play: the fund's money earns, and what it earned reaches the accounts.

Deposits at two banks, their interest, the close of the year, each bank's statement matched line by
line; a line that the books lack turns out to be interest, which comes late and makes another
revision; the books of the year are locked by then, so it is booked on the day it is confirmed.
"""

from collections.abc import Iterator
from datetime import datetime

from backend.demo.cast import ACCOUNT, BANK, OTHER_BANK
from backend.demo.play import LIFTS, PAID_BY, PREMIUM_FEN, Play, Scene, check, named
from backend.demo.seed import found
from backend.demo.stage import Json
from backend.domain.local_time import SHANGHAI

TERM = {"number": "DEMO-CD-1", "rate": "1.65", "months": 6, "value_on": "2025-03-11"}
DEMAND = {"number": "DEMO-CD-2", "rate": "0.45", "months": 0, "value_on": "2025-03-21"}
OTHER = {"number": "DEMO-CD-3", "rate": "1.60", "months": 6, "value_on": "2025-03-11"}
TERM_FEN, DEMAND_FEN, OTHER_FEN = 500_000_000, 100_000_000, 2_500_000
TERM_INTEREST_FEN, DEMAND_INTEREST_FEN, OTHER_INTEREST_FEN = 4_216_666, 343_750, 20_444
PAID_ON = "2025-09-11"  # both terms ended
LATE = "DEMO-INT-20251221"


class Year:
    """What the officers of the books do from March on; `play` has been played to its end."""

    def __init__(self, play: Play) -> None:
        self.stage, self.record, self._play = play.stage, play.record, play
        self._bank: Json = {}
        self._other: Json = {}
        self._here = ""

    def earn(self) -> None:
        """A certificate of deposit at each bank, and half a year later its interest (JS 三、四)."""
        banks = self.stage.act("cashier", "GET", "/ledger/banks")
        self._bank, self._other = (found(banks, "number", each) for each in (BANK, OTHER_BANK))
        self._play.at(3, 11)
        deposit = self._deposit(self._bank, TERM, TERM_FEN)
        other = self._deposit(self._other, OTHER, OTHER_FEN)
        self._play.at(9, 12)
        self._interest(deposit, "DEMO-INT-20250911", PAID_ON, TERM_INTEREST_FEN)
        self._interest(other, "DEMO-AGRI-INT-1", PAID_ON, OTHER_INTEREST_FEN)

    def close(self) -> None:
        """After the year one officer previews, another posts (JS 四（二）)."""
        self._in_january(5)
        before = self._pool_fen()
        self._close_year(revision=1)
        check(self._pool_fen() > before, "年度分配后统筹账户应有增加")

    def reconcile(self) -> None:
        """Each bank's statement of the year is imported and every line matched but one."""
        self._in_january(6)
        for statement, left in ((self._others_statement(), []), (self._statement(), [LATE])):
            with self.record.step("cashier", "match_statement") as entry:
                brought = self.stage.act("cashier", "POST", "/bank-statements", statement)
                self._here = f"/bank-statements/{brought['id']}"
                entry["unknown"] = [line["bank_reference"] for line in self._matched()]
            check(entry["unknown"] == left, f"应只剩 {left} 对不上，却有 {entry['unknown']}")

    def correct(self) -> None:
        """The line was interest on money on demand; its year gets another revision."""
        deposit = self._deposit(self._bank, DEMAND, DEMAND_FEN)
        self._interest(deposit, LATE, "2025-12-21", DEMAND_INTEREST_FEN)
        before = self._pool_fen()
        self._close_year(revision=2)
        check(self._pool_fen() > before, "补登的收益应补分到统筹账户")
        with self.record.step("cashier", "match_line") as entry:
            self._match(self.stage.act("cashier", "GET", self._here), LATE)
            balance = f"/banks/{self._bank['id']}/reconciliation?on=2025-12-31"
            entry["reconciliation"] = self.stage.act("cashier", "GET", balance)
        check(entry["reconciliation"]["agrees"], "余额调节表应当相符")
        late = [each["bank_reference"] for each in entry["reconciliation"]["only_bank"]]
        check(late == [LATE], f"上年的账已锁，应只有 {LATE} 记在次年，却有 {late}")

    def _deposit(self, bank: Json, terms: Json, principal_fen: int) -> str:
        """The path of a deposit that the cashier enters from its certificate."""
        with self.record.step("cashier", "enter_deposit") as entry:
            paper = {"file_sha256": self.stage.upload("cashier", "certificate of deposit", "PDF")}
            body = {"bank_id": bank["id"], "principal_fen": principal_fen, **terms, **paper}
            deposit = self.stage.act("cashier", "POST", "/deposits", body)
            entry["amount_fen"], entry["bank"] = principal_fen, bank["number"]
        return f"/deposits/{deposit['id']}"

    def _interest(self, deposit: str, reference: str, day: str, fen: int) -> None:
        """The bank's receipt of this day (its last, which earns nothing), read by two."""
        with self.record.step("cashier", "enter_interest") as entry:
            receipt = {
                "bank_reference": reference,
                "posted_on": day,
                "until_on": day,
                "actual_fen": fen,
                "file_sha256": self.stage.upload("cashier", "interest receipt", "PDF"),
            }
            interest = self.stage.act("cashier", "POST", f"{deposit}/interest", receipt)
            entry["amount_fen"] = fen
        with self.record.step("reviewer", "confirm_interest") as entry:
            path = f"/deposit-interest/{interest['id']}/confirmation"
            entry["interest"] = self.stage.act("reviewer", "POST", path)

    def _close_year(self, revision: int) -> None:
        with self.record.step("clerk", "preview_close"):
            preview = self.stage.act("clerk", "POST", "/year-closes", {"year": 2025})
        with self.record.step("reviewer", "post_close") as entry:
            path = f"/year-closes/{preview['id']}/posting"
            entry["close"] = self.stage.act("reviewer", "POST", path)
            entry["amount_fen"] = entry["close"]["moved_fen"]
        check(entry["close"]["revision"] == revision, f"应是 2025 年第 {revision} 次分配")

    def _statement(self) -> Json:
        """What the bank did all year from which the premium was paid."""
        lines = [
            _line("2025-03-04", -LIFTS * PREMIUM_FEN, PAID_BY, "电梯综合保险保费"),
            _line("2025-03-11", -TERM_FEN, "DEMO-OUT-1", f"存入定期 {TERM['number']}"),
            _line(PAID_ON, TERM_FEN, "DEMO-IN-1", f"定期到期 {TERM['number']}"),
            _line(PAID_ON, TERM_INTEREST_FEN, "DEMO-INT-20250911", "利息"),
            _line("2025-12-21", DEMAND_INTEREST_FEN, LATE, "结息"),
        ]
        return _of_year(self._bank, self._bank["balance_fen"] + LIFTS * PREMIUM_FEN, lines)

    def _others_statement(self) -> Json:
        lines = [
            _line("2025-03-11", -OTHER_FEN, "DEMO-AGRI-OUT-1", f"存入定期 {OTHER['number']}"),
            _line(PAID_ON, OTHER_FEN, "DEMO-AGRI-IN-1", f"定期到期 {OTHER['number']}"),
            _line(PAID_ON, OTHER_INTEREST_FEN, "DEMO-AGRI-INT-1", "利息"),
        ]
        return _of_year(self._other, self._other["balance_fen"], lines)

    def _matched(self) -> Iterator[Json]:
        """Take what is proposed for each line; the lines for which nothing is."""
        for line in self.stage.act("cashier", "GET", self._here)["lines"]:
            if line["fit"] == "proposed":
                self._match_line(line)
            else:
                yield line

    def _match(self, view: Json, reference: str) -> None:
        self._match_line(found({"items": view["lines"]}, "bank_reference", reference))

    def _match_line(self, line: Json) -> None:
        thing = {"kind": line["fits"][0]["kind"], "thing_id": line["fits"][0]["id"]}
        self.stage.act("cashier", "POST", f"/bank-lines/{line['id']}/match", thing)

    def _pool_fen(self) -> int:
        place = f"/estates/{self._play.estate['id']}/accounts"
        account = found(self.stage.act("manager", "GET", place), "number", ACCOUNT)
        return int(account["available_fen"])

    def _in_january(self, day: int) -> None:
        self.stage.set_clock(datetime(2026, 1, day, 9, 30, tzinfo=SHANGHAI))
        self.stage.catch_up()


def _of_year(bank: Json, opening_fen: int, lines: list[Json]) -> Json:
    return {
        "bank_id": bank["id"],
        "from_on": "2025-01-01",
        "until_on": "2025-12-31",
        "opening_fen": opening_fen,
        "closing_fen": opening_fen + sum(line["amount_fen"] for line in lines),
        "lines": lines,
    }


def _line(day: str, fen: int, reference: str, purpose: str) -> Json:
    return {"day": day, "amount_fen": fen, "bank_reference": reference, "purpose": purpose}


def scenes(year: Year) -> list[tuple[str, Scene]]:
    """The scenes in order."""
    return named(year.earn, year.close, year.reconcile, year.correct)
