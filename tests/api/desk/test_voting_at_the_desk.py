"""A vote of the owners at the desk: opened, entered from paper, counted, undone, and shown."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser

from backend.desk.gate import COOKIE
from backend.domain.local_time import SHANGHAI
from backend.domain.roles import Role
from backend.domain.routes.catalogue import action_name
from backend.domain.voting import Choice
from backend.http.parts import ApiParts
from backend.services.votes.paper import PaperBallot
from tests.build.looking import case
from tests.build.office import Office
from tests.build.papers import pdf
from tests.build.pc import Desk
from tests.build.players import appoint
from tests.build.served import in_thread
from tests.build.third_city import YUNXI
from tests.build.village import Village
from tests.build.voting import ended, entered, flat_of, in_yunxi, opened, planned, vote_of, votes

At = Callable[[str], Office]


@pytest.fixture
def parts(parts: ApiParts) -> ApiParts:
    return replace(parts, ctx=replace(parts.ctx, city=YUNXI))


def row(name: str, **proxy: str) -> dict[str, str]:
    """The row of a ballot of the third flat."""
    flat = {"building": "1栋", "unit": "1单元", "room": "301", "name": name, "choice": "agree"}
    return {f"ballots.0.{key}": value for key, value in {**flat, **proxy}.items()}


PROXY = {
    "proxy_building": "1栋",
    "proxy_unit": "2单元",
    "proxy_room": "401",
    "proxy_name": "冯样三",
}


def test_a_vote_is_opened_entered_counted_and_undone_by_forms(
    at_desk: At, village: Village
) -> None:
    purchase = planned(in_yunxi(village))
    clerk, here = at_desk("clerk"), f"/desk/cases/{purchase.id}"

    def does(office: Office, action: str, **typed: str) -> None:
        done = office.submit(office.open(f"{here}/{action}"), **typed)
        assert f"已办理：{action_name(action)}" in done.text, done.text

    does(clerk, "open_vote")
    does(clerk, "withdraw_vote", reason="截止日写错")
    does(clerk, "open_vote")
    votes(village, vote_of(village, purchase), Choice.AGREE, Choice.AGREE)
    now = f"{village.clock().astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
    form = clerk.open(f"{here}/enter_ballots")
    wrong = clerk.submit(form, received_at=now, file_sha256=pdf(), **row("冯样九"))
    assert "名册中该房屋没有这个姓名" in wrong.text
    done = clerk.submit(wrong, received_at=now, file_sha256=pdf(), **row("冯样二", **PROXY))
    assert "另一位经办在今日待办里对照扫描件核对以后计入" in done.text
    page = clerk.open(here)
    assert "等待核对的纸质票" in page.text
    assert "共400.00平方米，至少要300.00平方米" in page.text
    appoint(village, "auditor", Role.CLERK)
    other = at_desk("auditor")
    waits = other.open(other.open("/desk/").links["纸质表决票"])
    assert "冯**（冯**代） 同意" in waits.text
    other.fill(waits, waits.form_to("/confirmation"))
    ended(village, purchase)
    does(clerk, "confirm_count", statement="票箱已开，都已录入")
    assert case(village, purchase).state == "voted"
    shown = clerk.open(here).text
    assert "结果：表决通过。" in shown
    assert "纸质票" in shown
    does(at_desk("reviewer"), "void_vote", reason="通知的截止日有误")
    assert case(village, purchase).state == "planned"


def test_who_has_no_part_in_a_vote_sees_nothing_of_it_at_the_desk(
    at_desk: At, village: Village
) -> None:
    purchase = planned(in_yunxi(village))
    clerk, here = at_desk("clerk"), f"/desk/cases/{purchase.id}"
    clerk.submit(clerk.open(f"{here}/open_vote"))
    assert "参与的业主" in clerk.open(here).text
    assert "参与的业主" not in at_desk("insurer").open(here).text


@pytest.mark.deep
@pytest.mark.browser
def test_a_vote_and_its_form_read_in_all_sizes(
    desk: Flask, at_desk: At, village: Village, browser: Browser
) -> None:
    purchase, vote = opened(in_yunxi(village), by="clerk")
    votes(village, vote, Choice.AGREE)
    entered(village, vote, PaperBallot(flat_of(1), Choice.AGREE))
    cookie = at_desk("clerk").browser.get_cookie(COOKIE)
    assert cookie
    with in_thread(desk) as address:
        pc = Desk(browser, address)
        pc.takes(COOKIE, cookie.value)
        for path in ("", "/enter_ballots", "/open_vote"):
            pc.open(f"/desk/cases/{purchase.id}{path}")
            if folder := os.environ.get("TIBAO_TEST_PICTURES"):
                pc.page.screenshot(
                    path=f"{folder}/vote{path.replace('/', '_')}.png", full_page=True
                )
            assert pc.wrong() == []
        pc.close()
