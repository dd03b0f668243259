"""A lift's insurance as people meet it: in their hands, against everything that is real."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend.demo.cast import CAST
from backend.demo.scenery import photograph
from backend.demo.seed import found
from backend.demo.stage import Json
from tests.e2e.city import City
from tests.e2e.phone import ELDER, NORMAL, Phone, violations

pytestmark = [pytest.mark.deep, pytest.mark.stack, pytest.mark.browser]

PhoneOf = Callable[..., Phone]

OWNER, OWNERS_PHONE = "周示安", "19900000005"
HOME = "示例花园（虚构）1栋1单元201"
WORDS_OF_ANSWER = "三家报价和评分表已随公示张贴。"
WORDS = "保费比同类小区高，请公布各家报价。"
NAME_STROKES = (
    [(0.2, 0.3), (0.4, 0.7), (0.5, 0.3), (0.7, 0.7)],
    [(0.75, 0.2), (0.8, 0.8)],
)


@pytest.fixture
def snapshot(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a photo of a place, of the same words always the same one."""

    def take(words: str) -> Path:
        file = tmp_path / f"{words}.jpg"
        file.write_bytes(photograph(words, close="近景" in words))
        return file

    return take


def case_of(city: City, building: str) -> Json:
    """The purchase of this building, as the clerk sees it."""
    for item in city.stage.act("clerk", "GET", "/purchases")["items"]:
        case = city.stage.act("clerk", "GET", f"/purchases/{item['id']}")
        if case["lifts"][0]["building"] == building:
            return case
    raise AssertionError(f"no purchase for {building}")


def test_members_approve_in_the_mini_program_and_in_chat_and_the_manager_posts_the_notice(
    city: City, phone_of: PhoneOf, snapshot: Callable[[str], Path]
) -> None:
    chair = phone_of(CAST["chair"].shown)
    second = phone_of(CAST["chair"].shown)
    for phone in (chair, second):
        phone.open("pages/committee/committee")
        phone.sees("示例花园（虚构）电梯维修保险方案", "一年保费")
    chair.tap("同意")
    chair.reply("同意")
    chair.sees(re.compile("同意 1 人"))

    for key in ("deputy", "member"):
        city.stage.write(key, "看看方案")
        city.stage.catch_up()
        city.stage.tap(key, "同意")
    city.stage.catch_up()
    case = case_of(city, "6栋")
    assert case["state"] == "approved"

    second.tap("不同意")
    second.write("为什么不同意", "想再比价")
    second.tap("提交：不同意")
    second.sees("该方案已不在审议阶段，无需再答复。")
    assert case_of(city, "6栋")["state"] == "approved"

    manager = phone_of(CAST["manager"].shown)
    manager.open("pages/manager/manager")
    manager.tap(re.compile(f"^去办理.*{case['number']}$"))
    manager.tap("生成公示，去张贴")
    manager.sees("张贴后，拍开始照片")
    take_back_the_notice(manager)
    manager.tap("生成公示，去张贴")
    manager.sees("张贴后，拍开始照片")
    for unit in ("6栋1单元", "6栋2单元"):
        manager.tap(f"制作海报（A4）：{unit}")
        manager.reply("关闭")
        expect(manager.button(re.compile(f"^打开海报.*{unit}$"))).to_be_visible()
    take_all_photos(manager, snapshot, "开始")
    manager.sees("公示已经开始")
    assert case_of(city, "6栋")["state"] == "posted"
    assert found({"items": city.messages(CAST["chair"].shown)}, "type", "template")


def test_an_owner_objects_and_withdraws_and_the_notice_is_cleared(
    city: City, phone_of: PhoneOf, snapshot: Callable[[str], Path]
) -> None:
    city.stage.platform("POST", "/people", {"name": OWNER, "phone": OWNERS_PHONE})
    owner = phone_of(OWNER)
    number = scan_and_read(city, owner)
    object_in_writing(owner, snapshot("异议 照片"))
    ask_for_news(owner)
    receipt = owner.page.url.rpartition("#/")[2]
    for font in (NORMAL, ELDER):
        again = phone_of(OWNER, font)
        again.open(receipt)
        again.sees("您写的内容")
        assert violations(again.page) == []
    case = case_of(city, "1栋")
    assert (case["state"], len(case["objections"])) == ("suspended", 1)
    again.open(f"pages/object/object?notice={number}")
    again.sees("您已经提过异议")

    answer(city)
    news = [m["text"] for m in city.messages(OWNER) if m["type"] == "subscribe"]
    assert len(news) == 1
    assert "异议" in news[0]
    withdraw(owner)
    case = case_of(city, "1栋")
    assert case["state"] == "posted"

    photograph_the_end(city, phone_of, case, snapshot)
    clear(city, case)
    owner.open(f"pages/notice/notice?number={number}")
    owner.sees("公示编号", WORDS_OF_ANSWER)


def take_back_the_notice(manager: Phone) -> None:
    """The drafted notice is wrong: it is taken back, and its own page says so."""
    posting = manager.page.url.rpartition("#/")[2]
    manager.tap("返回")
    manager.tap("撤回待张贴的公示")
    manager.write("理由", "要补一句服务承诺")
    manager.tap("撤回待张贴的公示")
    manager.reply("确定")
    manager.sees("审议通过", "理由：要补一句服务承诺")
    manager.open(posting)
    manager.sees("这次公示已经作废", "本次公示已作废，贴出的海报请收下来。")
    manager.does_not_see("公示已经开始")
    manager.tap("去办理页面")


def scan_and_read(city: City, owner: Phone) -> str:
    """From the cab to the whole notice; returns its number."""
    owner.scan(city.code("正在公示"))
    owner.sees("1栋1单元1号梯", "这台电梯目前没有维修保险。", "被困请拨")
    owner.tap("看完整方案")
    owner.sees("花多少钱，从哪里出", "7,800元", "已收到的异议", "现场公示的照片")
    shown = owner.page.get_by_text(re.compile("^公示编号 ")).inner_text()
    return shown.removeprefix("公示编号 ").strip()


def object_in_writing(owner: Phone, photo: Path) -> None:
    """Prove to be an owner by the phone's number, write, sign, read it over, submit."""
    owner.tap("我不同意，提异议")
    owner.sees("先确认您是业主")
    owner.tap("用手机号核验")
    owner.reply("同意", "允许")
    owner.sees("您是本次公示范围内经核验的业主，可以提出书面异议。", HOME)
    owner.page.get_by_role("radio", name=re.compile("保费或保额")).click()
    owner.write(re.compile("意见和理由"), WORDS)
    owner.pick_file("拍照或选照片", photo)
    owner.draw(re.compile("签名区"), *NAME_STROKES)
    owner.tap("签好了")
    owner.sees("已上传", "签名已保存")
    owner.tap("下一步：看一遍再提交")
    owner.sees("书面异议", WORDS, "1 张", "已手写签名")
    owner.connect(False)
    owner.tap("提交异议")
    owner.sees(re.compile("^还没有送出"))
    owner.connect(True)
    owner.tap("提交异议")
    owner.sees("已经收到您的异议", re.compile("^YY-2025-"), "有效，暂缓实施")


def ask_for_news(owner: Phone) -> None:
    """Consent to one message of each kind, after hearing why."""
    owner.tap("通知我")
    owner.sees("点下面的按钮后，微信会再问一次您是否同意。")
    owner.tap("好，去选择")
    owner.reply("允许")
    owner.sees("已经关注")


def answer(city: City) -> None:
    """The clerk answers in writing."""
    objections = case_of(city, "1栋")["objections"]
    one = next(o for o in objections if o["answer"] is None)
    city.stage.act(
        "clerk",
        "POST",
        f"/objections/{one['id']}/answer",
        {"answer": WORDS_OF_ANSWER},
    )
    city.stage.catch_up()


def withdraw(owner: Phone) -> None:
    """The answer convinces."""
    owner.page.reload()
    owner.sees(WORDS_OF_ANSWER)
    owner.tap("撤回异议")
    owner.reply("撤回")
    owner.sees("已撤回")


def photograph_the_end(
    city: City, phone_of: PhoneOf, case: Json, snapshot: Callable[[str], Path]
) -> None:
    """On the last day the property manager takes two photos in each unit."""
    city.stage.platform("PUT", "/clock", {"now": f"{case['notice']['ends_on']}T17:00:00+08:00"})
    city.stage.catch_up()
    manager = phone_of(CAST["manager"].shown)
    manager.open(f"pages/posting/posting?notice={case['notice']['id']}")
    manager.sees("现在该拍结束照片")
    take_all_photos(manager, snapshot, "结束")
    manager.sees(re.compile("照片齐了"))


def take_all_photos(manager: Phone, snapshot: Callable[[str], Path], moment: str) -> None:
    """Every photo that the page asks for, one after the other."""
    asked = re.compile("^拍照：")
    manager.sees(re.compile("还差"))
    while manager.page.get_by_role("button", name=asked).count():
        label = manager.button(asked).get_attribute("aria-label") or ""
        last = moment == "开始" and manager.page.get_by_role("button", name=asked).count() == 1
        manager.pick_file(asked, snapshot(f"{moment} {label.removeprefix('拍照：')}"))
        if last:
            manager.reply("交这张")
        manager.page.get_by_role("button", name=label, exact=True).wait_for(state="detached")


def clear(city: City, case: Json) -> None:
    """After the end, the clerk states that nothing came on paper."""
    city.stage.platform("POST", "/clock/advance", {"days": 1})
    city.stage.catch_up()
    statement = {"statement": "公示期内未收到纸质异议。"}
    city.stage.act("clerk", "POST", f"/purchases/{case['id']}/clearance", statement)
    assert case_of(city, "1栋")["state"] == "cleared"
