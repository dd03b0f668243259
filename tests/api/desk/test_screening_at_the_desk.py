"""摸底筛选 and 指导办理 at the desk: the district's two forms, and what the centre sees of them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser

from backend.desk.gate import COOKIE
from backend.http.parts import ApiParts
from backend.store.city_files import load_city
from tests.build.office import Office
from tests.build.papers import pdf
from tests.build.pc import Desk
from tests.build.screened import MET, Shaoguan, of_shaoguan
from tests.build.served import in_thread
from tests.build.village import Village

At = Callable[[str], Office]


@pytest.fixture
def parts(parts: ApiParts) -> ApiParts:
    return replace(parts, ctx=replace(parts.ctx, city=load_city("shaoguan")))


@pytest.fixture
def city(village: Village) -> Shaoguan:
    return of_shaoguan(village)


def test_a_district_screens_and_guides_an_estate_by_two_forms(city: Shaoguan, at_desk: At) -> None:
    district = at_desk("district")
    form = district.open(district.open("/desk/applications").links["示例小区"])
    assert "住宅专项维修资金量充足" in form.text
    assert "方案四、五（四）" in form.text
    typed = dict(MET)
    met = {f"{code}_met": "yes" for code in MET}
    wrong = district.submit(form, **typed, **met | {"willing_met": ""}, sheet_sha256=pdf())
    assert wrong.status == 409
    assert "不符合“小区有意愿”" in wrong.text
    begun = district.submit(wrong, willing_met="yes", sheet_sha256=pdf())
    assert begun.address.startswith("/desk/cases/"), begun.text
    assert "摸底入选" in begun.text
    guide = district.open(begun.links["指导办理，确定电梯"])
    assert "2023年度公共设施设备使用管理收益（可用 900元）" in guide.text
    done = district.submit(
        guide,
        insurer_id=str(city.insurer),
        **{f"lift_ids.{lift}": "yes" for lift in city.lifts},
        **{f"account_ids.{pool}": "yes" for pool in city.years},
    )
    assert "已指导" in done.text, done.text
    seen = at_desk("clerk").open(begun.address).text
    assert "撤销指导" in seen
    assert "办理单位：物业" in seen
    assert "申请人：" not in seen
    assert all(words in seen for words in MET.values())
    theirs = at_desk("clerk").open(f"{begun.address}/undo_screen")
    assert "这一步由属地住建部门办理" in theirs.text
    assert not [form for form in theirs.forms if "reason" in form.names]
    for step, then in (("undo_guide", "摸底入选"), ("undo_screen", "已终止")):
        form = district.open(f"{begun.address}/{step}")
        undone = district.submit(form, reason="漏了一台电梯")
        assert then in undone.text, undone.text


def test_nobody_is_offered_to_apply_where_estates_are_screened(city: Shaoguan, at_desk: At) -> None:
    for name in ("manager", "clerk"):
        office = at_desk(name)
        assert "本市不受理申请" in office.open("/desk/applications").text
        assert office.open(f"/desk/screenings/{city.estate}").status == 404


@pytest.mark.deep
@pytest.mark.browser
def test_what_a_district_fills_in_reads_in_all_sizes(
    city: Shaoguan, desk: Flask, browser: Browser, at_desk: At
) -> None:
    office, here = at_desk("district"), f"/desk/screenings/{city.estate}"
    cookie = office.browser.get_cookie(COOKIE)
    assert cookie is not None
    wrong = {}
    with in_thread(desk) as address:
        pc = Desk(browser, address)
        pc.takes(COOKIE, cookie.value)

        def looks(page: str, button: str = "") -> None:
            pc.open(page)
            if button:
                pc.press(button)
                pc.page.get_by_role("alert").wait_for()
            if found := pc.wrong():
                wrong[page, button] = found

        looks("/desk/applications")
        looks(here)
        looks(here, "入选")
        typed = dict(MET) | {f"{code}_met": "yes" for code in MET}
        case = office.submit(office.open(here), **typed, sheet_sha256=pdf()).address
        looks(case)
        looks(f"{case}/guide")
        looks(f"{case}/guide", "指导办理，确定电梯")
        pc.close()
    assert wrong == {}
