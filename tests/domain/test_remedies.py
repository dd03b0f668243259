"""What the author of a dismissed objection is told: the law's terms, as the city tells them."""

from dataclasses import replace

from backend.domain.city.schema import ObjectionRules, Remedy
from backend.domain.objection import ObjectionStatus, what_next
from backend.domain.remedies import UNDECIDED, remedy_words
from backend.domain.typed_table import Sourced
from backend.store.city_files import load_city

RULES = load_city("jishou").objection
LAWYER = "律师意见（虚构）"


def telling(*remedies: Remedy, source: str = LAWYER) -> ObjectionRules:
    return replace(RULES, remedies=Sourced(remedies, source))


def test_reconsideration_has_sixty_days_and_the_court_fifteen_after_it() -> None:
    words = remedy_words(telling("reconsideration"))
    assert "自知道之日起60日内，依照《行政复议法》第二十条申请行政复议" in words
    assert "自收到复议决定书之日起15日内，依照《行政诉讼法》第四十五条" in words
    assert "第四十六条" not in words


def test_the_court_without_reconsideration_has_six_months() -> None:
    words = remedy_words(telling("litigation"))
    assert words == (
        "不服中心决定的，可以自知道之日起6个月内，依照《行政诉讼法》第四十六条直接向人民法院提起行政诉讼。"
    )


def test_the_committees_decision_may_be_taken_to_court_within_a_year() -> None:
    words = remedy_words(telling("revocation"))
    assert words.startswith("认为业主委员会的决定侵害您的合法权益的")
    assert "一年内" in words
    assert "《民法典》第二百八十条" in words
    assert "行政" not in words


def test_a_city_that_has_not_decided_says_that_the_road_may_not_be_open() -> None:
    every = RULES.remedies.value
    assert RULES.remedies.is_default
    assert UNDECIDED in remedy_words(RULES)
    assert UNDECIDED not in remedy_words(telling(*every))
    assert UNDECIDED not in remedy_words(telling("revocation", source="default"))


def test_a_city_without_remedies_promises_none() -> None:
    silent = telling()
    assert remedy_words(silent) == ""
    for status in ObjectionStatus:
        for answered in (True, False):
            words = what_next(status, silent, answered=answered)
            assert not any(word in words for word in ("复议", "起诉", "诉讼", "法院"))


def test_only_whoever_was_dismissed_is_told() -> None:
    told = {s for s in ObjectionStatus if remedy_words(RULES) in what_next(s, RULES, True)}
    assert told == {ObjectionStatus.INADMISSIBLE}
