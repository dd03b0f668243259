"""我的文件 at the desk: what a worker makes is followed on a page, and fetched by a form."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from backend.domain.errors import Refused
from backend.pictures.case_file import Bound
from backend.services.base import paging
from backend.services.base.context import Context
from backend.services.ordered import making, orders
from backend.services.people import lockouts
from backend.store.audit import AuditEntry
from backend.store.ordered import OrderedFile
from backend.store.people import AccessGrant
from backend.store.registry import Estate
from tests.build.counting import Counter
from tests.build.many_cases import copy_case
from tests.build.office import Office
from tests.build.players import Players
from tests.build.village import Village

At = Callable[[str], Office]
MINE = "/desk/ordered"
NARROWED = {"words": ["SQ-2031"], "sort": ["number"]}
MOST_STATEMENTS = 12


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is bound is looked at elsewhere."""
    monkeypatch.setattr(making, "bind_case_file", lambda *_: Bound(b"%PDF-1.7 bound", ()))


def links(ctx: Context) -> int:
    with ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(AuditEntry)) or 0


def order_of(ctx: Context) -> UUID:
    with ctx.sessions() as tx:
        return tx.scalars(select(OrderedFile.id)).one()


def test_a_clerk_has_a_case_bound_follows_it_and_fetches_it(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = village.drafted()
    clerk = at_desk("clerk")
    here = f"/desk/cases/{case.id}"
    page = clerk.open(here)
    for _ in range(2):
        clerk.fill(page, page.form_to("/case-file"))
    order = order_of(ctx)
    page = clerk.open(here)
    assert "正在生成" in page.text
    assert "已生成" not in page.text
    with Counter(ctx) as counter:
        assert "正在生成" in clerk.open(MINE).text
    assert counter.queries <= MOST_STATEMENTS
    making.make(ctx, order)
    before = links(ctx)
    for address in (here, MINE, here):
        assert "已生成" in clerk.open(address).text
    assert links(ctx) == before
    page = clerk.open(MINE)
    download = page.form_to(str(order))
    with clerk.fill(page, download) as answer:
        assert answer.data.startswith(b"%PDF-1.7")
        assert answer.mimetype == "application/pdf"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "no-store" in answer.headers["Cache-Control"]
    assert links(ctx) == before + 1
    assert clerk.browser.get(download.action).status_code == 405
    assert clerk.browser.post(download.action, data={"form_word": "x"}).status_code == 401


@pytest.mark.parametrize(
    ("who", "may"), [("reviewer", True), ("auditor", False), ("manager", False), ("insurer", False)]
)
def test_an_officer_of_the_case_sees_and_fetches_what_others_had_bound(
    at_desk: At, players: Players, ctx: Context, who: str, may: bool
) -> None:
    village = players.village
    case = village.drafted()
    clerk = at_desk("clerk")
    form = clerk.open(f"/desk/cases/{case.id}").form_to("/case-file")
    clerk.browser.post(form.action, data=form.values)
    order = order_of(ctx)
    making.make(ctx, order)
    other = at_desk(who)
    page = other.open(f"/desk/cases/{case.id}")
    assert ("生成案卷" in page.words) == may
    assert ("已生成" in page.text) == may
    assert "没有生成过文件" in other.open(MINE).text
    word = page.forms[-1].values["form_word"]
    with other.browser.post(f"{MINE}/{order}", data={"form_word": word}) as answer:
        assert (answer.status_code == 200) == may
    data = {"form_word": word, "key": "0123456789abcdef"}
    status = other.browser.post(form.action, data=data).status_code
    assert (status == 303) == may


def test_a_list_too_long_to_wait_for_is_written_by_a_worker(
    at_desk: At, village: Village, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MOST_EXPORTED", 20)
    monkeypatch.setattr(making, "AT_ONCE", 10)
    case = village.drafted()
    village.manager.applies(case.id, village.upload("manager"))
    copy_case(ctx, case.id, 45)
    with ctx.sessions() as tx:
        tx.execute(update(Estate).values(name="=1+1"))
        tx.commit()
    clerk = at_desk("clerk")
    page = clerk.open("/desk/cases/workbook?words=SQ-2031&sort=number&page=2")
    assert page.status == 409
    form = page.form_to("sort=number")
    for _ in range(2):
        clerk.fill(page, form)
    order = order_of(ctx)
    assert orders.order_list(ctx, village.actor("clerk"), "cases", NARROWED) == order
    assert "正在生成" in clerk.open(MINE).text
    making.make(ctx, order)
    download = clerk.open(MINE).form_to(str(order))
    with clerk.browser.post(download.action, data=download.values) as answer:
        book = load_workbook(BytesIO(answer.data))
    rows = list(book.worksheets[0].iter_rows(min_row=2))
    assert [row[0].value for row in rows] == [f"SQ-2031-{nth:06d}" for nth in range(1, 46)]
    assert {(row[1].value, row[1].data_type, row[1].quotePrefix) for row in rows} == {
        ("=1+1", "s", True)
    }
    assert {row[0].number_format for row in rows} == {"@"}
    assert book.worksheets[0].print_title_rows == "$1:$1"
    assert "含“SQ-2031”" in str(book.worksheets[1]["A2"].value)
    other = at_desk("reviewer")
    word = other.open(MINE).forms[-1].values["form_word"]
    assert other.browser.post(download.action, data={"form_word": word}).status_code == 404


def test_whoever_lost_the_office_fetches_no_list_of_it(village: Village, ctx: Context) -> None:
    clerk = village.actor("clerk")
    order = orders.order_list(ctx, clerk, "messages", {"state": ["failed"]})
    making.make(ctx, order)
    assert orders.fetch(ctx, clerk, order).where.exists()
    with ctx.sessions() as tx:
        tx.execute(update(AccessGrant).values(valid_until=ctx.clock()))
        tx.commit()
    with pytest.raises(Refused):
        orders.fetch(ctx, clerk, order)


@pytest.mark.parametrize("made", [True, False])
def test_a_list_is_not_for_whom_a_right_ended_since(
    village: Village, ctx: Context, made: bool
) -> None:
    village.drafted()
    clerk = village.actor("clerk")
    order = orders.order_list(ctx, clerk, "cases", {})
    if made:
        making.make(ctx, order)
        assert orders.fetch(ctx, clerk, order).where.exists()
    with ctx.sessions() as tx:
        tx.execute(update(AccessGrant).values(valid_until=ctx.clock()))
        tx.commit()
    making.make(ctx, order)
    with pytest.raises(Refused, match="您的权限有变化"):
        orders.fetch(ctx, clerk, order)
    (shown,) = orders.page_of_mine(ctx, clerk, 1).rows
    assert (shown.failure is None) == made


def test_a_right_that_ended_before_keeps_no_list_back(village: Village, ctx: Context) -> None:
    clerk = village.actor("clerk")
    with ctx.sessions() as tx:
        tx.add(
            AccessGrant(
                person_id=clerk.person_id,
                role="reviewer",
                scope_kind="city",
                granted_at=ctx.clock() - timedelta(days=9),
                valid_until=ctx.clock() - timedelta(days=1),
            )
        )
        tx.commit()
    order = orders.order_list(ctx, clerk, "cases", {})
    making.make(ctx, order)
    assert orders.fetch(ctx, clerk, order).where.exists()


def test_nothing_is_written_for_somebody_who_is_kept_out(village: Village, ctx: Context) -> None:
    clerk = village.actor("clerk")
    order = orders.order_list(ctx, clerk, "cases", {})
    lockouts.lock_out(ctx, None, clerk.person_id, "示例：手机丢失")
    making.make(ctx, order)
    (shown,) = orders.page_of_mine(ctx, clerk, 1).rows
    assert "停用" in (shown.failure or "")


def test_more_lines_than_anybody_reads_are_not_written(
    village: Village, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "MOST_LINES", 0)
    village.drafted()
    order = orders.order_list(ctx, village.actor("clerk"), "cases", {})
    making.make(ctx, order)
    (shown,) = orders.page_of_mine(ctx, village.actor("clerk"), 1).rows
    assert "请加上条件" in (shown.failure or "")
    with pytest.raises(Refused, match="没有找到"):
        orders.order_list(ctx, village.actor("clerk"), "nothing", {})
