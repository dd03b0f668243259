"""When an objection counts, and what it must say."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.city.schema import ObjectionRules
from backend.domain.errors import Refused
from backend.domain.local_time import SHANGHAI
from backend.domain.objection import (
    KINDS,
    OPEN,
    STATUS_NAMES,
    UNSETTLED,
    ObjectionStatus,
    Source,
    Verdict,
    answer_in_full,
    as_published,
    check_channel,
    check_dismissible,
    check_kind,
    check_text,
    publication_of,
    status_on_receipt,
    what_next,
)
from backend.domain.typed_table import Sourced
from backend.store.city_files import load_city

RULES = load_city("jishou").objection
ENDS_BEFORE = datetime(2025, 3, 11, tzinfo=SHANGHAI)
LAST_MOMENT = ENDS_BEFORE - timedelta(microseconds=1)


def upto(characters: int) -> ObjectionRules:
    return replace(RULES, max_characters=Sourced(characters, "default"))


def test_an_owner_on_time_is_verified_at_once() -> None:
    assert status_on_receipt(LAST_MOMENT, ENDS_BEFORE, False, True) == "verified"


def test_somebody_on_time_is_received_and_waits_to_be_verified() -> None:
    assert status_on_receipt(LAST_MOMENT, ENDS_BEFORE, False, False) == "received"


@pytest.mark.parametrize("known_owner", [True, False])
def test_midnight_of_the_last_day_is_too_late(known_owner: bool) -> None:
    assert status_on_receipt(ENDS_BEFORE, ENDS_BEFORE, False, known_owner) == "late"


def test_nothing_is_late_while_the_clock_of_the_notice_stands_still() -> None:
    after = ENDS_BEFORE + timedelta(days=30)
    assert status_on_receipt(after, ENDS_BEFORE, True, True) == "verified"
    assert status_on_receipt(after, ENDS_BEFORE, True, False) == "received"


@given(st.timedeltas(), st.booleans(), st.booleans())
def test_an_objection_is_open_exactly_if_it_is_not_late(
    ahead: timedelta, suspended: bool, known_owner: bool
) -> None:
    try:
        received_at = ENDS_BEFORE - ahead
    except OverflowError:
        return
    status = status_on_receipt(received_at, ENDS_BEFORE, suspended, known_owner)
    assert (status in OPEN) is (suspended or ahead > timedelta(0))


def test_the_words_are_kept_without_surrounding_blanks() -> None:
    assert check_text("  保费偏高。\n", upto(2000)) == "保费偏高。"


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\t\u3000", "\u200b\u200d", "\u00a0\ufeff\u0301", "\u2060 \u3164\u2800"],
)
def test_an_empty_objection_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="text_required"):
        check_text(text, upto(2000))


def test_an_objection_has_a_length() -> None:
    assert check_text("字" * 2000, upto(2000))
    with pytest.raises(Refused, match="text_too_long") as refused:
        check_text("字" * 20_000, upto(2000))
    assert "2000字" in refused.value.refusals[0].message


@pytest.mark.parametrize("way", list(Source))
def test_a_way_that_the_city_does_not_open_is_refused_and_the_other_is_named(way: Source) -> None:
    (other,) = set(Source) - {way}
    check_channel(way, RULES)
    alone = replace(RULES, channels=Sourced((other.value,), "default"))
    check_channel(other, alone)
    with pytest.raises(Refused, match="objection_channel_closed") as refused:
        check_channel(way, alone)
    named = {Source.PAPER: "签名的书面意见", Source.MINI_PROGRAM: "在小程序"}[other]
    assert named in refused.value.refusals[0].message


def test_the_kind_is_one_of_the_list() -> None:
    assert [check_kind(kind) for kind in KINDS] == list(KINDS)
    with pytest.raises(Refused, match="objection_kind_unknown"):
        check_kind("everything")


def test_markup_and_line_breaks_are_words_like_any_other() -> None:
    assert (
        check_text("<script>\r\n保费\t偏高</script>", upto(100)) == "<script>\n保费\t偏高</script>"
    )


@pytest.mark.parametrize(
    "unseen",
    ["\0", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud800", "\U000e0041", "\U000e007f"],
)
def test_characters_that_nobody_sees_are_refused(unseen: str) -> None:
    with pytest.raises(Refused, match="text_characters_invalid"):
        check_text(f"保费{unseen}偏高", upto(100))


def test_every_open_status_has_a_name() -> None:
    assert {*OPEN, "late", "withdrawn", "inadmissible", "not_entitled"} == set(STATUS_NAMES)


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("known_owner", [True, False])
@pytest.mark.parametrize("telling", [True, False])
def test_only_harmless_words_of_a_known_owner_are_published(
    verdict: Verdict, known_owner: bool, telling: bool
) -> None:
    publication, reason = publication_of(verdict, known_owner, telling)
    harmless = verdict == "pass" and known_owner and not telling
    assert (publication == "published") is harmless
    assert (publication == "refused") is (verdict == "risky")
    assert (reason is None) is harmless


def test_an_unknown_author_is_told_that_publication_waits_for_the_centre() -> None:
    publication, reason = publication_of(Verdict.PASS, False, False)
    assert publication == "held"
    assert reason is not None
    assert "身份核实后再公布" in reason


def test_an_author_reads_until_when_the_answer_comes_and_what_follows_from_it() -> None:
    due = datetime(2025, 3, 11, tzinfo=SHANGHAI)
    for status in ObjectionStatus:
        owed = status in UNSETTLED
        words = what_next(status, RULES, answered=False, answer_before=due)
        assert ("中心最晚在2025年3月10日（周一）24:00书面答复" in words) is owed
    after = what_next(ObjectionStatus.VERIFIED, RULES, answered=True, answer_before=due)
    assert "不认可的" in after
    assert "最晚" not in after


@pytest.mark.parametrize(
    ("answered", "delivered"), [(True, True), (True, False), (False, True), (False, False)]
)
@pytest.mark.parametrize("status", list(ObjectionStatus))
def test_only_an_objection_of_an_affected_owner_who_has_the_answer_is_dismissed(
    status: ObjectionStatus, answered: bool, delivered: bool
) -> None:
    if status is ObjectionStatus.VERIFIED and answered and delivered:
        check_dismissible(status, answered, delivered)
        return
    not_told = "answer_not_delivered" if answered else "objection_not_answered"
    why = {
        ObjectionStatus.RECEIVED: "objection_not_verified",
        ObjectionStatus.VERIFIED: not_told,
    }
    with pytest.raises(Refused, match=why.get(status, "objection_closed")):
        check_dismissible(status, answered, delivered)


def test_what_was_taken_down_shows_why_and_nothing_else() -> None:
    words = answer_in_full("三家报价已公布", "比选过程合规。")
    assert words == "三家报价已公布\n复核决定：不予采纳。比选过程合规。"
    assert answer_in_full("三家报价已公布", None) == "三家报价已公布"
    assert as_published(words, None) == words
    assert as_published(words, "涉及个人信息") == "已撤下（涉及个人信息）"
    assert as_published(None, "涉及个人信息") is None
