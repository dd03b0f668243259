"""Why a right was ended (授权终止): one of a few reasons, so that the chain says it and nothing
else of a person. Pure."""

from enum import StrEnum


class RightEnd(StrEnum):
    """Why somebody may do it no more."""

    LEFT = "left"
    MOVED = "moved"
    NOT_NEEDED = "not_needed"
    MISTAKE = "mistake"


RIGHT_END_NAMES = {
    RightEnd.LEFT: "离职、退休",
    RightEnd.MOVED: "调岗、换人",
    RightEnd.NOT_NEEDED: "不再需要",
    RightEnd.MISTAKE: "授权有误",
}
