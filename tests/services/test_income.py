"""Interest is booked when the bank paid it, and reaches the pools at the close of its year."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from backend.domain.closing import CloseState
from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, opening
from backend.domain.money import parse_fen, split
from backend.explain_close import close_text, close_values
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.case import unanswered
from backend.services.income import closing, deposits, interest
from backend.services.registry import accounts
from backend.services.registry.accounts import NewAccount
from backend.store.audit import AuditEntry
from backend.store.income import (
    Deposit,
    DepositInterest,
    InterestYear,
    YearClose,
    YearShare,
)
from backend.store.ledger import Account
from backend.store.queries.closing import write_shares
from tests.build.fund import BEGAN, PAID, SHARED, WORKED, Fund, account
from tests.build.looking import assert_sound
from tests.build.village import Village


@pytest.fixture
def fund(village: Village) -> Fund:
    return Fund(village)


def refusal(act: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        act()
    (found,) = refused.value.refusals
    return found.code, found.field


def chain(fund: Fund) -> list[str]:
    with fund.village.ctx.sessions() as tx:
        kinds = ("deposit", "deposit_interest", "year_close")
        query = select(AuditEntry.action).where(AuditEntry.subject_kind.in_(kinds))
        return list(tx.scalars(query.order_by(AuditEntry.seq)))


def test_interest_waits_for_the_close_of_its_year(fund: Fund) -> None:
    fund.holds(WORKED)
    before = fund.stands("STATUTORY-INTEREST")
    found = fund.paid(fund.deposit().id)
    assert (found.statutory_fen, found.value_added_fen) == (2_635_802, 790_740)
    assert fund.stands("UNALLOCATED-INCOME-2024") == 0
    fund.confirmed(found.id)
    assert fund.stands("UNALLOCATED-INCOME-2024") == 790_740
    assert fund.stands("STATUTORY-INTEREST") == before + 2_635_802
    assert fund.balances() == dict.fromkeys("ABC", 0)
    close = fund.closed()
    assert (close.total_fen, close.moved_fen, close.receivable_fen) == (790_740, 790_740, 0)
    assert fund.balances() == SHARED
    assert fund.stands("UNALLOCATED-INCOME-2024") == 0
    assert_sound(fund.village)
    assert chain(fund) == [
        "deposit.enter",
        "deposit_interest.enter",
        "deposit_interest.confirm",
        "year_close.preview",
        "year_close.post",
    ]


def test_every_figure_of_a_close_explains_itself(fund: Fund) -> None:
    ctx = fund.village.ctx
    assert refusal(lambda: closing.latest(ctx, 2024, None))[0] == "not_found"
    fund.holds(WORKED)
    fund.earned()
    fund.previewed()
    found, shares, past = closing.latest(ctx, 2024, None)
    said = close_text(found, shares, past)
    assert said.startswith("2024年增值收益7,907.40元，第1次分配（预览，没有入账），3个统筹账户：")
    assert "7,907.40元 × 权重 ÷ 合计，先舍去不足一分的部分：2,867.93元" in said
    assert "余数排在前面，分到除不尽的1分" in said
    (only,) = closing.latest(ctx, 2024, "B")[1]
    assert (only.fen, only.weight) == (SHARED["B"], 38_250_000 * 183)
    values = close_values(found, [only], past)
    assert json.loads(json.dumps(values))["shares"][0]["fen"] == SHARED["B"]
    assert refusal(lambda: closing.latest(ctx, 2024, "Z"))[0] == "not_found"


def test_a_year_closes_once_and_what_comes_later_is_shared_as_a_difference(fund: Fund) -> None:
    fund.holds(WORKED)
    first = fund.earned()
    close = fund.closed()
    again = closing.post(fund.village.ctx, fund.village.actor("reviewer"), close.id)
    assert again == close
    assert refusal(fund.previewed) == ("year_closed", "year")
    assert fund.balances() == SHARED
    rest = fund.paid(first.deposit_id, until_on=date(2025, 1, 1), actual_fen=3_314_320)
    fund.confirmed(rest.id)
    second = fund.closed()
    assert second.revision == 2
    total = 790_740 + rest.value_added_fen
    weights = [("A", 40_800_000 * 183), ("B", 38_250_000 * 183), ("C", 61_200_050 * 100)]
    assert fund.balances() == {part.name: part.fen for part in split(total, weights)}
    assert_sound(fund.village)


def test_interest_over_new_year_is_cut_by_days(fund: Fund) -> None:
    deposit = fund.deposit(value_on=date(2024, 7, 1), months=6)
    found = fund.paid(deposit.id, until_on=date(2025, 1, 1), actual_fen=3_370_369)
    fund.confirmed(found.id)
    longer = fund.deposit(number="CD-2", value_on=date(2024, 12, 1), months=3)
    cut = fund.paid(longer.id, until_on=date(2025, 3, 1), actual_fen=2_000_000)
    fund.confirmed(cut.id)
    with fund.village.ctx.sessions() as tx:
        rows = tx.execute(
            select(InterestYear.interest_id, InterestYear.year, InterestYear.value_added_fen)
        ).all()
    by_year = {(row[0], row[1]): row[2] for row in rows}
    days = split(cut.value_added_fen, [("2024", 31), ("2025", 59)])
    assert by_year == {
        (found.id, 2024): found.value_added_fen,
        (cut.id, 2024): days[0].fen,
        (cut.id, 2025): days[1].fen,
    }


def test_a_whole_term_is_measured_by_its_months_and_its_own_benchmark(fund: Fund) -> None:
    deposit = fund.deposit(principal_fen=1_234_567_890)
    assert (deposit.benchmark, deposit.rate) == ("1.5%", "1.95%")
    assert deposit.matures_on == date(2025, 1, 1)
    found = fund.paid(deposit.id, until_on=date(2025, 1, 1), actual_fen=24_074_074)
    assert (found.statutory_fen, found.value_added_fen) == (18_518_518, 5_555_556)
    assert fund.deposit(number="CD-3", months=0).benchmark == "0.35%"


def test_interest_below_the_statutory_one_pools_nothing_and_stays_owed(fund: Fund) -> None:
    fund.holds(WORKED)
    deposit = fund.deposit(principal_fen=800_000_000, rate=Decimal("0.0095"))
    found = fund.paid(deposit.id, until_on=date(2025, 1, 1), actual_fen=7_600_000)
    assert (found.value_added_fen, found.owed_fen) == (0, 4_400_000)
    assert refusal(fund.previewed) == ("year_without_income", "year")
    fund.confirmed(found.id)
    assert fund.stands("UNALLOCATED-INCOME-2024") == 0
    close = fund.closed()
    assert (close.total_fen, close.accounts, close.statutory_fen) == (0, 0, 7_600_000)
    assert fund.balances() == dict.fromkeys("ABC", 0), "the owners get all of it"
    nothing = fund.paid(fund.deposit(number="CD-0").id, actual_fen=0)
    assert fund.confirmed(nothing.id).owed_fen == nothing.statutory_fen
    assert_sound(fund.village)


def test_an_account_that_spent_what_it_must_give_back_owes_it(fund: Fund) -> None:
    fund.holds(WORKED)
    fund.earned()
    fund.closed()
    village = fund.village
    fund.spends("A", SHARED["A"] - 1_000)
    fund.moved("A", -20_400_000, date(2024, 7, 3))
    close = fund.closed()
    of_a = 40_800_000 + 20_400_000 * 182
    weights = [("A", of_a), ("B", 38_250_000 * 183), ("C", 61_200_050 * 100)]
    right = {part.name: part.fen for part in split(790_740, weights)}
    owed = SHARED["A"] - right["A"] - 1_000
    assert close.receivable_fen == owed == fund.stands("POOL-RECEIVABLE")
    assert fund.balances() == right | {"A": 0}
    (first, *_) = closing.shares(village.ctx, village.actor("auditor"), close.id, None, 10)
    assert (first.moved_fen, first.receivable_fen) == (-1_000, owed)
    assert_sound(village)


def test_what_an_account_gets_later_pays_first_what_it_owes(fund: Fund) -> None:
    fund.holds(WORKED)
    first = fund.earned()
    fund.closed()
    village = fund.village
    fund.spends("A", SHARED["A"])
    fund.moved("A", -20_400_000, date(2024, 7, 3))
    owed = fund.closed().receivable_fen
    rest = fund.paid(first.deposit_id, until_on=date(2025, 1, 1), actual_fen=3_314_320)
    fund.confirmed(rest.id)
    close = fund.closed()
    of_a, *_ = closing.latest(village.ctx, 2024, "A")[1]
    due = of_a.fen - of_a.before_fen
    assert (of_a.settled_fen, fund.balances()["A"]) == (min(owed, due), max(0, due - owed))
    assert fund.stands("POOL-RECEIVABLE") == max(0, owed - due)
    assert close.revision == 3
    assert_sound(village)


def test_the_last_interest_of_a_term_leaves_the_whole_terms_statutory_interest(fund: Fund) -> None:
    deposit = fund.deposit(principal_fen=1_000_000_000)
    quarters = (date(2024, 4, 1), date(2024, 7, 1), date(2024, 10, 1), date(2025, 1, 1))
    paid = [
        fund.confirmed(fund.paid(deposit.id, until_on=day, actual_fen=4_875_000).id)
        for day in quarters
    ]
    assert sum(each.statutory_fen for each in paid) == 15_000_000


def test_two_accounts_of_one_unit_get_no_share_twice(fund: Fund) -> None:
    fund.holds(WORKED)
    with fund.village.ctx.sessions() as tx:
        of_unit = tx.get_one(Account, fund.pools["A"])
        where = {"building_id": of_unit.building_id, "unit_id": of_unit.unit_id}
        ledger.open_account(tx, AccountKind.POOLED_INCOME, "A2", "又一个", **where)
        tx.commit()
    fund.earned()
    fund.closed()
    assert fund.balances() == SHARED
    assert fund.stands("A2") == 0


def test_what_waits_too_long_is_told_again(fund: Fund) -> None:
    fund.paid(fund.deposit().id)
    fund.village.clock.advance(days=20)
    assert unanswered.sweep(fund.village.ctx) == 1


def test_a_preview_whose_basis_moved_is_not_posted(fund: Fund) -> None:
    fund.holds(WORKED)
    first = fund.earned()
    preview = fund.previewed()
    rest = fund.paid(first.deposit_id, until_on=date(2025, 1, 1), actual_fen=3_314_320)
    fund.confirmed(rest.id)
    ctx, reviewer = fund.village.ctx, fund.village.actor("reviewer")
    assert refusal(lambda: closing.post(ctx, reviewer, preview.id))[0] == "close_basis_moved"
    assert fund.balances() == dict.fromkeys("ABC", 0)
    assert refusal(lambda: closing.post(ctx, reviewer, uuid4()))[0] == "not_found"
    anew = fund.previewed()
    assert (anew.revision, anew.id != preview.id) == (1, True)
    assert refusal(lambda: closing.post(ctx, reviewer, preview.id))[0] == "not_found"
    closing.post(ctx, reviewer, anew.id)


def test_two_officers_stand_for_every_fen(fund: Fund) -> None:
    fund.holds(WORKED)
    found = fund.paid(fund.deposit().id)
    assert refusal(lambda: fund.confirmed(found.id, "cashier"))[0] == "own_interest"
    fund.confirmed(found.id)
    preview = fund.previewed()
    ctx, village = fund.village.ctx, fund.village
    mine = refusal(lambda: closing.post(ctx, village.actor("clerk"), preview.id))
    assert mine[0] == "own_preview"
    for name, code in (("auditor", "role_required"), ("manager", "not_found")):
        acts = (
            partial(closing.preview, year=2024),
            partial(closing.post, close_id=preview.id),
            partial(interest.turn_down, interest_id=found.id, reason="不对"),
            partial(deposits.withdraw, deposit_id=found.deposit_id, reason="不对"),
        )
        actor = village.actor(name)
        assert {refusal(partial(act, ctx, actor))[0] for act in acts} == {code}, name


def test_what_stands_in_the_opening_is_not_booked_again(fund: Fund) -> None:
    deposit = fund.deposit(bank_id=fund.village.bank)
    assert refusal(lambda: fund.paid(deposit.id)) == ("interest_before_opening", "posted_on")


def test_what_was_entered_by_mistake_is_turned_down_and_entered_anew(fund: Fund) -> None:
    deposit = fund.deposit()
    assert refusal(fund.deposit) == ("deposit_known", "number")
    ctx, cashier = fund.village.ctx, fund.village.actor("cashier")
    deposits.withdraw(ctx, cashier, deposit.id, "本金写错")
    assert refusal(lambda: fund.paid(deposit.id))[0] == "deposit_withdrawn"
    right = fund.deposit()
    wrong = fund.paid(right.id, actual_fen=1)
    taken = refusal(lambda: deposits.withdraw(ctx, cashier, right.id, "再改"))
    assert taken[0] == "deposit_earned"
    assert refusal(lambda: fund.paid(right.id, bank_reference="other"))[0] == "interest_waiting"
    interest.turn_down(ctx, cashier, wrong.id, "金额写错")
    assert refusal(lambda: fund.confirmed(wrong.id))[0] == "interest_decided"
    once = fund.confirmed(fund.paid(right.id).id)
    reused = refusal(
        lambda: fund.paid(right.id, until_on=date(2024, 9, 1), bank_reference=once.bank_reference)
    )
    assert reused == ("bank_reference_used", "bank_reference")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"until_on": BEGAN, "posted_on": PAID}, ("period_empty", "until_on")),
        (
            {"until_on": date(2025, 1, 2), "posted_on": date(2025, 1, 2)},
            ("interest_days_invalid", "until_on"),
        ),
        ({"posted_on": date(2024, 7, 1)}, ("interest_days_invalid", "posted_on")),
        ({"posted_on": date(2026, 1, 1)}, ("day_in_future", "posted_on")),
        ({"bank_reference": " "}, ("text_required", "bank_reference")),
        (
            {"until_on": date(2014, 12, 31), "posted_on": date(2014, 12, 31)},
            ("period_empty", "until_on"),
        ),
    ],
)
def test_a_receipt_that_cannot_be_is_refused(
    fund: Fund, changed: dict[str, Any], code: tuple[str, str]
) -> None:
    deposit = fund.deposit()
    assert refusal(lambda: fund.paid(deposit.id, **changed)) == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"months": 60}, ("benchmark_missing", "months")),
        ({"value_on": date(2015, 1, 1)}, ("benchmark_missing", "months")),
        ({"value_on": date(2026, 1, 1)}, ("day_in_future", "value_on")),
        ({"bank_id": uuid4()}, ("bank_unknown", "bank_id")),
    ],
)
def test_a_certificate_that_cannot_be_is_refused(
    fund: Fund, changed: dict[str, Any], code: tuple[str, str]
) -> None:
    assert refusal(lambda: fund.deposit(**changed)) == code


def test_a_year_closes_only_when_it_is_over_and_every_flat_has_an_account(fund: Fund) -> None:
    fund.earned()
    assert refusal(lambda: fund.previewed(2025)) == ("year_not_over", "year")
    assert refusal(lambda: fund.previewed(2014)) == ("year_out_of_range", "year")
    assert refusal(lambda: fund.previewed(2027)) == ("year_out_of_range", "year")
    assert refusal(fund.previewed) == ("year_without_balances", "year")
    fund.holds(WORKED)
    with fund.village.ctx.sessions() as tx:
        pools = update(Account).where(Account.kind == AccountKind.POOLED_INCOME)
        tx.execute(pools.values(closed_on=date(2024, 12, 31)))
        tx.commit()
    assert refusal(fund.previewed)[0] == "household_without_account"


def test_two_posts_at_once_book_one_close(fund: Fund) -> None:
    fund.holds(WORKED)
    fund.earned()
    close = fund.previewed()
    ctx, reviewer = fund.village.ctx, fund.village.actor("reviewer")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: closing.post(ctx, reviewer, close.id), range(8)))
    assert {each.state for each in found} == {CloseState.POSTED}
    assert fund.balances() == SHARED
    assert_sound(fund.village)


def test_what_was_posted_stays(fund: Fund) -> None:
    fund.holds(WORKED)
    found = fund.earned()
    close = fund.closed()
    zero = dict.fromkeys(("weight", "remainder", "extra", "before_fen"), 0)
    share = zero | {"close_id": close.id, "fen": 1, "receivable_fen": 0, "settled_fen": 0}
    shares, closes = YearShare.close_id == close.id, YearClose.id == close.id
    for forbidden in (
        update(YearShare).where(shares).values(receivable_fen=1),
        insert(YearShare).values(share | {"account_id": fund.village.pool}),
        delete(YearShare).where(shares),
        update(YearClose).where(closes).values(total_fen=0),
        delete(YearClose).where(closes),
        update(DepositInterest).where(DepositInterest.id == found.id).values(actual_fen=1),
        update(Deposit).values(principal_fen=1),
        update(InterestYear).values(value_added_fen=1),
    ):
        with fund.village.ctx.sessions() as tx, pytest.raises(DBAPIError, match=r"refused|denied"):
            tx.execute(forbidden)


weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(1, 10**12), weights)
def test_the_database_splits_as_money_does(village: Village, total: int, found: list[int]) -> None:
    numbers = [f"X{place:02d}" for place in range(len(found))]
    with village.ctx.sessions() as tx:
        for number, weight in zip(numbers, found, strict=True):
            # A day of the year, so that the weight is the balance.
            account(tx, village, number, {date(2024, 12, 31): weight})
        close = YearClose(
            year=2024,
            revision=1,
            state=CloseState.PREVIEW,
            total_fen=total,
            moved_fen=total,
            receivable_fen=0,
            accounts=len(found),
            weight=Decimal(sum(found)),
            basis="",
            previewed_by=village.actor("clerk").person_id,
            previewed_at=datetime.now(UTC),
        )
        tx.add(close)
        tx.flush()
        tx.execute(write_shares(close))
        rows = tx.execute(
            select(Account.number, YearShare.fen)
            .join(Account, Account.id == YearShare.account_id)
            .where(YearShare.close_id == close.id)
        )
        shares = dict(rows.all())
        tx.rollback()
    expected = split(total, list(zip(numbers, found, strict=True)))
    takes_part = {number for number, weight in zip(numbers, found, strict=True) if weight}
    assert shares == {part.name: part.fen for part in expected if part.name in takes_part}


def test_what_an_ended_account_got_of_a_year_those_after_it_have_got(fund: Fund) -> None:
    """Two units' accounts are merged after the close, and split again after its second revision:
    each revision shares what came late, by what the accounts of now weigh."""
    village, late = fund.village, date(2025, 1, 1)
    fund.holds({"C": WORKED["C"]})
    fund.holds_apart("A", WORKED["A"])
    with village.ctx.sessions() as tx:
        building = tx.get_one(Account, fund.pools["A"]).building_id
        assert building is not None
        fund.pools["B"] = account(tx, village, "B", WORKED["B"], building)
        tx.commit()
    deposit_id = fund.earned().deposit_id
    fund.closed()

    ctx, reviewer = village.ctx, village.actor("reviewer")
    one = NewAccount("M", "合并账户")
    assert accounts.merge_accounts(ctx, reviewer, building, one, "维修办决定") == (
        SHARED["A"] + SHARED["B"]
    )
    fund.confirmed(fund.paid(deposit_id, until_on=late, actual_fen=3_314_320).id)
    second = fund.closed()
    weights = {"A": 40_800_000 * 183, "B": 38_250_000 * 183, "C": 61_200_050 * 100}
    merged = {"M": weights["A"] + weights["B"], "C": weights["C"]}
    assert shares_of(fund, second.id) == {
        "M": (SHARED["A"] + SHARED["B"], parts_of(second.total_fen, merged)["M"]),
        "C": (SHARED["C"], parts_of(second.total_fen, merged)["C"]),
    }

    with ctx.sessions() as tx:
        units = {each: tx.get_one(Account, fund.pools[each]).unit_id for each in "AB"}
    parts = [(unit, NewAccount(name, f"{name}账户")) for name, unit in units.items() if unit]
    accounts.split_account(ctx, reviewer, building, parts, "改回")
    fund.earned("CD-2", until_on=late)
    third = fund.closed()
    before = parts_of(shares_of(fund, second.id)["M"][1], {each: weights[each] for each in "AB"})
    now = parts_of(third.total_fen, weights)
    assert shares_of(fund, third.id) == {
        "A": (before["A"], now["A"]),
        "B": (before["B"], now["B"]),
        "C": (shares_of(fund, second.id)["C"][1], now["C"]),
    }
    assert sum(fund.balances().values()) == third.total_fen
    assert_sound(village)


def parts_of(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    return {part.name: part.fen for part in split(total, list(weights.items()))}


def shares_of(fund: Fund, close_id: UUID) -> dict[str, tuple[int, int]]:
    """What each account had got before a close, and has got by it, where there is anything."""
    with fund.village.ctx.sessions() as tx:
        rows = tx.execute(
            select(Account.number, YearShare.before_fen, YearShare.fen)
            .join(YearShare, YearShare.account_id == Account.id)
            .where(YearShare.close_id == close_id, YearShare.fen + YearShare.before_fen > 0)
        )
        return {row.number: (row.before_fen, row.fen) for row in rows}


def test_the_largest_amount_that_is_read_takes_part_in_a_close(fund: Fund) -> None:
    most = parse_fen("9999999999999.99")
    with pytest.raises(Refused, match="amount_invalid"):
        parse_fen("10000000000000")
    fund.holds({"A": {date(2023, 12, 31): most}, "B": {date(2023, 12, 31): 1}})
    with fund.village.ctx.sessions() as tx:
        bank = ledger.open_account(tx, AccountKind.BANK, "RICH", "专户")
        principal = ledger.house_account(tx, AccountKind.OWNERS_PRINCIPAL)
        lines = opening(bank, most, {principal: most})
        ledger.post(tx, NewEntry("rich", "opening", BEGAN, lines), fund.village.clock())
        tx.commit()
    fund.earned()
    assert fund.closed().total_fen == sum(fund.balances().values())
