"""When an objection counts (JS annex 二（一）4; 民法典 469 on what is “written”), and what of it
everybody may read (个人信息保护法 25, 28)."""

import re
import unicodedata
from datetime import datetime

from backend.domain.errors import refuse

KINDS = {
    "price": "保费或保额",
    "insurer": "保险机构",
    "need": "没有必要投保",
    "procedure": "办理程序",
    "lift": "电梯信息",
    "other": "其他",
}
OPEN = frozenset({"received", "verified"})
STANDING_NAMES = {
    "received": "已收到，待核实业主身份",
    "verified": "有效，暂缓实施",
    "not_entitled": "经核实不是相关业主",
    "late": "公示期满后收到",
    "withdrawn": "已撤回",
    "inadmissible": "经答复不成立",
}
# Whether the words are published. Number, kind and answer always are.
PUBLICATION_NAMES = {
    "private": "原文不公布",
    "published": "原文已公布",
    "held": "原文等待中心审核",
    "refused": "原文不予公布",
}
RISKY = "微信内容安全检测认为文字可能违规，原文不予公布。异议已经登记在案，中心照常核实和答复。"
HELD = "微信内容安全检测没有给出明确结果，由中心审核后决定是否公布原文。异议已经登记在案。"

# These turn the direction of writing, so that a text reads as another one.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

MASK = "**"
MOBILE = re.compile(r"1[ \-–—]?[3-9](?:[ \-–—]?\d){9}")
# Phones, ID cards, accounts: seven digits and more, perhaps in groups. Sums of money stay.
LONG_NUMBER = re.compile(
    r"(?<![\d.])(?!\d{4}-\d{1,2}-\d{1,2}(?!\d))\d(?:[ \-–—]?\d){6,}(?![\d.]|\s*[元万亿])"
)
# The flat in 3栋2单元501室, 501号房, 2单元501 and 3-2-501; dates, spans and sums stay.
ROOMS = (
    re.compile(r"(?<!\d)\d{2,5}[A-Za-z]?(?=\s*(?:室|号房|号室|房间))"),
    re.compile(r"[零〇一二三四五六七八九十]{2,5}(?=\s*(?:室|号房|号室))"),
    re.compile(r"(?:(?<=单元)|(?<=[栋幢座楼]))\s*\d{3,4}(?![\d元户台人层])"),
    re.compile(r"(?<![\d\-－—–#])\d{1,3}[\-－—–#](?:\d{1,2}[\-－—–#])?\d{3,4}(?![\d元%％])"),
)


def check_kind(kind: str) -> str:
    """The kind as given; raises Refused when it is not in the list."""
    if kind not in KINDS:
        raise refuse("objection_kind_unknown", "请选择异议类别。", "kind")
    return kind


def check_text(text: str, longest: int) -> str:
    """The objection's words without surrounding blanks; markup is text like any other.

    Raises Refused when they are empty, too long, or hold characters that nobody can see.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise refuse("objection_empty", "请写明反对意见和理由。", "text")
    if len(text) > longest:
        raise refuse("objection_too_long", f"异议请控制在{longest}字以内。", "text")
    if any(_unseen(letter) for letter in text):
        message = "文字里有看不见的控制字符，请删除后重新输入。"
        raise refuse("objection_characters_invalid", message, "text")
    return text


def _unseen(letter: str) -> bool:
    if letter in "\n\t":
        return False
    return letter in TURNING or unicodedata.category(letter) in ("Cc", "Cs")


def standing_on_receipt(
    received_at: datetime, ends_before: datetime, suspended: bool, known_owner: bool
) -> str:
    """`late` after 24:00 of the last day, else `verified` for a known affected owner or `received`.

    While the notice is suspended its clock stands still, so nothing is late.
    """
    if received_at >= ends_before and not suspended:
        return "late"
    return "verified" if known_owner else "received"


def publication_on_receipt(asked: bool, verdict: str) -> tuple[str, str | None]:
    """Whether the words are published, and why not: only if their author asked for it (个人信息
    保护法 25), and the platform's `verdict` on them is `pass`. Without one an officer decides."""
    if not asked:
        return "private", None
    if verdict == "pass":
        return "published", None
    return ("refused", RISKY) if verdict == "risky" else ("held", HELD)


def masked_text(text: str, name: str | None) -> str:
    """The words as everybody may read them: without the author's name, long numbers and flats."""
    if name and len(name.strip()) > 1:
        text = text.replace(name.strip(), MASK)
    for telling in (LONG_NUMBER, MOBILE, *ROOMS):
        text = telling.sub(MASK, text)
    return text
