"""Another turn for what failed: an officer who says why sends a message again, or has a callback
that was given up worked on once more. Each is a link of the audit chain."""

from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.audit_actions import AuditAction
from backend.domain.channels import CHANNELS, CHAT, ways_from
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.roles import Role
from backend.domain.texts import REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.messages import channels, outbox
from backend.services.messages.unanswered import AGAIN
from backend.store.messages import Inbox, InboxState, Outbox, OutboxState

SENDERS = (Role.ADMINISTRATOR, Role.CLERK)
KEEPERS = (Role.ADMINISTRATOR,)


def send_again(ctx: Context, actor: Actor, message_id: UUID, reason: str) -> None:
    """What a message said, once more, by the first way that is open to its reader now.

    Only what did not arrive, or perhaps did not: of the latter the reader may get two. Raises
    Refused: not_found, role_required, text_required, text_too_long, message_not_failed,
    message_not_repeatable, message_sent_again, message_is_over, message_unreachable.
    """
    why = required(reason, REASON_LIMIT, "reason", "重发的理由")
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *SENDERS)
        row = tx.get(Outbox, message_id, with_for_update=True)
        if row is None:
            raise nothing_there("消息")
        if refusal := why_not_again(tx, ctx, row):
            raise Refused(refusal, kind="conflict")
        ways = ways_from(CHANNELS[row.channel])
        way = channels.choose(tx, ctx, [row.person_id], row.template, ways).get(row.person_id)
        if way is None:
            message = "收件人现在没有关注公众号，也没有同意接收，发不到。请用电话或书面告知。"
            raise refuse("message_unreachable", message, kind="conflict")
        outbox.write_again(tx, row, AGAIN, way)
        facts = {"template": row.template, "state": row.state, "reason": why}
        subject = ("message", row.id)
        action = AuditAction.MESSAGE_SEND_AGAIN
        audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
        tx.commit()


def take_up_callback(ctx: Context, actor: Actor, callback_id: UUID, reason: str) -> None:
    """A callback that was given up is worked on once more, as if it had just come.

    Raises Refused: not_found, role_required, text_required, text_too_long, callback_not_dead.
    """
    why = required(reason, REASON_LIMIT, "reason", "重新处理的理由")
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *KEEPERS)
        row = tx.get(Inbox, callback_id, with_for_update=True)
        if row is None:
            raise nothing_there("回调")
        if row.state is not InboxState.DEAD:
            message = "这条回调没有搁置，或已经重新处理，无需再办。"
            raise refuse("callback_not_dead", message, kind="conflict")
        facts = {"error": row.error, "attempts": row.attempts, "reason": why}
        row.state, row.attempts, row.error, row.try_at = InboxState.NEW, 0, None, system_clock()
        subject = ("callback", row.id)
        action = AuditAction.CALLBACK_TAKE_UP
        audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
        tx.commit()


def why_not_again(tx: Session, ctx: Context, row: Outbox) -> Refusal | None:
    """Why this message cannot be sent again; None where it can, as far as one knows beforehand."""
    if row.state not in (OutboxState.FAILED, OutboxState.UNKNOWN):
        return Refusal("message_not_failed", "这条消息已经发出或还在发送，不用重发。")
    if row.channel == CHAT.name:
        message = "聊天里的回复不能重发：对方再说一句，就会再得到回复。"
        return Refusal("message_not_repeatable", message)
    if not row.data:  # its period was over (`people.retention`)
        message = "这条消息的内容已过保存期限、不再保存，不能重发。"
        return Refusal("message_not_repeatable", message)
    # What the channel's next way carries already, and what an officer sent before.
    again = [f"{row.natural_key}/{ending}" for ending in (AGAIN, "again", "next")]
    if tx.scalar(select(exists().where(Outbox.natural_key.in_(again)))):
        return Refusal("message_sent_again", "这条消息已经重发过，请看后来的那一条。")
    over = or_(outbox.is_over(), outbox.role_ended(ctx.clock()))
    if tx.scalar(select(exists().where(Outbox.id == row.id, over))):
        message = "消息说的事已经过去，或收件人已不在原来的岗位，不能重发。"
        return Refusal("message_is_over", message)
    return None
