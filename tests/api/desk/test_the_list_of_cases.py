"""案件: a list that is its address, whose cases know their neighbours, and that leaves as it is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from backend.domain.local_time import SHANGHAI
from backend.services.base import paging
from backend.services.base.context import Context
from backend.services.reads import case_list
from backend.store.audit import AuditEntry
from backend.store.messages import DeadlineRecord
from backend.store.queries.case_list import CaseFilter
from backend.store.registry import Estate, Insurer
from tests.build.counting import Counter
from tests.build.many_cases import copy_case, give_limits
from tests.build.office import Office, Page
from tests.build.players import Players, populate_neighbours
from tests.build.village import Village

At = Callable[[str], Office]
LAST = datetime(2026, 1, 1, tzinfo=SHANGHAI)
MOST_STATEMENTS = 12
COPIES = "/desk/cases?words=SQ-2031"


@pytest.fixture
def original(village: Village) -> UUID:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    return purchase.id


def numbers(page: Page) -> list[str]:
    return [words for words in page.words if words.startswith("SQ-")]


def sheet_of(office: Office, address: str) -> Any:
    answer = office.browser.get(address)
    assert answer.status_code == 200, answer.text
    return load_workbook(BytesIO(answer.data)).worksheets[0]


def test_what_is_due_first_stands_first_and_what_waits_for_nobody_last(
    at_desk: At, original: UUID, ctx: Context
) -> None:
    copies = copy_case(ctx, original, 60)
    give_limits(ctx, LAST)
    with ctx.sessions() as tx:
        tx.execute(
            update(DeadlineRecord)
            .where(DeadlineRecord.purchase_id == copies[59])
            .values(state="met", settled_at=LAST)
        )
        tx.commit()
    clerk = at_desk("clerk")
    found = numbers(clerk.open(COPIES)) + numbers(clerk.open(f"{COPIES}&page=2"))
    assert len(found) == 60
    assert found[:59] == sorted(found[:59], reverse=True)
    assert found[59] == "SQ-2031-000060"
    assert numbers(clerk.open(f"{COPIES}&sort=number"))[0] == "SQ-2031-000001"
    assert numbers(clerk.open(f"{COPIES}&sort=changed"))[0] == "SQ-2031-000060"


@pytest.mark.usefixtures("original")
def test_a_line_says_what_comes_next_by_whom_and_how_many_days_are_left(at_desk: At) -> None:
    words = " ".join(at_desk("clerk").open("/desk/cases").words)
    assert "下一步：中心受理并查询资金（中心经办）" in words
    assert "还有7天截止" in words


def test_a_page_on_which_the_limits_run_out_is_one_question_as_any_other(
    original: UUID, village: Village, ctx: Context
) -> None:
    at_rest = copy_case(ctx, original, 130)
    give_limits(ctx, LAST)
    with ctx.sessions() as tx:
        met = DeadlineRecord.purchase_id.in_(at_rest[:60])
        tx.execute(update(DeadlineRecord).where(met).values(state="met", settled_at=LAST))
        tx.commit()
    clerk, chosen = village.actor("clerk"), CaseFilter(words="SQ-2031")

    def asked(sort: str, page: int) -> tuple[int, list[UUID]]:
        with Counter(ctx) as counter:
            found = case_list.page_of(ctx, clerk, chosen, sort, page)
        assert (found.total, found.page) == (130, page)
        return counter.queries, [row.id for row in found.rows]

    in_order = [*reversed(at_rest[60:]), *sorted(at_rest[:60])]
    few = {asked("number", page)[0] for page in (1, 2, 3)}
    assert len(few) == 1
    for page in (1, 2, 3):
        queries, ids = asked("due", page)
        assert ids == in_order[(page - 1) * 50 : page * 50]
        assert {queries} == few
    assert [row.id for row in case_list.whole_list(ctx, clerk, chosen, "due")] == in_order
    late = CaseFilter(words="SQ-2031", overdue_at=LAST)
    assert [row.id for row in case_list.page_of(ctx, clerk, late, "due", 2).rows] == in_order[50:70]


def test_a_case_with_two_limits_stands_once_where_the_first_of_them_ends(
    at_desk: At, original: UUID, ctx: Context
) -> None:
    copy_case(ctx, original, 3)
    give_limits(ctx, LAST)
    with ctx.sessions() as tx:
        tx.execute(update(DeadlineRecord).where(DeadlineRecord.kind == "copied").values(kind="a"))
        tx.commit()
    give_limits(ctx, LAST.replace(year=2025))
    found = numbers(at_desk("clerk").open(COPIES))
    assert found == ["SQ-2031-000003", "SQ-2031-000002", "SQ-2031-000001"]


def test_a_case_knows_its_neighbours_in_the_list_that_it_was_opened_from(
    at_desk: At, original: UUID, ctx: Context
) -> None:
    copy_case(ctx, original, 3)
    clerk = at_desk("clerk")
    page = clerk.open(f"{COPIES}&state=applied&sort=number")
    first = clerk.open(page.links["SQ-2031-000001"])
    assert "1/3" in first.words
    assert "上一件" not in first.links
    middle = clerk.open(first.links["下一件"])
    assert "SQ-2031-000002" in middle.text
    assert "2/3" in middle.words
    assert "SQ-2031-000001" in clerk.open(middle.links["上一件"]).text
    last = clerk.open(middle.links["下一件"])
    assert "下一件" not in last.links
    assert len(numbers(clerk.open(last.links["‹ 回到列表"]))) == 3


def test_the_list_stays_beside_a_case_through_a_step(
    at_desk: At, original: UUID, ctx: Context
) -> None:
    copy_case(ctx, original, 2)
    clerk = at_desk("clerk")
    here = f"/desk/cases/{original}?state=applied&sort=number"
    assert "1/3" in clerk.open(here).words
    form = clerk.open(f"/desk/cases/{original}/return_application?state=applied&sort=number")
    done = Page(
        clerk.browser.post(
            f"/desk/cases/{original}/return_application?state=applied&sort=number",
            data={**form.forms[-1].values, "reason": "缺第二页"},
            follow_redirects=True,
        )
    )
    assert "已办理：退回补正" in done.text
    assert "已经不在刚才的列表里" in done.text
    assert len(numbers(clerk.open(done.links["‹ 回到列表"]))) == 2


def test_a_case_opened_from_elsewhere_has_no_neighbours(at_desk: At, original: UUID) -> None:
    assert "下一件" not in at_desk("clerk").open(f"/desk/cases/{original}").text


def test_what_was_narrowed_down_leaves_as_a_workbook(
    at_desk: At, original: UUID, ctx: Context
) -> None:
    copy_case(ctx, original, 60)
    give_limits(ctx, LAST)
    clerk = at_desk("clerk")
    with ctx.sessions() as tx:
        tx.execute(update(Estate).values(name="=1+1"))
        tx.commit()
        before = tx.scalar(select(func.count()).select_from(AuditEntry))
    page = clerk.open(f"{COPIES}&sort=number")
    sheet = sheet_of(clerk, page.links["导出这些案件（.xlsx）"])
    rows = list(sheet.iter_rows(min_row=2))
    assert [row[0].value for row in rows] == [f"SQ-2031-{nth:06d}" for nth in range(1, 61)]
    assert {(row[1].value, row[1].data_type, row[1].quotePrefix) for row in rows} == {
        ("=1+1", "s", True)
    }
    assert {row[0].number_format for row in rows} == {"@"}
    assert rows[0][4].value == datetime(2025, 12, 30)  # noqa: DTZ001 - a day in a workbook
    assert sheet.print_title_rows == "$1:$1"
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_a_export_too_long_for_a_workbook_is_to_be_narrowed_down(
    at_desk: At, original: UUID, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MOST_EXPORTED", 20)
    copy_case(ctx, original, 21)
    clerk = at_desk("clerk")
    answer = clerk.open("/desk/cases/workbook?words=SQ-2031")
    assert answer.status == 409
    assert "超过20行，没有导出。请加上条件" in answer.text
    assert sheet_of(clerk, "/desk/cases/workbook?words=SQ-2031-00001").max_row == 11


def test_neighbours_and_workbooks_are_those_that_a_person_may_see(
    at_desk: At, players: Players, ctx: Context, original: UUID
) -> None:
    populate_neighbours(players.village)
    other = at_desk("other_manager")
    assert numbers(other.open("/desk/cases")) == []
    assert sheet_of(other, "/desk/cases/workbook").max_row == 1
    assert other.open(f"/desk/cases/{original}?sort=due").status == 404


@pytest.mark.parametrize("sort", case_list.SORTS)
def test_a_page_asks_the_same_few_questions_however_long_the_list_is(
    at_desk: At, original: UUID, ctx: Context, sort: str
) -> None:
    clerk = at_desk("clerk")
    asked = []
    for number in (1, 121):
        with Counter(ctx) as counter:
            assert f"共{number}件" in clerk.open(f"/desk/cases?sort={sort}").text
        asked.append(counter.queries)
        if number == 1:
            copy_case(ctx, original, 120)
    with Counter(ctx) as counter:
        clerk.open(f"/desk/cases?sort={sort}&page=3&overdue=1&state=applied&words=SQ")
    assert max(*asked, counter.queries) <= MOST_STATEMENTS


def test_the_list_is_narrowed_by_what_a_city_is_counted_by(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = village.posted()[0]
    with ctx.sessions() as tx:
        insurer = tx.scalars(select(Insurer.name).where(Insurer.id == case.insurer_id)).one()
    clerk, at = at_desk("clerk"), "/desk/cases"
    for here in ("district=示例区", f"insurer={insurer}", "limit=public_notice_period", "still=0"):
        page = clerk.open(f"{at}?{here}")
        assert case.number in page.links, here
        assert "清除条件" in page.links
        name, _, value = here.partition("=")
        assert page.form("").values[name] == value, "the next question keeps it"
    for elsewhere in ("district=别的区", "insurer=别的", "limit=policy", "still=30"):
        assert case.number not in clerk.open(f"{at}?{elsewhere}").links, elsewhere
    village.clock.set(ctx.clock() + timedelta(days=30))
    assert case.number in clerk.open(f"{at}?still=30").links
    assert case.number not in clerk.open(f"{at}?limit=policy&overdue=1").links
    assert case.number in clerk.open(f"{at}?limit=nothing&still=5").links, "no such condition"
    assert "示例小区" in clerk.open("/desk/estates?district=示例区").links
    assert "没有符合条件的小区" in clerk.open("/desk/estates?district=别的区").text
