"""Rights are given by those whose job it is, and never to oneself."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select

from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.base import access
from backend.services.base.context import Actor, Context
from backend.services.people import grants, lockouts
from backend.store.audit import AuditEntry
from backend.store.people import AccessGrant, Identity, Person
from backend.store.registry import Estate, Insurer
from tests.build.clock import ManualClock
from tests.build.proving import proved
from tests.build.waiting import InBetween


def newcomer(ctx: Context) -> Actor:
    with ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=ctx.clock())
        tx.add(person)
        tx.commit()
        return proved(person.id)


def officer(ctx: Context, role: Role) -> Actor:
    actor = newcomer(ctx)
    grants.grant(ctx, None, actor.person_id, role)
    return actor


def roles(ctx: Context, actor: Actor, estate_id: UUID | None = None) -> frozenset[Role]:
    with ctx.sessions() as tx:
        return access.granted_roles(tx, ctx, actor, estate_id, None)


@pytest.fixture
def estate_id(ctx: Context) -> UUID:
    with ctx.sessions() as tx:
        estate = Estate(code="TEST-01", name="测试小区", address="", district="")
        tx.add(estate)
        tx.commit()
        return estate.id


@pytest.fixture
def insurer_id(ctx: Context) -> UUID:
    with ctx.sessions() as tx:
        insurer = Insurer(
            name="测试保险", bank_name="测试银行", bank_account="1", selected_from=date(2025, 1, 1)
        )
        tx.add(insurer)
        tx.commit()
        return insurer.id


def test_the_first_right_comes_from_the_server_and_grants_the_next(ctx: Context) -> None:
    administrator, clerk = officer(ctx, Role.ADMINISTRATOR), newcomer(ctx)
    grants.grant(ctx, administrator, clerk.person_id, Role.CLERK)
    first, second = grants.list_grants(ctx, administrator)
    assert (first.role, first.granted_by, first.scope_kind) == ("administrator", None, "city")
    assert (second.person_id, second.granted_by) == (clerk.person_id, administrator.person_id)
    assert roles(ctx, clerk) == {Role.CLERK}


def test_a_clerk_lets_in_the_property_manager_of_one_estate(ctx: Context, estate_id: UUID) -> None:
    clerk, manager = officer(ctx, Role.CLERK), newcomer(ctx)
    grants.grant(ctx, clerk, manager.person_id, Role.PROPERTY_MANAGER, estate_id)
    assert roles(ctx, manager, estate_id) == {Role.PROPERTY_MANAGER}
    assert roles(ctx, manager, uuid4()) == frozenset()
    assert grants.list_grants(ctx, clerk)[-1].scope_name == "测试小区"


@pytest.mark.parametrize(
    ("keeper", "role", "code"),
    [
        (Role.CLERK, Role.REVIEWER, "role_required"),
        (Role.ADMINISTRATOR, Role.INSURER, "role_required"),
        (Role.AUDITOR, Role.AUDITOR, "role_required"),
        (None, Role.CLERK, "not_found"),
        (Role.ADMINISTRATOR, Role.OWNER, "role_not_granted"),
        (Role.CLERK, Role.COMMITTEE_MEMBER, "role_not_granted"),
        (Role.ADMINISTRATOR, Role.SYSTEM, "role_not_granted"),
    ],
)
def test_each_keeper_gives_only_the_own_roles(
    ctx: Context, insurer_id: UUID, keeper: Role | None, role: Role, code: str
) -> None:
    actor = officer(ctx, keeper) if keeper else newcomer(ctx)
    scope = insurer_id if role is Role.INSURER else None
    other = newcomer(ctx)
    with pytest.raises(Refused) as refused:
        grants.grant(ctx, actor, other.person_id, role, scope)
    assert refused.value.refusals[0].code == code
    assert roles(ctx, other) == frozenset()


def test_nobody_grants_themselves(ctx: Context) -> None:
    administrator = officer(ctx, Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="grant_to_self"):
        grants.grant(ctx, administrator, administrator.person_id, Role.CASHIER)
    assert roles(ctx, administrator) == {Role.ADMINISTRATOR}


def test_the_same_grant_again_is_the_same_and_leaves_no_trace(
    ctx: Context, clock: ManualClock, insurer_id: UUID
) -> None:
    clerk, agent = officer(ctx, Role.CLERK), newcomer(ctx)
    until = clock() + timedelta(days=30)
    first = grants.grant(ctx, clerk, agent.person_id, Role.INSURER, insurer_id, until)
    with ctx.sessions() as tx:
        before = tx.scalar(select(func.count()).select_from(AuditEntry))
    clock.advance(days=1)
    assert grants.grant(ctx, clerk, agent.person_id, Role.INSURER, insurer_id, until) == first
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(AuditEntry)) == before
    assert grants.grant(ctx, clerk, agent.person_id, Role.INSURER, insurer_id) == first
    assert grants.list_grants(ctx, clerk)[-1].valid_until is None


def test_a_grant_ends_when_revoked_and_may_be_given_anew(ctx: Context, estate_id: UUID) -> None:
    clerk, manager = officer(ctx, Role.CLERK), newcomer(ctx)
    manages = Role.PROPERTY_MANAGER
    grant_id = grants.grant(ctx, clerk, manager.person_id, manages, estate_id)
    grants.revoke(ctx, clerk, grant_id)
    grants.revoke(ctx, clerk, grant_id)
    assert roles(ctx, manager, estate_id) == frozenset()
    with ctx.sessions() as tx:
        actions = tx.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions == ["grant.give", "grant.give", "grant.revoke"]
    assert grants.grant(ctx, clerk, manager.person_id, manages, estate_id) == grant_id
    assert roles(ctx, manager, estate_id) == {manages}


def test_a_clerk_cannot_revoke_an_officer(ctx: Context) -> None:
    clerk, auditor = officer(ctx, Role.CLERK), newcomer(ctx)
    grant_id = grants.grant(ctx, None, auditor.person_id, Role.AUDITOR)
    with pytest.raises(Refused, match="role_required"):
        grants.revoke(ctx, clerk, grant_id)
    with pytest.raises(Refused, match="not_found"):
        grants.revoke(ctx, newcomer(ctx), grant_id)
    assert roles(ctx, auditor) == {Role.AUDITOR}


def test_scope_end_and_person_must_make_sense(
    ctx: Context, clock: ManualClock, estate_id: UUID
) -> None:
    person_id = newcomer(ctx).person_id
    now = clock()
    manages, clerk = Role.PROPERTY_MANAGER, Role.CLERK
    for arguments, code in (
        ((person_id, manages, None, None), "scope_mismatch"),
        ((person_id, clerk, estate_id, None), "scope_mismatch"),
        ((person_id, manages, uuid4(), None), "not_found"),
        ((person_id, Role.INSURER, estate_id, None), "not_found"),
        ((uuid4(), clerk, None, None), "not_found"),
        ((person_id, clerk, None, now), "until_past"),
    ):
        with pytest.raises(Refused, match=code):
            grants.grant(ctx, None, *arguments)
    assert grants.list_grants(ctx, None) == []


def test_a_person_is_found_by_the_identity_they_proved(ctx: Context) -> None:
    actor = newcomer(ctx)
    with ctx.sessions() as tx:
        tx.add(
            Identity(
                person_id=actor.person_id,
                platform="mini_program",
                appid="wx-mini",
                openid="o-1",
                reachable=False,
                seen_at=ctx.clock(),
            )
        )
        tx.commit()
    assert grants.person_of(ctx, "wx-mini", "o-1") == actor.person_id
    with pytest.raises(Refused, match="person_unknown"):
        grants.person_of(ctx, "wx-mini", "o-2")


def test_the_last_administrator_stays_and_one_whose_right_ends_sooner_is_none(
    ctx: Context, clock: ManualClock
) -> None:
    first, second = officer(ctx, Role.ADMINISTRATOR), newcomer(ctx)
    (mine,) = grants.list_grants(ctx, None)
    tomorrow = clock() + timedelta(days=1)
    theirs = grants.grant(ctx, first, second.person_id, Role.ADMINISTRATOR, until=tomorrow)
    with pytest.raises(Refused, match="last_administrator"):
        grants.revoke(ctx, second, mine.id)
    grants.revoke(ctx, first, theirs)
    grants.grant(ctx, first, second.person_id, Role.ADMINISTRATOR)
    lockouts.lock_out(ctx, None, second.person_id, "手机丢失")
    with pytest.raises(Refused, match="last_administrator"):
        grants.revoke(ctx, first, mine.id)
    grants.revoke(ctx, None, mine.id)
    assert roles(ctx, first) == frozenset()


def test_the_last_administrator_gets_no_sooner_end_and_is_not_kept_out(
    ctx: Context, clock: ManualClock
) -> None:
    first, second = officer(ctx, Role.ADMINISTRATOR), newcomer(ctx)
    week, tomorrow = clock() + timedelta(days=7), clock() + timedelta(days=1)
    give = partial(grants.grant, ctx, role=Role.ADMINISTRATOR)
    give(first, second.person_id, until=week)
    give(first, second.person_id, until=tomorrow)  # another one lasts longer
    for end in (week, tomorrow):
        with pytest.raises(Refused, match="last_administrator"):
            give(second, first.person_id, until=end)
    with pytest.raises(Refused, match="last_administrator"):
        lockouts.lock_out(ctx, second, first.person_id, "手机丢失")
    give(first, second.person_id)
    give(second, first.person_id, until=tomorrow)
    lockouts.lock_out(ctx, second, first.person_id, "手机丢失")
    give(None, second.person_id, until=week)  # on the server nobody is asked
    lockouts.lock_out(ctx, None, second.person_id, "手机丢失")


Way = Callable[[Context, Actor, Actor], None]


def ends(ctx: Context, by: Actor, whose: Actor) -> None:
    rights = {each.person_id: each.id for each in grants.list_grants(ctx, None)}
    grants.revoke(ctx, by, rights[whose.person_id])


def keeps_out(ctx: Context, by: Actor, whose: Actor) -> None:
    lockouts.lock_out(ctx, by, whose.person_id, "手机丢失")


def shortens(ctx: Context, by: Actor, whose: Actor) -> None:
    end = ctx.clock() + timedelta(days=1)
    grants.grant(ctx, by, whose.person_id, Role.ADMINISTRATOR, until=end)


WAYS: list[tuple[Way, Way]] = [
    *((ends, ends), (ends, keeps_out), (ends, shortens)),
    *((keeps_out, ends), (keeps_out, keeps_out), (keeps_out, shortens)),
    *((shortens, ends), (shortens, keeps_out), (shortens, shortens)),
]


@pytest.mark.parametrize(("one", "other"), WAYS)
def test_two_administrators_who_put_each_other_out_at_once_leave_one(
    ctx: Context, one: Way, other: Way
) -> None:
    """However they do it: the second waits for the first, and then is none any more, or finds
    nobody else."""
    first, second = officer(ctx, Role.ADMINISTRATOR), officer(ctx, Role.ADMINISTRATOR)
    late = InBetween(ctx.sessions, partial(other, ctx, second, first))
    event.listen(ctx.sessions, "after_flush", late.begin)
    one(ctx, first, second)
    refusal = "not_found" if one is other is ends else "last_administrator"
    with pytest.raises(Refused, match=refusal):
        late.result()
    assert roles(ctx, first) == {Role.ADMINISTRATOR}
    assert first.person_id not in {each.person_id for each in lockouts.list_lockouts(ctx, None)}


def test_two_who_give_each_other_a_right_at_once_both_do(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each locked the other, and is to be written down as who gave the right."""
    first, second = officer(ctx, Role.ADMINISTRATOR), officer(ctx, Role.ADMINISTRATOR)
    give = partial(grants.grant, ctx, role=Role.CLERK)
    late = InBetween(ctx.sessions, lambda: give(second, first.person_id))
    find = grants._find

    def begun(*asked: Any) -> AccessGrant | None:
        late.begin()
        return find(*asked)

    monkeypatch.setattr(grants, "_find", begun)
    give(first, second.person_id)
    late.result()
    assert all(Role.CLERK in roles(ctx, each) for each in (first, second))
