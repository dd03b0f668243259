"""A statement adds up and follows the last one; a line is proposed one booking, or none; both
balances differ by what is listed, and by nothing else."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import bank_statement as rules
from backend.domain.bank_matching import (
    Books,
    Fit,
    FreeLine,
    Index,
    Thing,
    ThingKind,
    judge,
    names,
)
from backend.domain.bank_statement import (
    MOST_FEN,
    MOST_LINES,
    StatedLine,
    Statement,
    Surroundings,
    amount_fen,
    signed_fen,
)
from backend.domain.errors import Refused
from backend.domain.money import yuan
from backend.domain.reconciling import Pair, PairSide, reconcile

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 31)
AROUND = Surroundings(today=date(2025, 4, 1), opened_on=date(2024, 12, 31))
FEN = st.integers(-(10**9), 10**9).filter(bool)
DAYS = st.integers(0, 30).map(lambda days: FIRST + timedelta(days=days))
WORDS = st.text(alphabet="0123456789０１eE.,-+N a∞", max_size=12)


def statement(fens: list[int], opening_fen: int = 0, missed_fen: int = 0) -> Statement:
    lines = [StatedLine(row, FIRST, fen, f"R{row}") for row, fen in enumerate(fens, 2)]
    closing_fen = opening_fen + sum(fens) + missed_fen
    return Statement(FIRST, LAST, opening_fen, closing_fen, lines)


def codes(one: Statement, around: Surroundings = AROUND) -> list[str]:
    return [each.code for each in rules.faults(one, around)]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as error:
        act()
    return error.value.refusals[0].code


@given(st.lists(FEN, min_size=1, max_size=20), FEN, st.integers(-5, 5))
def test_a_sum_that_misses_by_a_fen_is_named_by_how_many(
    fens: list[int], opening_fen: int, missed_fen: int
) -> None:
    one = statement(fens, opening_fen, missed_fen)
    found = rules.faults(one, AROUND)
    assert [each.code for each in found] == (["statement_sum_differs"] if missed_fen else [])
    if missed_fen:
        assert f"相差{abs(missed_fen)}分" in found[0].message
        with pytest.raises(Refused):
            rules.check(found)
    else:
        rules.check(found)


@given(st.integers(-40, 40), st.integers(-3, 3))
def test_a_statement_begins_the_day_after_the_last_one_with_its_very_balance(
    days: int, fen: int
) -> None:
    ended_on = FIRST - timedelta(days=1 + days)
    around = replace(AROUND, ended_on=ended_on, closing_fen=100)
    expected = []
    if days:
        expected.append("statement_gap" if days > 0 else "statement_overlaps")
    if fen:
        expected.append("statement_opening_differs")
    assert codes(statement([5], 100 + fen), around) == expected


def test_days_and_references_have_their_faults() -> None:
    one = statement([1, 2])
    assert codes(replace(one, until_on=FIRST - timedelta(days=1)))[0] == "statement_period_invalid"
    assert codes(one, replace(AROUND, today=FIRST)) == ["statement_period_invalid"]
    assert codes(one, replace(AROUND, opened_on=FIRST)) == ["statement_before_opening"]
    known = replace(AROUND, references=frozenset({"R3"}))
    found = rules.faults(one, known)
    assert [(each.code, each.row) for each in found] == [("statement_reference_repeated", 3)]
    assert found[0].refusal.message.startswith("第3行：")
    outside = replace(
        one, lines=[replace(one.lines[0], day=LAST + timedelta(days=1), amount_fen=3)]
    )
    assert codes(outside) == ["statement_day_outside"]
    assert codes(replace(one, lines=[], closing_fen=0)) == []
    assert codes(replace(one, lines=[], closing_fen=3)) == [
        "statement_empty",
        "statement_sum_differs",
    ]
    nought = replace(one.lines[0], amount_fen=0, reference="")
    assert codes(replace(one, lines=[nought], closing_fen=0)) == [
        "statement_amount_missing",
        "statement_reference_missing",
    ]
    assert codes(statement([1] * (MOST_LINES + 1))) == ["statement_too_long"]


@given(st.integers(-MOST_FEN, MOST_FEN))
def test_an_amount_is_read_as_it_is_written(fen: int) -> None:
    assert amount_fen(yuan(fen).removesuffix("元")) == fen
    assert amount_fen(f"{'-' if fen < 0 else ''}000{abs(fen) // 100}.{abs(fen) % 100:02}00") == fen


@given(WORDS)
def test_no_other_writing_is_an_amount(text: str) -> None:
    if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text.strip()):
        return
    if re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text.strip()):
        return
    assert refused(lambda: amount_fen(text)) == "statement_amount_invalid"


def test_one_side_of_a_line_is_filled() -> None:
    assert (signed_fen("1.00", ""), signed_fen("0.00", "2.5"), signed_fen("-3", "")) == (
        *(-100, 250),
        300,
    )
    assert refused(lambda: signed_fen("1", "1")) == "statement_both_sides"
    assert refused(lambda: signed_fen("0", " ")) == "statement_amount_missing"
    for bad in ("１２", "1e30", "NaN", "1.234", "10000000000001", "", "1,00", "--1", "9" * 400):
        assert refused(partial(amount_fen, bad)) == "statement_amount_invalid"


def thing(nth: int, fen: int = -100, day: date = FIRST, **more: Any) -> Thing:
    return Thing(ThingKind.PAYMENT, UUID(int=nth + 1), fen, day, **more)


def free(nth: int, fen: int = -100, day: date = FIRST, **more: str) -> FreeLine:
    return FreeLine(UUID(int=nth + 1), day, fen, **{"reference": f"R{nth}"} | more)


SMALL = st.integers(-2, 2).filter(bool)
NUMBERS = st.sampled_from(["", "BF-2025-000001", "BF-2025-000002", "CD-1234"])
REFERENCES = st.sampled_from(["", "R1", "R2"])
THINGS = st.lists(st.tuples(SMALL, DAYS, NUMBERS, REFERENCES), max_size=6).map(
    lambda all_: [
        thing(nth, fen, day, number=number, reference=reference)
        for nth, (fen, day, number, reference) in enumerate(all_)
    ]
)
LINES = st.lists(st.tuples(SMALL, DAYS, NUMBERS), max_size=6).map(
    lambda all_: [
        free(nth, fen, day, purpose=f"{number}保险费")
        for nth, (fen, day, number) in enumerate(all_)
    ]
)


ODD = st.text(alphabet="AB1-１ 保", max_size=7)


@given(
    ODD,
    ODD,
    st.lists(st.tuples(ODD, ODD, st.booleans()), max_size=6),
)
def test_what_a_line_names_is_found_without_holding_it_against_every_booking(
    reference: str, purpose: str, things: list[tuple[str, str, bool]]
) -> None:
    line = free(0, reference=reference, purpose=purpose)
    all_ = [
        thing(nth, number=purpose[:5] if same else number, reference=other)
        for nth, (number, other, same) in enumerate(things)
    ]
    assert Index(all_).named(line) == [each for each in all_ if names(line, each)]


def test_what_was_booked_late_is_found_by_the_day_that_the_bank_s_receipt_said() -> None:
    late = replace(thing(0), day=FIRST + timedelta(days=90), bank_on=FIRST)
    (fit,) = judge([free(0)], Books([late])).values()
    assert (fit.fit, fit.things) == (Fit.PROPOSED, [late])
    (fit,) = judge([free(0)], Books([replace(late, bank_on=None)])).values()
    assert fit.fit is Fit.UNKNOWN


@given(LINES, THINGS, THINGS, THINGS)
def test_what_is_proposed_is_of_the_very_amount_and_unique_both_ways(
    lines: list[FreeLine], things: list[Thing], paid: list[Thing], ordered: list[Thing]
) -> None:
    found = judge(lines, Books(things, paid, ordered))
    assert found.keys() == {line.id for line in lines}
    proposed = [each.things for each in found.values() if each.fit is Fit.PROPOSED]
    assert all(len(each) == 1 for each in proposed)
    keys = [each[0].key for each in proposed]
    assert len(keys) == len(set(keys))
    for line in lines:
        fit = found[line.id]
        assert all(each.amount_fen == line.amount_fen and each in things for each in fit.things)
        if fit.fit is Fit.PROPOSED:
            others = [each for each in found.values() if each is not fit]
            assert not any(fit.things[0] in each.things for each in others)
        elif fit.things:
            assert fit.fit is Fit.SEVERAL
        assert fit.words


def test_our_number_or_the_banks_reference_says_which_of_two_it_is() -> None:
    first, second = thing(1, number="BF-2025-000001"), thing(2, number="BF-2025-000002")
    named = free(1, purpose="bf2025000002保险")
    found = judge([named], Books([first, second]))[named.id]
    assert (found.fit, found.things) == (Fit.PROPOSED, [second])
    by_bank = free(2, reference="X-7")
    receipt = replace(first, reference="x-7")
    both = judge([named, by_bank], Books([receipt, second]))
    assert [each.fit for each in both.values()] == [Fit.PROPOSED, Fit.PROPOSED]
    nobody = free(3, purpose="BF-2025-0000021")
    fits = judge([nobody], Books([first, second]))[nobody.id]
    assert (fits.fit, len(fits.things)) == (Fit.SEVERAL, 2)
    far = free(4, day=FIRST + timedelta(days=32))
    assert judge([far], Books([first]))[far.id].fit is Fit.UNKNOWN
    shared = [free(5), free(6)]
    assert {each.fit for each in judge(shared, Books([first])).values()} == {Fit.SEVERAL}


def test_what_is_no_free_booking_is_named() -> None:
    number = "BF-2025-000001"
    paid = thing(1, number=number, counterparty="示例保险", counterparty_account="6222")
    cases = {
        Fit.AMOUNT_DIFFERS: (free(1, -99, purpose=number), Books([paid])),
        Fit.PAID_TWICE: (free(1, purpose=number), Books([], [paid])),
        Fit.NOT_BOOKED: (free(1, purpose=number), Books([], [paid], [paid])),
        Fit.UNKNOWN: (free(1, counterparty_account="6333"), Books([], [paid])),
    }
    for fit, (line, books) in cases.items():
        assert judge([line], books)[line.id].fit is fit
    for line in (free(1, counterparty="示例保险"), free(1, counterparty_account="6222"), free(1)):
        assert judge([line], Books([], [paid]))[line.id].fit is Fit.PAID_TWICE
    other = free(1, counterparty="别的公司")
    assert judge([other], Books([], [paid]))[other.id].fit is Fit.UNKNOWN
    for books in (Books([paid]), Books([], [paid])):
        back = free(1, 100, purpose=f"{number}退汇")
        found = judge([back], books)[back.id]
        assert found.fit is Fit.NOT_BOOKED
        assert "退回" in found.words


SIDES = st.none() | st.builds(PairSide, DAYS, FEN, st.none() | DAYS)
PAIRS = st.lists(
    st.builds(Pair, st.none() | st.builds(PairSide, DAYS, FEN), SIDES)
    | st.builds(lambda day, on, fen: Pair(PairSide(day, fen), PairSide(on, fen)), DAYS, DAYS, FEN),
    max_size=12,
)


@given(PAIRS, DAYS, FEN, st.integers(0, 10**9), st.integers(-3, 3))
def test_both_balances_differ_by_what_is_listed_and_nothing_else(
    pairs: list[Pair], on: date, began_fen: int, apart_fen: int, missed_fen: int
) -> None:
    """Where matched sides are of one amount, as the match says."""
    pairs = [
        replace(pair, booked=replace(pair.booked, amount_fen=pair.line.amount_fen))
        if pair.line and pair.booked
        else pair
        for pair in pairs
    ]
    bank = sum(each.line.amount_fen for each in pairs if each.line and each.line.counts(on))
    booked = sum(each.booked.amount_fen for each in pairs if each.booked and each.booked.counts(on))
    found = reconcile(
        on, began_fen + apart_fen + booked, began_fen + bank + missed_fen, apart_fen, pairs
    )
    assert found.difference_fen == missed_fen
    assert found.agrees is (missed_fen == 0)
    assert found.adjusted_bank_fen - found.adjusted_ledger_fen == missed_fen
