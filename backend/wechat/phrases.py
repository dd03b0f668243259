"""What a person means by what they typed.

Tolerant of width, blanks, punctuation and traditional characters, but never guessing: a condition,
a doubt or a question is no answer, even when it begins like one.
"""

import re
import unicodedata
from dataclasses import dataclass

# The traditional characters that occur in our words.
SIMPLIFIED = str.maketrans(
    "幫務辦進電樓絕贊點單選項說問詢審議對見過間謝麼時書沒錯嗎樣會話為異題誰該",
    "帮务办进电楼绝赞点单选项说问询审议对见过间谢么时书没错吗样会话为异题谁该",
)
EDGES = " \t\r\n.,;:!?~、。，；：！？…·'\"“”‘’「」『』《》()（）[]【】<>＜＞-—_"

WORDS = {
    "help": ("帮助", "帮忙", "help", "菜单", "功能", "使用说明", "怎么用", "指令"),
    "greeting": (
        *("你好", "您好", "hi", "hello", "嗨", "在吗", "早上好", "上午好", "中午好"),
        *("下午好", "晚上好", "谢谢", "多谢", "感谢"),
    ),
    "todo": ("待办", "我的待办", "待办事项", "todo"),
    "deadlines": ("截止", "截止时间", "截止日期", "期限", "到期", "deadlines"),
    "plan": ("方案", "查看方案", "看方案", "审议", "审议方案", "plan"),
    "cancel": ("取消", "放弃", "算了", "算了吧", "不用了", "点错了"),
}
# These may be followed by a number or code, with or without a blank.
PREFIXES = {
    "progress": ("办理进度", "查进度", "进度", "progress"),
    "lift": ("查电梯", "电梯", "lift"),
}
MEANING = {word: command for command, words in WORDS.items() for word in words}
CODE = re.compile(r"[0-9A-Za-z-]{0,40}")
APPROVE = re.compile(r"我?(?:同意|赞成)")
REFUSE = re.compile(r"我?(?:不同意|不赞成|反对|拒绝)")
# 不同意见, 同意书: these only begin with the same characters.
NOT_AN_ANSWER = ("见", "书")
# All that may follow an approval.
COURTESY = re.compile(
    r"(?:谢谢|多谢|感谢|辛苦|没有?意见|没有?异议|无意见|无异议|没有?问题|支持|好的|您|你|大家|了|们)*"
)
# What must not follow a refusal: a question, or words that take it back.
NO_REFUSAL = re.compile(r"怎么|怎样|如何|咋|吗|的话|是否|[么呢]$|才怪|(?<!不)(?:同意|赞成)")
BECAUSE = ("因为", "由于", "理由")


@dataclass(frozen=True)
class Phrase:
    """What is meant: a key of WORDS or PREFIXES, `approve`, `refuse`, `unclear` or `other`.

    `unclear` begins like an answer and is none. `rest` is what came with it: the reason of a
    refusal in the person's own words, a number or a code.
    """

    command: str
    rest: str = ""


def understand(text: str) -> Phrase:
    """Read one message."""
    # One character each, so that places in `read` are places in `text`.
    read = "".join(unicodedata.normalize("NFKC", c)[:1] for c in text).translate(SIMPLIFIED)
    tidy = read.strip(EDGES).lower()
    if tidy in MEANING:
        return Phrase(MEANING[tidy])
    if not tidy:
        return Phrase("help" if "?" in read else "other")
    return _lookup(tidy) or _answer(text, read) or Phrase("other")


def _lookup(tidy: str) -> Phrase | None:
    for command, words in PREFIXES.items():
        for word in words:
            if tidy.startswith(word):
                rest = tidy.removeprefix(word).strip(EDGES)
                # A sentence that begins with 电梯 does not name a lift.
                return Phrase(command, rest) if CODE.fullmatch(rest) else None
    return None


def _answer(text: str, read: str) -> Phrase | None:
    """`同意` alone, `不同意` alone or with a reason; `unclear` when it goes on in another way."""
    start = len(read) - len(read.lstrip(EDGES))
    if found := REFUSE.match(read, start):
        rest = read[found.end() :]
        # 反对票…, 拒绝的话…: without a break it speaks about refusing.
        apart = rest[:1] in EDGES or rest.startswith(BECAUSE)
        if rest.startswith(NOT_AN_ANSWER):
            return None
        if apart and "?" not in rest and not NO_REFUSAL.search(rest.strip(EDGES)):
            return Phrase("refuse", text[found.end() :].strip(EDGES))
        return Phrase("unclear")
    if found := APPROVE.match(read, start):
        rest = read[found.end() :]
        if rest.startswith(NOT_AN_ANSWER):
            return None
        polite = COURTESY.fullmatch("".join(c for c in rest if c not in EDGES))
        return Phrase("approve" if polite and "?" not in rest else "unclear")
    return None
