"""检查点 leave the house: each auditor hears of the day's, short enough for a message, and need not
come to the desk for it. Does not commit."""

from sqlalchemy.orm import Session

from backend.domain.checkpoint import Checkpoint, first_letters
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.case.news import News, write
from backend.services.case.recipients import holders


def tell_auditors(tx: Session, ctx: Context, point: Checkpoint) -> None:
    """Which link of the chain was signed today, and the first letters of its hash."""
    news = News(
        f"checkpoint/{point.day}/{point.hash.hex()}",
        f"今日检查点第{point.seq}条的指纹",
        first_letters(point.hash),
    )
    write(tx, ctx, news, Role.AUDITOR, holders(tx, ctx, Role.AUDITOR))
