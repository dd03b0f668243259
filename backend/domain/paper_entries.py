"""What a clerk enters from a paper at the counter and another clerk compares with its scan before
it counts: what moves a case or ends somebody's word is nobody's alone [D]."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from backend.domain.errors import refuse


class PaperKind(StrEnum):
    """What a paper says that waits for a second look."""

    COSIGNATURES = "cosignatures"
    MINUTES = "minutes"
    OBJECTION_WITHDRAWAL = "objection_withdrawal"
    BALLOTS = "ballots"


PAPER_KIND_NAMES: Mapping[PaperKind, str] = {
    PaperKind.COSIGNATURES: "纸质联名",
    PaperKind.MINUTES: "业委会会议纪要",
    PaperKind.OBJECTION_WITHDRAWAL: "书面撤回异议",
    PaperKind.BALLOTS: "纸质表决票",
}
# What follows once it is compared; what people did themselves meanwhile stands before the paper.
FOLLOWS: Mapping[PaperKind, str] = {
    PaperKind.COSIGNATURES: "这些联名计入申请；录入以后业主自己联名或撤回的，以业主为准。",
    PaperKind.MINUTES: "各位委员的意见计入审议；录入以后已经在手机上答复的，以本人的答复为准。",
    PaperKind.OBJECTION_WITHDRAWAL: "这件异议撤回，不再影响办理。",
    PaperKind.BALLOTS: "这些表决票计入表决；录入以后业主自己在手机上投的票，以业主为准。",
}


def check_received(received_at: datetime, not_before: datetime, now: datetime) -> None:
    """The centre has it by now, and not before the minute in which there was what it is about.

    Raises Refused `received_at_invalid`.
    """
    if not not_before.replace(second=0, microsecond=0) <= received_at <= now:
        message = "收到时间应在纸上所写的事情之后、现在之前，请核对。"
        raise refuse("received_at_invalid", message, "received_at")
