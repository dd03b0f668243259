"""原文审核 as a list: which of the words, and its lines, without any words of authors."""

from collections.abc import Sequence

from backend.domain.objection import (
    KINDS,
    PUBLICATION_NAMES,
    STATUS_NAMES,
    VERDICT_NAMES,
    ObjectionStatus,
    Publication,
)
from backend.services.base.context import Actor, Context
from backend.services.lists.desk_list import Address, DeskList, Narrowed, one
from backend.services.reads.moderation_pages import whole_words
from backend.services.workbooks.lists import Value
from backend.store.queries.moderation import WordsRow

TABS = {
    Publication.HELD: "待审核",
    Publication.PUBLISHED: "已公布",
    Publication.REFUSED: "不予公布",
}
NOT_ASKED = "纸质异议，没有送检"
HEADINGS = ("异议", "公示", "案件", "小区", "类别", "状态", "收到时间", "微信检测", "原文", "理由")


def which_of(address: Address) -> Publication:
    """Which of the words an address asks for: those that wait, if it does not say."""
    which = one(address, "publication")
    return Publication(which) if which in TABS else Publication.HELD


def verdict_name(row: WordsRow) -> str:
    """What the platform thought of the words."""
    return VERDICT_NAMES[row.verdict] if row.verdict else NOT_ASKED


def _narrowed(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    which = which_of(address)
    return Narrowed(
        {"publication": [str(which)]},
        [TABS[which]],
        lambda most: [_cells(row) for row in whole_words(ctx, actor, which, most)],
    )


def _cells(row: WordsRow) -> Sequence[Value]:
    return (
        row.number,
        row.notice,
        row.case,
        row.estate,
        KINDS[row.kind],
        STATUS_NAMES[ObjectionStatus(row.status)],
        row.received_at,
        verdict_name(row),
        f"已撤下：{row.taken_down}" if row.taken_down else PUBLICATION_NAMES[row.publication],
        row.reason,
    )


LIST = DeskList("原文审核", HEADINGS, _narrowed)
