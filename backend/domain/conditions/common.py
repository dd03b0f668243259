"""What several conditions answer with."""

from collections.abc import Iterable

from backend.domain.errors import Refusal


def unless(holds: bool, code: str, message: str, field: str | None = None) -> list[Refusal]:
    """The one refusal of a condition that does not hold."""
    return [] if holds else [Refusal(code, message, field)]


def missing_photos(missing: Iterable[str], code: str) -> list[Refusal]:
    """A refusal for each photo of the notice that is missing, in words."""
    return [Refusal(code, f"缺少公示照片：{what}，请补拍上传。", "photos") for what in missing]
