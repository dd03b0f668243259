"""Income of before these books: two officers say which year's it is, and its close shares it."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.domain.errors import Refused
from backend.domain.money import split
from backend.services.income import closing, past
from backend.services.reads.past_income_pages import read_past_income
from backend.services.reads.todos import my_todos
from backend.services.registry import openings
from backend.services.registry.openings import RightFigures
from backend.store.past_income import PastIncome
from backend.store.queries.past_income import PastIncomeView
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.looking import assert_sound
from tests.build.village import Village
from tests.build.waiting import InBetween

# At the opening 26,358.02 was owed to the owners, of which 7,907.40 is value-added income.
OWED_FEN = 2_635_802
STATUTORY_FEN, VALUE_ADDED_FEN = 1_845_062, 790_740


@pytest.fixture
def fund(village: Village) -> Fund:
    fund = Fund(village)
    fund.owes_of_before(OWED_FEN)
    fund.holds(WORKED)
    return fund


def entered(
    fund: Fund, statutory_fen: int = STATUTORY_FEN, value_added_fen: int = VALUE_ADDED_FEN
) -> PastIncomeView:
    return fund.past_entered(statutory_fen, value_added_fen)


def confirmed(fund: Fund, past_id: UUID) -> PastIncomeView:
    return past.confirm(fund.village.ctx, fund.village.actor("reviewer"), past_id)


def back(fund: Fund, past_id: UUID) -> PastIncomeView:
    village = fund.village
    paper = village.upload("cashier")
    return past.ask_back(village.ctx, village.actor("cashier"), past_id, "年份写错", paper)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def test_past_interest_goes_to_the_flats_and_past_income_to_the_pools_at_the_close(
    fund: Fund,
) -> None:
    village, ctx = fund.village, fund.village.ctx
    cashier, reviewer = village.actor("cashier"), village.actor("reviewer")
    one = entered(fund)
    assert my_todos(ctx, reviewer).past_income == one
    assert refusal(lambda: entered(fund)) == "past_income_waiting"
    assert refusal(lambda: past.confirm(ctx, cashier, one.id)) == "own_past_income"
    assert refusal(fund.previewed) == "year_without_income", "nothing counts yet"
    assert confirmed(fund, one.id).confirmed
    assert refusal(lambda: confirmed(fund, one.id)) == "past_income_decided"
    assert fund.stands("UNALLOCATED-INCOME-2024") == VALUE_ADDED_FEN
    assert read_past_income(ctx, village.actor("auditor"), 1).left_fen == 0

    before = fund.flats()
    close = fund.closed()
    assert (close.total_fen, close.statutory_fen) == (VALUE_ADDED_FEN, STATUTORY_FEN)
    assert fund.balances() == SHARED, "the plan's worked figure"
    weights = [
        (number, sum(fen * (date(2025, 1, 1) - on).days for on, fen in of_flat.items()))
        for number, of_flat in WORKED.items()
    ]
    gained = {number: fen - before[number] for number, fen in fund.flats().items()}
    assert gained == {part.name: part.fen for part in split(STATUTORY_FEN, weights)}
    assert fund.stands("STATUTORY-INTEREST") == 0
    *_, past_words = closing.latest(ctx, 2024, None)
    assert "以前没有派发的利息18,450.62元（归各户）" in past_words
    assert "以前没有分配的增值收益7,907.40元" in past_words
    assert refusal(lambda: back(fund, one.id)) == "past_income_shared"
    assert_sound(village)


def test_it_is_taken_back_by_two_until_its_year_is_shared_and_entered_anew(fund: Fund) -> None:
    village, ctx = fund.village, fund.village.ctx
    one = entered(fund)
    assert refusal(lambda: back(fund, one.id)) == "past_income_not_counted"
    confirmed(fund, one.id)
    asked = back(fund, one.id)
    assert refusal(lambda: past.confirm(ctx, village.actor("cashier"), asked.id)) == (
        "own_past_income"
    )
    past.turn_down(ctx, village.actor("reviewer"), asked.id, "没有写错")
    confirmed(fund, back(fund, one.id).id)
    assert fund.stands("UNALLOCATED-INCOME-2024") == 0
    assert fund.stands("STATUTORY-INTEREST") == OWED_FEN
    assert refusal(lambda: back(fund, one.id)) == "past_income_not_counted"
    page = read_past_income(ctx, village.actor("clerk"), 1)
    assert page.left_fen == OWED_FEN
    assert [(row.view.undone, row.view.confirmed) for row in page.found.rows] == [
        (False, True),
        (False, False),
        (True, True),
    ]
    confirmed(fund, entered(fund, OWED_FEN, 0).id)
    assert fund.closed().statutory_fen == OWED_FEN, "interest alone moves no account before it"
    assert_sound(village)


def test_what_was_asked_back_before_the_close_does_not_count_back_after_it(fund: Fund) -> None:
    one = entered(fund)
    confirmed(fund, one.id)
    asked = back(fund, one.id)
    fund.closed()
    assert refusal(lambda: confirmed(fund, asked.id)) == "past_income_shared"
    assert_sound(fund.village)


def test_of_two_who_take_one_back_at_once_each_is_answered(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = entered(fund)
    confirmed(fund, one.id)
    asked, lock = back(fund, one.id), past._lock
    other = InBetween(fund.village.ctx.sessions, lambda: refusal(lambda: back(fund, one.id)))

    def locked(tx: Session, year: int) -> tuple[UUID, UUID]:
        both = lock(tx, year)
        other.begin()
        return both

    monkeypatch.setattr(past, "_lock", locked)
    assert confirmed(fund, asked.id).confirmed
    assert other.result() == "past_income_not_counted"
    assert_sound(fund.village)


def test_no_fen_counts_twice_and_the_opening_keeps_what_counts(fund: Fund) -> None:
    village, ctx = fund.village, fund.village.ctx
    assert refusal(lambda: entered(fund, OWED_FEN, 1)) == "past_income_exceeds"
    waiting = entered(fund, OWED_FEN - 1, 0)
    fund.earned()  # what a year earns adds to what is owed, and counts for that year alone
    confirmed(fund, waiting.id)
    assert read_past_income(ctx, village.actor("clerk"), 1).left_fen == 1
    assert refusal(lambda: entered(fund, 2, 0)) == "past_income_exceeds"

    def lowered(fen: int) -> object:
        of_interest = next(
            each
            for each in openings.list_openings(ctx, village.actor("clerk"), None, 9)
            if each.statutory_fen
        )
        right = RightFigures(fen, fen, [])
        paper = village.upload("clerk")
        return openings.enter(ctx, village.actor("clerk"), of_interest.id, right, paper, "抄错")

    assert refusal(lambda: lowered(OWED_FEN - 2)) == "balance_insufficient"
    lowered(OWED_FEN - 1)


def test_a_later_word_on_a_closed_year_makes_a_revision_and_what_was_decided_stays(
    fund: Fund,
) -> None:
    village = fund.village
    confirmed(fund, entered(fund, 1_000_000, 0).id)
    fund.closed()
    second = entered(fund, 845_062, VALUE_ADDED_FEN)
    village.clock.advance(hours=1)
    confirmed(fund, second.id)
    close = fund.closed()
    assert (close.revision, close.statutory_moved_fen, close.moved_fen) == (
        2,
        845_062,
        VALUE_ADDED_FEN,
    )
    assert fund.balances() == SHARED
    for forbidden in (update(PastIncome).values(confirmed=False), delete(PastIncome)):
        with village.ctx.sessions() as tx, pytest.raises(DBAPIError):
            tx.execute(forbidden)
    assert_sound(village)
