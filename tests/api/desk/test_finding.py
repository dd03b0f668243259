"""查找 and 小区与电梯: whatever somebody has in hand leads to its page, if they may see it."""

import logging
from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from backend.services.base.context import Context
from backend.services.base.own_words import keep_phone
from backend.services.registry import lifts
from backend.store.audit import AuditEntry
from backend.store.notices import PublicNotice, RegistrationRecord
from backend.store.people import Person
from backend.store.purchases import Policy, Purchase
from backend.store.queries import searches
from backend.store.registry import (
    Building,
    Estate,
    Household,
    Lift,
    Owner,
    PropertyCompany,
    Unit,
)
from tests.build.counting import Counter
from tests.build.office import SENT, Office, Page
from tests.build.players import Players, change, populate_neighbours
from tests.build.village import Village

At = Callable[[str], Office]
MOST_STATEMENTS_OF_A_SEARCH = 5
MOST_STATEMENTS_OF_A_PAGE = 12
PHONE = "13812345678"
AROUND = 3  # who is there, what they hold and where they sit, asked for every page


def find(office: Office, words: str) -> Page:
    return Page(
        office.browser.get("/desk/search", query_string={"q": words}, follow_redirects=True)
    )


def fill_in(office: Office, words: str, key: str | None = None) -> Page:
    """The box as a browser sends it."""
    form = office.open("/desk/").form("/desk/search")
    values = {**form.values, "q": words, **({"key": key} if key else {})}
    assert form.method == "post"
    SENT.add(form.action)
    return Page(office.browser.post(form.action, data=values, follow_redirects=True))


def one(ctx: Context, column: InstrumentedAttribute[str]) -> str:
    with ctx.sessions() as tx:
        return tx.scalars(select(column).limit(1)).one()


@pytest.mark.parametrize(
    "column", [Purchase.number, PublicNotice.number, RegistrationRecord.number, Policy.number]
)
def test_the_number_of_a_case_or_of_a_paper_of_it_opens_the_case(
    at_desk: At, village: Village, ctx: Context, column: InstrumentedAttribute[str]
) -> None:
    purchase = village.insured()
    page = find(at_desk("clerk"), one(ctx, column))
    assert page.address == f"/desk/cases/{purchase.id}"


def test_blanks_widths_dashes_and_noughts_do_not_count(
    at_desk: At, village: Village, ctx: Context
) -> None:
    purchase = village.drafted()
    clerk = at_desk("clerk")
    year, count = purchase.number.split("-")[1:]
    for typed in (
        f" {purchase.number.lower()} ",
        f"ＳＱ－{year}－{count}",
        f"sq{year}{int(count)}",
        f"SQ - {year} - {count}",
    ):
        assert find(clerk, typed).address == f"/desk/cases/{purchase.id}", typed


def test_a_lift_is_found_by_its_code_by_the_last_six_of_it_and_by_a_former_one(
    at_desk: At, village: Village, ctx: Context
) -> None:
    with ctx.sessions() as tx:
        lift = tx.scalars(select(Lift).order_by(Lift.registration_code).limit(1)).one()
    lifts.correct_code(ctx, village.actor("clerk"), lift.id, "31104403002024987654", "抄错了")
    clerk = at_desk("clerk")
    for typed in ("31104403002024987654", "987654", lift.registration_code):
        page = find(clerk, typed)
        assert page.address.startswith("/desk/estates/"), typed
        assert "31104403002024987654" in page.text
        answer = clerk.browser.get("/desk/search", query_string={"q": typed})
        assert answer.location.endswith(f"#lift-{lift.id}"), "its row is looked for by hand"


def test_an_estate_and_a_company_are_found_by_name(
    at_desk: At, village: Village, ctx: Context
) -> None:
    clerk = at_desk("clerk")
    estate = one(ctx, Estate.name)
    assert find(clerk, estate[:3]).text.count(estate) >= 1
    company = one(ctx, PropertyCompany.name)
    assert company in find(clerk, company).text


def test_several_hits_are_listed_by_kind_and_nothing_says_what_can_be_found(
    at_desk: At, players: Players, ctx: Context
) -> None:
    populate_neighbours(players.village)
    clerk = at_desk("clerk")
    page = find(clerk, "小区")
    assert page.address == "/desk/search"
    assert "邻里小区" in page.links
    for nothing in ("没有这样的", "%", "_", "x" * 5000, ""):
        assert "可以查：" in find(clerk, nothing).text


def test_what_somebody_may_not_see_is_not_found(
    at_desk: At, players: Players, ctx: Context
) -> None:
    village = players.village
    purchase = village.posted()[0]
    populate_neighbours(village)
    other = at_desk("other_manager")
    foreign = (purchase.number, one(ctx, PublicNotice.number), village.codes[0], "示例")
    for words in foreign:
        page = find(other, words)
        assert page.address == "/desk/search", words
        assert "没有找到，或不在您可以查看的范围内" in page.text
    assert find(other, "邻里小区").address.startswith("/desk/estates/")
    with ctx.sessions() as tx:
        theirs = tx.scalars(select(Estate.id).where(Estate.name != "邻里小区")).one()
    assert other.open(f"/desk/estates/{theirs}").status == 404
    assert "1个" in other.open("/desk/estates").text
    insurer = at_desk("insurer")
    assert find(insurer, purchase.number).address == f"/desk/cases/{purchase.id}"
    assert "没有您可以查看的小区" in insurer.open("/desk/estates").text


def test_a_search_and_an_estate_ask_few_questions_and_leave_no_link(
    at_desk: At, village: Village, ctx: Context
) -> None:
    village.posted()
    clerk = at_desk("clerk")
    with ctx.sessions() as tx:
        estate = tx.scalars(select(Estate.id)).one()
        links = tx.scalar(select(func.count()).select_from(AuditEntry))
    with Counter(ctx) as counter:
        find(clerk, "没有这样的")
    assert counter.queries <= MOST_STATEMENTS_OF_A_SEARCH + AROUND
    for address in ("/desk/estates", f"/desk/estates/{estate}", "/desk/estates/workbook"):
        with Counter(ctx) as counter:
            assert clerk.browser.get(address).status_code == 200
        assert counter.queries <= MOST_STATEMENTS_OF_A_PAGE, address
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(AuditEntry)) == links


def test_an_estate_shows_lifts_company_committee_and_what_its_accounts_can_spend(
    at_desk: At, village: Village, ctx: Context
) -> None:
    with ctx.sessions() as tx:
        estate = tx.scalars(select(Estate)).one()
    page = at_desk("clerk").open(f"/desk/estates/{estate.id}")
    for code in village.codes:
        assert code in page.words
    assert one(ctx, PropertyCompany.name) in page.text
    assert "届满" in page.text
    assert "可用" in page.words


def test_the_estates_leave_as_a_workbook(at_desk: At, village: Village, ctx: Context) -> None:
    name = one(ctx, Estate.name)
    answer = at_desk("clerk").browser.get("/desk/estates/workbook")
    sheet = load_workbook(BytesIO(answer.data)).worksheets[0]
    assert name in [row[1].value for row in sheet.iter_rows(min_row=2)]


def test_a_flat_is_found_however_it_is_written_and_opens_at_its_unit(
    at_desk: At, village: Village, ctx: Context
) -> None:
    with ctx.sessions() as tx:
        home = tx.execute(
            select(Estate.id, Unit.id, Building.name, Unit.name, Household.room)
            .join(Building, Building.estate_id == Estate.id)
            .join(Unit, Unit.building_id == Building.id)
            .join(Household, Household.unit_id == Unit.id)
            .limit(1)
        ).one()
        estate, unit, building, unit_name, room = home
        name = tx.get_one(Estate, estate).name
    clerk, short = at_desk("clerk"), f"{building.strip('栋')}-{unit_name.strip('单元')}-{room}"
    for typed in (short, f"{building}{unit_name}{room}室", f" {name} {short} "):
        answer = clerk.browser.get("/desk/search", query_string={"q": typed})
        assert answer.location == f"/desk/estates/{estate}#unit-{unit}", typed
    assert f'id="unit-{unit}"' in clerk.browser.get(f"/desk/estates/{estate}").text
    assert "没有找到" in find(clerk, f"{short}9").text
    assert "没有找到" in find(clerk, f"没有的小区{short}").text
    with Counter(ctx) as counter:
        find(clerk, f"{short}9")
    assert counter.queries <= MOST_STATEMENTS_OF_A_SEARCH + AROUND


def test_an_estate_whose_name_reads_like_a_flat_is_found_by_it(
    at_desk: At, village: Village, ctx: Context
) -> None:
    change(ctx, update(Estate).values(name="建设路2号楼3号"))
    assert find(at_desk("clerk"), "建设路2号楼3号").address.startswith("/desk/estates/")


def test_a_flat_of_an_estate_that_is_not_ones_own_is_not_found(
    at_desk: At, players: Players, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    populate_neighbours(players.village)
    with ctx.sessions() as tx:
        places = tx.execute(
            select(Estate.name, Building.name, Unit.name, Household.room)
            .join(Building, Building.estate_id == Estate.id)
            .join(Unit, Unit.building_id == Building.id)
            .join(Household, Household.unit_id == Unit.id)
            .where(Estate.name != "邻里小区")
        ).all()
    other = at_desk("other_manager")
    for place in places:
        assert find(other, "".join(place)).address == "/desk/search"
    monkeypatch.setattr(searches, "MOST_ESTATES", 1)
    words = "".join(places[0][1:])
    assert "请连小区名称一起写" in find(at_desk("clerk"), words).text
    assert "请连小区名称一起写" not in find(at_desk("clerk"), "".join(places[0])).text


def test_a_phone_is_looked_up_by_a_form_once_and_its_number_stays_nowhere(
    at_desk: At, village: Village, ctx: Context, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with ctx.sessions() as tx:
        owner = tx.get_one(Owner, village.owners[0])
        keep_phone(ctx.cipher, owner, PHONE)
        keep_phone(ctx.cipher, tx.get_one(Person, village.actor("manager").person_id), PHONE)
        tx.get_one(Person, village.actor("manager").person_id).phone_verified_at = ctx.clock()
        tx.commit()
    clerk, key = at_desk("clerk"), uuid4().hex
    page = fill_in(clerk, "138 1234-5678", key)
    assert page.whole_address == "/desk/search?"
    assert {"冯**", "业主（已核验）", "物业"} <= set(page.words)
    assert PHONE not in page.text + caplog.text
    with ctx.sessions() as tx:
        link = tx.scalars(select(AuditEntry).where(AuditEntry.action == "phone.look_up")).one()
        assert str(owner.id).encode() in link.body
        assert PHONE.encode() not in link.body
    assert "刚才已经查过了" in fill_in(clerk, PHONE, key).text
    assert "没有人登记这个电话" in fill_in(clerk, "13812345679").text
    looks = at_desk("auditor").open("/desk/audit/looks")
    assert looks.words.count("电话是谁的") == 2


def test_whoever_may_not_look_up_phones_has_no_form_and_learns_nothing(
    at_desk: At, village: Village, ctx: Context
) -> None:
    with ctx.sessions() as tx:
        keep_phone(ctx.cipher, tx.get_one(Owner, village.owners[0]), PHONE)
        tx.commit()
    for who in ("reviewer", "supervisor", "manager"):
        office = at_desk(who)
        assert office.open("/desk/").form("/desk/search").method == "get"
        page = find(office, PHONE)
        assert "只能由经办办理" in page.text
        assert "冯**" not in page.text
    clerk = at_desk("clerk")
    assert "请在页面最上面的框里查" in find(clerk, PHONE).text
    assert fill_in(clerk, "没有这样的小区").address == "/desk/search"
    with ctx.sessions() as tx:
        looked = select(AuditEntry).where(AuditEntry.action == "phone.look_up")
        assert tx.scalars(looked).all() == []
