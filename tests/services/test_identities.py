"""One person in both apps."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.services.base.context import Context, MiniProgramLogin
from backend.services.messages.inbox import Vouched
from backend.services.people import identities, sessions
from backend.store.audit import AuditEntry
from backend.store.people import Identity, Person
from tests.build.looking import also
from tests.build.no_platform import NoPlatform
from tests.build.village import Village
from tests.build.waiting import PATIENCE_SECONDS, eventually, somebody_waits_for_a_lock

UNION = "union-of-one-person"


class Union(NoPlatform):
    """The platform that vouches for one unionid at every login."""

    def login(self, code: str) -> MiniProgramLogin:
        return MiniProgramLogin(openid="mini-openid", unionid=UNION if code == "late" else None)

    def unionid(self, openid: str) -> str | None:
        return UNION


def people(ctx: Context) -> dict[str, object]:
    with ctx.sessions() as tx:
        rows = tx.scalars(select(Identity).where(Identity.openid.in_(["mini-openid", "fan"])))
        return {row.platform: row.person_id for row in rows}


def met(ctx: Context, openid: str) -> UUID:
    """Whom we take somebody for who writes to the service account."""
    with ctx.sessions() as tx:
        vouched = Vouched(ctx.platform.unionid(openid))
        person_id = identities.person_behind(tx, ctx, openid, vouched)
        tx.commit()
        return person_id


def signed_in(ctx: Context) -> UUID:
    return sessions.sign_in(ctx, "early").person_id


def joined(ctx: Context) -> int:
    with ctx.sessions() as tx:
        query = select(AuditEntry.id).where(AuditEntry.action == "identity.join")
        return len(tx.scalars(query).all())


def test_a_unionid_learned_late_joins_the_apps(village: Village) -> None:
    ctx = replace(village.ctx, platform=Union())
    mine = sessions.sign_in(ctx, "early").person_id
    fan = met(ctx, "fan")
    assert fan != mine
    assert sessions.sign_in(ctx, "late").person_id == mine
    assert people(ctx) == {"mini_program": mine, "service_account": mine}
    assert joined(ctx) == 1
    assert sessions.sign_in(ctx, "late").person_id == mine
    assert joined(ctx) == 1


@pytest.mark.parametrize("platform", ["mini_program", "service_account"])
def test_two_first_contacts_at_once_are_one_person_and_break_no_rule(
    village: Village, platform: str
) -> None:
    """A broken rule would tell its key, an openid, to the database's log."""
    ctx = replace(village.ctx, platform=Union())
    ways: dict[str, tuple[str, str, Callable[[Context], UUID]]] = {
        "mini_program": (ctx.platform.mini_appid, "mini-openid", signed_in),
        "service_account": (ctx.platform.service_appid, "fan", partial(met, openid="fan")),
    }
    appid, openid, meet = ways[platform]
    with ctx.sessions() as tx, ThreadPoolExecutor(1) as thread:
        assert identities.known_by(tx, appid, openid) is None
        mine = Person(name_sealed=None, created_at=ctx.clock())
        tx.add(mine)
        tx.flush()
        tx.add(
            Identity(
                person_id=mine.id,
                platform=platform,
                appid=appid,
                openid=openid,
                reachable=False,
                seen_at=ctx.clock(),
            )
        )
        second = thread.submit(meet, ctx)
        eventually(lambda: somebody_waits_for_a_lock(ctx.sessions))
        tx.commit()
        assert second.result(PATIENCE_SECONDS) == mine.id


def test_a_follower_with_rights_keeps_them_when_the_apps_are_joined(village: Village) -> None:
    ctx = replace(village.ctx, platform=Union())
    mine = sessions.sign_in(ctx, "early").person_id
    fan = met(ctx, "fan")
    village.people["fan"] = replace(village.actor("clerk"), person_id=fan)
    also(village, "fan", "auditor")
    assert sessions.sign_in(ctx, "late").person_id == fan
    assert mine not in people(ctx).values()


def test_two_people_with_rights_stay_two(village: Village) -> None:
    ctx = replace(village.ctx, platform=Union())
    mine = sessions.sign_in(ctx, "early").person_id
    fan = met(ctx, "fan")
    for name, person_id in (("mine", mine), ("fan", fan)):
        village.people[name] = replace(village.actor("clerk"), person_id=person_id)
        also(village, name, "auditor")
    assert sessions.sign_in(ctx, "late").person_id == mine
    assert people(ctx) == {"mini_program": mine, "service_account": fan}
    assert joined(ctx) == 0
