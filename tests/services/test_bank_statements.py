"""Statements of the bank are taken whole, matched line by line, and held against the books."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from backend.domain.bank_matching import Fit, ThingKind
from backend.domain.bank_statement import MOST_LINES
from backend.domain.errors import Refused
from backend.services.base import audit
from backend.services.income import deposits, undoing
from backend.services.reconciling import balance, bank_statements, matching, overview
from backend.services.reconciling.bank_statements import Heading
from backend.store.audit import AuditEntry
from backend.store.bank_statements import BankMatch, BankStatement, BankStatementLine
from backend.store.ledger import Entry
from backend.store.purchases import Payment
from backend.store.queries.bank_statements import StatementView
from tests.build.bank_statements import (
    FIRST,
    HEADS,
    LAST,
    PAID_ON,
    BankDesk,
    Line,
    row_of,
    workbook,
)
from tests.build.fund import PRINCIPAL_FEN, Fund
from tests.build.refunds import given_back
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village
from tests.build.waiting import InBetween, at_once

PAID: Line = (PAID_ON, -2 * PREMIUM_FEN, "BANK-1", "BF-2025-000001 电梯维修保险费")
FEE: Line = (date(2025, 3, 20), -500, "BANK-2", "账户管理费")
MATURED = ThingKind.DEPOSIT_MATURED
LATER = datetime(2025, 4, 2, 1, tzinfo=UTC)


@pytest.fixture
def desk(village: Village) -> BankDesk:
    """A premium was paid; the bank's March is over."""
    village.paid()
    village.clock.set(LATER)
    return BankDesk(village)


def refusals(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        act()
    return [each.code for each in refused.value.refusals]


def there(village: Village) -> tuple[int, int]:
    with village.ctx.sessions() as tx:
        return (
            tx.scalars(select(func.count()).select_from(BankStatement)).one(),
            tx.scalars(select(func.count()).select_from(BankStatementLine)).one(),
        )


def test_a_line_is_matched_with_its_payment_and_the_bank_agrees_to_the_fen(desk: BankDesk) -> None:
    statement = desk.takes([PAID, FEE])
    assert (statement.lines, statement.matched, statement.unmatched) == (2, 0, 2)
    paid, fee = desk.lines(statement.id)
    for page, after, most in (([paid], 0, 1), ([fee], paid.row, 1), ([], fee.row, 9)):
        assert matching.read(desk.ctx, desk.actor, statement.id, after, most).lines == page
    assert paid.fit
    assert paid.fit.fit is Fit.PROPOSED
    assert paid.fit.things[0].number == "BF-2025-000001"
    assert fee.fit
    assert fee.fit.fit is Fit.UNKNOWN
    assert (paid.days_old, fee.days_old) == (22, 13)
    assert (paid.line.counterparty, paid.line.counterparty_account) == (
        "示例保险",
        "6222000000000001",
    )
    before = desk.balance()
    assert before.figures.only_bank_paid_fen == 2 * PREMIUM_FEN + 500
    assert before.figures.only_ledger_paid_fen == 2 * PREMIUM_FEN
    assert before.figures.agrees
    assert desk.matches(paid).matched == paid.fit.things[0]
    assert desk.matches(paid).matched  # the same again changes nothing
    found = desk.balance()
    figures = found.figures
    assert (figures.ledger_fen, figures.bank_fen) == (
        POOL_FEN - 2 * PREMIUM_FEN,
        POOL_FEN - 2 * PREMIUM_FEN - 500,
    )
    assert (figures.only_bank_paid_fen, figures.difference_fen, figures.agrees) == (500, 0, True)
    assert [(each.line.reference, each.days_old) for each in found.only_bank] == [("BANK-2", 13)]
    assert found.only_ledger == []
    with desk.ctx.sessions() as tx:
        kinds = ("bank_statement", "bank_line")
        query = select(AuditEntry.action).where(AuditEntry.subject_kind.in_(kinds))
        assert list(tx.scalars(query.order_by(AuditEntry.seq))) == [
            "bank_statement.import",
            "bank_line.match",
        ]


def test_a_day_between_booking_and_bank_is_explained_and_what_nobody_explains_shows(
    desk: BankDesk,
) -> None:
    late: Line = (date(2025, 3, 14), *PAID[1:])
    statement = desk.takes([late], opening_fen=POOL_FEN + 7)
    (line,) = desk.lines(statement.id)
    desk.matches(line)
    between = desk.balance(date(2025, 3, 12))
    assert between.figures.only_ledger_paid_fen == 2 * PREMIUM_FEN
    assert [each.thing.kind for each in between.only_ledger] == [ThingKind.PAYMENT]
    assert (between.figures.difference_fen, between.figures.agrees) == (7, False)
    assert desk.balance(date(2025, 3, 9)).figures.difference_fen == 7
    after = desk.balance(date(2025, 3, 14))
    assert (after.only_bank, after.only_ledger) == ([], [])
    assert refusals(lambda: desk.balance(date(2025, 3, 3))) == ["statement_missing"]
    assert refusals(lambda: BankDesk(desk.village, Fund(desk.village).bank).balance()) == [
        "statement_missing"
    ]


def test_a_match_is_taken_back_with_a_reason_and_stays_on_record(desk: BankDesk) -> None:
    statement = desk.takes([PAID, (FEE[0], PAID[1], "BANK-9", "保险费")])
    first, again = desk.lines(statement.id)
    assert first.fit
    assert again.fit
    assert (first.fit.fit, again.fit.fit) == (Fit.PROPOSED, Fit.UNKNOWN)
    thing = first.fit.things[0]
    desk.matches(first)
    (_, twice) = desk.lines(statement.id)
    assert twice.fit
    assert twice.fit.fit is Fit.PAID_TWICE
    assert "疑似重复拨付" in twice.fit.words
    assert refusals(partial(desk.says, again, thing.kind, thing.id)) == ["thing_matched"]
    assert refusals(lambda: desk.says(first, ThingKind.OTHER, uuid4())) == ["line_matched"]
    assert refusals(lambda: desk.says(again, ThingKind.OTHER, uuid4())) == ["thing_not_free"]
    undo = partial(matching.unmatch, desk.ctx, desk.actor, first.line.id, "核对错了")
    assert undo().matched is None
    assert refusals(undo) == ["line_not_matched"]
    desk.says(again, thing.kind, thing.id)
    with desk.ctx.sessions() as tx:
        rows = tx.scalars(select(BankMatch).order_by(BankMatch.id)).all()
        assert [each.undone_because for each in rows] == ["核对错了", None]
        for change in (
            update(BankMatch).where(BankMatch.id == rows[0].id).values(undone_because="别的"),
            update(BankStatement).values(withdrawn_because="只改这个"),
        ):
            with pytest.raises(DBAPIError):
                tx.execute(change)
            tx.rollback()


def test_only_the_very_amount_is_matched_and_only_by_officers_of_the_books(desk: BankDesk) -> None:
    wrong: Line = (PAID_ON, 1 - 2 * PREMIUM_FEN, *PAID[2:])
    statement = desk.takes([wrong])
    (line,) = desk.lines(statement.id)
    assert line.fit
    assert line.fit.fit is Fit.AMOUNT_DIFFERS
    with desk.ctx.sessions() as tx:
        entry = tx.scalars(select(Entry.id).where(Entry.kind == "payment_confirmed")).one()
    assert refusals(partial(desk.says, line, ThingKind.PAYMENT, entry)) == ["match_amount_differs"]
    village = desk.village
    assert matching.read(village.ctx, village.actor("auditor"), statement.id).statement == statement
    for name in ("auditor", "insurer", "manager", "owner0"):
        other = BankDesk(village, name=name)
        assert refusals(partial(other.takes, []))[0] in ("role_required", "not_found")
        act = partial(other.says, line, ThingKind.PAYMENT, entry)
        assert refusals(act)[0] in ("role_required", "not_found")
    for nothing in (
        lambda: matching.read(desk.ctx, desk.actor, uuid4()),
        lambda: matching.unmatch(desk.ctx, desk.actor, uuid4(), "没有"),
        lambda: bank_statements.withdraw(desk.ctx, desk.actor, uuid4(), "没有"),
    ):
        assert refusals(nothing) == ["not_found"]


def test_what_comes_back_and_what_is_ordered_is_known(desk: BankDesk) -> None:
    village = desk.village
    back: Line = (date(2025, 3, 28), 30_000, "BANK-3", "退保费")
    with village.ctx.sessions() as tx:
        case = tx.scalars(select(Payment.purchase_id)).one()
    village.person("insurer").issues_policy(case, village.policy(issued_on=date(2025, 4, 2)))
    given_back(village, case, 30_000)
    statement = desk.takes([PAID, back])
    _, returned = desk.lines(statement.id)
    assert returned.fit
    assert returned.fit.things[0].kind is ThingKind.REFUND
    assert desk.matches(returned).matched
    assert desk.balance().figures.agrees


def test_a_payment_that_was_confirmed_by_mistake_leaves_its_line_to_the_bank_alone(
    desk: BankDesk,
) -> None:
    village, rest = desk.village, POOL_FEN + PAID[1]
    statement = desk.takes([PAID])
    (paid,) = desk.lines(statement.id)
    desk.matches(paid)
    with village.ctx.sessions() as tx:
        case = tx.scalars(select(Payment.purchase_id)).one()
    village.reviewer.undoes_confirmation(case, "流水号填错了")
    assert (desk.balance().only_bank, desk.balance().figures.agrees) == ([], True)
    desk.takes([], (date(2025, 4, 1), date(2025, 4, 2)), rest)
    found = desk.balance()
    assert (found.figures.only_bank_paid_fen, found.figures.agrees) == (-PAID[1], True)
    assert [each.line.id for each in found.only_bank] == [paid.line.id]
    matching.unmatch(desk.ctx, desk.actor, paid.line.id, "确认已撤销")
    (paid,) = desk.lines(statement.id)
    assert paid.fit
    assert paid.fit.fit is Fit.NOT_BOOKED
    assert "还没有确认" in paid.fit.words


def test_interest_that_was_undone_ends_at_its_line_unless_the_bank_took_it_back_too(
    village: Village,
) -> None:
    fund, fen, day = Fund(village), 3_426_542, date(2024, 7, 2)
    desk = BankDesk(village, fund.bank)
    wrong = fund.earned()
    statement = desk.takes([(day, fen, wrong.bank_reference, "利息")], (day, day), 0)
    (line,) = desk.lines(statement.id)
    assert desk.matches(line).words == ""
    village.clock.set(datetime(2025, 1, 7, 1, tzinfo=UTC))
    undo = fund.undo_asked(wrong.id)
    undoing.confirm(village.ctx, village.actor("reviewer"), undo.id)
    back: Line = (date(2025, 1, 8), -fen, "BANK-B", "冲正")
    village.clock.advance(days=2)
    desk.takes([back], (date(2024, 7, 3), date(2025, 1, 8)), fen)
    (line,) = desk.lines(statement.id)
    assert "2025年1月7日撤销，请取消核对" in line.words
    found = desk.balance(date(2025, 1, 7))
    assert [each.line.id for each in found.only_bank] == [line.line.id]
    assert not [each for each in found.only_ledger if each.thing.kind is not MATURED]
    assert (found.figures.only_bank_received_fen, found.figures.agrees) == (fen, True)
    right = fund.confirmed(
        fund.paid(wrong.deposit_id, bank_reference=wrong.bank_reference).id, "clerk"
    )
    matching.unmatch(desk.ctx, desk.actor, line.line.id, "利息已撤销")
    (line,) = desk.lines(statement.id)
    assert line.fit
    assert (line.fit.fit, len(line.fit.things)) == (Fit.PROPOSED, 1)
    desk.matches(line)
    found = desk.balance()
    assert [each.line.reference for each in found.only_bank] == ["BANK-B"]
    assert found.figures.agrees
    (of_bank,) = [each for each in found.only_bank if each.line.amount_fen == -fen]
    second = bank_statements.list_statements(desk.ctx, desk.actor, None, 1)[0]
    (taken_back,) = desk.lines(second.id)
    assert taken_back.line == of_bank.line
    assert desk.matches(taken_back).matched
    found = desk.balance()
    assert (found.only_bank, found.figures.agrees) == ([], True)
    assert found.figures.only_ledger_received_fen == fen, "what came first, and is in the books"
    assert right.actual_fen == fen


def test_a_line_says_that_its_deposit_was_withdrawn(village: Village) -> None:
    fund, day = Fund(village), date(2024, 4, 1)
    desk = BankDesk(village, fund.bank)
    deposit = fund.deposit(value_on=day, principal_fen=100)
    statement = desk.takes([(day, -100, "T-1", "CD-1")], (day, day), PRINCIPAL_FEN)
    desk.matches(*desk.lines(statement.id))
    deposits.withdraw(village.ctx, village.actor("clerk"), deposit.id, "录错")
    fund.deposit(value_on=day, principal_fen=100)
    (line,) = desk.lines(statement.id)
    assert "撤销，请取消核对" in line.words
    matching.unmatch(desk.ctx, desk.actor, line.line.id, "存单已撤销")
    assert desk.matches(*desk.lines(statement.id)).words == ""
    assert desk.balance().figures.agrees


def test_a_deposit_lies_apart_from_its_line_on(village: Village) -> None:
    fund = Fund(village)
    desk = BankDesk(village, fund.bank)
    fen = 100_000_000
    ends = date(2024, 7, 1)
    old = fund.deposit(value_on=date(2024, 1, 1), months=6, principal_fen=fen, number="OLD-1")
    fund.deposit(value_on=date(2024, 4, 1), months=3, principal_fen=fen, number="CD-77")
    interest = fund.paid(old.id, until_on=ends, actual_fen=800_000)
    fund.confirmed(interest.id)
    placed: Line = (date(2024, 4, 1), -fen, "T-1", "转存定期CD-77")
    matured: Line = (ends, fen, "T-2", "OLD-1到期")
    earned: Line = (ends, 800_000, interest.bank_reference, "利息")
    days = date(2024, 3, 1), date(2024, 7, 31)
    statement = desk.takes([placed, matured, earned], days, PRINCIPAL_FEN - fen)
    lines = desk.lines(statement.id)
    kinds = [line.fit.things[0].kind for line in lines if line.fit and line.fit.things]
    assert kinds == [ThingKind.DEPOSIT_PLACED, ThingKind.DEPOSIT_MATURED, ThingKind.INTEREST]
    assert desk.balance(date(2024, 3, 31)).figures.agrees
    for line in lines:
        desk.matches(line)
    for day, apart in ((date(2024, 3, 31), fen), (date(2024, 4, 1), 2 * fen), (ends, fen)):
        figures = desk.balance(day).figures
        assert (figures.deposits_fen, figures.difference_fen) == (apart, 0)
    again = desk.lines(statement.id)
    assert [line.matched.kind for line in again if line.matched] == kinds
    assert [each.thing.number for each in desk.balance().only_ledger] == ["CD-77"]


BAD: list[list[object]] = [
    ["2025-03-05", "A1", "１２.00", "", "", "", "", ""],
    ["2025-03-05", "A2", "1e30", "", "", "", "", ""],
    ["2025-03-05", "A3", "NaN", "", "", "", "", ""],
    ["2025-03-05", "A4", "1.234", "", "", "", "", ""],
    ["2025-03-05", "A5", "1.00", "2.00", "", "", "", ""],
    ["2025-03-05", "A6", "", "0.00", "", "", "", ""],
    ["2025-02-30", "A7", "1.00", "", "", "", "", ""],
    ["", "A8", "1.00", "", "", "", "", ""],
    ["2025-03-05", 12345678901234567890, "1.00", "", "", "", "", ""],
    ["2025-03-05", "A9", 1e30, "", "", "", "", ""],
    ["2025-03-05", "A10", True, "", "", "", "", ""],
]
WRONG_CELLS = [
    *[("statement_amount_invalid", row, "支出金额") for row in (3, 4, 5, 6)],
    ("statement_both_sides", 7, "支出金额"),
    ("statement_amount_missing", 8, "支出金额"),
    *[("statement_day_invalid", row, "交易日期") for row in (9, 10)],
    ("statement_reference_unreadable", 11, "交易流水号"),
    *[("statement_amount_invalid", row, "支出金额") for row in (12, 13)],
]


def test_a_dry_run_names_every_fault_with_its_row_and_column(desk: BankDesk) -> None:
    def found(content: bytes, heading: Heading | None = None) -> list[tuple[object, ...]]:
        heading = heading or desk.heading()
        checked = bank_statements.check(desk.ctx, desk.actor, heading, desk.reads(content))
        return [(each.code, each.row, each.column) for each in checked.faults]

    assert found(workbook(BAD)) == WRONG_CELLS
    assert refusals(
        lambda: bank_statements.take(
            desk.ctx, desk.actor, desk.heading(), desk.reads(workbook(BAD))
        )
    ) == [code for code, *_ in WRONG_CELLS]
    strange = workbook([row_of(PAID)], [*HEADS[:4], "凭证种类", *HEADS[5:7], HEADS[6]])
    unknown = "statement_column_unknown"
    assert found(strange, desk.heading([PAID])) == [
        (unknown, 2, "凭证种类"),
        (unknown, 2, "对方账号"),
    ]
    assert found(workbook([], HEADS[1:])) == [("statement_column_missing", 2, None)]
    assert found(b"a,b\n1,2\n") == [("statement_column_missing", None, None)]
    lines = [PAID, FEE, (date(2025, 4, 1), 5, "BANK-1", ""), (PAID_ON, 5, "", "")]
    written = workbook([row_of(line) for line in lines])
    assert found(written, desk.heading(lines, missed_fen=3)) == [
        ("statement_day_outside", 5, None),
        ("statement_reference_repeated", 5, None),
        ("statement_reference_missing", 6, None),
        ("statement_sum_differs", None, None),
    ]
    assert refusals(lambda: found(b" ")) == ["upload_empty"]
    assert refusals(lambda: found(b"\x89PNG\x00\xff\xfe")) == ["file_unreadable"]
    many = [",".join(HEADS), *("2025-03-05,A,1.00,,,,," for _ in range(MOST_LINES + 1))]
    long = "statement_too_long"
    assert found("\n".join(many).encode()) == [(long, None, None)]
    assert refusals(lambda: found(b"PK\x03\x04 no workbook")) == ["file_unreadable"]
    assert refusals(lambda: found(b"a" * (21 * 1024 * 1024))) == ["upload_too_large"]
    assert there(desk.village) == (0, 0)


def test_a_csv_of_any_bank_is_the_same_statement(desk: BankDesk) -> None:
    rows = [",".join(HEADS), *(",".join(f'"{cell}\t"' for cell in row_of(x)) for x in (PAID, FEE))]
    text = "账号,0001\r\n" + "\r\n".join(rows) + "\r\n合计\r\n"
    heading = desk.heading([PAID, FEE])

    def take(content: bytes) -> StatementView:
        return bank_statements.take(desk.ctx, desk.actor, heading, desk.reads(content))

    first = take(text.encode("gb18030"))
    assert take(text.encode("utf-8-sig")) == first
    assert take(workbook([row_of(PAID), row_of(FEE)])) == first
    assert (
        bank_statements.check(desk.ctx, desk.actor, heading, desk.reads(text.encode())).faults == []
    )
    assert there(desk.village) == (1, 2)
    assert bank_statements.list_statements(desk.ctx, desk.actor, None, 5) == [first]
    assert bank_statements.list_statements(desk.ctx, desk.actor, first.id, 5) == []
    for name, may_work in (("cashier", True), ("auditor", False)):
        seen = overview.overview(desk.ctx, desk.village.actor(name))
        assert (seen.statements, seen.may_work) == ([first], may_work)
        ends = [each.covered and each.covered.until_on for each in seen.banks]
        assert ends == [LAST]


def test_a_statement_follows_the_one_before_without_a_day_or_a_fen_between(desk: BankDesk) -> None:
    half = date(2025, 3, 15)
    first = desk.takes([PAID], (FIRST, half))
    rest = POOL_FEN + PAID[1]

    def refused(days: tuple[date, date], fen: int = rest, lines: tuple[Line, ...] = ()) -> object:
        return refusals(lambda: desk.takes(lines, days, fen))

    assert refused((half, LAST)) == ["statement_overlaps"]
    assert refused((date(2025, 3, 17), LAST)) == ["statement_gap"]
    assert refused((date(2025, 3, 16), LAST), rest + 1) == ["statement_opening_differs"]
    assert refused((date(2025, 3, 16), date(2025, 3, 15))) == ["statement_period_invalid"]
    assert refused((date(2025, 3, 16), date(2025, 4, 3))) == ["statement_period_invalid"]
    assert refused((date(2025, 3, 16), LAST), rest, ((LAST, 5, "BANK-1", ""),)) == [
        "statement_reference_repeated"
    ]
    second = desk.takes([FEE], (date(2025, 3, 16), LAST), rest)

    def gone(found: StatementView) -> StatementView:
        return bank_statements.withdraw(desk.ctx, desk.actor, found.id, "导错了")

    assert refusals(lambda: gone(first)) == ["statement_not_last"]
    assert gone(second).withdrawn_because == "导错了"
    assert refusals(lambda: gone(second)) == ["statement_withdrawn"]
    (line,) = desk.lines(first.id)
    desk.matches(line)
    assert refusals(lambda: gone(first)) == ["statement_matched"]
    third = desk.takes([FEE], (date(2025, 3, 16), LAST), rest)
    assert third.id != second.id
    (of_second,) = desk.lines(second.id)
    assert refusals(partial(desk.says, of_second, ThingKind.OTHER, uuid4())) == ["not_found"]
    empty = BankDesk(desk.village, Fund(desk.village).bank)
    days = date(2014, 12, 31), LAST
    assert refusals(lambda: empty.takes([], days)) == ["statement_before_opening"]
    nobody = BankDesk(desk.village, uuid4())
    assert refusals(lambda: nobody.takes([])) == ["bank_unknown"]
    assert refusals(nobody.balance) == ["bank_unknown"]


def test_an_import_that_breaks_off_leaves_nothing(
    desk: BankDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(audit, "append", broken)
        with pytest.raises(KeyboardInterrupt):
            desk.takes([PAID, FEE])
    assert there(desk.village) == (0, 0)
    desk.takes([PAID, FEE])
    assert there(desk.village) == (1, 2)


def answer(act: Callable[[], object]) -> object:
    """What came of it: a code where it was refused."""
    try:
        return act() and "done"
    except Refused as refused:
        return refused.refusals[0].code


def test_of_two_imports_and_of_two_matches_at_once_one_wins(desk: BankDesk) -> None:
    village = desk.village
    clerk = BankDesk(village, name="clerk")
    same = [each.id for each in at_once([partial(who.takes, [PAID, FEE]) for who in (desk, clerk)])]
    assert same[0] == same[1]
    rest = POOL_FEN + PAID[1] + FEE[1]
    day = date(2025, 4, 1)
    more = [[(day, fen, f"D-{fen}", "")] for fen in (1, 2)]
    raced = [
        partial(answer, partial(who.takes, lines, (day, day), rest))
        for who, lines in zip((desk, clerk), more, strict=True)
    ]
    assert sorted(map(str, at_once(raced))) == ["done", "statement_overlaps"]
    paid, fee = desk.lines(same[0])
    assert paid.fit
    thing = paid.fit.things[0]
    both = [partial(answer, partial(who.says, paid, thing.kind, thing.id)) for who in (desk, clerk)]
    assert at_once(both) == ["done", "done"]
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(func.count()).select_from(BankMatch)).one() == 1
    assert balance.balance(village.ctx, desk.actor, village.bank, LAST).figures.agrees
    assert fee.matched is None


def test_a_statement_is_not_withdrawn_while_a_line_of_it_is_being_matched(
    desk: BankDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = desk.takes([PAID])
    (paid,) = desk.lines(statement.id)
    gone = partial(bank_statements.withdraw, desk.ctx, desk.actor, statement.id, "导错了")
    between = InBetween(desk.ctx.sessions, partial(answer, gone))
    written = audit.append

    def append(*args: Any) -> None:
        between.begin()
        written(*args)

    with monkeypatch.context() as patched:
        patched.setattr(audit, "append", append)
        assert desk.matches(paid).matched
        assert between.result() == "statement_matched"
    with desk.ctx.sessions() as tx:
        assert tx.get_one(BankStatement, statement.id).withdrawn_at is None


def test_of_two_lines_for_one_payment_at_once_one_gets_it(desk: BankDesk) -> None:
    clerk = BankDesk(desk.village, name="clerk")
    twice: Line = (PAID_ON, PAID[1], "BANK-8", PAID[3])
    statement = desk.takes([PAID, twice])
    lines = desk.lines(statement.id)
    assert [line.fit and line.fit.fit for line in lines] == [Fit.SEVERAL, Fit.SEVERAL]
    assert lines[0].fit
    thing = lines[0].fit.things[0]
    raced = [
        partial(answer, partial(who.says, line, thing.kind, thing.id))
        for who, line in zip((desk, clerk), lines, strict=True)
    ]
    assert sorted(map(str, at_once(raced))) == ["done", "thing_matched"]
    (rest,) = [line for line in desk.lines(statement.id) if line.matched is None]
    assert rest.fit
    assert rest.fit.fit is Fit.PAID_TWICE
    assert desk.balance().figures.agrees
