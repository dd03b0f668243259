"""Whoever is kept out is out at once, everywhere; and there is a way back."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.base.context import Actor, Context, MiniProgramLogin
from backend.services.messages.inbox import Vouched
from backend.services.people import (
    delegations,
    grants,
    identities,
    lockouts,
    sessions,
    whoami,
)
from backend.store.audit import AuditEntry
from backend.store.people import AccessGrant, Identity
from tests.build.no_platform import NoPlatform
from tests.build.sessions import session_of
from tests.build.village import Village

UNION = "union-of-somebody"
WHY = "手机丢失，本人电话报失"


class OneUnion(NoPlatform):
    """The platform that knows one person, and says who across our apps when it likes."""

    def login(self, code: str) -> MiniProgramLogin:
        return MiniProgramLogin("mini", None if code == "without unionid" else UNION)


@pytest.fixture
def administrator(village: Village) -> Actor:
    actor = village.actor("supervisor")
    grants.grant(village.ctx, None, actor.person_id, Role.ADMINISTRATOR)
    return actor


def opened(village: Village, name: str) -> str:
    return session_of(village.ctx, village.actor(name).person_id)


def signed_in(village: Village, token: str) -> bool:
    try:
        sessions.authenticate(village.ctx, token)
    except Refused as refused:
        return refused.refusals[0].code != "session_invalid"
    return True


def actions(village: Village) -> list[str]:
    with village.ctx.sessions() as tx:
        rows = tx.scalars(select(AuditEntry.action).order_by(AuditEntry.seq))
        return [action for action in rows if action.startswith(("person.", "session."))]


def test_a_person_kept_out_loses_every_session_at_once_and_nobody_else_does(
    village: Village, administrator: Actor
) -> None:
    phone, tablet = (opened(village, "clerk") for _ in range(2))
    other = opened(village, "owner0")
    lockouts.lock_out(village.ctx, administrator, village.actor("clerk").person_id, WHY)
    assert [signed_in(village, token) for token in (phone, tablet, other)] == [False, False, True]


def test_nobody_goes_on_in_the_stead_of_a_person_kept_out(
    village: Village, administrator: Actor
) -> None:
    clerk, cashier = village.actor("clerk"), village.actor("cashier")
    with village.ctx.sessions() as tx:
        mine = AccessGrant.person_id == clerk.person_id
        own = tx.scalars(select(AccessGrant.id).where(mine)).one()
    until = village.clock() + timedelta(days=7)
    delegations.delegate(village.ctx, clerk, own, cashier.person_id, until)
    lockouts.lock_out(village.ctx, administrator, clerk.person_id, WHY)
    held = whoami.who_am_i(village.ctx, cashier).grants
    assert {each.role for each in held} == {"cashier"}
    with village.ctx.sessions() as tx:
        ended = select(AuditEntry).where(AuditEntry.action == "grant.revoke")
        assert len(tx.scalars(ended).all()) == 1


def test_a_session_that_was_opened_meanwhile_is_none(
    village: Village, administrator: Actor
) -> None:
    lockouts.lock_out(village.ctx, administrator, village.actor("clerk").person_id, WHY)
    assert not signed_in(village, opened(village, "clerk"))


def test_whoever_is_let_in_again_signs_in_anew(village: Village, administrator: Actor) -> None:
    before = opened(village, "clerk")
    clerk = village.actor("clerk")
    lockout = lockouts.lock_out(village.ctx, administrator, clerk.person_id, WHY)
    lockouts.let_in(village.ctx, administrator, lockout, "本人到中心核对")
    lockouts.let_in(village.ctx, administrator, lockout, "再说一次，不算")
    assert not signed_in(village, before)
    assert signed_in(village, opened(village, "clerk"))
    [view] = lockouts.list_lockouts(village.ctx, administrator)
    assert (view.reason, view.lift_reason) == (WHY, "本人到中心核对")
    assert actions(village)[-2:] == ["person.lock_out", "person.let_in"]


def test_two_who_keep_the_same_person_out_keep_them_out_once(
    village: Village, administrator: Actor
) -> None:
    clerk = village.actor("clerk").person_id
    first = lockouts.lock_out(village.ctx, administrator, clerk, WHY)
    assert lockouts.lock_out(village.ctx, None, clerk, "另一个理由") == first
    assert lockouts.open_lockout_of(village.ctx, clerk) == first


def test_only_administrators_keep_people_out_and_never_themselves(
    village: Village, administrator: Actor
) -> None:
    owner = village.actor("owner0").person_id
    for name, code in (("clerk", "role_required"), ("owner1", "not_found")):
        for act in (
            lambda who: lockouts.lock_out(village.ctx, who, owner, WHY),
            lambda who: lockouts.let_in(village.ctx, who, uuid4(), WHY),
            lambda who: lockouts.end_sessions(village.ctx, who, owner),
            lambda who: lockouts.list_lockouts(village.ctx, who),
        ):
            with pytest.raises(Refused, match=code):
                act(village.actor(name))
    with pytest.raises(Refused, match="lockout_of_self"):
        lockouts.lock_out(village.ctx, administrator, administrator.person_id, WHY)
    for nobody in (
        lambda who: lockouts.lock_out(village.ctx, who, uuid4(), WHY),
        lambda who: lockouts.end_sessions(village.ctx, who, uuid4()),
        lambda who: lockouts.let_in(village.ctx, who, uuid4(), WHY),
    ):
        with pytest.raises(Refused, match="not_found"):
            nobody(administrator)


def test_a_reason_is_needed(village: Village, administrator: Actor) -> None:
    with pytest.raises(Refused, match="text_required"):
        lockouts.lock_out(village.ctx, administrator, village.actor("clerk").person_id, " ")


def test_somebody_ends_all_of_their_own_sessions(village: Village) -> None:
    clerk = village.actor("clerk")
    lockouts.end_sessions(village.ctx, None, clerk.person_id)
    tokens = [opened(village, "clerk") for _ in range(2)]
    assert lockouts.end_sessions(village.ctx, clerk, clerk.person_id) == 2
    assert lockouts.end_sessions(village.ctx, clerk, clerk.person_id) == 0
    assert not any(signed_in(village, token) for token in tokens)
    assert actions(village)[-1] == "session.end_all"
    assert signed_in(village, opened(village, "clerk"))


def test_who_is_kept_out_as_a_follower_is_kept_out_of_the_mini_program_too(ctx: Context) -> None:
    ctx = replace(ctx, platform=OneUnion())
    with ctx.sessions() as tx:
        follower = identities.person_behind(tx, ctx, "fan", Vouched(UNION))
        tx.commit()
    lockouts.lock_out(ctx, None, follower, WHY)
    with pytest.raises(Refused, match="locked_out"):
        sessions.sign_in(ctx, "code")


def test_joining_two_people_keeps_out_whoever_was_kept_out(ctx: Context) -> None:
    ctx = replace(ctx, platform=OneUnion())
    member = sessions.sign_in(ctx, "without unionid").person_id
    with ctx.sessions() as tx:
        follower = identities.person_behind(tx, ctx, "fan", Vouched(UNION))
        tx.commit()
    lockouts.lock_out(ctx, None, follower, WHY)
    with ctx.sessions() as tx:
        found = {row.person_id: row for row in tx.scalars(select(Identity))}
        identities.join_apps(tx, ctx, found[member], found[follower])
        tx.commit()
        assert lockouts.is_locked_out(tx, found[member].person_id)
        assert lockouts.is_locked_out(tx, member)
