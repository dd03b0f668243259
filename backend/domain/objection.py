"""When an objection counts (JS annex 二（一）4; 民法典 469 on what is “written”), and what of it
everybody may read (个人信息保护法 25, 28). What is masked in it: `masking`."""

from datetime import datetime
from enum import StrEnum

from backend.domain import texts
from backend.domain.city.schema import ObjectionRules
from backend.domain.errors import refuse
from backend.domain.remedies import remedy_words
from backend.domain.wording import until

KINDS = {
    "price": "保费或保额",
    "insurer": "保险机构",
    "need": "没有必要投保",
    "procedure": "办理程序",
    "lift": "电梯信息",
    "other": "其他",
}


class ObjectionStatus(StrEnum):
    """Where an objection stands: `received` on time from somebody whom we do not know yet, then
    `verified` or `not_entitled`; `late` from the start; in the end `withdrawn`, or `inadmissible`
    when the reviewer dismissed it."""

    RECEIVED = "received"
    VERIFIED = "verified"
    NOT_ENTITLED = "not_entitled"
    LATE = "late"
    WITHDRAWN = "withdrawn"
    INADMISSIBLE = "inadmissible"


OPEN = frozenset({ObjectionStatus.RECEIVED, ObjectionStatus.VERIFIED})


def holding(rules: ObjectionRules) -> frozenset[ObjectionStatus]:
    """Which objections hold a case: those of owners, and, where the city says so, those whose
    author is not verified yet [D]."""
    return OPEN if rules.unverified_blocks_clearing.value else frozenset({ObjectionStatus.VERIFIED})


# What its author may still take back; what waits for the centre's word.
UNSETTLED = OPEN | {ObjectionStatus.LATE}
STATUS_NAMES = {
    ObjectionStatus.RECEIVED: "已收到，待核实业主身份",
    ObjectionStatus.VERIFIED: "有效，暂缓实施",
    ObjectionStatus.NOT_ENTITLED: "经核实不是相关业主",
    ObjectionStatus.LATE: "公示期满后收到",
    ObjectionStatus.WITHDRAWN: "已撤回",
    ObjectionStatus.INADMISSIBLE: "经复核不予采纳",
}


class Owed(StrEnum):
    """What the centre still has to do about an objection, in the order of work."""

    VERIFICATION = "verification"
    ANSWER = "answer"
    LETTER = "letter"
    REVIEW = "review"


OWED_NAMES = {
    Owed.VERIFICATION: "核实业主身份",
    Owed.ANSWER: "答复",
    Owed.LETTER: "送达书面答复",
    Owed.REVIEW: "复核",
}


# How each status goes on, as author, clerk and receipt read it (JS annex 二（一）4).
NEXT = {
    ObjectionStatus.RECEIVED: "中心先核实业主身份；核实属实且案件仍在公示环节的，暂缓实施。"
    "核实之前，不能确认公示无异议。",
    ObjectionStatus.VERIFIED: "异议有效：案件仍在公示环节的，自收到起暂缓实施，公示时间停止计算。",
    ObjectionStatus.LATE: "公示期已满后收到，不影响办理进程，中心仍会答复。",
    ObjectionStatus.NOT_ENTITLED: "经核实，提交人不是本次公示范围内的业主，理由见答复。",
    ObjectionStatus.WITHDRAWN: "异议已经撤回，不再影响办理。",
    ObjectionStatus.INADMISSIBLE: "经中心复核，异议不予采纳，理由见复核决定。",
}
ANSWERED = (
    "中心已经答复。认可的话，可以撤回异议，案件继续办理。不认可的，不用再做什么：异议继续有效，"
    "中心复核后，或者采纳，或者写明理由不予采纳。"
)

# How often somebody takes an objection to one notice back on the phone. Filing stays free (JS annex
# 二（一）4); who has come and gone so often withdraws in writing, at the centre [D].
MOST_PHONE_WITHDRAWALS = 2
ON_PAPER_NOW = (
    f"您对这份公示已在手机上撤回过{MOST_PHONE_WITHDRAWALS}次异议，"
    "这一次要撤回，请把签名的书面撤回交给中心。"
)


class Source(StrEnum):
    """How an objection came in."""

    MINI_PROGRAM = "mini_program"
    PAPER = "paper"


SOURCE_NAMES = {Source.PAPER: "纸质", Source.MINI_PROGRAM: "小程序"}

# What somebody is told who came by a way that the city does not take objections by.
CLOSED_WAYS = {
    Source.MINI_PROGRAM: "本市受理纸质异议，小程序不接收。"
    "请将签名的书面意见交给中心，交到哪里请先打电话问。",
    Source.PAPER: "本市在小程序受理异议，不接收纸质意见。请异议人在小程序“提出异议”中提交。",
}


class Publication(StrEnum):
    """Whether the words of an objection are published; its number, kind and answer always are."""

    PRIVATE = "private"
    PUBLISHED = "published"
    HELD = "held"
    REFUSED = "refused"


PUBLICATION_NAMES = {
    Publication.PRIVATE: "原文不公布",
    Publication.PUBLISHED: "原文已公布",
    Publication.HELD: "原文等待中心审核",
    Publication.REFUSED: "原文不予公布",
}


class Verdict(StrEnum):
    """What the platform thinks of a text; `unchecked` when it could not be asked or was silent."""

    PASS = "pass"
    REVIEW = "review"
    RISKY = "risky"
    UNCHECKED = "unchecked"


VERDICT_NAMES = {
    Verdict.PASS: "通过",
    Verdict.REVIEW: "建议人工审核",
    Verdict.RISKY: "可能违规",
    Verdict.UNCHECKED: "没有给出结果",
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


def check_text(text: str, rules: ObjectionRules) -> str:
    """The objection's words without surrounding blanks; markup is text like any other.

    Raises Refused as `texts.required`.
    """
    return texts.required(text, rules.max_characters.value, "text", "反对意见和理由")


def check_channel(source: Source, rules: ObjectionRules) -> None:
    """Whether the city takes written objections this way: the plan says only that they are written
    (JS annex 二（一）4). Raises Refused `objection_channel_closed` (conflict)."""
    if source not in rules.channels.value:
        raise refuse("objection_channel_closed", CLOSED_WAYS[source], kind="conflict")


def status_on_receipt(
    received_at: datetime, ends_before: datetime | None, suspended: bool, known_owner: bool
) -> ObjectionStatus:
    """`late` after 24:00 of the last day, else `verified` for a known affected owner or `received`.

    While the notice is suspended its clock stands still, so nothing is late; nor is what comes
    before the last place is posted, when there is no last day yet (None).
    """
    if ends_before is not None and received_at >= ends_before and not suspended:
        return ObjectionStatus.LATE
    return ObjectionStatus.VERIFIED if known_owner else ObjectionStatus.RECEIVED


def what_next(
    status: ObjectionStatus,
    rules: ObjectionRules,
    answered: bool,
    answer_before: datetime | None = None,
) -> str:
    """How the objection goes on, and until when the centre answers, where that is still owed.

    One that is answered and holds the case may be withdrawn, or not: both are said. Whoever reads
    that theirs was dismissed reads the remedies too, as the city tells them.
    """
    if status == ObjectionStatus.INADMISSIBLE:
        return f"{NEXT[status]}{remedy_words(rules)}"
    if answered and status == ObjectionStatus.VERIFIED:
        return ANSWERED
    if answered or answer_before is None or status not in UNSETTLED:
        return NEXT[status]
    return f"{NEXT[status]}中心最晚在{until(answer_before)}书面答复。"


def answer_in_full(answer: str | None, dismissal: str | None) -> str | None:
    """What the centre said to an objection: the answer, then why it was dismissed, if it was."""
    return answer if dismissal is None else f"{answer}\n复核决定：不予采纳。{dismissal}"


def as_published(words: str | None, taken_down: str | None) -> str | None:
    """Words as everybody reads them: once they are taken down, only why."""
    return words if words is None or taken_down is None else f"已撤下（{taken_down}）"


def check_dismissible(status: ObjectionStatus, answered: bool, delivered: bool) -> None:
    """Only what counts, and whose author was given the answer, is dismissed (JS annex 二（一）4).

    Raises Refused (conflict): `objection_closed`, `objection_not_verified`,
    `objection_not_answered`, `answer_not_delivered`.
    """
    if status is ObjectionStatus.RECEIVED:
        message = "该异议还没有核实异议人身份，请经办先核实。"
        raise refuse("objection_not_verified", message, kind="conflict")
    if status is not ObjectionStatus.VERIFIED:
        raise refuse("objection_closed", "该异议已经办结，无需再处理。", kind="conflict")
    if not answered:
        message = "该异议还没有答复，请经办先书面答复，异议人不撤回的再复核。"
        raise refuse("objection_not_answered", message, kind="conflict")
    if not delivered:
        message = "异议人没有账号，书面答复还没有送达，请经办送达并录入后再复核。"
        raise refuse("answer_not_delivered", message, kind="conflict")


def publication_of(
    verdict: Verdict, known_owner: bool, telling: bool
) -> tuple[Publication, str | None]:
    """Whether words whose author asked for it (个人信息保护法 25) are published, or why not.

    Only those of a known affected owner, if the platform's `verdict` on them is `pass` and nothing
    `telling` is left in them. An officer decides where the platform or the mask is not sure.
    """
    if verdict == Verdict.RISKY:
        return Publication.REFUSED, RISKY
    if verdict != Verdict.PASS:
        return Publication.HELD, HELD
    if not known_owner:
        return Publication.HELD, UNKNOWN
    return (Publication.HELD, TELLING) if telling else (Publication.PUBLISHED, None)
