"""二次验证: who needs an authenticator, what it opens, that no code is taken twice, its reset."""

from datetime import timedelta

import pytest
from pyotp import TOTP
from sqlalchemy import delete, func, select

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.domain.second_factor import RECENT, STEP_SECONDS, TRIES
from backend.services.base.context import Actor
from backend.services.people import (
    delegations,
    desk_accounts,
    desk_sessions,
    grants,
    lockouts,
    second_factors,
)
from backend.store.audit import AuditEntry
from backend.store.people import AccessGrant, LoginSession, SecondFactor
from tests.build.clock import ManualClock
from tests.build.looking import add_person, also
from tests.build.sessions import desk_session_of
from tests.build.village import Village

STEP = timedelta(seconds=STEP_SECONDS)


@pytest.fixture(autouse=True)
def nobody_has_one(village: Village, real_time: ManualClock) -> None:
    add_person(village, "administrator", "administrator")
    with village.ctx.sessions() as tx:
        tx.execute(delete(SecondFactor))
        tx.commit()


class Officer:
    """Somebody at a desk, with an authenticator that holds what the page showed."""

    def __init__(self, village: Village, name: str, real_time: ManualClock) -> None:
        self.village, self.real_time = village, real_time
        self.person = village.actor(name).person_id
        self.token = desk_session_of(village.ctx, self.person)
        self.secret = second_factors.new_secret(village.ctx, self.token)

    @property
    def me(self) -> Actor:
        """With what the session shows."""
        return desk_sessions.authenticate(self.village.ctx, self.token)

    def shows(self, steps: int = 0) -> str:
        """The digits of now, or of so many steps later."""
        return TOTP(self.secret).at(self.real_time() + steps * STEP)

    def enrols(self, digits: str = "") -> None:
        """Scans the code and writes down what it shows."""
        second_factors.enrol(self.village.ctx, self.me, self.token, digits or self.shows())

    def proves(self, digits: str = "") -> None:
        """Writes down what it shows, at any later time."""
        second_factors.prove(self.village.ctx, self.me, digits or self.shows())

    def sits_down_anew(self) -> None:
        """A new session, with nothing proved yet."""
        self.token = desk_session_of(self.village.ctx, self.person)

    def has_proved(self) -> bool:
        """Whether this session has shown it."""
        proof = self.me.proof
        return proof is not None and proof.proved_at == self.real_time()


@pytest.fixture
def cashier(village: Village, real_time: ManualClock) -> Officer:
    return Officer(village, "cashier", real_time)


def links(village: Village, action: AuditAction) -> int:
    with village.ctx.sessions() as tx:
        counted = select(func.count()).where(AuditEntry.action == action)
        return tx.scalar(counted.select_from(AuditEntry)) or 0


def test_who_pays_or_gives_rights_needs_one_and_nobody_else(
    village: Village, real_time: ManualClock
) -> None:
    everybody = ("administrator", "cashier", "clerk", "reviewer", "supervisor", "auditor")
    needs = set()
    for name in (*everybody, "insurer", "manager"):
        proof = Officer(village, name, real_time).me.proof
        assert proof is not None
        assert not proof.has_factor
        needs |= {name} if proof.needs_factor else set()
    assert needs == {"administrator", "cashier"}


def test_it_is_enrolled_once_by_a_code_of_now_and_lies_sealed(
    village: Village, cashier: Officer
) -> None:
    ctx = village.ctx
    address = second_factors.enrolment_address(ctx, cashier.secret)
    assert address.startswith("otpauth://totp/")
    assert cashier.secret in address
    with pytest.raises(Refused, match="second_factor_missing"):
        cashier.proves()
    for far in (-2, 2):
        with pytest.raises(Refused, match="second_factor_wrong"):
            cashier.enrols(cashier.shows(far))
    cashier.enrols()
    assert cashier.has_proved()
    cashier.sits_down_anew()
    assert second_factors.new_secret(ctx, cashier.token) != cashier.secret
    cashier_elsewhere = TOTP(second_factors.new_secret(ctx, cashier.token))
    with pytest.raises(Refused, match="second_factor_enrolled"):
        cashier.enrols(cashier_elsewhere.at(cashier.real_time()))
    with ctx.sessions() as tx:
        row = tx.scalars(select(SecondFactor)).one()
        assert cashier.secret.encode() not in row.secret_sealed
        sealed = row.secret_sealed
        assert ctx.cipher.open(SecondFactor.secret_sealed, row.id, sealed) == cashier.secret
        chain = " ".join(str(body) for body in tx.scalars(select(AuditEntry.body)))
    assert cashier.secret not in chain
    assert links(village, AuditAction.SECOND_FACTOR_ENROL) == 1


def test_a_code_is_taken_once_whoever_offers_it(village: Village, cashier: Officer) -> None:
    cashier.enrols()
    cashier.sits_down_anew()
    with pytest.raises(Refused, match="second_factor_used"):
        cashier.proves()
    for far in (-2, 2):
        with pytest.raises(Refused, match="second_factor_wrong"):
            cashier.proves(cashier.shows(far))
    assert not cashier.has_proved()
    cashier.proves(cashier.shows(1))
    assert cashier.has_proved()
    with pytest.raises(Refused, match="second_factor_used"):
        cashier.proves(cashier.shows(1))
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(SecondFactor.failures)).one() == 0
        assert not second_factors.take(tx, village.ctx, cashier.person, cashier.shows(1))
        assert not second_factors.take(tx, village.ctx, village.actor("clerk").person_id, "0" * 6)
    assert links(village, AuditAction.SECOND_FACTOR_REFUSE) == 4
    assert links(village, AuditAction.SECOND_FACTOR_PROVE) == 1


def test_five_wrong_codes_keep_the_person_out_until_an_administrator_lifts_it(
    village: Village, cashier: Officer, real_time: ManualClock
) -> None:
    cashier.enrols()
    for nth in range(1, TRIES + 1):
        code = "locked_out" if nth == TRIES else "second_factor_wrong"
        with pytest.raises(Refused, match=code):
            cashier.proves("abcdef")
    with village.ctx.sessions() as tx:
        theirs = select(LoginSession).where(LoginSession.person_id == cashier.person)
        assert tx.scalars(theirs).all() == [], "those of the phone ended, too"
    lockout = lockouts.open_lockout_of(village.ctx, cashier.person)
    lockouts.let_in(village.ctx, village.actor("administrator"), lockout, "已到中心核对")
    real_time.advance(minutes=1)
    cashier.sits_down_anew()
    cashier.proves()
    assert cashier.has_proved()


def test_rights_are_given_lent_and_let_in_only_by_who_proved_themselves_a_moment_ago(
    village: Village, cashier: Officer, real_time: ManualClock
) -> None:
    ctx, keeper = village.ctx, Officer(village, "administrator", real_time)
    to, until = village.actor("clerk").person_id, village.clock() + timedelta(days=7)
    with ctx.sessions() as tx:
        own = tx.scalars(select(AccessGrant.id).where(AccessGrant.role == Role.CASHIER)).one()

    def give() -> None:
        grants.grant(ctx, keeper.me, to, Role.REVIEWER)

    def lend() -> None:
        delegations.delegate(ctx, cashier.me, own, to, until)

    for who, act in ((keeper, give), (cashier, lend)):
        with pytest.raises(Refused, match="second_factor_missing"):
            act()
        who.enrols()
    minutes = RECENT / timedelta(minutes=1)
    real_time.advance(minutes=minutes)
    for who, act in ((keeper, give), (cashier, lend)):
        with pytest.raises(Refused, match="second_factor_needed"):
            act()
        who.proves()
        act()
    with ctx.sessions() as tx:
        held = tx.scalars(select(AccessGrant.role).where(AccessGrant.person_id == to)).all()
    assert sorted(held) == ["cashier", "clerk", "reviewer"]


def test_another_administrator_resets_it_and_every_session_ends(
    village: Village, cashier: Officer, real_time: ManualClock
) -> None:
    ctx, keeper = village.ctx, village.actor("administrator")
    cashier.enrols()
    also(village, "cashier", "supervisor")
    also(village, "cashier", "insurer", village.insurer)
    (seen,) = second_factors.list_factors(ctx, keeper)
    assert (seen.person_id, seen.name_masked, seen.enrolled_at) == (
        cashier.person,
        "",
        real_time(),
    )
    assert list(seen.role_names) == ["中心出纳", "监督部门", "保险机构"]
    for actor, code in (
        (village.actor("clerk"), "role_required"),
        (village.actor("cashier"), "role_required"),
        (village.actor("owner0"), "not_found"),
    ):
        with pytest.raises(Refused, match=code):
            second_factors.reset(ctx, actor, cashier.person)
        with pytest.raises(Refused, match=code):
            second_factors.list_factors(ctx, actor)
    with pytest.raises(Refused, match="second_factor_of_self"):
        second_factors.reset(ctx, keeper, keeper.person_id)
    by_number = desk_accounts.invite(ctx, keeper, "无微信", None)
    with pytest.raises(Refused, match="second_factor_by_invitation"):
        second_factors.reset(ctx, keeper, by_number)
    second_factors.reset(ctx, keeper, cashier.person)
    with pytest.raises(Refused, match="session_invalid"):
        desk_sessions.authenticate(ctx, cashier.token)
    for actor_or_server in (keeper, None):
        with pytest.raises(Refused, match="not_found"):
            second_factors.reset(ctx, actor_or_server, cashier.person)
    assert second_factors.list_factors(ctx, keeper) == []
    assert links(village, AuditAction.SECOND_FACTOR_RESET) == 1
