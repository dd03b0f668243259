"""Who keeps or watches the books reads what stands of the income, and how each figure came."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from backend.domain.deposits import DepositStatus, InterestStatus, term_words
from backend.domain.errors import Refused
from backend.services.income import closing, deposits, interest
from backend.services.income.foreseen import foresee
from backend.services.income.interest import Receipt
from backend.services.lists.income import DEPOSITS, INTEREST, SHARES
from backend.services.reads import income_pages as pages
from backend.services.reads.income_accounts import read_accounts
from backend.services.reads.todos import my_todos
from backend.store.queries.income_list import InterestFilter
from tests.build.fund import PAID, SHARED, WORKED, Fund
from tests.build.village import Village

ENDED = date(2025, 1, 1)
DAYS = "× 基准利率1.5% × 183 ÷ 360 = 26,358.02元，归业主［方案四（一）］"


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    return found


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def test_where_a_deposit_stands_is_said_and_found_by_the_same_rule(fund: Fund) -> None:
    ctx, clerk = fund.village.ctx, fund.village.actor("clerk")
    wrong = fund.deposit(number="WRONG")
    deposits.withdraw(ctx, clerk, wrong.id, "录错")
    fund.deposit(number="OVER")
    fund.deposit(number="OPEN", months=0)
    paid = fund.deposit(number="PAID")
    fund.paid(paid.id, until_on=ENDED, actual_fen=7_000_000)
    stands = {
        "WRONG": DepositStatus.WITHDRAWN,
        "OVER": DepositStatus.UNPAID,
        "OPEN": DepositStatus.RUNNING,
        "PAID": DepositStatus.ENDED,
    }
    all_of_them = pages.page_of_deposits(ctx, clerk, "", None, 1)
    assert {line.view.number: line.status for line in all_of_them.rows} == stands
    for number, status in stands.items():
        found = pages.page_of_deposits(ctx, clerk, "", status, 1)
        assert ([line.view.number for line in found.rows], found.total) == ([number], 1)
    assert my_todos(ctx, clerk).unpaid_deposits == 1
    lines = DEPOSITS.narrowed(ctx, clerk, {"words": ["ver"], "status": ["unpaid"]})
    assert lines.active == ["编号含“ver”", "到期，还没有登记结息"]
    (line,) = lines.lines(None)
    assert line[1:5] == ("OVER", Decimal("3456789.12"), "1.95%", term_words(12))
    assert refusal(lambda: pages.read_deposit(ctx, clerk, uuid4())) == "not_found"
    assert len(pages.banks(ctx, clerk)) == 2
    pages.check_works(ctx, clerk)
    auditor = fund.village.actor("auditor")
    assert refusal(lambda: pages.check_works(ctx, auditor)) == "role_required"
    assert refusal(lambda: pages.banks(ctx, auditor)) == "role_required"


def test_interest_is_explained_before_it_is_sent_as_after_it_was_confirmed(fund: Fund) -> None:
    ctx, cashier = fund.village.ctx, fund.village.actor("cashier")
    deposit = fund.deposit()
    receipt = Receipt("", PAID, PAID, 3_426_542, "")
    seen = foresee(ctx, cashier, deposit.id, receipt)
    assert dict(seen.words)["法定利息 S"].endswith(DAYS)
    assert (seen.cut.pooled_fen, seen.cut.owed_fen) == (790_740, 0)
    assert pages.read_deposit(ctx, cashier, deposit.id).may_enter
    made = fund.paid(deposit.id)
    assert refusal(lambda: foresee(ctx, cashier, deposit.id, receipt)) == "interest_waiting"
    auditor = fund.village.actor("auditor")
    assert refusal(lambda: foresee(ctx, auditor, deposit.id, receipt)) == "role_required"
    waits = pages.read_interest(ctx, cashier, made.id)
    assert (waits.words, waits.may_decide, waits.decided_by) == (seen.words, True, None)
    assert not pages.read_interest(ctx, auditor, made.id).may_decide
    assert my_todos(ctx, cashier).deposit_interest == [made]
    assert not my_todos(ctx, auditor).deposit_interest
    fund.confirmed(made.id)
    after = pages.read_interest(ctx, auditor, made.id)
    assert (after.words, after.line.status) == (seen.words, InterestStatus.CONFIRMED)
    rest = foresee(ctx, cashier, deposit.id, Receipt("", ENDED, ENDED, 2_549_000, ""))
    words = dict(rest.words)
    assert "× 12 ÷ 12 = 51,851.84元，以前各次已算26,358.02元" in words["法定利息 S"]
    assert words["增值收益 V"].startswith("0元：实得低于法定，差额 S − A = 3.82元仍欠业主")
    assert "各年" not in words
    over = fund.deposit(number="CD-2", value_on=date(2024, 12, 1), months=3)
    cut = foresee(
        ctx, cashier, over.id, Receipt("", date(2025, 3, 1), date(2025, 3, 1), 1_600_000, "")
    )
    assert "2024年" in dict(cut.words)["各年"]
    assert "2025年" in dict(cut.words)["各年"]
    assert refusal(lambda: pages.read_interest(ctx, cashier, uuid4())) == "not_found"


def test_what_lacks_of_the_statutory_interest_is_listed_and_nothing_is_netted(fund: Fund) -> None:
    ctx, auditor = fund.village.ctx, fund.village.actor("auditor")
    fund.earned()
    low = fund.deposit(number="LOW", rate=Decimal("0.0095"))
    fund.confirmed(fund.paid(low.id, until_on=ENDED, actual_fen=3_000_000).id)
    wrong = fund.paid(fund.deposit(number="NO").id, actual_fen=1)
    interest.turn_down(ctx, fund.village.actor("clerk"), wrong.id, "不对")
    found = read_accounts(ctx, auditor, 1)
    assert (found.short, found.short_fen) == (1, 5_185_184 - 3_000_000)
    cut = pages.read_deposit(ctx, auditor, low.id).line.view
    assert (cut.actual_fen, cut.statutory_fen, cut.value_added_fen) == (3_000_000, 5_185_184, 0)
    (earned,) = pages.page_of_deposits(ctx, auditor, "CD-1", None, 1).rows
    assert earned.view.value_added_fen == 790_740
    assert [(row.year, row.confirmed_fen, row.waiting_fen) for row in found.years] == [
        (2024, 790_740, 790_740)
    ]
    lists: list[tuple[dict[str, Any], list[str]]] = [
        ({"owed": ["1"]}, ["LOW"]),
        ({"status": ["turned_down"]}, ["NO"]),
        ({"status": ["confirmed"], "words": ["cd-1"]}, ["CD-1"]),
        ({"status": ["waiting"]}, []),
    ]
    for address, numbers in lists:
        narrowed = INTEREST.narrowed(ctx, auditor, address)
        assert [line[1] for line in narrowed.lines(None)] == numbers, address
        assert len(narrowed.active) == len(address)
    one = pages.page_of_interest(ctx, auditor, InterestFilter(deposit_id=low.id), 1)
    assert [line.view.deposit_number for line in one.rows] == ["LOW"]


def test_a_close_is_read_with_each_accounts_figure_and_what_it_cannot_give_back(
    fund: Fund,
) -> None:
    ctx, clerk = fund.village.ctx, fund.village.actor("clerk")
    assert pages.read_shares(ctx, clerk, None, "", 1) is None
    assert refusal(lambda: pages.read_shares(ctx, clerk, uuid4(), "", 1)) == "not_found"
    assert refusal(lambda: SHARES.narrowed(ctx, clerk, {}).lines(None)) == "not_found"
    fund.earned()
    preview = fund.previewed()
    assert my_todos(ctx, clerk).year_closes == [preview]
    view = pages.read_shares(ctx, clerk, None, "", 1)
    assert view is not None
    assert (view.may_post, view.posted_by, view.shares.total) == (True, None, 3)
    for share in view.shares.rows:
        assert share.floor_fen + share.extra == share.fen
        assert share.floor_fen * share.whole_weight + share.remainder == 790_740 * share.weight
    closing.post(ctx, fund.village.actor("reviewer"), preview.id)
    assert not my_todos(ctx, clerk).year_closes
    fund.spends("A", SHARED["A"])
    fund.moved("A", -20_400_000, date(2024, 7, 3))
    fund.closed()
    found = read_accounts(ctx, clerk, 1)
    ((number, owed),) = [(row.number, row.owed_fen) for row in found.owing.rows]
    assert (number, found.owing.total, owed > 0) == ("A", 1, True)
    assert [(row.year, row.waiting_fen) for row in found.years] == [(2024, 0)]
    assert [each.revision for each in pages.page_of_closes(ctx, clerk, 1).rows] == [2, 1]
    auditor = fund.village.actor("auditor")
    assert not pages.may_work(ctx, auditor)
    narrowed = SHARES.narrowed(ctx, auditor, {"words": ["A统筹"], "close": ["nonsense"]})
    (line,) = narrowed.lines(None)
    assert (line[0], line[10]) == ("A", Decimal(owed) / 100)
    assert narrowed.active == ["账户含“A统筹”"]
