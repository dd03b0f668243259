"""A command that cannot reach its database says so in one line."""

import pytest
from click.testing import CliRunner

from backend.cli import main
from backend.local.processes import free_port

GRANT = ["grant", "--openid", "someone", "--role", "clerk"]


@pytest.mark.parametrize(
    "words",
    [
        GRANT,
        ["audit", "verify"],
        ["audit", "export", "--out", "x.zip"],
        ["trial-balance"],
        ["migrate"],
    ],
    ids=" ".join,
)
def test_a_database_that_is_away_is_told_in_one_line_without_its_password(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    url = f"postgresql+psycopg://tibao:hushhush@127.0.0.1:{port}/tibao"
    monkeypatch.setenv("TIBAO_DATABASE_URL", url)
    ended = CliRunner().invoke(main, words)
    assert ended.exit_code == 2
    assert ended.output.startswith(f"连不上数据库 127.0.0.1:{port}/tibao")
    assert ended.output.count("\n") == 1
    assert "hushhush" not in ended.output


@pytest.mark.parametrize("kind", ["registry", "balances"])
def test_an_import_without_a_database_is_told_in_one_line(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql+psycopg://tibao@127.0.0.1:{free_port()}/tibao"
    monkeypatch.setenv("TIBAO_DATABASE_URL", url)
    ended = CliRunner().invoke(main, ["import", kind, __file__])
    assert (ended.exit_code, ended.output.count("\n")) == (2, 1)


@pytest.mark.parametrize("url", ["nonsense", "postgresql+psycopg://tibao@127.0.0.1:port/tibao"])
def test_an_address_that_is_none_is_told_in_one_line(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIBAO_DATABASE_URL", url)
    ended = CliRunner().invoke(main, ["trial-balance"])
    assert (ended.exit_code, ended.output.count("\n")) == (2, 1)
    assert ended.output.startswith("TIBAO_DATABASE_URL: ")
