"""A lift's code issued anew or revoked, by those whose job it is."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from backend.cli import main
from backend.domain.errors import Refused
from backend.domain.tokens import TOKEN_LENGTH, is_token
from backend.services.base.context import Context
from backend.services.public import lift_tokens
from backend.services.public.lifts import read_public_lift
from backend.store.audit import AuditEntry
from backend.store.registry import LiftToken
from tests.build.village import Village
from tests.build.waiting import at_once


def valid(ctx: Context, village: Village) -> list[str]:
    """The tokens that open the village's first lift."""
    with ctx.sessions() as tx:
        tokens = tx.scalars(select(LiftToken.token).where(LiftToken.lift_id == village.lifts[0]))
        return [token for token in tokens if read_public_lift(ctx, token)]


def codes(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in error.value.refusals]


def test_a_fresh_token_replaces_the_one_before(ctx: Context, village: Village) -> None:
    clerk, lift = village.actor("clerk"), village.lifts[0]
    first = lift_tokens.issue_token(ctx, clerk, lift, "首次张贴").token
    second = lift_tokens.issue_token(ctx, clerk, lift, "贴纸被撕").token
    assert first != second
    assert is_token(second)
    assert len(second) == TOKEN_LENGTH
    assert valid(ctx, village) == [second]


def test_a_revoked_token_opens_nothing_and_a_fresh_one_can_follow(
    ctx: Context, village: Village
) -> None:
    clerk, lift = village.actor("clerk"), village.lifts[0]
    lift_tokens.issue_token(ctx, clerk, lift, "首次张贴")
    lift_tokens.revoke_token(ctx, clerk, lift, "贴纸被复制")
    assert valid(ctx, village) == []
    lift_tokens.revoke_token(ctx, clerk, lift, "再停用一次")
    assert lift_tokens.issue_token(ctx, clerk, lift, "重新张贴").token in valid(ctx, village)


def test_the_chain_keeps_who_and_why_but_not_the_token(ctx: Context, village: Village) -> None:
    issued = lift_tokens.issue_token(ctx, village.actor("clerk"), village.lifts[0], "首次张贴")
    with ctx.sessions() as tx:
        (entry,) = tx.scalars(
            select(AuditEntry).where(AuditEntry.action == "lift_token.issue")
        ).all()
    assert entry.actor_id == village.actor("clerk").person_id
    assert entry.subject_id == str(village.lifts[0])
    assert json.loads(entry.body)["facts"] == {"reason": "首次张贴"}
    assert issued.token.encode() not in entry.body


@pytest.mark.parametrize("name", ["manager", "owner0", "reviewer", "auditor"])
def test_others_than_clerks_and_administrators_issue_no_codes(
    ctx: Context, village: Village, name: str
) -> None:
    with pytest.raises(Refused) as error:
        lift_tokens.issue_token(ctx, village.actor(name), village.lifts[0], "理由")
    assert codes(error) in (["not_found"], ["role_required"])
    assert valid(ctx, village) == []


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_asked_for(ctx: Context, village: Village, reason: str) -> None:
    with pytest.raises(Refused) as error:
        lift_tokens.issue_token(ctx, village.actor("clerk"), village.lifts[0], reason)
    assert codes(error) == ["text_required"]


def test_a_lift_that_does_not_exist(ctx: Context, village: Village) -> None:
    with pytest.raises(Refused) as error:
        lift_tokens.revoke_token(ctx, village.actor("clerk"), uuid4(), "理由")
    assert codes(error) == ["not_found"]


def test_two_officers_at_once_leave_one_valid_token(ctx: Context, village: Village) -> None:
    def issue() -> None:
        lift_tokens.issue_token(ctx, village.actor("clerk"), village.lifts[0], "换发")

    at_once([issue, issue])
    with ctx.sessions() as tx:
        assert len(tx.scalars(select(LiftToken)).all()) == 2
    assert len(valid(ctx, village)) == 1


@pytest.fixture
def tibao(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Gives exit status and everything said by a command on the server."""
    monkeypatch.setenv("TIBAO_DATABASE_URL", database_url)
    monkeypatch.setenv("TIBAO_PUBLIC_URL", "https://tibao.example.cn/")

    def told(*words: str) -> tuple[int, str]:
        ended = CliRunner().invoke(main, words)
        return ended.exit_code, ended.output

    return told


def test_the_command_line_prints_the_address_to_print(
    ctx: Context, village: Village, tibao: Callable[..., tuple[int, str]]
) -> None:
    words = ["lift-token", village.codes[0], "--reason", "贴纸遗失"]
    told = tibao(*words)
    (token,) = valid(ctx, village)
    assert told == (0, f"https://tibao.example.cn/e/{token}\n")
    assert tibao(*words, "--revoke") == (0, f"已停用：{village.codes[0]}\n")
    assert valid(ctx, village) == []


def test_the_command_line_tells_of_an_unknown_lift_in_one_line(
    village: Village, tibao: Callable[..., tuple[int, str]]
) -> None:
    told = tibao("lift-token", "31100000000000000000", "--reason", "x")
    assert told == (2, "没有找到该电梯，请检查链接或编号。\n")
