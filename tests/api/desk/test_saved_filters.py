"""What narrows a list is kept under a name, for oneself or for an office, and never by itself."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from backend.desk.filters import PAGES
from backend.services.lists.every import LISTS
from backend.store.people import AccessGrant
from tests.build.office import Office, Page
from tests.build.players import Players
from tests.build.village import Village

At = Callable[[str], Office]
NARROWED = "/desk/cases?state=applied&words=%E7%A4%BA%E4%BE%8B&sort=number"


def save(office: Office, at: str, name: str, whose: str = "") -> Page:
    page = office.open(office.open(at).links["保存这些条件"])
    return office.submit(page, name=name, office=whose)


def test_a_filter_by_name_leads_to_the_same_list(at_desk: At, village: Village) -> None:
    clerk = at_desk("clerk")
    back = save(clerk, NARROWED, "示例小区的申请")
    assert back.whole_address.startswith("/desk/cases?")
    there = clerk.open(back.links["示例小区的申请"])
    assert "含“示例”" in there.text
    assert "sort=number" in there.whole_address
    assert "示例小区的申请" not in clerk.open("/desk/estates").links


def test_ones_own_are_seen_by_nobody_else_and_an_offices_by_its_holders(
    at_desk: At, players: Players
) -> None:
    clerk = at_desk("clerk")
    save(clerk, NARROWED, "我的")
    page = clerk.open(clerk.open("/desk/cases").links["保存、管理条件"])
    clerk.submit(page, name="大家的", office="clerk")
    with players.village.ctx.sessions() as tx:
        auditor = players.village.actor("auditor").person_id
        tx.execute(update(AccessGrant).where(AccessGrant.person_id == auditor).values(role="clerk"))
        tx.commit()
    for who, sees in (("auditor", True), ("reviewer", False), ("manager", False)):
        links = at_desk(who).open("/desk/cases").links
        assert ("大家的" in links) == sees, who
        assert "我的" not in links
    page = clerk.open("/desk/filters/cases")
    refused = clerk.submit(page, name="别人的", office="reviewer")
    assert refused.status in (403, 422)


def test_one_of_no_use_is_forgotten_by_whoever_has_it(at_desk: At, village: Village) -> None:
    clerk = at_desk("clerk")
    save(clerk, NARROWED, "旧的")
    page = clerk.open("/desk/filters/cases")
    form = next(each for each in page.forms if "/filters/one/" in each.action)
    stranger = at_desk("reviewer")
    word = stranger.open("/desk/").forms[-1].values["form_word"]
    assert stranger.browser.post(form.action, data={"form_word": word}).status_code == 404
    assert "旧的" in clerk.open("/desk/cases").links
    clerk.fill(page, form)
    assert "旧的" not in clerk.open("/desk/cases").links


@pytest.mark.parametrize(
    "query",
    ["name=x", "_anchor=x", "_scheme=x", "_external=1", "endpoint=x", "_method=x", "self=1"],
)
def test_what_narrows_no_list_is_left_out_of_its_filters(at_desk: At, query: str) -> None:
    clerk = at_desk("clerk")
    for name, there in PAGES.items():
        address = clerk.open(f"/desk/filters/{name}").links[LISTS[name].title]
        page = clerk.open(f"{address.partition('?')[0]}?{query}")
        assert page.status == 200, there
        assert query not in page.links["保存这些条件"]
    form = clerk.open(f"/desk/filters/cases?{query}").forms
    saving = next(each for each in form if "/one/" not in each.action and "name" in each.values)
    word = saving.values | {"name": "同名", "office": ""}
    answer = clerk.browser.post(f"/desk/filters/cases?{query}", data=word)
    assert answer.status_code == 303
    assert query not in answer.headers["Location"]


def test_every_list_has_a_page_and_a_workbook(at_desk: At, village: Village) -> None:
    assert PAGES.keys() == LISTS.keys()
    office = at_desk("clerk")
    for name in LISTS:
        page = office.open(f"/desk/filters/{name}")
        assert page.status == 200, name
        assert office.open(page.links[LISTS[name].title]).status == 200
