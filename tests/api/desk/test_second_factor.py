"""The second factor at the desk: who needs it, what it opens, and that no code is taken twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import delete, select, update

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.base import proof
from backend.services.base.context import Actor, Context
from backend.services.people import (
    account_deletion,
    desk_sessions,
    grants,
    lockouts,
    second_factors,
)
from backend.store.audit import AuditEntry
from backend.store.people import LoginSession, Person, SecondFactor
from tests.build.calling import refused
from tests.build.office import Authenticator, Office, Page
from tests.build.proving import proved
from tests.build.sessions import session_of
from tests.build.village import TOKEN, Village, sign_in

At = Callable[[str], Office]
New = Callable[[], Office]
OTHERS = ["clerk", "reviewer", "supervisor", "auditor", "insurer", "manager"]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Real time moves on by as much, from when the test began."""
    began = system_clock()

    def move(by: timedelta) -> None:
        for module in (desk_sessions, proof, second_factors):
            monkeypatch.setattr(module, "system_clock", lambda: began + by)

    return move


@pytest.fixture(autouse=True)
def administrator(village: Village, ctx: Context) -> None:
    """Somebody who is nothing else."""
    with ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=ctx.clock())
        tx.add(person)
        tx.flush()
        village.people["administrator"] = Actor(person.id)
        sign_in(tx, village, "administrator")
        # Nobody has an authenticator yet, nor proved one on the phone.
        tx.execute(delete(SecondFactor))
        tx.execute(update(LoginSession).values(proved_at=None))
        tx.commit()
    grants.grant(ctx, None, village.actor("administrator").person_id, Role.ADMINISTRATOR)


def links(ctx: Context, action: AuditAction) -> int:
    with ctx.sessions() as tx:
        return len(tx.scalars(select(AuditEntry).where(AuditEntry.action == action)).all())


def waiting_for_a_code(office: Office, token: str) -> Page:
    """Signed in with the phone, and nothing proved yet."""
    text, number = office.shown_code()
    office.confirm(token, text, number)
    return office.come_in()


def acting(ctx: Context, place: Office) -> Actor:
    """Who works at this PC, with what the session shows."""
    cookie = place.browser.get_cookie("tibao_desk")
    assert cookie is not None
    return desk_sessions.authenticate(ctx, cookie.value)


@pytest.mark.parametrize("who", ["administrator", "cashier"])
def test_who_pays_or_gives_rights_enrols_before_anything_else(
    office: New, village: Village, ctx: Context, who: str
) -> None:
    place = office()
    page = waiting_for_a_code(place, TOKEN.format(who))
    assert "绑定验证器" in page.text
    assert "案件" not in page.links
    assert "绑定验证器" in place.open("/desk/cases").text
    assert "今日待办" in place.prove(page).text
    assert links(ctx, AuditAction.SECOND_FACTOR_ENROL) == 1


def test_the_next_time_the_code_is_asked_for_and_no_secret_is_shown(
    coming_in: At, office: New
) -> None:
    first, second = coming_in("cashier"), office()
    second.authenticator = first.authenticator
    page = waiting_for_a_code(second, TOKEN.format("cashier"))
    assert "二次验证" in page.text
    assert page.keys == []
    assert "快捷键" not in second.open("/desk/sessions").words  # nothing that would be refused
    assert "今日待办" in second.prove(page).text


def test_a_code_is_taken_once_whoever_offers_it(coming_in: At, office: New, ctx: Context) -> None:
    place, thief = coming_in("cashier"), office()
    page = waiting_for_a_code(thief, TOKEN.format("cashier"))
    used = TOTP(place.authenticator.secret).generate_otp(place.authenticator.last)
    answer = thief.submit(page, digits=used)
    assert answer.status == 422
    assert "已经用过" in answer.text
    assert "二次验证" in thief.open("/desk/cases").text
    assert links(ctx, AuditAction.SECOND_FACTOR_REFUSE) == 1


def test_five_wrong_codes_keep_the_person_out_until_an_administrator_lifts_it(
    coming_in: At, office: New, village: Village, ctx: Context
) -> None:
    coming_in("cashier")
    place = office()
    page = waiting_for_a_code(place, TOKEN.format("cashier"))
    for _ in range(4):
        assert "验证码不对" in place.submit(page, digits="abcdef").text
    assert "账号已停用" in place.submit(page, digits="abcdef").text
    assert "用手机登录" in place.open("/desk/").text
    phone = place.phone.get(
        "/api/v1/me", headers={"Authorization": f"Bearer {TOKEN.format('cashier')}"}
    )
    assert refused(phone, 401) == ["session_invalid"]
    kept_out = lockouts.open_lockout_of(ctx, village.actor("cashier").person_id)
    lockouts.let_in(ctx, proved(village.actor("administrator").person_id), kept_out, "已到中心核对")


def test_rights_are_given_only_by_who_proved_themselves_a_moment_ago(
    coming_in: At, village: Village, ctx: Context, later: Callable[[timedelta], None]
) -> None:
    place = coming_in("administrator")
    to = village.actor("stranger").person_id
    grants.grant(ctx, acting(ctx, place), to, Role.CLERK)
    kept_out = lockouts.lock_out(ctx, acting(ctx, place), to, "手机丢失")
    later(timedelta(minutes=11))
    place.authenticator.ahead = timedelta(minutes=11)
    with pytest.raises(Refused, match="再验证一次"):
        grants.grant(ctx, acting(ctx, place), to, Role.REVIEWER)
    with pytest.raises(Refused, match="再验证一次"):
        lockouts.let_in(ctx, acting(ctx, place), kept_out, "已到中心核对")
    place.prove(place.open("/desk/second-factor"))
    grants.grant(ctx, acting(ctx, place), to, Role.REVIEWER)


def test_the_phone_is_asked_as_the_desk_is(
    coming_in: At, client: FlaskClient, village: Village
) -> None:
    place = coming_in("administrator")
    me = {"Authorization": f"Bearer {TOKEN.format('administrator')}"}
    right = {"person_id": str(village.actor("stranger").person_id), "role": "auditor"}

    def give() -> int:
        headers = {**me, "Idempotency-Key": "asked-as-the-desk-is"}
        answer = client.post("/api/v1/grants", json=right, headers=headers)
        if answer.status_code == 403:
            assert refused(answer, 403) == ["second_factor_needed"]
        return answer.status_code

    assert give() == 403
    code = {"digits": place.authenticator.code()}
    assert client.post("/api/v1/me/second-factor", json=code, headers=me).status_code == 204
    again = client.post("/api/v1/me/second-factor", json=code, headers=me)
    assert refused(again, 422) == ["second_factor_used"]
    assert give() == 201


def test_another_administrator_resets_it_and_what_is_open_ends(
    coming_in: At, village: Village, ctx: Context
) -> None:
    cashier, administrator = coming_in("cashier"), coming_in("administrator")
    page = administrator.open("/desk/second-factors")
    assert "中心出纳" in page.text
    theirs = next(form for form in page.forms if "reset" in form.action)
    assert "已重置" in Page(administrator.fill(page, theirs)).text
    assert "用手机登录" in cashier.open("/desk/").text
    lost = cashier.phone.get(
        "/api/v1/desk-sessions", headers={"Authorization": f"Bearer {TOKEN.format('cashier')}"}
    )
    assert lost.status_code == 401, "the lost phone is signed out, too"
    again = session_of(ctx, village.actor("cashier").person_id)
    assert "绑定验证器" in waiting_for_a_code(cashier, again).text
    assert links(ctx, AuditAction.SECOND_FACTOR_RESET) == 1


def test_it_ends_with_the_person(coming_in: At, village: Village, ctx: Context) -> None:
    coming_in("cashier")
    cashier = village.actor("cashier")
    with ctx.sessions() as tx:
        account_deletion.erase(tx, ctx, tx.get_one(Person, cashier.person_id), None)
        tx.commit()
    with ctx.sessions() as tx:
        assert tx.scalars(select(SecondFactor)).all() == []
        assert tx.scalars(select(LoginSession).where(LoginSession.at_desk)).all() == []


def test_an_authenticator_never_shows_a_number_twice() -> None:
    app = Authenticator("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert len({app.code() for _ in range(5)}) == 5
