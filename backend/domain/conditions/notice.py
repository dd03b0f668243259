"""Conditions of the notice and of objections to it (JS annex 二（一）4–5)."""

from backend.domain.conditions.common import missing_photos, unless
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.objection import ObjectionStatus, holding
from backend.domain.rules import reads


@reads("notice")
def start_photos_complete(facts: Facts) -> list[Refusal]:
    """The notice starts when the last required place has its start photos [D]."""
    if not facts.notice.drafted:
        return [Refusal("notice_not_drafted", "尚未生成公示，请先生成公示并张贴。")]
    return missing_photos(facts.notice.missing_start, "start_photo_missing")


@reads("notice")
def notice_drafted(facts: Facts) -> list[Refusal]:
    """Only what was frozen can be undone [D]."""
    return unless(
        facts.notice.drafted, "notice_not_drafted", "没有待张贴的公示，无需撤回，请刷新后查看。"
    )


@reads("notice")
def notice_ended(facts: Facts) -> list[Refusal]:
    """Seven days, to 24:00 of the last (JS annex 二（一）4; Civil Code 200–204)."""
    ends_before = facts.notice.ends_before
    ended = ends_before is not None and ends_before <= facts.now
    return unless(ended, "notice_still_open", "公示期尚未届满，请在公示结束后办理。")


@reads("notice")
def end_photos_complete(facts: Facts) -> list[Refusal]:
    """公示的影像资料: photos at the end too (JS annex 二（一）7)."""
    return missing_photos(facts.notice.missing_end, "end_photo_missing")


@reads("notice")
def late_photos_explained(facts: Facts) -> list[Refusal]:
    """End photos long after the end prove little: whoever clears the notice says what makes it
    certain that it hung to its last day (JS annex 二（一）4, 7) [D]."""
    late = facts.notice.late_end
    return unless(
        not late or facts.late_photos_explained,
        "late_photos_unexplained",
        f"结束照片拍晚了：{'、'.join(late)}。请书面说明怎样查明公示一直张贴到最后一日，再确认。",
        "late_photos_statement",
    )


@reads("objections")
def no_open_objection(facts: Facts) -> list[Refusal]:
    """JS annex 二（一）4: an objection on time holds the case until it is withdrawn or settled.

    Verified or not; also one that was received on paper in time and entered after the clearing [D].
    """
    counting = holding(facts.city.objection)
    waiting = sum(status in counting for status in facts.objections)
    return unless(
        waiting == 0, "objection_open", f"还有{waiting}件异议未处理，请先核实、答复或等待撤回。"
    )


@reads("objections")
def verified_objection(facts: Facts) -> list[Refusal]:
    """A written objection by an affected owner suspends (JS annex 二（一）4)."""
    return unless(
        ObjectionStatus.VERIFIED in facts.objections,
        "no_verified_objection",
        "没有核实有效的异议，不能暂缓。",
    )
