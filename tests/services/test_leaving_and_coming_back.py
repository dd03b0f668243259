"""Somebody leaves, and comes back: in the moment in which they sign in, and on the same day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.wording import minute
from backend.services.base.context import Actor, Context, MiniProgramLogin
from backend.services.people import account_deletion, identities, retention, sessions
from backend.store.people import Departure
from tests.build.looking import codes
from tests.build.no_platform import NoPlatform
from tests.build.village import Village


class OnePerson(NoPlatform):
    """Whoever comes is one and the same."""

    def login(self, code: str) -> MiniProgramLogin:
        return MiniProgramLogin("openid", None)


@pytest.fixture
def ctx(village: Village) -> Context:
    return replace(village.ctx, platform=OnePerson())


def signed_in(ctx: Context) -> Actor:
    return sessions.authenticate(ctx, sessions.sign_in(ctx, "code").token)


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Between the look at who has the openid and everything that follows."""
    look = identities.known_by

    def looked(*asked: Any) -> Any:
        found = look(*asked)
        monkeypatch.setattr(sessions, "known_by", look)
        act()
        return found

    monkeypatch.setattr(sessions, "known_by", looked)


def test_no_session_is_opened_for_who_has_just_left(
    ctx: Context, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sessions.sign_in(ctx, "code")
    village.clock.advance(minutes=1)
    who = sessions.authenticate(ctx, before.token)
    meanwhile(monkeypatch, lambda: account_deletion.delete_account(ctx, who))
    with pytest.raises(Refused) as refused:
        sessions.sign_in(ctx, "code")
    assert codes(refused) == ["login_code_invalid"]
    again = sessions.sign_in(ctx, "code")
    assert sessions.authenticate(ctx, again.token) != who, "somebody new, as they were told"


def test_whoever_came_back_leaves_again_a_day_later(ctx: Context, village: Village) -> None:
    account_deletion.delete_account(ctx, signed_in(ctx))
    again = signed_in(ctx)
    with pytest.raises(Refused) as refused:
        account_deletion.delete_account(ctx, again)
    [refusal] = refused.value.refusals
    tomorrow = village.clock() + timedelta(days=1)
    assert (refusal.code, refused.value.kind) == ("left_today", "conflict")
    assert minute(tomorrow) in refusal.message
    village.clock.set(tomorrow)
    account_deletion.delete_account(ctx, signed_in(ctx))


def test_that_somebody_left_is_known_for_a_day(ctx: Context, village: Village) -> None:
    account_deletion.delete_account(ctx, signed_in(ctx))
    for hours, known in ((23, 1), (2, 0)):
        village.clock.advance(hours=hours)
        retention.end_what_is_over(ctx)
        with ctx.sessions() as tx:
            assert len(tx.scalars(select(Departure)).all()) == known
