"""What a person says of themselves and the centre decides: who they are on the roster (身份核验),
and what is kept wrongly about them (更正, 个人信息保护法 46)."""

from enum import StrEnum


class VerificationKind(StrEnum):
    """As what somebody says to stand on the roster."""

    OWNER = "owner"
    COMMITTEE_MEMBER = "committee_member"


class VerificationState(StrEnum):
    """`open` until the centre verifies or rejects it, or the person's phone proves it."""

    OPEN = "open"
    VERIFIED = "verified"
    REJECTED = "rejected"


VERIFICATION_NAMES = {
    VerificationState.OPEN: "等待中心核验",
    VerificationState.VERIFIED: "已核验通过",
    VerificationState.REJECTED: "未通过",
}


class RectificationState(StrEnum):
    """`open` until the centre has corrected it or says why not."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


RECTIFICATION_NAMES = {
    RectificationState.OPEN: "等待中心办理",
    RectificationState.DONE: "已更正",
    RectificationState.REFUSED: "不予更正",
}
