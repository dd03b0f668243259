"""保险机构 at the desk: kept by forms, each refusal at its field, and read by offices alone."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from backend.domain.local_time import local_date
from backend.services.base.context import Context
from backend.store.audit import AuditEntry
from backend.store.registry import Insurer
from tests.build.counting import Counter
from tests.build.handing_in import speckled
from tests.build.office import Office
from tests.build.players import Players, populate_neighbours
from tests.build.village import Village

At = Callable[[str], Office]
LIST = "/desk/insurers"
BASIS = "示例公告〔2025〕3号"
MOST_STATEMENTS = 12


def test_an_insurer_comes_gets_an_account_by_two_is_selected_and_ends_by_forms_alone(
    at_desk: At, village: Village, ctx: Context
) -> None:
    clerk, reviewer = at_desk("clerk"), at_desk("reviewer")
    today = local_date(village.clock())
    form = clerk.open(f"{LIST}/new")
    assert "请填写“保险机构的全称”" in clerk.submit(form, name="").text
    page = clerk.submit(form, name="示例相互保险社")
    assert "还不能承保" in page.text
    assert "已经登记" in clerk.submit(clerk.open(f"{LIST}/new"), name="示例相互保险社").text
    here = page.address
    refused = clerk.submit(clerk.open(f"{here}/selection"), first=f"{today}", basis=BASIS)
    assert refused.status == 409
    assert "还没有收款账户" in refused.text
    assert BASIS in refused.forms[-1].values["basis"]

    typed = {"bank_name": "示例银行", "bank_account": "6222 7", "reason": "首次登记"}
    waiting = clerk.submit(clerk.open(f"{here}/account"), file_sha256=speckled((400, 300)), **typed)
    assert "等另一位人员确认" in waiting.text
    assert "登记收款账户" not in waiting.links, "one waits at a time"
    proposal = reviewer.open(reviewer.open(here).links["核对并确认，或退回"])
    assert "还没有" in proposal.text
    reviewer.fill(proposal, proposal.form_to("/confirmation"))
    assert "62227" in reviewer.open(here).text

    last = today + timedelta(days=30)
    selection = clerk.open(f"{here}/selection")
    page = clerk.submit(selection, first=f"{today}", last=f"{last}", basis=BASIS)
    assert "90天内到期" in page.words
    assert "示例相互保险社" in clerk.open(f"{LIST}?status=ending").text
    clause = {"name": "维修条款", "number": "备1", "filed_on": f"{today}"}
    page = clerk.submit(clerk.open(f"{here}/clause"), file_sha256=speckled((500, 300)), **clause)
    assert reviewer.browser.get(page.links["下载"]).status_code == 200
    page = clerk.submit(clerk.open(page.links["停用"]), reason="换用新条款")
    assert "停用：换用新条款" in page.text
    ending = clerk.open(f"{here}/end")
    assert "不在现在的入选期限内" in clerk.submit(ending, last=f"{last}", basis=BASIS).text
    for _ in range(2):
        page = clerk.submit(ending, last=f"{today}", basis=BASIS)
        assert "已办理：提前结束入选" in page.text
    with ctx.sessions() as tx:
        ended = AuditEntry.action == "insurer.end_selection"
        assert tx.scalar(select(func.count()).where(ended)) == 1
        insurer = tx.scalars(select(Insurer).where(Insurer.name == "示例相互保险社")).one()
        assert insurer.selected_until == today


@pytest.mark.parametrize(
    ("who", "status"), [("cashier", 200), ("auditor", 200), ("insurer", 404), ("manager", 404)]
)
def test_offices_read_it_without_a_form_of_others_and_companies_find_nothing(
    at_desk: At, village: Village, who: str, status: int
) -> None:
    office = at_desk(who)
    one = f"{LIST}/{village.insurer}"
    for address in (LIST, f"{LIST}/workbook", one, f"{one}/selection", f"{LIST}/new"):
        assert office.browser.get(address).status_code == status, address
    assert (LIST in office.open("/desk/").links.values()) == (status == 200)
    if status == 200:
        assert "登记入选" not in office.open(one).links
        assert "现在没有可以登记的" in office.open(f"{one}/selection").text
        assert ("登记收款账户" in office.open(one).links) == (who == "cashier")


def test_the_list_leaves_as_it_stands_asks_little_and_writes_nothing(
    at_desk: At, players: Players, ctx: Context
) -> None:
    village = players.village
    populate_neighbours(village)
    village.payable()
    clerk = at_desk("clerk")
    links = select(func.count()).select_from(AuditEntry)
    with ctx.sessions() as tx:
        before = tx.scalar(links)
    with Counter(ctx) as counter:
        assert "另一保险" in clerk.open(LIST).links
    assert counter.queries <= MOST_STATEMENTS
    with Counter(ctx) as counter:
        page = clerk.open(f"{LIST}/{village.insurer}")
    assert counter.queries <= MOST_STATEMENTS + 2
    assert "在办案件 1件" in page.text
    with ctx.sessions() as tx:
        assert tx.scalar(links) == before
    sheet = clerk.browser.get(f"{LIST}/workbook?status=never")
    rows = list(load_workbook(BytesIO(sheet.data)).worksheets[0].iter_rows(values_only=True))
    assert [(row[0], row[2], row[-1]) for row in rows[1:]] == [("另一保险", "未入选", "622")]
    for address in ("?words=没有", "?status=over"):
        assert "没有符合条件的保险机构" in clerk.open(f"{LIST}{address}").text
    assert clerk.open(f"{LIST}/{village.insurer}/nonsense").status == 404
    assert clerk.open(f"{LIST}/{village.insurer}/clauses/{village.insurer}/end").status == 404
