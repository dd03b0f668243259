"""When an objection counts (JS annex 二（一）4; 民法典 469 on what is “written”)."""

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


def check_kind(kind: str) -> str:
    """The kind as given; raises Refused when it is not in the list."""
    if kind not in KINDS:
        raise refuse("objection_kind_unknown", "请选择异议类别。", "kind")
    return kind


def check_text(text: str, longest: int) -> str:
    """The objection's words without surrounding blanks; raises Refused when empty or too long."""
    text = text.strip()
    if not text:
        raise refuse("objection_empty", "请写明反对意见和理由。", "text")
    if len(text) > longest:
        raise refuse("objection_too_long", f"异议请控制在{longest}字以内。", "text")
    return text


def standing_on_receipt(
    received_at: datetime, ends_before: datetime, suspended: bool, known_owner: bool
) -> str:
    """`late` after 24:00 of the last day, else `verified` for a known affected owner or `received`.

    While the notice is suspended its clock stands still, so nothing is late.
    """
    if received_at >= ends_before and not suspended:
        return "late"
    return "verified" if known_owner else "received"
