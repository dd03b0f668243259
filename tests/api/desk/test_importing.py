"""导入 at the desk: a workbook is handed in, shown as it looked, and written by a second word."""

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from backend.services.base.context import Context
from backend.services.workbooks import import_work, imports, waiting
from backend.store.audit import AuditEntry
from tests.build.counting import Counter
from tests.build.office import Office, Page
from tests.build.village import Village
from tests.build.workbooks import PAPER, registry_file, registry_rows

At = Callable[[str], Office]
HERE = "/desk/imports"


def hand_in(office: Office, content: bytes, kind: str = "registry", paper: str = PAPER) -> Page:
    page = office.open(HERE)
    form = next(form for form in page.forms if "filed" in form.names)
    return Page(office.fill(page, form, kind=kind, filed="yes", mandate_paper=paper, file=content))


def links(ctx: Context) -> int:
    with ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_a_clerk_hands_in_a_workbook_looks_at_it_and_writes_it_once(
    at_desk: At, village: Village, ctx: Context
) -> None:
    clerk = at_desk("clerk")
    assert "还没有人交来工作簿" in clerk.open(HERE).text
    assert "请选择 .xlsx 文件" in Page(clerk.send(clerk.open(HERE), kind="registry")).text
    unpapered = hand_in(clerk, registry_file(registry_rows()), paper="")
    assert "1处问题，没有写入" in unpapered.text  # the mandate, at its cell
    page = hand_in(clerk, registry_file(registry_rows()))
    assert "没有问题，还没有导入" in page.text
    assert f"委托已对照{PAPER}" in page.text
    assert "TEST000001" in page.text
    before = links(ctx)
    assert clerk.open(page.address).text == page.text
    assert links(ctx) == before  # looking leaves no link
    for _ in range(2):
        assert "已全部写入" in clerk.submit(page).text
    assert links(ctx) == before + 1
    assert "更新0项" in clerk.open(HERE).text
    sent = clerk.browser.get(f"{HERE}/template/registry")
    assert "房屋业主" in load_workbook(BytesIO(sent.data)).sheetnames


def test_who_looked_at_other_changes_than_there_are_now_looks_again(
    at_desk: At, village: Village
) -> None:
    clerk, rows = at_desk("clerk"), registry_rows()
    seen = hand_in(clerk, registry_file(rows))
    rows["房屋业主"].pop()
    other = hand_in(clerk, registry_file(rows))
    assert "已全部写入" in clerk.submit(other).text
    again = clerk.submit(seen)
    assert "没有导入：登记变了" in again.text
    assert "已全部写入" in clerk.submit(again).text


def test_two_hundred_faults_stand_at_their_cells_and_leave_as_a_workbook(
    at_desk: At, ctx: Context
) -> None:
    rows = registry_rows()
    rows["房屋业主"] += [["1栋", "1单元", f"8{n:02}", "一百", "业主乙先生", ""] for n in range(100)]
    clerk = at_desk("clerk")
    page = hand_in(clerk, registry_file(rows))
    assert "200处问题，没有写入" in page.text
    with Counter(ctx) as statements:
        shown = clerk.browser.get(page.address).text
    assert shown.count('class="why"') == 200
    assert shown.count('<td class="bad">') == 200
    assert "D列5行" in shown
    assert statements.queries <= 12
    sheet = load_workbook(BytesIO(clerk.browser.get(f"{page.address}/problems").data)).worksheets[0]
    assert [cell.value for cell in sheet[2]][:3] == ["房屋业主", 5, "D"]
    assert sheet.max_row == 201
    assert "正式导入" not in page.text


def test_a_large_workbook_is_checked_and_written_in_the_background(
    at_desk: At, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_AT_ONCE", 100)
    clerk = at_desk("clerk")
    page = hand_in(clerk, registry_file(registry_rows()))
    assert "正在检查" in page.text
    assert "看看好了没有" in page.links
    assert "正式导入" not in page.text
    assert "在后台处理" in clerk.open(HERE).text
    (waiting_one,) = waiting.due_ids(ctx)
    import_work.carry_on(ctx, waiting_one)
    page = clerk.open(page.address)
    assert "没有问题，还没有导入" in page.text
    page = clerk.submit(page)
    assert "正在导入" in page.text
    import_work.carry_on(ctx, waiting_one)
    assert "已全部写入" in clerk.open(page.address).text


@pytest.mark.parametrize("name", ["manager", "supervisor"])
def test_the_way_is_shown_to_those_who_may_read(at_desk: At, name: str) -> None:
    office = at_desk(name)
    assert "导入" not in office.open("/desk/").links
    assert office.open(HERE).status in (403, 404)


def test_an_auditor_reads_and_has_no_form_that_writes(at_desk: At, village: Village) -> None:
    page = hand_in(at_desk("clerk"), registry_file(registry_rows()))
    auditor = at_desk("auditor")
    for address in (HERE, page.address):
        seen = auditor.open(address)
        assert seen.status == 200
        assert [form.method for form in seen.forms] == ["get", "post"]  # find, and sign out
    assert "张示安" not in auditor.open(page.address).text
