"""Who proves themselves again, and for how long it holds."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.errors import Refused
from backend.domain.second_factor import RECENT, check_proved

NOW = datetime(2025, 3, 3, 2, tzinfo=UTC)


def refusal(*, has: bool, needs: bool, proved_at: datetime | None = None) -> str:
    """With which code somebody is refused; empty for who passes."""
    try:
        check_proved(has_factor=has, needs_factor=needs, proved_at=proved_at, now=NOW)
    except Refused as refused:
        return refused.refusals[0].code
    return ""


@pytest.mark.parametrize("proved_at", [None, NOW])
def test_who_needs_one_and_has_none_does_nothing_of_the_kind(proved_at: datetime | None) -> None:
    assert refusal(has=False, needs=True, proved_at=proved_at) == "second_factor_missing"


@pytest.mark.parametrize("needs", [True, False])
def test_a_proof_holds_for_ten_minutes(needs: bool) -> None:
    last = NOW - RECENT
    assert refusal(has=True, needs=needs) == "second_factor_needed"
    assert refusal(has=True, needs=needs, proved_at=last) == "second_factor_needed"
    assert refusal(has=True, needs=needs, proved_at=last + timedelta(seconds=1)) == ""


def test_nobody_else_is_asked() -> None:
    assert refusal(has=False, needs=False) == ""
