"""What could fill the log is said once a minute, by every module that warns."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import seldom
from backend.seldom import logger_of

ROOT = Path(__file__).parents[1]
WARNS = re.compile(r"\blog(ger)?\.(warning|error|exception)\(")
# Servers and the play on one machine write for whoever watches them.
AT_HAND = ("backend/local/", "backend/demo/")


class Now:
    seconds = 0.0


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    now = Now()
    monkeypatch.setattr(seldom, "SILENT_SECONDS", 60)
    monkeypatch.setattr("backend.seldom.time.monotonic", lambda: now.seconds)
    return now


@pytest.fixture
def noisy(now: Now) -> Iterator[logging.Logger]:
    """A module's logger, silent in the beginning; its minutes are `now`'s."""
    logger = logger_of("noisy")
    yield logger
    logger.filters.clear()


def test_a_sentence_that_would_fill_the_log_is_said_once_a_minute(
    now: Now, noisy: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1000):
        noisy.warning("thrown away: %s", number)
    noisy.warning("something else")
    now.seconds = 61.0
    noisy.warning("thrown away: %s", 1000)
    assert caplog.messages == [
        "thrown away: 0",
        "something else",
        "thrown away: 1000 (and 999 times before)",
    ]


def test_the_same_words_about_another_kind_are_said(
    noisy: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    for rid in range(100):
        for errcode in (-1, 45009):
            noisy.warning("errcode %s, rid %s", errcode, rid, extra={"kind": errcode})
    assert caplog.messages == ["errcode -1, rid 0", "errcode 45009, rid 0"]


def test_another_error_or_the_same_elsewhere_is_said(
    noisy: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    def here(value: int) -> None:
        try:
            _ = 1 / value
            _ = {0: "nothing"}[value]
        except (LookupError, ArithmeticError):
            noisy.exception("request %s", value)

    for value in [0] * 50 + [1] * 50:
        here(value)
    assert caplog.messages == ["request 0", "request 1"]


def test_what_is_remembered_has_an_end(
    noisy: logging.Logger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(seldom, "MOST_REMEMBERED", 3)
    for kind in range(10):
        noisy.warning("about %s", kind, extra={"kind": kind})
    assert len(caplog.messages) == 10
    [remembering] = noisy.filters
    assert isinstance(remembering, seldom.Seldom)
    assert len(remembering._said) <= 3


def test_every_module_that_warns_does_it_seldom() -> None:
    modules = [
        (str(path.relative_to(ROOT)), path.read_text("utf-8"))
        for path in (ROOT / "backend").rglob("*.py")
    ]
    warning = {
        name for name, text in modules if WARNS.search(text) and not name.startswith(AT_HAND)
    }
    assert len(warning) > 15
    assert {name for name in warning if "logger_of(__name__)" not in dict(modules)[name]} <= {
        *("backend/http/envelope.py", "backend/http/served.py")  # both by `tibao.api`
    }
    assert 'log = logger_of("tibao.api")' in dict(modules)["backend/http/envelope.py"]
    assert "envelope, log, " in dict(modules)["backend/http/served.py"]
