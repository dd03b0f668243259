"""People without WeChat: a code once, then a number, a passphrase and an authenticator."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from pyotp import TOTP
from sqlalchemy import func, select, update

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.desk_accounts import ADDRESS_TRIES
from backend.services.base.context import Context
from backend.services.people import desk_accounts, lockouts
from backend.store.audit import AuditEntry
from backend.store.desk import DeskAccount, DeskTry
from backend.store.people import LoginSession, SecondFactor
from tests.build.office import Authenticator, Office, Page
from tests.build.players import appoint, change
from tests.build.proving import proved
from tests.build.village import Village

At = Callable[[str], Office]
New = Callable[[], Office]
NUMBER = "/desk/sign-in/number"
WRONG = "对不上"


@pytest.fixture
def administrator(at_desk: At, village: Village) -> Office:
    appoint(village, "supervisor", "administrator")
    return at_desk("supervisor")


class Lifted:
    """Somebody without WeChat: what the paper says, and later what they wrote down themselves."""

    def __init__(self, invited: Page) -> None:
        (self.number,) = re.findall(r"登录编号 (\d{8})", invited.text)
        self.code, self.phrase = invited.keys[0], ""
        self.person = UUID(invited.address.rpartition("/")[2])

    def begins(self, place: Office, code: str = "") -> Page:
        """The first time, with the code."""
        form = place.open(NUMBER)
        return place.submit(form, number=self.number, secret=code or self.code)

    def enrols(self, place: Office, page: Page) -> Page:
        """Writes the phrase down, and scans the code of the authenticator."""
        self.phrase = page.keys[0]
        place.authenticator.secret = page.keys[1]
        digits = place.authenticator.code()
        return place.submit(page, digits=digits, noted=self.phrase[-4:].lower())

    def comes(self, place: Office, **changed: str) -> Page:
        """Later, with all three."""
        known = {"number": self.number, "secret": self.phrase}
        digits = changed.get("digits") or place.authenticator.code()
        return place.submit(place.open(NUMBER), **{**known, "digits": digits, **changed})


def invited(administrator: Office, role: str = "reviewer") -> Lifted:
    form = administrator.open("/desk/people/invitations/without-wechat/new")
    return Lifted(administrator.submit(form, name="无微信", role=role))


@pytest.fixture
def lee(administrator: Office, ctx: Context) -> Lifted:
    someone = invited(administrator)
    desk_accounts.confirm(ctx, None, someone.person)
    return someone


def test_no_code_is_taken_before_another_administrator_confirmed_the_invitation(
    administrator: Office, at_desk: At, office: New, village: Village
) -> None:
    someone = invited(administrator)
    assert WRONG in someone.begins(office()).text
    mine = administrator.open(f"/desk/people/invitations/without-wechat/{someone.person}")
    assert "还要由另一位系统管理员" in mine.text
    assert "确认邀请" not in mine.text
    assert "邀请没有微信的人员" not in administrator.open("/desk/").text
    appoint(village, "auditor", "administrator")
    other = at_desk("auditor")
    asked = other.open(other.open("/desk/").links["邀请没有微信的人员"])
    assert someone.code not in asked.text
    assert "确认邀请" not in other.submit(asked).text
    assert "口令" in someone.begins(office()).text


@pytest.fixture
def settled(lee: Lifted, office: New) -> tuple[Lifted, Office]:
    """Somebody who has been here once."""
    place = office()
    assert "今日待办" in lee.enrols(place, lee.begins(place)).text
    return lee, place


def links(ctx: Context, action: AuditAction) -> int:
    with ctx.sessions() as tx:
        counted = select(func.count()).where(AuditEntry.action == action)
        return tx.scalar(counted.select_from(AuditEntry)) or 0


def test_the_code_opens_one_page_and_nothing_until_phrase_and_authenticator_are_kept(
    lee: Lifted, office: New, ctx: Context
) -> None:
    place = office()
    page = lee.begins(place)
    assert "先抄下口令" in page.text
    assert "绑定验证器" in place.open("/desk/cases").text
    assert place.open("/desk/second-factor").keys == page.keys, "the same again"
    unsure = place.submit(page, digits="000000", noted="ZZZZ")
    assert unsure.status == 422
    place.authenticator.secret = page.keys[1]
    not_noted = place.submit(page, digits=place.authenticator.code(), noted="")
    assert "口令的最后4位不对" in not_noted.text
    with ctx.sessions() as tx:
        theirs = select(SecondFactor).where(SecondFactor.person_id == lee.person)
        assert tx.scalars(theirs).all() == []
    assert "今日待办" in lee.enrols(place, place.open("/desk/second-factor")).text
    assert place.open("/desk/second-factor").keys == [], "never shown again"
    assert links(ctx, AuditAction.DESK_ACCOUNT_INVITE) == 1
    assert links(ctx, AuditAction.DESK_ACCOUNT_BEGIN) == 1
    assert links(ctx, AuditAction.DESK_ACCOUNT_KEEP) == 1


def test_later_all_three_are_needed_and_nothing_says_which_one_was_wrong(
    settled: tuple[Lifted, Office], office: New, ctx: Context
) -> None:
    lee, first = settled
    place = office()
    place.authenticator = first.authenticator
    answers = {
        lee.comes(place, secret="A" * 16, digits="000000").text,
        lee.comes(place, digits="000000").text,
        lee.comes(place, secret=lee.code, digits="000000").text,
    }
    used = first.authenticator
    assert "今日待办" in lee.comes(place).text, "a right one after three wrong ones"
    again = office()
    digits = lee.comes(again, digits=_last(used))
    assert WRONG in digits.text, "a number is taken once"
    assert len({re.sub(r"\d{4}年.*|编号.*", "", text) for text in answers}) == 1
    assert links(ctx, AuditAction.DESK_REFUSE_SIGN_IN) == 4
    with ctx.sessions() as tx:
        account = tx.scalars(select(DeskAccount)).one()
        assert lee.phrase.encode() not in (account.phrase_hash or b"")
        chain = " ".join(str(body) for body in tx.scalars(select(AuditEntry.body)))
        assert lee.phrase not in chain
        assert lee.code not in chain
        assert lee.number not in chain


def _last(authenticator: Authenticator) -> str:
    """The digits that it showed last."""
    return TOTP(authenticator.secret).generate_otp(authenticator.last)


def test_five_wrong_ones_keep_the_person_out_until_an_administrator_lets_them_in(
    settled: tuple[Lifted, Office], administrator: Office, office: New, ctx: Context
) -> None:
    lee, first = settled
    place = office()
    place.authenticator = first.authenticator
    for _ in range(5):
        assert WRONG in lee.comes(place, secret="A" * 16, digits="000000").text
    assert "用手机登录" in first.open("/desk/").text
    assert "已停用" in administrator.open(f"/desk/people/of/{lee.person}").text
    page = administrator.open(f"/desk/people/of/{lee.person}/return")
    assert "已恢复" in administrator.submit(page, reason="已当面核对").text
    assert "今日待办" in lee.comes(place).text


def test_an_address_that_was_wrong_too_often_is_not_listened_to(
    settled: tuple[Lifted, Office], office: New, ctx: Context
) -> None:
    lee, first = settled
    with ctx.sessions() as tx:
        address = ctx.cipher.digest(desk_accounts.ADDRESS, "127.0.0.1")
        for _ in range(ADDRESS_TRIES):
            tx.add(DeskTry(address_hash=address, tried_at=system_clock()))
        tx.commit()
    place = office()
    place.authenticator = first.authenticator
    refused = lee.comes(place, digits="000000")
    assert refused.status == 429
    assert "一小时以后" in refused.text
    change(ctx, update(DeskTry).values(tried_at=system_clock() - timedelta(hours=1, minutes=1)))
    assert "今日待办" in lee.comes(place).text
    desk_accounts.forget_tries(ctx)
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskTry)).all() == []


def test_a_lost_device_is_answered_by_inviting_anew(
    settled: tuple[Lifted, Office], administrator: Office, office: New, ctx: Context
) -> None:
    lee, first = settled
    page = administrator.open(f"/desk/people/of/{lee.person}/anew")
    again = Lifted(administrator.submit(page))
    assert WRONG in again.begins(office()).text, "nobody confirmed it"
    desk_accounts.confirm(ctx, None, lee.person)
    assert again.number == lee.number
    assert again.code != lee.code
    assert "用手机登录" in first.open("/desk/").text
    place = office()
    place.authenticator = first.authenticator
    assert WRONG in lee.comes(place).text, "the old phrase is void"
    fresh = office()
    assert "今日待办" in again.enrols(fresh, again.begins(fresh)).text


def test_only_administrators_let_in_and_only_who_gave_a_code_reads_it(
    lee: Lifted, at_desk: At, administrator: Office, village: Village
) -> None:
    here = f"/desk/people/invitations/without-wechat/{lee.person}"
    assert administrator.open(here).keys == [lee.code]
    for who in ("clerk", "auditor", "reviewer"):
        browser = at_desk(who).browser
        for address in (here, "/desk/people/invitations/without-wechat", f"{here[:-37]}/new"):
            assert browser.get(address).status_code == 403, (who, address)
    appoint(village, "auditor", "administrator")
    other = at_desk("auditor")
    assert "只有给出邀请的人能看" in other.open(here).text
    assert other.open(here).keys == []


def test_their_session_opens_nothing_of_the_api_and_another_site_signs_nobody_in(
    settled: tuple[Lifted, Office], office: New, ctx: Context
) -> None:
    lee, first = settled
    cookie = first.browser.get_cookie("tibao_desk")
    assert cookie is not None
    bearer = {"Authorization": f"Bearer {cookie.value}"}
    assert first.phone.get("/api/v1/me", headers=bearer).status_code == 401
    place = office()
    place.authenticator = first.authenticator
    data = {"number": lee.number, "secret": lee.phrase, "digits": place.authenticator.code()}
    answer = place.browser.post(NUMBER, data=data, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 401
    with ctx.sessions() as tx:
        rows = select(LoginSession).where(LoginSession.person_id == lee.person)
        assert len(tx.scalars(rows).all()) == 1


def test_the_list_of_rights_says_when_they_were_here(
    settled: tuple[Lifted, Office], administrator: Office, village: Village, ctx: Context
) -> None:
    lee, _ = settled
    change(ctx, update(DeskAccount).values(seen_at=village.clock()))
    page = administrator.open("/desk/people?role=reviewer&idle=1")
    assert "无**" not in page.words
    assert "无**" in administrator.open("/desk/people?role=reviewer").words
    lockouts.lock_out(ctx, proved(village.actor("supervisor").person_id), lee.person, "离开")
    assert "已停用" in administrator.open(f"/desk/people/of/{lee.person}").text
