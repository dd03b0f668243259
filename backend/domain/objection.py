"""When an objection counts (JS annex 二（一）4; 民法典 469 on what is “written”), and what of it
everybody may read (个人信息保护法 25, 28). What is masked in it: `masking`."""

from datetime import datetime

from backend.domain import texts
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
UNKNOWN = "身份核实后再公布：中心正在核实您是不是相关业主。异议已经登记在案。"
TELLING = "文字里可能还有门牌、号码等信息，由中心审核后决定是否公布原文。异议已经登记在案。"
HELD = "微信内容安全检测没有给出明确结果，由中心审核后决定是否公布原文。异议已经登记在案。"


def check_kind(kind: str) -> str:
    """The kind as given; raises Refused when it is not in the list."""
    if kind not in KINDS:
        raise refuse("objection_kind_unknown", "请选择异议类别。", "kind")
    return kind


def check_text(text: str, longest: int) -> str:
    """The objection's words without surrounding blanks; markup is text like any other.

    Raises Refused as `texts.required`.
    """
    return texts.required(text, longest, "text", "反对意见和理由")


def standing_on_receipt(
    received_at: datetime, ends_before: datetime, suspended: bool, known_owner: bool
) -> str:
    """`late` after 24:00 of the last day, else `verified` for a known affected owner or `received`.

    While the notice is suspended its clock stands still, so nothing is late.
    """
    if received_at >= ends_before and not suspended:
        return "late"
    return "verified" if known_owner else "received"


def publication_of(verdict: str, known_owner: bool, telling: bool) -> tuple[str, str | None]:
    """Whether words whose author asked for it (个人信息保护法 25) are published, or why not.

    Only those of a known affected owner, if the platform's `verdict` on them is `pass` and nothing
    `telling` is left in them. An officer decides where the platform or the mask is not sure.
    """
    if verdict == "risky":
        return "refused", RISKY
    if verdict != "pass":
        return "held", HELD
    if not known_owner:
        return "held", UNKNOWN
    return ("held", TELLING) if telling else ("published", None)
