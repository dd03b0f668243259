"""The fund's own system and this one keep the flats' accounts alike, by files."""

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, transfer
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.fund_books import bringing, places
from backend.services.fund_books.exchange import exchange
from backend.store.fund_books import FundSent
from backend.store.income import YearClose
from backend.store.queries import fund_books as queries
from tests.build.bank_statements import BankDesk
from tests.build.fund import WORKED, Fund
from tests.build.fund_files import brought, place, written
from tests.build.looking import assert_sound
from tests.build.village import Village

HAD = {"A": 40_800_000, "B": 38_250_000, "C": 61_200_050}
MOVES = partial(written, "分户明细")
MONTHS = date(2025, 2, 1), date(2025, 3, 31)


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    assert isinstance(found.bank, UUID)  # with books of its own from here on
    return found


def line(fund: Fund, number: str, reference: str, way: str, yuan: str, *balance: str) -> list[str]:
    return [reference, *place(fund, number), "2025-03-01", way, yuan, *balance]


def faults(fund: Fund, content: bytes) -> Sequence[tuple[int, str]]:
    """Where a file is wrong; it changed nothing."""
    before = fund.flats(), fund.stands("OLD-BANK")
    found = brought(fund, content).faults
    assert (fund.flats(), fund.stands("OLD-BANK")) == before
    assert all(fault.message for fault in found)
    return [(fault.line, fault.column) for fault in found]


def test_what_flats_paid_in_and_out_is_booked_at_the_bank_and_on_each_flat(fund: Fund) -> None:
    bank = fund.stands("OLD-BANK")
    lines = [
        line(fund, "A", "R-1", "交存", "100.00"),
        line(fund, "B", "R-2", "支取", "50.05"),
        line(fund, "A", "R-3", "支取", "30.00", "408070.00"),
        [*line(fund, "C", "R-4", "交存", "1.00")[:5], "2025-02-28", "交存", "1.00"],
    ]
    assert not brought(fund, MOVES(lines)).faults
    assert fund.flats() == {"A": 40_807_000, "B": 38_244_995, "C": 61_200_150}
    assert fund.stands("OLD-BANK") == bank + 10_000 - 5_005 - 3_000 + 100
    assert_sound(fund.village)


def test_a_batch_that_came_before_changes_nothing(fund: Fund) -> None:
    content = MOVES([line(fund, "A", "R-1", "交存", "100.00")])
    assert brought(fund, content, dry_run=True).head
    assert fund.flats()["A"] == HAD["A"], "a dry run books nothing"
    assert not brought(fund, content).before
    once = fund.flats()
    again = brought(fund, content)
    assert (again.before, again.faults, fund.flats()) == (True, (), once)
    other = MOVES([line(fund, "B", "R-2", "交存", "1.00")])
    assert faults(fund, other) == [(2, "批次")], "another file under its number"
    late = MOVES([line(fund, "B", "R-1", "交存", "1.00")], number="B-2")
    assert faults(fund, late) == [(4, "流水号")], "a reference comes once"


def test_balances_of_flats_that_were_not_known_are_their_openings(fund: Fund) -> None:
    village = fund.village
    bank = fund.stands("OLD-BANK")
    fund.holds({"D": {}, "E": {}})
    lines = [[*place(fund, "D"), "88.80"], [*place(fund, "E"), "0"]]
    assert not brought(fund, written("分户余额", lines)).faults
    assert fund.stands("OLD-BANK") == bank + 8_880
    assert (fund.flats()["D"], fund.flats()["E"]) == (8_880, 0)
    assert_sound(village)
    again = [[*place(fund, "D"), "88.80"], [*place(fund, "A"), "1"]]
    assert faults(fund, written("分户余额", again, number="B-2")) == [(4, "房号"), (5, "房号")]


@pytest.mark.parametrize(
    ("head", "where"),
    [
        ({"减少合计": "0.01"}, [(2, "减少合计")]),
        ({"增加合计": "100.01"}, [(2, "增加合计")]),
        ({"笔数": "2"}, [(2, "笔数")]),
        ({"笔数": "0"}, [(2, "笔数")]),
        ({"笔数": "１"}, [(2, "笔数")]),
        ({"专户账号": "NO-BANK"}, [(2, "专户账号")]),
        ({"截至日期": "2025-03-04"}, [(2, "截至日期")]),
        ({"截至日期": "2025-02-28"}, [(4, "日期")]),
        ({"截至日期": "2025-02-30"}, [(2, "截至日期")]),
        ({"文件": "分户", "批次": ""}, [(2, "文件"), (2, "批次")]),
    ],
)
def test_a_head_that_is_not_so_is_told(
    fund: Fund, head: dict[str, str], where: list[tuple[int, str]]
) -> None:
    content = MOVES([line(fund, "A", "R-1", "交存", "100.00")], **head)
    assert faults(fund, content) == where


def test_every_line_that_does_not_fit_is_told_and_none_is_booked(fund: Fund) -> None:
    good = line(fund, "A", "R-1", "交存", "100.00")
    wrong = [
        (["", *good[1:]], "流水号"),
        (["R-1", *good[1:]], "流水号"),
        (["R-2", "NOWHERE", *good[2:]], "小区编号"),
        (["R-3", *good[1:4], "999", *good[5:]], "房号"),
        (["R-4", *good[1:5], "2025-3-1", *good[6:]], "日期"),
        (["R-5", *good[1:6], "退款", "1.00"], "种类"),
        (["R-6", *good[1:7], "0.00"], "金额"),
    ]
    content = MOVES([good, *(cells for cells, _ in wrong)])
    assert faults(fund, content) == [
        (number, column) for number, (_, column) in enumerate(wrong, 5)
    ]


@pytest.mark.parametrize("amount", ["-1.00", "1e30", "NaN", "１００", "1.001", "1,000.00", "∞"])
def test_what_is_no_amount_is_told(fund: Fund, amount: str) -> None:
    content = MOVES([line(fund, "A", "R-1", "交存", "1.00")]).replace(
        "交存,1.00".encode(), f'交存,"{amount}"'.encode()
    )
    assert (4, "金额") in faults(fund, content)


def test_of_very_many_faults_the_first_are_told_and_that_there_may_be_more(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line(fund, "A", f"R-{n}", "交存", "0.00") for n in range(4)]
    monkeypatch.setattr(bringing, "MOST_FAULTS", 5)
    found = brought(fund, MOVES(lines)).faults
    assert [(each.line, each.column) for each in found] == [(n, "金额") for n in range(4, 8)]
    monkeypatch.setattr(bringing, "MOST_FAULTS", 3)
    *told, more = brought(fund, MOVES(lines)).faults
    assert [each.line for each in told] == [4, 5, 6]
    assert (more.line, "只列出前3处" in more.message) == (6, True)


def test_a_flat_is_moved_only_as_far_as_it_has_money_and_both_books_agree(fund: Fund) -> None:
    more = MOVES([line(fund, "A", "R-1", "支取", "408000.01")])
    assert faults(fund, more) == [(4, "金额")]
    off = MOVES([line(fund, "A", "R-1", "支取", "1.00", "407999.01")])
    assert faults(fund, off) == [(4, "余额")]
    fund.locked_until(date(2025, 2, 28))
    locked = MOVES([[*line(fund, "A", "R-1", "交存", "1.00")[:5], "2025-02-28", "交存", "1.00"]])
    assert faults(fund, locked) == [(4, "日期")]
    day = {"截至日期": "2025-02-28"}
    fund.holds({"D": {}})
    opened = written("分户余额", [[*place(fund, "D"), "1"]], **day)
    assert [(each.line, each.column) for each in brought(fund, opened).faults] == [(2, "截至日期")]


def test_what_was_before_a_flats_opening_stands_in_it(fund: Fund) -> None:
    came = line(fund, "C", "R-1", "交存", "1.00")
    early, same = ([*came[:5], day, *came[6:]] for day in ("2024-09-22", "2024-09-23"))
    assert faults(fund, MOVES([early])) == [(4, "日期")]
    assert not brought(fund, MOVES([same])).faults


def test_a_bank_short_of_what_flats_paid_out_is_named(fund: Fund) -> None:
    ctx = fund.village.ctx
    with ctx.sessions() as tx:
        elsewhere = ledger.open_account(tx, AccountKind.BANK, "NEW-BANK", "新专户")
        lines = transfer(elsewhere, fund.bank, fund.stands("OLD-BANK"))
        ledger.post(tx, NewEntry("moved", "test", date(2025, 1, 2), lines), ctx.clock())
        tx.commit()
    out = line(fund, "A", "R-1", "支取", "1.00")
    assert faults(fund, MOVES([out])) == [(2, "专户账号")]


def test_a_file_longer_than_one_portion_knows_its_repeats_and_its_estates(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    lines = [line(fund, "A", f"R-{n}", "交存", "1.00") for n in range(5)]
    assert not brought(fund, MOVES(lines)).faults
    assert fund.flats()["A"] == HAD["A"] + 500
    twice = [line(fund, "A", f"S-{n % 4}", "交存", "1.00") for n in range(5)]
    assert faults(fund, MOVES(twice, number="B-2")) == [(8, "流水号")]
    fund.holds({"D": {}, "E": {}})
    flats = [[*place(fund, number), "1"] for number in ("D", "E", "D")]
    (found,) = brought(fund, written("分户余额", flats, number="B-3")).faults
    assert (found.line, found.message) == (6, "与第 4 行是同一户")


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"PK\x03\x04\x00", b'"' + b"x" * 20_000, b"," * 3_000_000]
)
def test_what_is_no_table_is_refused(fund: Fund, content: bytes) -> None:
    with pytest.raises(Refused, match="file_unreadable"):
        brought(fund, content)


def test_a_file_in_the_letters_of_an_old_system_is_read(fund: Fund) -> None:
    lines = [line(fund, "A", "流水一", "交存", "1.00")]
    assert not brought(fund, MOVES(lines, encoding="gb18030")).faults
    assert fund.flats()["A"] == HAD["A"] + 100


def test_the_daily_exchange_books_refuses_and_sends_each_file_once(
    fund: Fund, tmp_path: Path
) -> None:
    ctx, into = fund.village.ctx, tmp_path / "in"
    assert exchange(ctx, tmp_path).done == []
    fund.earned()
    fund.closed()
    good = MOVES([line(fund, "A", "R-1", "交存", "1.00")])
    (into / "1.csv").write_bytes(MOVES([line(fund, "A", "R-9", "支取", "999999.00")], number="X"))
    (into / "2.csv").write_bytes(good)
    (into / "3.csv").write_bytes(b"\0")
    (into / ".4.csv").write_bytes(b"still on its way")
    found = exchange(ctx, tmp_path)
    assert (found.done, found.faulty) == (["2.csv"], ["1.csv", "3.csv"])
    assert found.sent == ["分户入账-2024-1.csv"]
    why = (tmp_path / "faulty" / "1.问题.csv").read_text("utf-8-sig")
    assert "不够本批的支取" in why
    (into / "2.csv").write_bytes(good)
    again = exchange(ctx, tmp_path)
    assert (again.done, again.faulty, again.sent) == (["2.csv"], [], [])
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["2.2.csv", "2.csv"]
    assert fund.flats()["A"] - HAD["A"] > 100
    sent = (tmp_path / "out" / "分户入账-2024-1.csv").read_text("utf-8-sig").splitlines()
    assert sent[1] == "分户入账,2024-1,2024-12-31,3,26358.02,0.00"
    assert sum(round(float(row.split(",")[-1]) * 100) for row in sent[3:]) == 2_635_802
    with ctx.sessions() as tx:
        assert tx.query(FundSent).count() == 1


def test_a_file_without_its_columns_is_told_which(fund: Fund) -> None:
    assert [fault.line for fault in brought(fund, b"").faults] == [1] * 7
    content = MOVES([line(fund, "A", "R-1", "交存", "1.00")])
    lacks = content.replace("流水号".encode(), "流水".encode())
    assert [(each.line, each.column) for each in brought(fund, lacks).faults] == [(3, "流水号")]


def test_a_banks_statement_shows_what_came_since_and_not_what_was_there(fund: Fund) -> None:
    village = fund.village
    fund.holds({"D": {}})
    bank_fen = fund.stands("OLD-BANK") + 8_880
    day = {"截至日期": "2025-02-28"}
    opened = written("分户余额", [[*place(fund, "D"), "88.80"]], **day)
    moved = MOVES([line(fund, "D", "R-1", "交存", "100.00")], number="B-2")
    assert not [each for content in (opened, moved) for each in brought(fund, content).faults]
    village.clock.set(datetime(2025, 4, 2, 1, tzinfo=UTC))
    desk = BankDesk(village, fund.bank)
    of_bank = desk.takes([(date(2025, 3, 1), 10_000, "BANK-1", "交存")], MONTHS, bank_fen)
    (shown,) = desk.lines(of_bank.id)
    assert desk.matches(shown).matched
    found = desk.balance()
    assert (found.only_bank, found.only_ledger, found.figures.agrees) == ([], [], True)


def test_what_came_in_pays_what_went_out_of_the_same_batch(fund: Fund) -> None:
    """Each alone would be refused: whole, the batch is right."""
    fund.holds({"D": {date(2025, 1, 1): 0}})
    out = line(fund, "D", "R-1", "支取", "5.00")
    came = line(fund, "D", "R-2", "交存", "8.00", "3.00")
    content = MOVES([out, [*came[:5], "2025-03-02", *came[6:]]])
    assert not brought(fund, content).faults
    assert fund.flats()["D"] == 300
    assert_sound(fund.village)


@pytest.mark.parametrize(
    ("former", "latter", "where"),
    [
        ("交存,1.00", "交存,1,000.00", [(4, "表头以外")]),
        ("种类,金额", "种类,金额,金额", [(3, "金额")]),
        ("笔数", "笔数,笔数", [(1, "笔数")]),
        ("2025-03-02,1,", "2025-03-02,0000000001" + 5000 * "1" + ",", [(2, "笔数")]),
        ("2025-03-02,1,", "2025-03-02,²,", [(2, "笔数")]),
        ("2025-03-01", "20250301", [(4, "日期")]),
    ],
)
def test_what_could_be_read_in_two_ways_is_told(
    fund: Fund, former: str, latter: str, where: list[tuple[int, str]]
) -> None:
    content = MOVES([line(fund, "A", "R-1", "交存", "1.00")]).decode()
    assert former in content
    assert faults(fund, content.replace(former, latter).encode()) == where


def test_a_quote_without_its_other_half_is_told_with_its_line(fund: Fund) -> None:
    lines = [line(fund, "A", f"R-{n}", "交存", "1.00") for n in range(3)]
    content = MOVES(lines).replace(b"R-1", b'"R-1')
    with pytest.raises(Refused, match="第 5 行起"):
        brought(fund, content)


class Growing(BytesIO):
    """A file to which somebody still writes: longer each time that it is read from its start."""

    def seek(self, at: int, whence: int = 0) -> int:
        super().seek(0, 2)
        self.write(b"\r\n")
        return super().seek(at, whence)


def test_a_file_that_changes_while_it_is_read_books_nothing(fund: Fund) -> None:
    content = Growing(MOVES([line(fund, "A", "R-1", "交存", "1.00")]))
    before = fund.flats()
    with pytest.raises(Refused, match="被改动"):
        bringing.bring(fund.village.ctx, content, "分户.csv")
    assert fund.flats() == before


def test_nothing_that_lies_in_the_folder_keeps_the_files_out(fund: Fund, tmp_path: Path) -> None:
    into = tmp_path / "in"
    (into / "1.csv").mkdir(parents=True)
    (into / "2.csv").symlink_to("nowhere")
    os.mkfifo(into / "3.csv")
    (into / "readme.txt").write_text("not ours")
    content = MOVES([line(fund, "A", "R-1", "交存", "1.00")])
    (into / os.fsdecode("分户".encode("gb18030") + b".CSV")).write_bytes(content)
    found = exchange(fund.village.ctx, tmp_path)
    assert found.faulty == ["1.csv", "2.csv", "3.csv"]
    assert [name.encode() for name in found.done], "a name that can be written down"
    assert [path.name for path in into.iterdir()] == ["readme.txt"]
    (into / "1.csv").write_bytes(b"\0")
    assert exchange(fund.village.ctx, tmp_path).faulty == ["1.csv"]
    assert {"1.2.csv", "1.2.问题.csv"} <= {path.name for path in (tmp_path / "faulty").iterdir()}


def test_two_exchanges_at_once_do_nothing_twice(
    fund: Fund, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is told to wait; in another folder it writes no close a second time."""
    ctx = fund.village.ctx
    fund.earned()
    fund.closed()
    bring = bringing.bring
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.csv").write_bytes(MOVES([line(fund, "A", "R-1", "交存", "1.00")]))
    other = tmp_path / "other"
    other.mkdir()

    def with_another(ctx: Context, content: BinaryIO, name: str) -> bringing.Brought:
        with pytest.raises(Refused, match="busy"):
            exchange(ctx, tmp_path)
        return bring(ctx, content, name)

    monkeypatch.setattr("backend.services.fund_books.exchange.bring", with_another)
    assert exchange(ctx, tmp_path).done == ["1.csv"]
    with ctx.sessions() as tx:
        close = tx.query(YearClose).one()
    monkeypatch.setattr("backend.services.fund_books.sending.closes_to_send", lambda _: [close])
    assert exchange(ctx, other).sent == [], "who asked before the first had written it"


def test_lines_of_many_estates_in_any_order_ask_for_each_once(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An estate written in two ways stands for two."""
    asked: list[str] = []

    def flats_of(tx: Session, code: str) -> Sequence[tuple[str, str, str, UUID]]:
        asked.append(code)
        return queries.flats_of(tx, code)

    monkeypatch.setattr(places, "MOST_ESTATES", 1)
    monkeypatch.setattr(places, "flats_of", flats_of)
    lines = [line(fund, "A", f"R-{n}", "交存", "1.00") for n in range(6)]
    for each in lines[::2]:
        each[1] = each[1].lower()
    assert not brought(fund, MOVES(lines)).faults
    assert len(asked) == 2
