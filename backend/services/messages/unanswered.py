"""What was posted while a channel was away, and never answered.

The platform reports of each template message that it took how that ended (`delivery_results`). Of
what it has reported nothing when the time is over in which it would know a repeat, nobody heard:
once the channel is open again it is posted once more, and its row says so. What nobody answered
then either stays `unknown`, and so does a message by a channel that knows no repeats.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Update, and_, case, exists, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from backend.domain.channels import CHANNELS
from backend.services.messages.outbox import is_over, no_use, role_ended
from backend.store.messages import Outbox, OutboxState

NO_ANSWER = "no_answer"
POSTED_AGAIN = "posted_again"
NO_ANSWER_AGAIN = "no_answer_again"
# In the words of its index.
UNANSWERED = text("outbox.state = 'unknown' AND outbox.outcome = 'no_answer'")
ANY_UNANSWERED = select(exists(select(Outbox.id).where(UNANSWERED)))
AGAIN = "by_hand"  # how the key of a message ends that an officer sent instead
KEPT = timedelta(days=2)  # then it is an officer's to decide


def give_up(now: datetime, too_late: ColumnElement[bool], lost: str) -> Update:
    """Makes of what was perhaps sent, is in nobody's hands and cannot be repeated `unknown`.
    What a lost worker held of a channel that knows repeats was perhaps never posted: it is not left
    at that."""
    knows_repeats = [name for name, channel in CHANNELS.items() if channel.repeat_safe]
    unanswered = or_(Outbox.outcome == NO_ANSWER, Outbox.channel.in_(knows_repeats))
    return (
        update(Outbox)
        .where(Outbox.state == OutboxState.SENDING, Outbox.try_at <= now, too_late)
        .values(
            state=OutboxState.UNKNOWN,
            outcome=case(
                (Outbox.outcome == NO_ANSWER_AGAIN, NO_ANSWER_AGAIN),
                (unanswered, NO_ANSWER),
                else_=lost,
            ),
            settled_at=now,
        )
        .execution_options(synchronize_session=False)
    )


def post_again(tx: Session, now: datetime, at: datetime, channels: Sequence[str]) -> None:
    """Let these wait to be posted once more by these open channels. `now` is real time, `at`
    business time."""
    late = [
        and_(Outbox.channel == name, Outbox.first_tried_at <= now - CHANNELS[name].repeat_safe)
        for name in channels
        if CHANNELS[name].repeat_safe
    ]
    if not late or not tx.scalar(ANY_UNANSWERED):
        return
    instead = aliased(Outbox)
    by_hand = exists(
        select(instead.id).where(instead.natural_key == Outbox.natural_key + f"/{AGAIN}")
    )
    over = or_(is_over(), no_use(at), role_ended(at), by_hand)
    tx.execute(
        update(Outbox)
        .where(UNANSWERED, or_(*late), Outbox.settled_at > now - KEPT, ~over)
        .values(
            state=OutboxState.CREATED,
            outcome=POSTED_AGAIN,
            first_tried_at=None,
            settled_at=None,
            try_at=now,
        )
        .execution_options(synchronize_session=False)
    )
