"""A case from the application to its policy by forms of the desk: every role, and nothing else."""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Context
from backend.store.purchases import Purchase
from tests.build.handing_in import speckled
from tests.build.office import Office, Page
from tests.build.papers import pdf
from tests.build.village import Village, called

At = Callable[[str], Office]


class Day:
    """One case on the desks of everybody; an office signs in when it is first needed."""

    def __init__(self, at_desk: At, village: Village, ctx: Context) -> None:
        self.village, self.ctx = village, ctx
        self._at_desk = at_desk
        self._offices: dict[str, Office] = {}
        self.case: UUID | None = None

    def at(self, name: str) -> Office:
        if name not in self._offices:
            self._offices[name] = self._at_desk(name)
        return self._offices[name]

    def later(self, moment: datetime) -> None:
        """Another day, on which everybody signs in anew."""
        self.village.clock.set(moment)
        self._offices = {}

    def begins(self, name: str) -> None:
        office = self.at(name)
        page = office.open(office.open("/desk/applications").links["示例小区"])
        office.submit(page)
        with self.ctx.sessions() as tx:
            self.case = tx.scalars(select(Purchase.id)).one()

    def opens(self, name: str, step: str) -> Page:
        """From the case to the form of a step, by its words."""
        office = self.at(name)
        return office.open(office.open(f"/desk/cases/{self.case}").links[step])

    def does(self, name: str, step: str, **typed: object) -> Page:
        page = self.at(name).submit(self.opens(name, step), **typed)
        assert page.status == 200, page.text
        assert f"已办理：{step}" in page.text, page.text
        return page

    def photographs(self, name: str) -> Page:
        office, page = self.at(name), self.opens(name, "上传公示照片")
        files = [field for field in page.forms[-1].names if re.search(r"\.(wide|close)$", field)]
        answer = office.submit(page, **{field: speckled((800, 600)) for field in files})
        assert f"收下了{len(files)}张照片" in answer.text, answer.text
        return answer

    @property
    def state(self) -> str:
        with self.ctx.sessions() as tx:
            return tx.get_one(Purchase, self.case).state


PLAN = {
    "sum_insured_fen": "150,000",
    "deductible_fen": "0",
    "cover_from": "2025-04-01",
    "cover_ends_before": "2026-03-31",
    "scope_of_cover": "故障维修",
    "exclusions": "人为损坏",
    "service_commitments": "30分钟到场",
}


def from_application_to_policy(day: Day) -> None:
    """All of it, with a letter of objection on the way and some of the premium back at the end."""
    day.begins("manager")
    day.does("manager", "提交申请", form_sha256=pdf(), warranty_and_fee="质保期已满")
    day.does("clerk", "受理并查询资金", upkeep_statement="正常", upkeep_record_sha256=pdf())

    survey = day.opens("insurer", "查勘电梯")
    results = f"{day.village.codes[1]}\t通过\t运行平稳\n{day.village.codes[0][-6:]}\t通过\t门机异响"
    ours = day.at("insurer").submit(survey, **{"surveys.paste": results, "fill": "yes"})
    assert "已填入表格，还没有提交" in ours.text
    assert ours.forms[-1].values["surveys.0.findings"] == "门机异响"
    assert "已办理：查勘电梯" in day.at("insurer").submit(ours).text
    premiums = {f"lifts.{row}.premium_fen": "1300.00" for row in range(2)}
    day.does("insurer", "提交保险方案", **premiums, **PLAN)
    assert day.state == "planned"

    for name in ("member0", "member1"):
        day.does(name, "答复保险方案", answer="approve")
    assert day.state == "approved"

    day.does("manager", "生成公示")
    day.photographs("manager")
    assert day.state == "posted"
    day.later(datetime(2025, 3, 3, 9, tzinfo=SHANGHAI))
    _is_objected_to_on_paper(day)
    day.later(datetime(2025, 3, 12, 9, tzinfo=SHANGHAI))
    day.photographs("manager")
    day.does("clerk", "确认公示无异议", statement="收件处查到昨天，没有纸质异议")
    day.does("reviewer", "登记备案")

    contract = day.opens("manager", "签订合同").forms[-1].values
    assert contract["premium_fen"] == "2600.00"
    day.does("manager", "签订合同", number="HT-1", file_sha256=pdf())
    invoice = day.opens("manager", "上传发票").forms[-1].values
    assert invoice["amount_fen"] == "2600.00"
    buyer = day.ctx.city.centre.name.value
    day.does("manager", "上传发票", number="FP-1", buyer=buyer, file_sha256=pdf())
    day.does("manager", "申请拨付")
    day.does("reviewer", "复核拨付资料")
    day.does("cashier", "通知银行拨付")
    day.does("cashier", "确认已拨付", bank_reference="BANK-1", receipt_sha256=pdf())
    day.does("insurer", "出具保险单", number="PL-1", file_sha256=pdf())
    assert day.state == "policy_issued"
    assert "PL-1" in day.at("manager").open(f"/desk/cases/{day.case}").text
    _comes_back_in_part(day)


def _is_objected_to_on_paper(day: Day) -> None:
    """Somebody brings a letter to the counter; the clerk answers, the reviewer decides."""
    clerk, reviewer = day.at("clerk"), day.at("reviewer")
    letter = {
        "kind": "price",
        "text": "保费偏高，请公布比选过程",
        "objector": called("冯样", 0),
        "received_at": "2025-03-03T08:30",
        "building": "1栋",
        "unit": "1单元",
        "room": "101",
    }
    case = clerk.submit(day.opens("clerk", "录入纸质异议"), **letter, file_sha256=pdf())
    assert day.state == "suspended"
    of = next(link for link in case.links.values() if "/desk/objections/" in link)
    clerk.submit(clerk.open(clerk.open(of).links["答复异议"]), answer="比选记录在收件处可查。")
    form = reviewer.open(reviewer.open(of).links["复核：不予采纳"])
    reviewer.submit(form, answer="保费在比选中最低，程序合规。")
    assert day.state == "posted"


def _comes_back_in_part(day: Day) -> None:
    """What the insurer pays back is entered by one officer and confirmed by another."""
    typed = {"kind": "give_back", "refund_fen": "100", "reason": "合同打折"}
    day.does("cashier", "登记退费或退保，待复核", **typed, receipt_sha256=pdf())
    reviewer = day.at("reviewer")
    page = reviewer.open(reviewer.open(f"/desk/cases/{day.case}").links["查看并办理"])
    assert "100元" in page.text
    reviewer.fill(page, page.forms[-2])
    assert "一笔退费等" not in reviewer.open(f"/desk/cases/{day.case}").text
