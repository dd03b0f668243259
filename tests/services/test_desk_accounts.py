"""没有微信的人员: a code once, when two administrators meant it; later all of three, or nothing."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from pyotp import TOTP
from sqlalchemy import func, select

from backend.domain.audit_actions import AuditAction
from backend.domain.desk_accounts import (
    ADDRESS_TRIES,
    ADDRESS_WITHIN,
    CODE_LASTS,
    AccountStatus,
    secret_of,
)
from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.base.context import Actor
from backend.services.people import (
    desk_accounts,
    desk_sessions,
    grants,
    lockouts,
    passphrases,
    second_factors,
)
from backend.services.people.desk_accounts import Typed, Where
from backend.services.people.grants import Granted
from backend.store.audit import AuditEntry
from backend.store.desk import DeskAccount, DeskTry
from backend.store.people import AccessGrant
from tests.build.clock import ManualClock
from tests.build.looking import add_person, codes
from tests.build.village import Village

HERE = Where("10.0.0.7", "10.0.0.*，Windows")
NOTHING = "0" * 6


@pytest.fixture(autouse=True)
def administrators(village: Village, real_time: ManualClock) -> None:
    for name in ("administrator", "another"):
        add_person(village, name, "administrator")


@dataclass
class Lifted:
    """Somebody without WeChat: what the paper says, and what they wrote down themselves."""

    village: Village
    real_time: ManualClock
    person: UUID
    number: str
    code: str
    phrase: str = ""
    secret: str = ""

    def begins(self, where: Where = HERE) -> str:
        """The first time, with the code, as it is read out."""
        code = f"{self.code[:8].lower()} {self.code[8:]}"
        return desk_accounts.come_in(self.village.ctx, Typed(self.number, code, ""), where)

    def enrols(self, token: str) -> None:
        """Writes the phrase down, and scans the code of the authenticator."""
        ctx = self.village.ctx
        self.phrase = passphrases.new_phrase(ctx, token)
        self.secret = second_factors.new_secret(ctx, token)
        actor, noted = desk_sessions.authenticate(ctx, token), self.phrase[-4:].lower()
        second_factors.enrol(ctx, actor, token, self.shows(), noted)

    def comes(self, secret: str = "", digits: str = "", where: Where = HERE) -> str:
        """Later, with all three."""
        typed = Typed(self.number, secret or self.phrase, digits or self.shows())
        return desk_accounts.come_in(self.village.ctx, typed, where)

    def shows(self) -> str:
        """What the authenticator shows now."""
        return TOTP(self.secret).at(self.real_time())


def invited(village: Village, real_time: ManualClock) -> Lifted:
    ctx, keeper = village.ctx, village.actor("administrator")
    person = desk_accounts.invite(ctx, keeper, "无微信", Granted(Role.REVIEWER))
    seen = desk_accounts.read(ctx, keeper, person)
    return Lifted(village, real_time, person, seen.number, seen.code)


@pytest.fixture
def settled(village: Village, real_time: ManualClock) -> Lifted:
    """Somebody who has been here once, a minute ago."""
    lee = invited(village, real_time)
    desk_accounts.confirm(village.ctx, None, lee.person)
    lee.enrols(lee.begins())
    real_time.advance(minutes=1)
    return lee


def links(village: Village, action: AuditAction) -> int:
    with village.ctx.sessions() as tx:
        counted = select(func.count()).where(AuditEntry.action == action)
        return tx.scalar(counted.select_from(AuditEntry)) or 0


def test_a_code_is_taken_once_and_only_when_another_administrator_meant_it_too(
    village: Village, real_time: ManualClock
) -> None:
    ctx, lee = village.ctx, invited(village, real_time)
    first, other = village.actor("administrator"), village.actor("another")
    with pytest.raises(Refused, match="desk_account_wrong"):
        lee.begins()
    assert desk_accounts.to_confirm(ctx, first) == []
    assert desk_accounts.to_confirm(ctx, village.actor("clerk")) == []
    (asked,) = desk_accounts.to_confirm(ctx, other)
    assert (asked.person_id, asked.code, asked.confirmed) == (lee.person, "", False)
    for actor in (first, Actor(lee.person)):
        with pytest.raises(Refused, match=r"desk_account_of_self|role_required"):
            desk_accounts.confirm(ctx, actor, lee.person)
    for _ in range(2):
        desk_accounts.confirm(ctx, other, lee.person)
    assert links(village, AuditAction.DESK_ACCOUNT_CONFIRM) == 1
    assert desk_accounts.to_confirm(ctx, other) == []
    here = desk_sessions.authenticate(ctx, lee.begins()).proof
    assert here is not None
    assert (here.needs_factor, here.has_factor, here.proved_at) == (True, False, None)
    assert passphrases.waits_for_one(ctx, lee.person)
    with pytest.raises(Refused, match="desk_account_wrong"):
        lee.begins()
    (seen,) = desk_accounts.list_accounts(ctx, first)
    assert (seen.status, seen.code) == (AccountStatus.BEGUN, "")
    assert links(village, AuditAction.DESK_ACCOUNT_BEGIN) == 1


def test_a_code_lasts_a_day_and_a_new_one_makes_void_what_was_before(
    village: Village, settled: Lifted, real_time: ManualClock
) -> None:
    ctx, other = village.ctx, village.actor("another")
    late = invited(village, real_time)
    desk_accounts.confirm(ctx, other, late.person)
    real_time.advance(seconds=CODE_LASTS.total_seconds())
    with pytest.raises(Refused, match="desk_account_wrong"):
        late.begins()
    token = settled.comes()
    desk_accounts.invite_anew(ctx, other, settled.person)
    seen = desk_accounts.read(ctx, other, settled.person)
    again = Lifted(village, real_time, settled.person, seen.number, seen.code)
    assert (seen.status, seen.confirmed, seen.number) == ("invited", False, settled.number)
    assert desk_accounts.person_of(ctx, seen.number) == settled.person
    with pytest.raises(Refused, match="session_invalid"):
        desk_sessions.authenticate(ctx, token)
    for way in (settled.begins, settled.comes, again.begins):
        with pytest.raises(Refused, match="desk_account_wrong"):
            way()
    desk_accounts.confirm(ctx, village.actor("administrator"), settled.person)
    again.enrols(again.begins())
    assert desk_accounts.read(ctx, other, settled.person).status == "in_use"
    with pytest.raises(Refused, match="desk_account_of_self"):
        desk_accounts.invite_anew(ctx, other, other.person_id)


def test_later_all_three_are_needed_and_nothing_says_which_one_was_wrong(
    village: Village, settled: Lifted
) -> None:
    answers = set()
    for secret, digits in (("A" * 16, settled.shows()), ("", NOTHING), (settled.code, NOTHING)):
        with pytest.raises(Refused) as refused:
            settled.comes(secret, digits)
        answers.add(str(refused.value))
    with pytest.raises(Refused) as refused:
        desk_accounts.come_in(village.ctx, Typed("00000000", settled.phrase, NOTHING), HERE)
    assert answers == {str(refused.value)}
    digits = settled.shows()
    token = settled.comes(digits=digits)
    mine = desk_sessions.authenticate(village.ctx, token)
    assert mine.person_id == settled.person
    assert mine.proof is not None
    assert mine.proof.proved_at is not None
    with pytest.raises(Refused, match="desk_account_wrong"):
        settled.comes(digits=digits)
    assert links(village, AuditAction.DESK_REFUSE_SIGN_IN) == 4
    with village.ctx.sessions() as tx:
        account = tx.scalars(select(DeskAccount)).one()
        assert account.failures == 1, "counted anew since the right ones"
        chain = " ".join(str(body) for body in tx.scalars(select(AuditEntry.body)))
    for secret in (settled.phrase, settled.code, settled.number):
        assert secret not in chain


def test_five_wrong_ones_keep_the_person_out_who_reads_so_only_with_all_three_right(
    village: Village, settled: Lifted, real_time: ManualClock
) -> None:
    token = settled.comes(where=Where("10.0.0.8", "10.0.0.*"))
    for _ in range(5):
        with pytest.raises(Refused, match="desk_account_wrong"):
            settled.comes("A" * 16, NOTHING)
    with pytest.raises(Refused, match="session_invalid"):
        desk_sessions.authenticate(village.ctx, token)
    real_time.advance(minutes=1)
    with pytest.raises(Refused, match="locked_out"):
        settled.comes()
    lockout = lockouts.open_lockout_of(village.ctx, settled.person)
    lockouts.let_in(village.ctx, village.actor("another"), lockout, "已当面核对")
    real_time.advance(minutes=1)
    settled.comes()


def test_who_holds_no_right_is_not_let_in(
    village: Village, settled: Lifted, real_time: ManualClock
) -> None:
    with village.ctx.sessions() as tx:
        mine = AccessGrant.person_id == settled.person
        (right,) = tx.scalars(select(AccessGrant.id).where(mine))
    grants.revoke(village.ctx, None, right)
    with pytest.raises(Refused, match="desk_not_entitled"):
        settled.comes()
    keeper = village.actor("administrator")
    later = desk_accounts.invite(village.ctx, keeper, "等授权", None)
    seen = desk_accounts.read(village.ctx, keeper, later)
    desk_accounts.confirm(village.ctx, None, later)
    with pytest.raises(Refused, match="desk_not_entitled"):
        Lifted(village, real_time, later, seen.number, seen.code).begins()
    assert desk_accounts.read(village.ctx, keeper, later).status == "invited"


def test_an_address_that_was_wrong_too_often_is_not_listened_to_for_an_hour(
    village: Village, settled: Lifted, real_time: ManualClock
) -> None:
    ctx, now = village.ctx, real_time()
    with ctx.sessions() as tx:
        address = ctx.cipher.digest(desk_accounts.ADDRESS, HERE.address)
        tx.add_all(DeskTry(address_hash=address, tried_at=now) for _ in range(ADDRESS_TRIES))
        tx.commit()
    with pytest.raises(Refused, match="too_many_desk_tries"):
        settled.comes()
    settled.comes(where=Where("10.0.1.1", "10.0.1.*"))
    desk_accounts.forget_tries(ctx)
    real_time.advance(seconds=ADDRESS_WITHIN.total_seconds() + 1)
    settled.comes()
    desk_accounts.forget_tries(ctx)
    with ctx.sessions() as tx:
        assert tx.scalars(select(DeskTry)).all() == []


def test_a_phrase_is_hashed_with_its_own_salt_and_nobody_has_the_empty_one() -> None:
    phrase = secret_of(bytes(range(32)))
    (one, salt), (two, other) = passphrases.salted(phrase), passphrases.salted(phrase)
    assert one != two
    assert passphrases.is_phrase(phrase, salt, one)
    assert not passphrases.is_phrase(phrase, other, one)
    assert not passphrases.is_phrase(phrase, None, None)


def test_administrators_let_in_and_only_who_gave_a_code_and_proved_it_reads_it(
    village: Village, real_time: ManualClock
) -> None:
    ctx, lee = village.ctx, invited(village, real_time)
    assert len(lee.code) == 16
    mine = village.actor("administrator")
    for reader in (village.actor("another"), Actor(mine.person_id)):
        assert desk_accounts.read(ctx, reader, lee.person).code == ""
    right = Granted(Role.REVIEWER)
    for name, code in (("clerk", "role_required"), ("manager", "not_found")):
        actor = village.actor(name)
        acts = [
            partial(each, ctx, actor, lee.person)
            for each in (desk_accounts.read, desk_accounts.confirm, desk_accounts.invite_anew)
        ]
        for act in (
            *acts,
            partial(desk_accounts.invite, ctx, actor, "某人", right),
            partial(desk_accounts.list_accounts, ctx, actor),
        ):
            with pytest.raises(Refused) as refused:
                act()
            assert codes(refused) == [code]
    with pytest.raises(Refused, match="role_required"):  # what clerks give, no administrator does
        desk_accounts.invite(ctx, mine, "某人", Granted(Role.INSURER, village.insurer))
    with pytest.raises(Refused, match="text_required"):
        desk_accounts.invite(ctx, mine, " ", right)
    past = village.clock() - timedelta(days=1)
    with pytest.raises(Refused, match="until_past"):
        desk_accounts.invite(ctx, mine, "某人", Granted(Role.REVIEWER, until=past))
    with pytest.raises(Refused, match="not_found"):
        desk_accounts.confirm(ctx, mine, uuid4())
    with pytest.raises(Refused, match="not_found"):
        desk_accounts.person_of(ctx, "00000000")
    assert len(desk_accounts.list_accounts(ctx, mine)) == 1
