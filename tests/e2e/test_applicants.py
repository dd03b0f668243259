"""From the scan to the policy on phones alone: three owners, a committee, a mandated manager.

The centre and the insurer work by the API. The city is this file's own: its cases move the clock.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend.demo.cast import CAST, INSURER
from backend.demo.scenery import photograph
from backend.demo.stage import Json
from tests.build.waiting import eventually
from tests.data.make_demo_workbook import flats
from tests.e2e.city import City, running_city
from tests.e2e.phone import Phone

pytestmark = [pytest.mark.deep, pytest.mark.stack, pytest.mark.browser]

PhoneOf = Callable[..., Phone]
Snapshot = Callable[[str], Path]

PREMIUM = "2600"
BUYER = "示例花园（虚构）全体业主"
OWNERS = [flat.owners[0] for flat in flats() if (flat.building, flat.unit) == ("2栋", "1单元")][:3]
ELSEWHERE = next(flat.owners[0] for flat in flats() if flat.building == "3栋")
MEMBERS = ("chair", "deputy", "member")


@pytest.fixture(scope="module")
def city(server_dir: Path) -> Iterator[City]:
    with running_city(server_dir / "applicants") as running:
        for key in ("reviewer", "cashier", "insurer", *MEMBERS):
            running.stage.enter(key)
        yield running


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """Makes a photo of a place or a paper, of the same words always the same one."""

    def take(words: str) -> Path:
        file = tmp_path / f"{words}.jpg"
        file.write_bytes(photograph(words, close="近景" in words))
        return file

    return take


def test_three_owners_apply_on_phones_from_the_scan_to_the_policy(
    city: City, phone_of: PhoneOf, snapshot: Snapshot
) -> None:
    first, second, third = (owner_on_the_phone(city, phone_of, *owner) for owner in OWNERS)
    first.scan(code_in(city, "2栋", "1单元"))
    first.tap("我是业主，发起联名")
    first.sees("您现在还不能申请")
    prove(first)
    draft(first, way=None)
    first.sees("申请准备中", "已有 1 位业主联名，还差 2 位（满 3 位可以提交）")
    case = case_on(first)
    first.tap("发给邻居，请他们联名")
    link = shared_link(first)

    stranger = owner_on_the_phone(city, phone_of, *ELSEWHERE)
    stranger.open(link)
    stranger.sees(f"业主 {OWNERS[0][0][0]}** 发起", INSURER, "2栋1单元 1号梯")
    prove(stranger)
    stranger.sees(re.compile("您核验过的房屋是.*3栋.*所以不能联名"))
    for neighbour in (second, third):
        neighbour.open(link)
        neighbour.sees("联名不用您出钱", re.compile("联名的须是2栋1单元的业主"))
        prove(neighbour)
        neighbour.tap("我要联名")
        neighbour.reply("联名")
        neighbour.sees("您已经联名。")
    third.tap("撤回联名")
    third.reply("撤回")
    third.sees("您是这件申请范围内经核验的业主，可以联名。", re.compile("还差 1 位"))
    third.tap("我要联名")
    third.reply("联名")
    third.sees("您已经联名。")

    second.tap("看办理进展，或代表联名业主提交")
    second.sees("已有 3 位业主联名，可以提交了（满 3 位）", "不用打印、不用拍照")
    second.tap("看申请表")
    second.reply("关闭")
    second.tap("提交申请")
    second.sees("已申请", "等中心经办办", re.compile("截至.*还有"))
    to_the_policy(city, phone_of, snapshot, [first, second, third], case)


def test_a_committee_applies_on_phones_from_its_page_to_the_policy(
    city: City, phone_of: PhoneOf, snapshot: Snapshot
) -> None:
    chair = phone_of(CAST["chair"].shown)
    chair.scan(code_in(city, "2栋", "2单元"))
    chair.tap("业委会、物业申请")
    chair.sees("申请电梯维修保险", "以什么身份申请")
    draft(chair, way="业主委员会")
    chair.sees("申请准备中", "提交申请")
    case = case_on(chair)
    chair.tap("打开申请表（PDF）")
    chair.reply("关闭")
    chair.tap("提交申请")
    chair.sees("请拍下签字盖章的申请表。")
    chair.pick_file("拍照或选照片", snapshot("业委会 申请表"))
    chair.sees("已上传")
    chair.tap("提交申请")
    chair.sees("已申请")

    returned(city, case, "申请表第二页没有盖章")
    chair.open("pages/mine/mine")
    chair.tap(re.compile("等您办：备好申请表或联名"))
    chair.sees("退回补正：申请表第二页没有盖章")
    chair.pick_file("拍照或选照片", snapshot("业委会 申请表 补正"))
    chair.sees("已上传")
    chair.tap("提交申请")
    # The history has said 已申请 since the first time; what is left to do tells of the second.
    expect(chair.button("提交申请")).to_have_count(0)
    to_the_policy(city, phone_of, snapshot, [chair], case)


def test_a_mandated_manager_applies_on_a_phone_from_the_scan_to_the_policy(
    city: City, phone_of: PhoneOf, snapshot: Snapshot
) -> None:
    manager = phone_of(CAST["manager"].shown)
    manager.scan(code_in(city, "3栋", "1单元"))
    manager.tap("业委会、物业申请")
    manager.sees("物业服务企业", re.compile("业主委员会的委托有效至2025年12月31日"))
    for lift in manager.page.get_by_role("checkbox", name=re.compile("^3栋2单元")).all():
        lift.uncheck()  # the account cannot pay for four
    draft(manager, way=None)
    manager.sees("申请准备中", "电梯 2 台")
    case = case_on(manager)
    manager.tap("打开申请表（PDF）")
    manager.reply("关闭")
    manager.pick_file("拍照或选照片", snapshot("物业 申请表"))
    manager.sees("已上传")
    manager.write("质保和物业费", "质保已过；物业费里含日常维保，不含大修。")
    manager.tap("提交申请")
    manager.sees("已申请", "等中心经办办")
    to_the_policy(city, phone_of, snapshot, [manager], case)


def test_a_draft_is_withdrawn_where_it_was_made_and_its_lifts_are_free_again(
    city: City, phone_of: PhoneOf
) -> None:
    manager = phone_of(CAST["manager"].shown)
    manager.open(f"pages/apply/apply?estate={estate_of(city)}")
    manager.page.get_by_role("radio", name=re.compile("^3栋统筹账户")).click()
    draft(manager, way=None)
    manager.sees("申请准备中")
    manager.tap("撤回这件申请")
    manager.write("理由", "账户的钱只够一台")
    manager.tap("撤回这件申请")
    manager.reply("确定")
    manager.sees("已撤回", "这件申请已经结束，不用再办什么。")


def owner_on_the_phone(city: City, phone_of: PhoneOf, name: str, number: str) -> Phone:
    """An owner whose number WeChat vouches for, and whom the house does not know yet."""
    city.stage.platform("POST", "/people", {"name": name, "phone": number})
    return phone_of(name)


def estate_of(city: City) -> str:
    """The id of the demo estate."""
    return str(city.stage.act("manager", "GET", "/estates")["items"][0]["id"])


def code_in(city: City, building: str, unit: str) -> str:
    """What the code in the first lift of a unit says."""
    lifts = city.stage.act("manager", "GET", f"/estates/{estate_of(city)}/lifts")["items"]
    token = next(
        lift["token"] for lift in lifts if (lift["building"], lift["unit"]) == (building, unit)
    )
    return city.stage.printed_address(token)


def prove(owner: Phone) -> None:
    """The roster knows the phone's number."""
    owner.tap("用手机号核验")
    owner.reply("同意", "允许")


def draft(applicant: Phone, way: str | None) -> None:
    """Choose what is not chosen yet, and begin."""
    if way:
        applicant.page.get_by_role("radio", name=re.compile(f"^{way}")).click()
    applicant.sees("给哪些电梯投保")
    applicant.page.get_by_role("radio", name=re.compile(f"^{re.escape(INSURER)}")).click()
    applicant.tap("起草申请")


def case_on(phone: Phone) -> str:
    """The id of the case whose page this is."""
    phone.page.wait_for_url(re.compile("pages/case/case"))
    return phone.page.url.rpartition("id=")[2]


def shared_link(phone: Phone) -> str:
    """Where the card leads that was just sent to a chat."""
    dialog = phone.page.get_by_role("dialog").filter(visible=True).last
    path = re.search(r"pages/joint/joint\?case=[0-9a-f-]+", dialog.inner_text())
    assert path, dialog.inner_text()
    return path[0]


def returned(city: City, case: str, reason: str) -> None:
    """The centre sends the application back."""
    city.stage.act("clerk", "POST", f"/purchases/{case}/return", {"reason": reason})
    city.stage.catch_up()


def to_the_policy(
    city: City, phone_of: PhoneOf, snapshot: Snapshot, applicants: list[Phone], case: str
) -> None:
    """From the application on: the applicants' part on the phone, the offices' by the API."""
    act, path = city.stage.act, f"/purchases/{case}"
    one = applicants[0]
    planned(city, path)
    approved(city, phone_of, path)
    eventually(lambda: act("clerk", "GET", path)["state"] == "approved")
    see(one, case)
    one.sees("审议通过")
    one.tap("生成公示，去张贴")
    one.sees("张贴后，拍开始照片")
    take_all_photos(one, snapshot, "开始")
    notice = act("clerk", "GET", path)["notice"]
    city.stage.platform("PUT", "/clock", {"now": f"{notice['ends_on']}T17:00:00+08:00"})
    city.stage.catch_up()
    see(one, case)
    one.tap("公示海报和照片")
    take_all_photos(one, snapshot, "结束")
    one.sees(re.compile("照片齐了"))
    city.stage.platform("POST", "/clock/advance", {"days": 1})
    city.stage.catch_up()
    act("clerk", "POST", f"{path}/clearance", {"statement": "公示期内未收到纸质异议。"})
    see(one, case)
    one.sees("公示无异议", "等中心复核办")
    act("reviewer", "POST", f"{path}/registration")
    contract_and_invoice(city, applicants[-1], snapshot, case)
    paid(city, path)
    see(one, case)
    one.sees("已拨付", "等保险机构办")
    policy(city, path)
    see(one, case)
    one.sees(re.compile("保单已出具|保障中"))


def planned(city: City, path: str) -> None:
    """The centre takes it up, the insurer looks and plans."""
    act = city.stage.act
    record = city.stage.upload("clerk", "upkeep record", "PDF")
    seen = {"upkeep_statement": "物业管理规范，维保正常。", "upkeep_record_sha256": record}
    act("clerk", "POST", f"{path}/funds-query", seen)
    lifts = act("clerk", "GET", path)["lifts"]
    for lift in lifts:
        survey = {"lift_id": lift["id"], "result": "passed", "findings": "运行平稳"}
        act("insurer", "POST", f"{path}/surveys", survey)
    begins = (city.stage.now() + timedelta(days=60)).date()
    terms: Json = {
        "lifts": [{"lift_id": lift["id"], "premium_fen": 130_000} for lift in lifts],
        "sum_insured_fen": 15_000_000,
        "deductible_fen": 20_000,
        "cover_from": begins.isoformat(),
        "cover_ends_before": begins.replace(year=begins.year + 1).isoformat(),
        "scope_of_cover": "电梯部件故障的修理和更换费用，含人工和材料。",
        "exclusions": "人为损坏、自然灾害和整机更新。",
        "service_commitments": "全天响应；困人三十分钟内到场；每季度查看维保。",
    }
    act("insurer", "POST", f"{path}/plans", terms)
    city.stage.catch_up()


def approved(city: City, phone_of: PhoneOf, path: str) -> None:
    """Members agree on their phones, where the city asks them."""
    number = city.stage.act("clerk", "GET", path)["number"]
    for key in MEMBERS:
        if city.stage.act("clerk", "GET", path)["state"] != "planned":
            return
        member = phone_of(CAST[key].shown)
        member.open("pages/committee/committee")
        member.sees(re.compile(number))
        # The plan of 6栋 waits too, and has waited longer.
        member.page.get_by_role("button", name="同意", exact=True).last.click()
        member.reply("同意")
        member.sees(re.compile("同意 [1-3] 人|没有等您审议的方案"))
    city.stage.catch_up()


def contract_and_invoice(city: City, phone: Phone, snapshot: Snapshot, case: str) -> None:
    """Copied from the paper; a slip is noticed, what came back is mended."""
    number = case[-6:].upper()
    see(phone, case)
    phone.tap("上传签好的合同")
    phone.sees("方案的保费是", "2,600元")
    phone.tap("上传签好的合同")
    phone.sees(re.compile("还有 4 处要改"))
    copy(phone, {"合同编号": f"HT-{number}", "合同保费（元）": "260"}, snapshot(f"{number} 合同"))
    phone.tap("上传签好的合同")
    phone.sees("您填的是260元，方案的保费是2,600元。请再看一眼合同。")
    phone.reply("再想想")
    phone.write("合同保费（元）", PREMIUM)
    phone.tap("上传签好的合同")
    phone.sees("已签合同", "申请拨付前还要：")
    phone.tap("更正合同")
    copy(
        phone,
        {"合同编号": f"HT-{number}-1", "为什么更正": "编号少抄一位"},
        snapshot(f"{number} 合同 2"),
    )
    phone.tap("更正合同")
    phone.sees(f"HT-{number}-1", "理由：编号少抄一位")
    invoice(phone, snapshot, f"FP-{number}")
    request_payment(phone)
    return_papers = {"reason": "发票照片看不清"}
    city.stage.act("cashier", "POST", f"/purchases/{case}/payment-papers-return", return_papers)
    see(phone, case)
    phone.sees("等您办", "退回补齐资料：发票照片看不清")
    invoice(phone, snapshot, f"FP-{number}-1")
    request_payment(phone)


def invoice(phone: Phone, snapshot: Snapshot, number: str) -> None:
    """Hand in an invoice, the first or another."""
    phone.tap(re.compile("^(上传发票|换一张发票)$"))
    words = {"发票号码": number, "购买方名称（抬头）": BUYER, "发票金额（元）": PREMIUM}
    copy(phone, words, snapshot(f"{number} 发票"))
    phone.tap("上传发票")
    phone.sees(re.compile(f"{number}，2,600元"))


def copy(phone: Phone, words: dict[str, str], picture: Path) -> None:
    """Fill the form from the paper, and photograph it."""
    for label, text in words.items():
        phone.write(label, text)
    phone.pick_file("拍照或选照片", picture)
    phone.sees("已上传")
    phone.page.get_by_role("switch").first.check()


def request_payment(phone: Phone) -> None:
    phone.tap("申请拨付")
    phone.reply("提交")
    phone.sees("待拨付", "等中心复核办")


def paid(city: City, path: str) -> None:
    """The reviewer looks at the papers, the cashier pays."""
    act = city.stage.act
    act("reviewer", "POST", f"{path}/payment-review")
    act("cashier", "POST", f"{path}/payment-order", {})
    receipt = {
        "bank_reference": f"BANK-{path[-6:]}",
        "receipt_sha256": city.stage.upload("cashier", "bank receipt", "PDF"),
    }
    act("cashier", "POST", f"{path}/payment-confirmation", receipt)


def policy(city: City, path: str) -> None:
    """The insurer's policy, as the plan has it."""
    case = city.stage.act("insurer", "GET", path)
    terms = case["plan"]["terms"]
    paper: Json = {
        "number": f"BD-{path[-6:]}",
        "cover_from": terms["cover_from"],
        "cover_last_day": terms["cover_last_day"],
        "issued_on": city.stage.now().date().isoformat(),
        "premium_fen": case["plan"]["premium_fen"],
        "lift_codes": [lift["registration_code"] for lift in case["lifts"]],
        "file_sha256": city.stage.upload("insurer", "policy", "PDF"),
    }
    city.stage.act("insurer", "POST", f"{path}/policy", paper)


def see(phone: Phone, case: str) -> None:
    """Come back to the case some time later."""
    phone.open(f"pages/case/case?id={case}")
    phone.sees("申请内容")


def take_all_photos(phone: Phone, snapshot: Snapshot, moment: str) -> None:
    """Every photo that the page asks for, one after the other. Of each place always the same: two
    near ones of chance places are refused as doubles once in 1,500."""
    asked = re.compile("^拍照：")
    phone.sees(re.compile("还差"))
    while phone.page.get_by_role("button", name=asked).count():
        label = phone.button(asked).get_attribute("aria-label") or ""
        last = "开始" in moment and phone.page.get_by_role("button", name=asked).count() == 1
        phone.pick_file(asked, snapshot(f"{moment} {label.removeprefix('拍照：')}"))
        if last:
            phone.reply("交这张")
        expect(phone.page.get_by_role("button", name=label, exact=True)).to_have_count(0)
