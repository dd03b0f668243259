"""When a closed channel is tried again, whom that is told to, and what is urgent meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.messages import TITLES
from backend.domain.outages import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    OF_USE,
    SHORTEST_PAUSE,
    URGENCIES,
    Closing,
    Urgency,
    is_told,
    probe_at,
    urgency_of,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AWAY = Closing("no_answer")
CHANCES = st.floats(0, 1)


@given(CHANCES)
def test_a_moment_later_it_is_tried_for_the_first_time(chance: float) -> None:
    assert FIRST_PAUSE * 0.75 <= probe_at(AWAY, 1, NOW, chance) - NOW <= FIRST_PAUSE * 1.25


@given(st.integers(2, 10_000), CHANCES)
def test_however_long_it_lasts_it_is_tried_every_one_to_four_minutes(
    failures: int, chance: float
) -> None:
    pause = probe_at(AWAY, failures, NOW, chance) - NOW
    assert SHORTEST_PAUSE <= pause <= LONGEST_PAUSE
    assert timedelta(minutes=5) > LONGEST_PAUSE


@given(st.integers(1, 50), CHANCES)
def test_when_the_platform_says_until_when_nobody_tries_before(
    failures: int, chance: float
) -> None:
    until = NOW + timedelta(hours=4)
    late = probe_at(Closing("daily_quota", 45009, until), failures, NOW, chance) - until
    assert timedelta(0) <= late <= timedelta(minutes=1)


@pytest.mark.parametrize(
    ("closing", "failures", "told"),
    [
        (AWAY, 1, False),
        (AWAY, 2, False),
        (AWAY, 3, True),
        (Closing("set_up/40164", 40164, ours=True), 1, True),
        (Closing("45011", 45011, NOW + timedelta(minutes=1)), 1, False),
        (Closing("daily_quota", 45009, NOW + timedelta(hours=4)), 1, True),
    ],
)
def test_an_operator_hears_of_what_is_no_matter_of_a_moment(
    closing: Closing, failures: int, told: bool
) -> None:
    assert is_told(closing, failures, NOW) is told


def test_every_message_has_its_urgency_and_what_no_limit_ends_is_of_use_for_some_time() -> None:
    assert URGENCIES.keys() == {*TITLES, "text", "menu"}
    ended_by_limits = {"approval_invitation", "deadline_reminder", "escalation"}
    kept = {"objection_answered"}  # an answer by law reaches its author, however late
    assert OF_USE.keys() == URGENCIES.keys() - ended_by_limits - kept


@pytest.mark.parametrize(
    ("template", "key", "urgency"),
    [
        ("deadline_reminder", "deadline/1/2026-03-02/before_3/2", Urgency.LIMIT),
        ("deadline_reminder", "deadline/1/2026-03-02/due_today/2", Urgency.TODAY),
        ("deadline_reminder", "deadline/1/2026-03-02/overdue_1/2", Urgency.TODAY),
        ("purchase_progress", "progress/1/2", Urgency.NEWS),
        ("handover", "handover/1/2", Urgency.DIGEST),
        ("unheard of", "x", Urgency.NEWS),
    ],
)
def test_the_last_day_of_a_limit_comes_before_other_days(
    template: str, key: str, urgency: Urgency
) -> None:
    assert urgency_of(template, key) is urgency
