"""What the platform reports about the service account: messages, people who leave, sends ended.

Around the bot, which only thinks: this loads what it goes by, does what it asks for, and writes its
replies as outbox rows, all in the transaction that marks the callback done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.channels import CHAT
from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.base.context import Actor, Context
from backend.services.messages import conversations, delivery_results, outbox
from backend.services.messages.inbox import Callback, NotYet
from backend.services.people.identities import person_behind, unfollowed
from backend.services.purchase import approvals
from backend.services.purchase.approvals import MemberAnswer
from backend.services.reads import chat, plan_cards, todos
from backend.services.reads.chat import Known
from backend.wechat import replies
from backend.wechat.bot import Act, ChatBot, Decide, LookUp, Outcome, Recorded, said_at
from backend.wechat.channels.chat import sealed_words
from backend.wechat.choices import choice_id, open_choice
from backend.wechat.incoming import Incoming, from_inbox
from backend.wechat.replies import Menu, Reply, Text

# Of all other events nobody waits for an answer, and many are sent by the platform itself.
ANSWERED = ("subscribe", "click")


class ServiceAccountEvents:
    """Works on the service account's callbacks."""

    def __init__(self, ctx: Context, bot: ChatBot) -> None:
        self._ctx = ctx
        self._bot = bot

    def handle(self, tx: Session, callback: Callback) -> None:
        """Work on one callback; what it writes belongs to `tx`, which the caller commits.

        Raises NotYet for the end of a message whose sending is not settled yet, and AskFirst for
        somebody whom the platform must vouch for.
        """
        incoming = from_inbox(callback.body)
        if incoming.event == "templatesendjobfinish":
            self._finish(tx, incoming)
        elif incoming.event == "unsubscribe":
            unfollowed(tx, self._ctx, incoming.openid)
        elif incoming.kind != "event" or incoming.event in ANSWERED:
            person_id = person_behind(tx, self._ctx, incoming.openid, callback.vouched)
            self._converse(tx, callback, incoming, person_id)

    def _finish(self, tx: Session, incoming: Incoming) -> None:
        known = delivery_results.finish(
            tx, self._ctx, incoming.openid, incoming.job_msgid, incoming.job_status
        )
        if not known and incoming.job_status != "success":
            raise NotYet

    def _converse(
        self, tx: Session, callback: Callback, incoming: Incoming, person_id: UUID
    ) -> None:
        known = chat.known_of(tx, self._ctx, person_id)
        before = known.turn
        quoted = before.reason if before else ""
        chosen = open_choice(self._ctx.cipher, person_id, incoming.menu_choice_id, quoted)
        step = self._bot.answer(incoming, chosen, known)
        if step.act is not None:
            outcome = self._do(tx, step.act, incoming, person_id, known)
            if isinstance(step.act, Decide):
                known = chat.known_of(tx, self._ctx, person_id)
            step = self._bot.after(step.act, outcome, known)
        if step.turn != before:
            conversations.remember(tx, self._ctx.cipher, person_id, step.turn)
        role = str(Role.COMMITTEE_MEMBER) if known.seat else "follower"
        self._reply(tx, callback, person_id, role, step.replies)

    def _do(
        self, tx: Session, act: Act, incoming: Incoming, person_id: UUID, known: Known
    ) -> Outcome:
        match act:
            case Decide():
                return self._decide(tx, act, incoming, person_id, known)
            case LookUp("todo"):
                return replies.todo(todos.own_todos(tx, self._ctx, Actor(person_id)))
            case LookUp("deadlines"):
                return replies.deadlines(chat.deadlines(tx, self._ctx, person_id))
            case LookUp("progress", asked):
                return replies.progress(chat.progress(tx, self._ctx, person_id, asked or None))
            case LookUp(_, code):
                return replies.lift(chat.lift_status(tx, self._ctx, code))

    def _decide(
        self, tx: Session, act: Decide, incoming: Incoming, person_id: UUID, known: Known
    ) -> Outcome:
        try:
            with tx.begin_nested():  # what is refused leaves nothing behind but the reply
                tally = approvals.answer_within(
                    tx,
                    self._ctx,
                    person_id,
                    act.plan_id,
                    MemberAnswer(
                        act.choice, act.reason, "chat", incoming.msg_id, said_at(incoming, known)
                    ),
                )
        except Refused as refused:
            return refused.refusals[0]
        card = plan_cards.card_of(tx, self._ctx, act.plan_id)
        assert card is not None
        return Recorded(card, tally)

    def _reply(
        self,
        tx: Session,
        callback: Callback,
        person_id: UUID,
        role: str,
        answers: Sequence[Reply],
    ) -> None:
        messages = []
        for place, reply in enumerate(answers):
            template, words = self._written(person_id, reply)
            message = outbox.Message(
                natural_key=f"reply/{callback.id}/{place}",
                person_id=person_id,
                role=role,
                channel=CHAT,
                template=template,
                data={},
            )
            data = sealed_words(self._ctx.cipher, message.id, words)
            messages.append(replace(message, data=data))
        outbox.write_each(tx, self._ctx.clock(), messages)

    def _written(self, person_id: UUID, reply: Reply) -> tuple[str, Mapping[str, Any]]:
        """A reply as the row holds it, its choices signed for this person."""
        match reply:
            case Text(text):
                return "text", {"text": text}
            case Menu(head, choices, tail):
                cipher = self._ctx.cipher
                signed = [[choice_id(cipher, person_id, one), label] for one, label in choices]
                return "menu", {"head": head, "choices": signed, "tail": tail}
