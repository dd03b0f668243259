"""The committee's answers: how they are counted and what an answer must say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.approval import Answer, Tally, check_answer, count
from backend.domain.errors import Refused
from backend.domain.texts import REASON_LIMIT


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_more_than_half_of_those_in_office_decide(
    approvals: int, refusals: int, silent: int
) -> None:
    in_office = approvals + refusals + silent
    decided = Tally(approvals, refusals, in_office).decided
    assert (decided == "approve") is (approvals > in_office - approvals)
    assert (decided == "refuse") is (refusals > in_office - refusals)


def test_half_is_not_more_than_half() -> None:
    assert Tally(2, 2, 4).decided is None


def test_an_empty_committee_decides_nothing() -> None:
    assert count([], 0).decided is None


@given(st.lists(st.sampled_from(Answer)), st.integers(0, 20))
def test_every_latest_answer_counts_once(answers: list[Answer], silent: int) -> None:
    tally = count(iter(answers), len(answers) + silent)
    assert tally.approvals + tally.refusals == len(answers)
    assert tally.in_office == len(answers) + silent


def test_an_approval_needs_no_reason_and_keeps_one_that_is_given() -> None:
    assert check_answer("approve", None) is None
    assert check_answer("approve", "  同意，价格合适\n") == "同意，价格合适"


@pytest.mark.parametrize("reason", [None, "", " \u3000\n"])
def test_a_refusal_must_say_why(reason: str | None) -> None:
    with pytest.raises(Refused, match="text_required") as refused:
        check_answer("refuse", reason)
    assert refused.value.refusals[0].field == "reason"


def test_a_reason_has_a_length() -> None:
    assert check_answer("refuse", "贵" * REASON_LIMIT) == "贵" * REASON_LIMIT
    with pytest.raises(Refused, match="text_too_long"):
        check_answer("refuse", "贵" * (REASON_LIMIT + 1))


@pytest.mark.parametrize("answer", ["", "abstain", "APPROVE", "同意"])
def test_there_are_two_answers(answer: str) -> None:
    with pytest.raises(Refused, match="answer_unknown"):
        check_answer(answer, "x")
