"""Somebody leaves in the moment in which they sign in: no session outlives its person."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.domain.errors import Refused
from backend.services.base.context import Context, MiniProgramLogin
from backend.services.people import account_deletion, identities, sessions
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
