"""人员与授权: who may do what is read by its keepers, and a right ends with open eyes."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from backend.services.base.context import Context
from backend.services.base.own_words import keep_name, keep_phone
from backend.store.audit import AuditEntry
from backend.store.people import AccessGrant, Identity, Person
from backend.store.purchases import Purchase
from tests.build.counting import Counter
from tests.build.many_cases import copy_case
from tests.build.office import Office, Page
from tests.build.players import Players, appoint, change, populate_neighbours
from tests.build.village import Village

At = Callable[[str], Office]
MOST_STATEMENTS = 12
MOVED = {"because": "moved"}


@pytest.fixture
def administrator(at_desk: At, village: Village) -> Office:
    appoint(village, "supervisor", "administrator")
    return at_desk("supervisor")


def right_of(ctx: Context, village: Village, name: str, role: str) -> UUID:
    person = village.actor(name).person_id
    with ctx.sessions() as tx:
        held = AccessGrant.person_id == person, AccessGrant.role == role
        return tx.scalars(select(AccessGrant.id).where(*held)).one()


def name(ctx: Context, village: Village, who: str, words: str, phone: str) -> None:
    with ctx.sessions() as tx:
        person = tx.get_one(Person, village.actor(who).person_id)
        keep_name(ctx.cipher, person, words)
        keep_phone(ctx.cipher, person, phone)
        tx.commit()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("clerk", 200),
        ("auditor", 200),
        ("reviewer", 403),
        ("cashier", 403),
        ("supervisor", 403),
        ("manager", 404),
        ("insurer", 404),
    ],
)
def test_keepers_and_auditors_read_it_and_only_they_are_shown_the_way(
    at_desk: At, village: Village, ctx: Context, who: str, status: int
) -> None:
    office = at_desk(who)
    end = f"/desk/people/{right_of(ctx, village, 'reviewer', 'reviewer')}/end"
    for address in ("/desk/people", "/desk/people/workbook", end):
        assert office.browser.get(address).status_code == status, address
    assert ("人员与授权" in office.open("/desk/").links) == (status == 200)


def test_people_stand_there_by_masked_names_and_phones(
    administrator: Office, village: Village, ctx: Context
) -> None:
    name(ctx, village, "reviewer", "欧阳示例", "13800138000")
    page = administrator.open("/desk/people?role=reviewer")
    assert "欧**" in page.words
    assert "138****8000" in page.words
    assert "欧阳示例" not in page.text
    assert "13800138000" not in page.text
    sheet = administrator.browser.get("/desk/people/workbook?role=reviewer")
    rows = list(load_workbook(BytesIO(sheet.data)).worksheets[0].iter_rows(values_only=True))
    assert [row[:4] for row in rows[1:]] == [("欧**", "138****8000", "中心复核", "全市")]


def test_what_ends_soon_and_who_has_not_been_here_can_be_asked_for(
    administrator: Office, village: Village, ctx: Context
) -> None:
    now = village.clock()
    reviewer, cashier = (village.actor(who).person_id for who in ("reviewer", "cashier"))
    soon = update(AccessGrant).values(valid_until=now + timedelta(days=29))
    change(ctx, soon.where(AccessGrant.person_id == reviewer))
    gone = update(AccessGrant).values(valid_until=now - timedelta(days=1))
    change(ctx, gone.where(AccessGrant.person_id == cashier))
    with ctx.sessions() as tx:
        tx.add(
            Identity(
                person_id=reviewer,
                platform="mini_program",
                appid="wx-test",
                openid="openid-of-the-reviewer",
                reachable=True,
                seen_at=now - timedelta(days=1),
            )
        )
        tx.commit()
    soon_page = administrator.open("/desk/people?soon=1")
    assert "共1项" in soon_page.text
    assert "快到期" in soon_page.words
    assert "中心复核" in soon_page.words
    idle = administrator.open("/desk/people?idle=1&role=reviewer")
    assert "没有符合条件的授权" in idle.text
    assert "没有登录过" in administrator.open("/desk/people?idle=1&role=clerk").words
    assert "没有符合条件的授权" in administrator.open("/desk/people?role=cashier").text
    assert "已截止" in administrator.open("/desk/people?role=cashier&ended=1").words


def test_before_a_right_ends_each_case_says_who_may_take_it_and_who_may_not(
    administrator: Office, village: Village, ctx: Context
) -> None:
    case = village.cleared()
    appoint(village, "clerk", "reviewer")
    copy_case(ctx, case.id, 30)
    right = right_of(ctx, village, "reviewer", "reviewer")
    page = administrator.open(f"/desk/people/{right}/end")
    with ctx.sessions() as tx:
        number = tx.get_one(Purchase, case.id).number
    assert "也能办理的有31件" in page.text
    assert "1件没有人能接手" in page.text
    assert number in page.links
    assert "：在本案中已办过中心经办" in page.text
    appoint(village, "auditor", "reviewer")
    page = administrator.open(f"/desk/people/{right}/end")
    assert "没有人能接手" not in page.text
    assert "：在本案中已办过中心经办" in page.text


def test_a_right_ends_once_and_its_holder_can_do_nothing_more(
    administrator: Office, at_desk: At, village: Village, ctx: Context
) -> None:
    reviewer = at_desk("reviewer")
    right = right_of(ctx, village, "reviewer", "reviewer")
    form = administrator.open(f"/desk/people/{right}/end")
    for _ in range(2):
        assert "已结束这项授权" in administrator.submit(form, because="moved").text
    assert "中心复核" not in reviewer.open("/desk/").words
    again = administrator.open(f"/desk/people/{right}/end")
    assert "已于" in again.text
    assert "已截止：调岗、换人" in administrator.open("/desk/people?ended=1").text
    assert "结束这项授权" not in again.words


def test_who_may_not_end_a_right_reads_who_does_and_a_form_from_elsewhere_ends_nothing(
    administrator: Office, at_desk: At, village: Village, ctx: Context
) -> None:
    right = right_of(ctx, village, "reviewer", "reviewer")
    here = f"/desk/people/{right}/end"
    clerk = at_desk("clerk")
    assert "结束这项授权由系统管理员办理" in clerk.open(here).text
    theirs = {**clerk.open("/desk/").forms[-1].values, "key": "0123456789abcdef"} | MOVED
    refused = Page(clerk.browser.post(here, data=theirs))
    assert refused.status == 403
    assert "没有办理，请看下面" in refused.text
    ours = administrator.open(here).forms[-1].values | MOVED
    assert clerk.browser.post(here, data=ours).status_code == 401
    with ctx.sessions() as tx:
        assert tx.get_one(AccessGrant, right).valid_until is None


def test_the_list_asks_few_questions_and_leaves_no_link(
    administrator: Office, players: Players, ctx: Context
) -> None:
    populate_neighbours(players.village)
    counted = select(func.count()).select_from(AuditEntry)
    with ctx.sessions() as tx:
        links = tx.scalar(counted)
    with Counter(ctx) as counter:
        assert "邻里小区" in administrator.open("/desk/people").words
    assert counter.queries <= MOST_STATEMENTS
    with ctx.sessions() as tx:
        assert tx.scalar(counted) == links
