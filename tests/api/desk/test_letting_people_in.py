"""Rights are given at the desk by a code and a number, ended with a reason, lent for a time."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.people import grants, invitations
from backend.store.audit import AuditEntry
from backend.store.desk import Invitation
from backend.store.people import AccessGrant, LoginSession
from backend.store.registry import Estate
from tests.build.calling import refused, told
from tests.build.office import Office, Page
from tests.build.players import appoint, change
from tests.build.proving import proved
from tests.build.village import TOKEN, Village

At = Callable[[str], Office]


@pytest.fixture
def administrator(at_desk: At, village: Village) -> Office:
    appoint(village, "supervisor", "administrator")
    return at_desk("supervisor")


def code_on(page: Page) -> str:
    return next(word for word in page.words if "/desk-invitation/" in word).rpartition("/")[2]


def accept(client: FlaskClient, name: str, code: str) -> Any:
    me = {"Authorization": f"Bearer {TOKEN.format(name)}", "Idempotency-Key": uuid4().hex}
    return client.post(f"/api/v1/invitations/{code}", json={}, headers=me)


def invited(office: Office, **asked: str) -> Page:
    return office.submit(office.open("/desk/people/invitations/new"), name="新同事", **asked)


def held(ctx: Context, village: Village, name: str) -> Mapping[str, AccessGrant]:
    person = village.actor(name).person_id
    with ctx.sessions() as tx:
        rows = tx.scalars(select(AccessGrant).where(AccessGrant.person_id == person))
        return {row.role: row for row in rows if row.valid(village.clock())}


def compare(office: Office, page: Page, number: str) -> Page:
    page = office.open(page.address)
    return Page(office.fill(page, page.form_to("/number"), number=number))


def test_who_scans_gets_the_right_when_the_number_was_compared(
    administrator: Office, client: FlaskClient, village: Village, ctx: Context
) -> None:
    page = invited(administrator, role="reviewer", until="2030-12-31")
    accepted = told(accept(client, "stranger", code_on(page)))
    assert accepted["role_name"] == "中心复核"
    assert held(ctx, village, "stranger") == {}
    assert "已授权" in compare(administrator, page, accepted["check_number"]).text
    right = held(ctx, village, "stranger")["reviewer"]
    assert right.valid_until is not None
    assert right.valid_until.isoformat().startswith("2030-12-31T16:00")
    assert "新**" in administrator.open("/desk/people?role=reviewer").words
    with ctx.sessions() as tx:
        assert tx.scalars(select(Invitation.name_sealed)).all() == [None]


def test_a_relayed_code_gives_nothing_and_the_number_of_another_ends_it(
    administrator: Office, client: FlaskClient, village: Village, ctx: Context
) -> None:
    page = invited(administrator, role="reviewer")
    code = code_on(page)
    theirs = told(accept(client, "stranger", code))
    late = accept(client, "owner0", code)
    assert refused(late, 404) == ["invitation_invalid"]
    wrong = str((int(theirs["check_number"]) + 1) % 10_000).zfill(4)
    answer = compare(administrator, page, wrong)
    assert answer.status == 409
    assert "已作废" in answer.text
    taken_back = invited(administrator, role="reviewer")
    administrator.fill(taken_back, taken_back.form_to("/withdrawal"))
    assert refused(accept(client, "owner1", code_on(taken_back)), 404) == ["invitation_invalid"]
    assert held(ctx, village, "stranger") == {}
    assert refused(accept(client, "owner1", code), 404) == ["invitation_invalid"]
    me, of = proved(village.actor("supervisor").person_id), UUID(page.address.rpartition("/")[2])
    with pytest.raises(Refused, match="还没有人扫"):
        invitations.confirm(ctx, me, of, theirs["check_number"])


def test_a_clerk_lets_in_companies_alone_and_others_nobody(
    at_desk: At, client: FlaskClient, village: Village, ctx: Context
) -> None:
    clerk = at_desk("clerk")
    form = clerk.open("/desk/people/invitations/new")
    assert clerk.submit(form, name="某人", role="administrator").status in (403, 422)
    page = invited(clerk, role="property_manager", scope_id=str(village.estate))
    number = told(accept(client, "stranger", code_on(page)))["check_number"]
    assert "已授权" in compare(clerk, page, number).text
    assert held(ctx, village, "stranger").keys() == {"property_manager"}
    for who, status in (("auditor", 403), ("reviewer", 403), ("manager", 404)):
        assert at_desk(who).browser.get("/desk/people/invitations/new").status_code == status, who


def test_another_right_sessions_and_keeping_out_are_forms_on_the_person_s_page(
    administrator: Office, at_desk: At, village: Village, ctx: Context
) -> None:
    person = village.actor("reviewer").person_id
    here = f"/desk/people/of/{person}"
    theirs = at_desk("reviewer")
    given = administrator.submit(administrator.open(f"{here}/grant"), role="auditor")
    assert "已授权" in given.text
    assert held(ctx, village, "reviewer").keys() == {"reviewer", "auditor"}
    page = administrator.open(here)
    assert "已结束全部登录" in Page(administrator.fill(page, page.form(f"{here}/sign-out"))).text
    assert "用手机登录" in theirs.open("/desk/").text
    with ctx.sessions() as tx:
        rows = select(func.count()).where(LoginSession.person_id == person)
        assert tx.scalar(rows.select_from(LoginSession)) == 0
    no_reason = administrator.submit(administrator.open(f"{here}/lockout"))
    assert no_reason.status == 422
    out = administrator.submit(no_reason, reason="离职争议")
    assert "已停用" in out.text
    back = administrator.submit(administrator.open(f"{here}/return"), reason="已核对")
    assert "已恢复" in back.text
    clerk = at_desk("clerk").open(here)
    assert clerk.status == 200
    assert [
        form for form in clerk.forms if "sign-out" in form.action and "people" in form.action
    ] == []
    own = administrator.open(f"/desk/people/of/{village.actor('supervisor').person_id}")
    assert "再给一项授权" not in own.words


def test_a_district_s_right_is_given_for_a_district_that_is_chosen(
    administrator: Office, village: Village, ctx: Context
) -> None:
    here = f"/desk/people/of/{village.actor('reviewer').person_id}"
    form = administrator.open(f"{here}/grant")
    without = administrator.submit(form, role="district")
    assert (without.status, "请指定区" in without.text) == (422, True)
    with ctx.sessions() as tx:
        estate = tx.get_one(Estate, village.estate)
        name, district = estate.district, str(estate.district_id)
    assert f"区：{name}" in without.words
    assert "已授权" in administrator.submit(without, scope_id=district).text
    assert name in administrator.open(here).text
    assert held(ctx, village, "reviewer").keys() == {"reviewer", "district"}


def test_the_last_administrator_stays_until_there_is_another_one(
    administrator: Office, village: Village, ctx: Context
) -> None:
    with ctx.sessions() as tx:
        mine = select(AccessGrant.id).where(AccessGrant.role == "administrator")
        rights = list(tx.scalars(mine))
    assert len(rights) == 1
    page = administrator.open(f"/desk/people/{rights[0]}/end")
    kept = administrator.submit(page, because="left")
    assert kept.status == 409
    assert "最后一位系统管理员" in kept.text
    grants.grant(ctx, None, village.actor("stranger").person_id, Role.ADMINISTRATOR)
    administrator.submit(kept, because="left")
    assert "administrator" not in held(ctx, village, "supervisor")
    with ctx.sessions() as tx:
        chain = tx.scalars(
            select(AuditEntry.body).where(AuditEntry.action == AuditAction.GRANT_REVOKE)
        )
        assert any('"because":"left"' in str(body) for body in chain)


def test_work_is_lent_and_taken_back_at_the_desk(
    at_desk: At, village: Village, ctx: Context
) -> None:
    clerk = at_desk("clerk")
    mine = clerk.open("/desk/my-rights")
    form = clerk.open(mine.links["委托代办"])
    to = str(village.actor("reviewer").person_id)
    last = (village.clock() + timedelta(days=7)).date().isoformat()
    lent = clerk.submit(form, person_id=to, until=last)
    assert "已委托代办" in lent.text
    assert "替您代办的" in lent.text
    assert held(ctx, village, "reviewer")["clerk"].stands_in_for == village.actor("clerk").person_id
    assert "代" in at_desk("reviewer").open("/desk/my-rights").text
    ended = Page(clerk.fill(lent, lent.form_to("/delegation-end")))
    assert "代办已结束" in ended.text
    assert held(ctx, village, "reviewer").keys() == {"reviewer"}
    past = clerk.submit(clerk.open(mine.links["委托代办"]), person_id=to, until="2020-01-01")
    assert past.status == 422
    right = held(ctx, village, "cashier")["cashier"].id
    assert clerk.browser.get(f"/desk/my-rights/{right}/delegation").status_code == 404


def test_an_end_within_thirty_days_is_said_to_its_holder_and_to_who_gives_rights(
    administrator: Office, at_desk: At, village: Village, ctx: Context
) -> None:
    person = village.actor("reviewer").person_id
    assert "30天内截止的授权" not in administrator.open("/desk/").text
    soon = update(AccessGrant).where(AccessGrant.person_id == person)
    change(ctx, soon.values(valid_until=village.clock() + timedelta(days=29)))
    assert "30天内截止的授权" in administrator.open("/desk/").text
    assert "您的中心复核授权" in at_desk("reviewer").open("/desk/").text
    assert "30天内截止的授权" not in at_desk("clerk").open("/desk/").text


def test_a_clerk_answers_a_request_to_correct_once_and_not_the_own(
    at_desk: At, client: FlaskClient, village: Village
) -> None:
    wrong = {"what": "房屋", "text": "应为 102"}
    for name in ("owner1", "clerk"):
        key = {
            "Authorization": f"Bearer {TOKEN.format(name)}",
            "Idempotency-Key": f"wrong-{name}-1",
        }
        assert (
            client.post("/api/v1/me/rectification-requests", json=wrong, headers=key).status_code
            == 201
        )
    clerk = at_desk("clerk")
    page = clerk.open("/desk/rectification-requests")
    assert page.words.count("查看并答复") == 2
    form = clerk.open(page.links["查看并答复"])
    assert "应为 102" in form.text
    assert clerk.submit(form, outcome="corrected").status == 422
    done = clerk.submit(form, outcome="corrected", answer="已按名册更正为102")
    assert "已答复" in done.text
    assert done.words.count("查看并答复") == 1
    own = clerk.submit(clerk.open(done.links["查看并答复"]), outcome="corrected", answer="好")
    assert own.status == 403
    for who, status in (("reviewer", 403), ("auditor", 403), ("manager", 404)):
        assert at_desk(who).browser.get("/desk/rectification-requests").status_code == status, who
