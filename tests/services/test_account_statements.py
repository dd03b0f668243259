"""Statements to take away: the same figures on the page, in the PDF and in the workbook, for those
who may see the account."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import func, select, text

from backend.domain.account_statement import MOST_LINES
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, transfer
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.lists.account_statements import as_workbook
from backend.services.reads import account_statements as statements
from backend.store.audit import AuditEntry
from backend.store.queries import account_statements as rows
from backend.store.registry import Owner
from tests.build.counting import Counter
from tests.build.fund import PRINCIPAL_FEN, SHARED, WORKED, Fund
from tests.build.village import Village

YEAR = date(2024, 1, 1), date(2024, 12, 31)
RUNNING = date(2025, 1, 1), None


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    return found


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def books(fund: Fund, *lines: tuple[date, int]) -> None:
    """So many fen from the fund's bank (or to it), each on its day."""
    village, bank = fund.village, fund.bank
    with village.ctx.sessions() as tx:
        other = ledger.house_account(tx, AccountKind.REFUND_SUSPENSE)
        for nth, (on, fen) in enumerate(lines):
            to, of = (bank, other) if fen > 0 else (other, bank)
            new = NewEntry(f"test {on} {nth}", "test", on, transfer(to, of, abs(fen)))
            ledger.post(tx, new, village.clock())
        tx.commit()


def test_page_pdf_and_workbook_say_the_same_to_the_fen(fund: Fund) -> None:
    ctx, clerk = fund.village.ctx, fund.village.actor("clerk")
    fund.earned()
    fund.closed()
    fund.spends("A", 100_000)
    found = statements.whole(ctx, clerk, fund.pools["A"], RUNNING)
    assert [(line.name, line.amount_fen) for line in found.lines] == [
        ("其他", -100_000),
        ("年度分配", SHARED["A"]),
    ] or [line.amount_fen for line in found.lines] == [SHARED["A"], -100_000]
    assert (found.opening_fen, found.received_fen, found.paid_fen) == (0, SHARED["A"], 100_000)
    assert found.closing_fen == fund.balances()["A"]
    page = statements.page_of(ctx, clerk, fund.pools["A"], RUNNING, 1)
    assert (page.lines.rows, page.sums) == (found.lines, found.sums)
    words = "".join(
        each.extract_text() for each in PdfReader(BytesIO(statements.as_pdf(ctx, found))).pages
    )
    plain = re.sub(r"\s", "", words)
    for fen in (*dict(found.sums).values(), *(line.balance_fen for line in found.lines)):
        assert yuan(fen) in plain, fen
    sheet = load_workbook(BytesIO(as_workbook(ctx, found))).worksheets[0]
    _, first, *moved, last = sheet.iter_rows(values_only=True)
    assert (first[4], last[4]) == (0, found.closing_fen / 100)
    assert [row[3] for row in moved] == [line.amount_fen / 100 for line in found.lines]


def test_a_day_stands_in_one_line_of_the_sheet_and_nobody_signs_an_empty_page(fund: Fund) -> None:
    ctx, clerk = fund.village.ctx, fund.village.actor("clerk")
    books(fund, *((date(2024, 12, 31), 1 + nth) for nth in range(9)))
    sheet = PdfReader(
        BytesIO(statements.as_pdf(ctx, statements.whole(ctx, clerk, fund.bank, YEAR)))
    )
    *_, last = pages = [re.sub("[ \u2009]", "", each.extract_text()) for each in sheet.pages]
    assert len(pages) == 2
    assert "\n2024年12月31日" in pages[0]
    assert "增加的写正数" in last
    assert ctx.city.centre.name.value in last


def test_a_bank_grows_by_its_debits_and_each_period_begins_where_the_last_ended(
    fund: Fund,
) -> None:
    ctx, auditor = fund.village.ctx, fund.village.actor("auditor")
    march, april = date(2024, 3, 1), date(2024, 4, 1)
    books(fund, (march, 500), (march, -200), (date(2024, 4, 30), 70))
    whole = statements.whole(ctx, auditor, fund.bank, YEAR)
    assert (whole.opening_fen, whole.received_fen, whole.paid_fen) == (PRINCIPAL_FEN, 570, 200)
    first = statements.whole(ctx, auditor, fund.bank, (None, date(2024, 3, 31)))
    then = statements.whole(ctx, auditor, fund.bank, (april, date(2024, 12, 31)))
    assert first.closing_fen == then.opening_fen == PRINCIPAL_FEN + 300
    assert then.closing_fen == whole.closing_fen == whole.lines[-1].balance_fen
    before = statements.whole(ctx, auditor, fund.bank, (date(2014, 1, 1), date(2014, 12, 30)))
    assert (before.count, before.closing_fen) == (0, 0)


@pytest.mark.parametrize("what", ["page", "file"])
def test_what_is_booked_while_it_is_read_stands_in_the_next_one(
    fund: Fund, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Each statement adds up, whoever books meanwhile."""
    ctx, clerk, lines_in = fund.village.ctx, fund.village.actor("clerk"), rows.lines_in
    today = local_date(fund.village.clock())
    books(fund, (YEAR[0], 100))

    def lines_after(*args: Any) -> object:
        books(fund, (date(2024, 2, 1), 7), (today, 30))
        monkeypatch.setattr(rows, "lines_in", lines_in)
        return lines_in(*args)

    monkeypatch.setattr(rows, "lines_in", lines_after)
    period = YEAR[0], None
    for last_fen in (PRINCIPAL_FEN + 100, PRINCIPAL_FEN + 137):
        if what == "page":
            page = statements.page_of(ctx, clerk, fund.bank, period, 1)
            closing_fen, lines = page.closing_fen, page.lines.rows
        else:
            found = statements.whole(ctx, clerk, fund.bank, period)
            closing_fen, lines = found.closing_fen, found.lines
        assert lines[-1].balance_fen == closing_fen == last_fen


def test_a_long_one_is_paged_by_three_statements_and_leaves_in_parts(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, clerk = fund.village.ctx, fund.village.actor("clerk")
    books(fund, *((YEAR[0] + timedelta(days=nth), 1 + nth) for nth in range(120)))
    with Counter(ctx) as short:
        one = statements.page_of(ctx, clerk, fund.bank, YEAR, 1)
    with Counter(ctx) as long:
        three = statements.page_of(ctx, clerk, fund.bank, YEAR, 3)
    assert short.queries == long.queries <= 5  # who it is, and which account, then three
    assert (one.count, three.lines.pages, len(three.lines.rows)) == (120, 3, 20)
    assert three.lines.rows[-1].balance_fen == three.closing_fen == one.closing_fen
    assert one.lines.rows[0].balance_fen == PRINCIPAL_FEN + 1
    assert not one.lines.more
    monkeypatch.setattr(statements, "MOST_PAGES", 2)
    last = statements.page_of(ctx, clerk, fund.bank, YEAR, 3)
    assert (last.lines.page, last.lines.pages, last.lines.more) == (2, 2, True), "and says so"
    with ctx.sessions() as tx:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        found = tx.scalars(text(EXPLAIN), {"account": fund.bank}).all()
    plan = "\n".join(found)
    assert "Presorted Key: posting.booked_on" in plan or "Presorted Key: booked_on" in plan, plan


EXPLAIN = """
EXPLAIN SELECT sum(amount_fen) OVER (ORDER BY booked_on, entry_id, id ROWS UNBOUNDED PRECEDING)
FROM posting WHERE account_id = :account AND booked_on BETWEEN '2024-01-01' AND '2024-12-31'
ORDER BY booked_on, entry_id, id LIMIT 50
"""


def test_more_lines_than_leave_at_once_are_refused_with_what_to_do(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_LINES == 2000
    monkeypatch.setattr(statements, "MOST_LINES", 2)
    ctx, clerk = fund.village.ctx, fund.village.actor("clerk")
    books(fund, (YEAR[0], 1), (YEAR[0], 2), (YEAR[1], 3))
    assert (
        refusal(lambda: statements.whole(ctx, clerk, fund.bank, YEAR))
        == "account_statement_too_long"
    )
    assert statements.whole(ctx, clerk, fund.bank, (None, date(2024, 12, 30))).count == 2


def test_a_pool_is_for_its_estate_and_other_accounts_are_for_the_office(fund: Fund) -> None:
    ctx, village = fund.village.ctx, fund.village
    for who in ("clerk", "supervisor", "auditor", "owner0", "manager", "member0"):
        assert statements.whole(ctx, village.actor(who), fund.pools["A"], YEAR).number == "A"
    for who in ("owner0", "manager", "insurer", "stranger"):
        actor = village.actor(who)
        assert refusal(partial(statements.whole, ctx, actor, fund.bank, YEAR)) == "not_found"
    for who in ("insurer", "stranger"):
        actor, pool = village.actor(who), fund.pools["A"]
        assert refusal(partial(statements.whole, ctx, actor, pool, YEAR)) == "not_found"
    with ctx.sessions() as tx:
        citys = ledger.open_city_pool(tx, 2024)
        tx.commit()
    assert statements.whole(ctx, village.actor("owner0"), citys, YEAR).number == "CITY-2024"
    stranger = village.actor("stranger")
    assert refusal(lambda: statements.whole(ctx, stranger, citys, YEAR)) == "not_found"


def test_an_owner_takes_the_own_flat_s_and_the_office_s_look_is_written_down(
    fund: Fund,
) -> None:
    ctx, village = fund.village.ctx, fund.village
    owner = village.actor("owner0")
    with ctx.sessions() as tx:
        tx.get_one(Owner, village.owners[0]).household_id = fund.flat("A")
        tx.commit()
    fund.earned()
    fund.closed()
    found = statements.own_flat(ctx, owner, village.owners[0], (date(2024, 1, 1), None))
    assert [line.name for line in found.lines] == ["期初", "法定利息"]
    assert found.closing_fen == fund.flats()["A"]
    assert "A单元101" in found.name
    other = village.owners[1]
    assert refusal(lambda: statements.own_flat(ctx, owner, other, RUNNING)) == "not_found"
    looks = select(func.count()).where(AuditEntry.action == AuditAction.HOUSEHOLD_READ)
    flat, clerk = fund.flat("A"), village.actor("clerk")
    assert statements.look_at_flat(ctx, clerk, flat, (date(2024, 1, 1), None)) == found
    with ctx.sessions() as tx:
        assert tx.scalar(looks) == 1
    assert refusal(lambda: statements.look_at_flat(ctx, owner, flat, RUNNING)) == "not_found"


def test_a_period_that_cannot_be_is_refused(fund: Fund) -> None:
    ctx, clerk = fund.village.ctx, fund.village.actor("clerk")
    turned, ahead = (YEAR[1], YEAR[0]), (None, date(2099, 1, 1))
    ask = statements.whole
    assert refusal(lambda: ask(ctx, clerk, fund.bank, turned)) == "statement_period_invalid"
    assert refusal(lambda: ask(ctx, clerk, fund.bank, ahead)) == "day_in_future"
    assert refusal(lambda: ask(ctx, clerk, fund.flat("A"), YEAR)) == "not_found"
