"""What people write is there to be read: one rule and one code, whoever asks for it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.domain.errors import Refused
from backend.domain.texts import file_name, optional, required, tidy, wrong

BACKEND = Path(__file__).parents[2] / "backend"
READABLE = some.text("保费偏高，请比选。abc \n", min_size=1, max_size=30).filter(str.strip)


@given(READABLE, some.sampled_from(["", " ", "\n", "\u3000"]))
def test_what_can_be_read_is_kept_without_the_blanks_around_it(text: str, around: str) -> None:
    assert required(around + text + around, 30, "reason", "理由") == text.strip()
    assert optional(text, 30, "reason", "理由") == text.strip()
    assert wrong(text, 30, "reason", "理由") == []


@pytest.mark.parametrize("text", [None, "", " \n\u3000", "\u200b\u3164", "\u0301"])
def test_nothing_to_be_seen_is_nothing_written(text: str | None) -> None:
    with pytest.raises(Refused) as refused:
        required(text, 30, "answer", "答复")
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.field) == ("text_required", "answer")
    assert refusal.message == "请写明答复。"
    assert optional(text, 30, "answer", "答复") is None
    assert tidy(text) == ""


@given(some.integers(1, 50), some.integers(1, 50))
def test_a_text_may_be_as_long_as_it_may_be_and_no_longer(longest: int, length: int) -> None:
    found = wrong(f" {'贵' * length}\r\n", longest, "reason", "理由")
    if length <= longest:
        assert found == []
    else:
        [refusal] = found
        assert (refusal.code, refusal.field) == ("text_too_long", "reason")
        assert f"最多{longest}字，现有{length}字" in refusal.message


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\x00", "\x1b", "\ud800", "\U000e0041"])
def test_what_turns_or_hides_letters_is_refused(hidden: str) -> None:
    [refusal] = wrong(f"保费{hidden}偏高", 30, "text", "意见")
    assert (refusal.code, refusal.field) == ("text_characters_invalid", "text")


def test_several_lines_and_emoji_are_a_text() -> None:
    assert required("一、太贵\r\n二、太少👨‍👩‍👧", 30, "text", "意见") == "一、太贵\n二、太少👨‍👩‍👧"


def test_a_file_is_called_by_what_can_be_seen_of_its_name() -> None:
    assert file_name("C:\\银行\\明\0细\a\u202e.xlsx ", 80) == "明细.xlsx"
    assert file_name("/家/" + "长" * 99 + ".xlsx", 9) == "长长长长.xlsx"
    assert file_name("\0/", 80) == "未命名"


def test_no_service_tidies_a_text_by_itself() -> None:
    """Tables of workbooks aside, where cells have rules of their own."""
    astray = [
        str(path.relative_to(BACKEND))
        for path in sorted((BACKEND / "services").rglob("*.py"))
        if path.parent.name != "workbooks" and re.search(r"\.strip\(\)", path.read_text("utf-8"))
    ]
    assert astray == []
