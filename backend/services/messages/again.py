"""Another turn for what failed, and an end for what should not go on: somebody who says why sends a
message again or takes back one that waits, has a callback that was given up worked on once more or
left, and has a closed channel tried at once. Each is a link of the audit chain.

`actor` None is the server's command line, where whoever keeps the server needs no office.
"""

from collections.abc import Mapping, Sequence
from typing import Any
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
from backend.store.messages import ChannelState, Inbox, InboxState, Outbox, OutboxState

SENDERS = (Role.ADMINISTRATOR, Role.CLERK)
KEEPERS = (Role.ADMINISTRATOR,)


def send_again(ctx: Context, actor: Actor | None, message_id: UUID, reason: str) -> None:
    """What a message said, once more, by the first way that is open to its reader now.

    Only what did not arrive, or perhaps did not: of the latter the reader may get two. Raises
    Refused: not_found, role_required, text_required, text_too_long, message_not_failed,
    message_not_repeatable, message_sent_again, message_is_over, message_unreachable.
    """
    why = required(reason, REASON_LIMIT, "reason", "重发的理由")
    with ctx.sessions() as tx:
        _check(tx, ctx, actor, SENDERS)
        row = _message(tx, message_id)
        if refusal := why_not_again(tx, ctx, row):
            raise Refused(refusal, kind="conflict")
        ways = ways_from(CHANNELS[row.channel])
        way = channels.choose(tx, ctx, [row.person_id], row.template, ways).get(row.person_id)
        if way is None:
            message = "收件人现在没有关注公众号，也没有同意接收，发不到。请用电话或书面告知。"
            raise refuse("message_unreachable", message, kind="conflict")
        outbox.write_again(tx, row, AGAIN, way)
        facts = {"template": row.template, "state": row.state, "reason": why}
        _write_down(tx, ctx, actor, AuditAction.MESSAGE_SEND_AGAIN, ("message", row.id), facts)
        tx.commit()


def drop_message(ctx: Context, message_id: UUID, reason: str) -> None:
    """A message that waits is never sent; on the server's command line alone.

    Raises Refused: not_found, text_required, text_too_long, message_not_waiting.
    """
    why = required(reason, REASON_LIMIT, "reason", "不再发送的理由")
    with ctx.sessions() as tx:
        row = _message(tx, message_id)
        if row.state is not OutboxState.CREATED:
            message = "这条消息没有在等待发送：已经发出、正在发送或者已经结束，不能取消。"
            raise refuse("message_not_waiting", message, kind="conflict")
        row.state, row.settled_at = OutboxState.SUPERSEDED, system_clock()
        facts = {"template": row.template, "reason": why}
        _write_down(tx, ctx, None, AuditAction.MESSAGE_DROP, ("message", row.id), facts)
        tx.commit()


def take_up_callback(ctx: Context, actor: Actor | None, callback_id: UUID, reason: str) -> None:
    """A callback that was given up is worked on once more, as if it had just come.

    Raises Refused: not_found, role_required, text_required, text_too_long, callback_not_dead.
    """
    why = required(reason, REASON_LIMIT, "reason", "重新处理的理由")
    with ctx.sessions() as tx:
        _check(tx, ctx, actor, KEEPERS)
        row = _dead(tx, callback_id)
        facts = {"error": row.error, "attempts": row.attempts, "reason": why}
        row.state, row.attempts, row.error, row.try_at = InboxState.NEW, 0, None, system_clock()
        _write_down(tx, ctx, actor, AuditAction.CALLBACK_TAKE_UP, ("callback", row.id), facts)
        tx.commit()


def drop_callback(ctx: Context, callback_id: UUID, reason: str) -> None:
    """A callback that was given up is left as it is, for good; on the server's command line alone.

    Raises Refused: not_found, text_required, text_too_long, callback_not_dead.
    """
    why = required(reason, REASON_LIMIT, "reason", "不再处理的理由")
    with ctx.sessions() as tx:
        row = _dead(tx, callback_id)
        facts = {"error": row.error, "attempts": row.attempts, "reason": why}
        row.state = InboxState.DONE
        _write_down(tx, ctx, None, AuditAction.CALLBACK_DROP, ("callback", row.id), facts)
        tx.commit()


def try_channel(ctx: Context, channel: str, reason: str) -> None:
    """A closed channel is tried by the next message at once; what the platform says of that one
    opens it or not (decision 85). On the server's command line alone.

    Raises Refused: text_required, text_too_long, channel_not_closed.
    """
    why = required(reason, REASON_LIMIT, "reason", "现在就试的理由")
    with ctx.sessions() as tx:
        row = tx.get(ChannelState, channel, with_for_update=True)
        if row is None or row.since is None:
            message = "这条途径没有停，消息正常发送，不用办理。"
            raise refuse("channel_not_closed", message, kind="conflict")
        facts = {"closed_for": row.reason, "reason": why}
        row.probe_at = system_clock()
        _write_down(tx, ctx, None, AuditAction.CHANNEL_TRY, ("channel", channel), facts)
        tx.commit()


def _check(tx: Session, ctx: Context, actor: Actor | None, roles: Sequence[Role]) -> None:
    if actor is not None:
        require_officer(tx, ctx, actor, *roles)


def _message(tx: Session, message_id: UUID) -> Outbox:
    row = tx.get(Outbox, message_id, with_for_update=True)
    if row is None:
        raise nothing_there("消息")
    return row


def _dead(tx: Session, callback_id: UUID) -> Inbox:
    row = tx.get(Inbox, callback_id, with_for_update=True)
    if row is None:
        raise nothing_there("回调")
    if row.state is not InboxState.DEAD:
        message = "这条回调没有搁置，或已经重新处理，无需再办。"
        raise refuse("callback_not_dead", message, kind="conflict")
    return row


def _write_down(
    tx: Session,
    ctx: Context,
    actor: Actor | None,
    action: AuditAction,
    subject: tuple[str, UUID | str],
    facts: Mapping[str, Any],
) -> None:
    person_id = actor.person_id if actor else None
    audit.append(tx, ctx.clock(), person_id, action, subject, facts)


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
