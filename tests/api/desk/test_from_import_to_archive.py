"""A whole day and what comes of it, by forms alone: a new estate is imported, its lift insured by
everybody at their desk, the committee and an owner on paper, and the case bound for the archive."""

import re
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.local_time import SHANGHAI
from backend.pictures.case_file import Bound
from backend.services.base.context import Context
from backend.services.case import steps
from backend.services.ordered import making
from backend.services.workbooks.balances_sheets import BALANCES_SHEETS
from backend.services.workbooks.templates import write_workbook
from backend.store.ordered import OrderedFile
from tests.build.handing_in import speckled
from tests.build.office import Office, Page
from tests.build.papers import pdf
from tests.build.players import appoint
from tests.build.village import Village
from tests.build.workbooks import PAPER, Rows, balances_rows, registry_file, registry_rows
from tests.build.working_day import PLAN, Day

At = Callable[[str], Office]
ESTATE = "测试小区"


def registry() -> bytes:
    """One lift, and a committee of two without any phone."""
    rows = registry_rows()
    rows["电梯"].pop()
    rows["业委会"] = [
        ["2024-07-01", "2027-06-30", name, "委员", None, "否", None]
        for name in ("张示安", "李示宁")
    ]
    return registry_file(rows)


def balances() -> bytes:
    rows: Rows = balances_rows() | {"保险机构": []}
    return write_workbook(BALANCES_SHEETS, rows)


class NewEstate(Day):
    """A day on which an estate comes, with its money and whoever manages it."""

    def imports(self, kind: str, content: bytes, *, by: str, written_by: str) -> None:
        """Handed in by one, looked at, and written by a second word: of money, by another one."""
        office = self.at(by)
        page = office.open(office.open("/desk/").links["导入"])
        form = next(form for form in page.forms if "file" in form.names)
        said = {"filed": "yes", "mandate_paper": PAPER} if kind == "registry" else {}
        looked = Page(office.fill(page, form, kind=kind, file=content, **said))
        assert "没有问题，还没有导入" in looked.text, looked.text
        writer = self.at(written_by)
        assert "已全部写入" in writer.submit(writer.open(looked.address)).text

    def lets_manage(self, by: str, name: str) -> None:
        """A clerk gives somebody the right to manage the estate."""
        office = self.at(by)
        page = office.open(f"/desk/people/of/{self.village.actor(name).person_id}/grant")
        (form,) = [each for each in page.forms if "role" in each.names]
        right = {"role": form.chosen("role", "物业"), "scope_id": form.chosen("scope_id", ESTATE)}
        assert Page(office.fill(page, form, **right)).status == 200

    def applies(self, name: str) -> None:
        office = self.at(name)
        page = office.open(office.open("/desk/applications").links[ESTATE])
        pool = page.forms[-1].chosen("account_id", "1单元")
        begun = office.submit(page, account_id=pool)
        assert begun.address.startswith("/desk/cases/"), begun.text
        self.case = UUID(begun.address.rpartition("/")[2])

    def compares(self, name: str, paper: str) -> None:
        """Another clerk finds the paper among the todos, and confirms it."""
        office = self.at(name)
        page = office.open(office.open("/desk/").links[paper])
        assert "已确认" in Page(office.fill(page, page.form_to("/confirmation"))).text

    def hands_in_a_folder(self, name: str) -> None:
        page = self.opens(name, "上传公示照片")
        (form,) = [each for each in page.forms if "files" in each.names]
        shots = [(BytesIO(speckled((800, 600))), f"1栋1单元{how}.jpg") for how in ("远景", "近景")]
        assert "收下了2张照片" in Page(self.at(name).fill(page, form, files=shots)).text

    def minute(self) -> str:
        return f"{self.village.clock().astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


@pytest.fixture
def day(at_desk: At, village: Village, ctx: Context, monkeypatch: pytest.MonkeyPatch) -> NewEstate:
    """The city's officers, two of them clerks; the bound file is looked at elsewhere."""
    monkeypatch.setattr(making, "bind_case_file", lambda *_: Bound(b"%PDF-1.7 bound", ()))
    appoint(village, "stranger", "clerk")
    return NewEstate(at_desk, village, ctx)


def test_from_the_import_of_an_estate_to_the_archive_everything_is_done_at_desks(
    day: NewEstate, village: Village, ctx: Context
) -> None:
    day.imports("registry", registry(), by="clerk", written_by="clerk")
    day.imports("balances", balances(), by="cashier", written_by="reviewer")
    day.lets_manage("clerk", "manager")

    day.applies("manager")
    day.does("manager", "提交申请", form_sha256=pdf(), warranty_and_fee="质保期已满")
    day.does("clerk", "受理并查询资金", upkeep_statement="正常", upkeep_record_sha256=pdf())
    found = {"surveys.0.result": "passed", "surveys.0.findings": "运行平稳"}
    day.does("insurer", "查勘电梯", **found)
    day.does("insurer", "提交保险方案", **{"lifts.0.premium_fen": "1300.00"}, **PLAN)
    _the_committee_decides_at_a_meeting(day)

    day.does("manager", "生成公示")
    day.hands_in_a_folder("manager")
    assert day.state == "posted"
    _an_owner_objects_on_paper_and_thinks_better_of_it(day)
    day.later(datetime(2025, 3, 12, 9, tzinfo=SHANGHAI))
    day.hands_in_a_folder("manager")
    day.does("clerk", "确认公示无异议", statement="收件处查到昨天，没有纸质异议")
    day.does("reviewer", "登记备案")

    day.does("manager", "签订合同", number="HT-9", file_sha256=pdf())
    buyer = ctx.city.centre.name.value
    day.does("manager", "上传发票", number="FP-9", buyer=buyer, file_sha256=pdf())
    day.does("manager", "申请拨付")
    day.does("reviewer", "复核拨付资料")
    day.does("cashier", "通知银行拨付")
    day.does("cashier", "确认已拨付", bank_reference="BANK-9", receipt_sha256=pdf())
    day.does("insurer", "出具保险单", number="PL-9", file_sha256=pdf())
    day.later(datetime(2025, 4, 1, 9, tzinfo=SHANGHAI))
    steps.sweep(ctx)  # the clock's own step
    assert day.state == "in_force"
    _it_is_bound_for_the_archive(day)


def _the_committee_decides_at_a_meeting(day: NewEstate) -> None:
    answers: dict[str, str] = {}
    for at, name in enumerate(("张示安", "李示宁")):
        answers |= {f"answers.{at}.name": name, f"answers.{at}.answer": "approve"}
    form = day.opens("clerk", "录入会议纪要")
    entered = day.at("clerk").submit(form, **answers, received_at=day.minute(), file_sha256=pdf())
    assert "核对以后计入" in entered.text, entered.text
    assert day.state == "planned"
    day.compares("stranger", "业委会会议纪要")
    assert day.state == "approved"


def _an_owner_objects_on_paper_and_thinks_better_of_it(day: NewEstate) -> None:
    clerk = day.at("clerk")
    flat = {"building": "1栋", "unit": "1单元", "room": "101", "objector": "张示安"}
    letter = {"kind": "price", "text": "保费偏高", "received_at": day.minute(), **flat}
    case = clerk.submit(day.opens("clerk", "录入纸质异议"), **letter, file_sha256=pdf())
    assert day.state == "suspended"
    of = next(link for link in case.links.values() if "/desk/objections/" in link)
    form = clerk.open(clerk.open(of).links["录入书面撤回"])
    clerk.submit(form, received_at=day.minute(), file_sha256=pdf())
    assert day.state == "suspended"
    day.compares("stranger", "书面撤回异议")
    assert day.state == "posted"


def _it_is_bound_for_the_archive(day: NewEstate) -> None:
    clerk = day.at("clerk")
    page = clerk.open(f"/desk/cases/{day.case}")
    assert "PL-9" in page.text
    clerk.fill(page, page.form_to("/case-file"))
    with day.ctx.sessions() as tx:
        order = tx.scalars(select(OrderedFile.id)).one()
    making.make(day.ctx, order)  # the worker's part
    mine = clerk.open("/desk/ordered")
    with clerk.fill(mine, mine.form_to(str(order))) as bound:
        assert bound.data.startswith(b"%PDF-")
    auditor = day.at("auditor")
    sample = auditor.open("/desk/audit/sample?seed=7&number=5")
    assert any(re.match("SQ-", words) for words in sample.links), sample.text
