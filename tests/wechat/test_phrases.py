"""What people mean by what they type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.wechat.phrases import Phrase, understand


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("帮助", "help"),
        (" 幫助！", "help"),
        ("？", "help"),
        ("ＨＥＬＰ", "help"),
        ("你好", "greeting"),
        ("您好。", "greeting"),
        ("待办", "todo"),
        ("【待辦】", "todo"),
        ("截止", "deadlines"),
        ("截止　时间", "deadlines"),
        ("截止時間", "deadlines"),
        ("方案", "plan"),
        ("查看方案", "plan"),
        ("同意", "approve"),
        ("同意。", "approve"),
        ("“同意”", "approve"),
        ("我同意!", "approve"),
        ("赞成", "approve"),
        ("贊成", "approve"),
        ("不同意", "refuse"),
        ("拒絕", "refuse"),
        ("取消", "cancel"),
        ("", "other"),
        ("。。。", "other"),
        ("电梯坏了怎么办", "other"),
        ("进度太慢了", "other"),
    ],
)
def test_words(text: str, command: str) -> None:
    assert understand(text).command == command


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("进度", Phrase("progress")),
        ("进度 SQ-2025-000001", Phrase("progress", "sq-2025-000001")),
        ("進度ＳＱ－２０２５－０００００１", Phrase("progress", "sq-2025-000001")),
        ("电梯31104331002024050001", Phrase("lift", "31104331002024050001")),
        ("電梯：３１１０　", Phrase("lift", "3110")),
    ],
)
def test_what_is_looked_up(text: str, phrase: Phrase) -> None:
    assert understand(text) == phrase


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("不同意 保费偏高", "保费偏高"),
        ("不同意，保费偏高。", "保费偏高"),
        ("不同意因为保费偏高", "因为保费偏高"),
        ("我不同意：Price 太高，比隔壁贵", "Price 太高，比隔壁贵"),
        ("反对，電梯還能用", "電梯還能用"),
        ("不同意（太贵）", "（太贵）"),
        ("不同意 保费太高（比去年贵一倍）。", "保费太高（比去年贵一倍）"),
        ("不同意：“三家比价”没有做", "“三家比价”没有做"),
        ("不同意【详见附件】", "【详见附件】"),
        ("不同意 《方案》第3条不清楚！", "《方案》第3条不清楚！"),
        ("不同意，因为没说清楚钱怎么花", "因为没说清楚钱怎么花"),
        ("不同意，大家都没同意", "大家都没同意"),
    ],
)
def test_a_refusal_keeps_its_reason_word_for_word(text: str, reason: str) -> None:
    assert understand(text) == Phrase("refuse", reason)


@pytest.mark.parametrize("text", ["不同意。", "不同意（）", "不同意…", "不同意 !"])
def test_signs_alone_are_no_reason(text: str) -> None:
    assert understand(text) == Phrase("refuse")


@pytest.mark.parametrize(
    "text", ["同意，谢谢！", "同意 没意见", "我同意，没有异议，辛苦了。", "同意沒問題"]
)
def test_an_approval_may_be_polite(text: str) -> None:
    assert understand(text) == Phrase("approve")


@pytest.mark.parametrize(
    "text",
    [
        "同意吗",
        "同意？",
        "同意但保费要降",
        "不同意见怎么提",
        "不同意吗？",
        "同意书在哪里",
        "大家都同意",
        "不 同意",
        "不,同意",
        "同意，但是保费必须降低",
        "同意,前提是重新报价",
        "同意 除非涨价",
        "同意…才怪",
        "同意 不",
        "同意（不）",
        "同意，早该办了",
        "同意 谢谢？",
        "反对票怎么投",
        "拒绝的话会怎样",
        "不同意的话怎么办",
        "反对的人太多了怎么办",
        "不同意，会怎样",
        "不同意 怎么写呢。",
        "不同意，那我应该去哪里写怎么办",
        "不同意，后来想了想还是同意",
        "不同意保费偏高",
        "不同意…才怪",
        "不同意，开玩笑的，同意",
    ],
)
def test_nothing_unclear_decides_anything(text: str) -> None:
    assert understand(text).command not in ("approve", "refuse")


@given(st.text())
def test_every_text_means_something_and_only_clear_words_approve(text: str) -> None:
    phrase = understand(text)
    if phrase.command == "approve":
        assert "同意" in text or "赞成" in text or "贊成" in text
