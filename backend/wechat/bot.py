"""The service account's chat bot: one callback in, replies as outbox rows of the same transaction.

An approval counts only for a plan that was shown to the member before, so the conversation keeps
what it showed last (`ChatTurn`), for two hours and until a newer plan waits. Choices carry signed
ids; a forged one is plain text.
"""

import base64
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.errors import Refused
from backend.domain.personal import masked_name
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.messages import delivery_results, outbox
from backend.services.messages.inbox import Callback, NotYet
from backend.services.people.identities import person_behind, unfollowed
from backend.services.purchase import approvals
from backend.services.purchase.approvals import WaitingPlan
from backend.services.reads import chat
from backend.store.messages import ChatTurn
from backend.wechat import replies
from backend.wechat.callbacks import Incoming, read_message
from backend.wechat.phrases import Phrase, understand
from backend.wechat.replies import Menu, Reply, Text

ACTIONS = {"a": "approve", "r": "refuse", "v": "plan"}
CHOICE_ID = re.compile(r"([arv])([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{8})")
MENU_LIMIT = 8
TURN_LIFE = timedelta(hours=2)  # [D] who writes later than that speaks of something else
ENDS_CONVERSATION = {"not_found", "not_a_member", "stands_aside", "already_decided"}


class ChatBot:
    """Answers what people write to the service account. `plan_url` links to a plan's page."""

    def __init__(self, ctx: Context, plan_url: Callable[[UUID], str]) -> None:
        self._ctx = ctx
        self._plan_url = plan_url

    def handle(self, tx: Session, callback: Callback) -> None:
        """Work on one callback; what it writes belongs to `tx`, which the caller commits.

        Raises NotYet for the end of a message whose sending is not settled yet.
        """
        incoming = read_message(callback.body)
        if incoming.event == "templatesendjobfinish":
            self._finish(tx, incoming)
        elif incoming.event == "unsubscribe":
            unfollowed(tx, self._ctx, incoming.openid)
        else:
            person_id = person_behind(self._ctx, incoming.openid)
            said = _Conversation(self._ctx, tx, person_id, incoming, self._plan_url)
            self._reply(tx, callback, person_id, said.answer())

    def _finish(self, tx: Session, incoming: Incoming) -> None:
        appid = self._ctx.platform.service_appid
        known = delivery_results.finish(tx, appid, incoming.job_msgid, incoming.job_status)
        if not known and incoming.job_status != "success":
            raise NotYet

    def _reply(
        self, tx: Session, callback: Callback, person_id: UUID, said: Sequence[Reply]
    ) -> None:
        member = chat.committee_seat(self._ctx, person_id) is not None
        for place, reply in enumerate(said):
            data: dict[str, Any]
            match reply:
                case Text(text):
                    template, data = "text", {"text": text}
                case Menu(head, choices, tail):
                    template = "menu"
                    data = {"head": head, "choices": [list(c) for c in choices], "tail": tail}
            outbox.write(
                tx,
                at=self._ctx.clock(),
                natural_key=f"reply/{callback.id}/{place}",
                person_id=person_id,
                role=str(Role.COMMITTEE_MEMBER) if member else "follower",
                channel="chat",
                template=template,
                data=data,
                subject=None,
            )


class _Conversation:
    """One message of one person, and what to say to it."""

    def __init__(
        self,
        ctx: Context,
        tx: Session,
        person_id: UUID,
        incoming: Incoming,
        plan_url: Callable[[UUID], str],
    ) -> None:
        self._ctx = ctx
        self._tx = tx
        self._person_id = person_id
        self._incoming = incoming
        self._plan_url = plan_url
        self._said_at = min(incoming.created_at, ctx.clock())
        self._turn = self._open_turn()

    def answer(self) -> list[Reply]:
        """The replies, in order; none for events that nobody waits for an answer to."""
        incoming = self._incoming
        if incoming.kind == "event":
            return self._event(incoming.event, incoming.event_key)
        if incoming.kind != "text":
            reason_open = self._turn is not None and self._turn.expects == "reason"
            return [Text(replies.WHY_IN_WORDS if reason_open else replies.NOT_TEXT)]
        choice = open_choice(self._ctx, self._person_id, incoming.menu_choice_id)
        if choice is not None:
            return self._chosen(*choice)
        return self._said(understand(incoming.text))

    def _event(self, event: str, key: str) -> list[Reply]:
        if event == "subscribe":
            return [Text(replies.WELCOME), *self._open_plans(nothing=[])]
        if event == "click":
            return self._said(understand(key))
        return []

    def _chosen(self, action: str, plan_id: UUID) -> list[Reply]:
        if action == "plan":
            return self._details(plan_id)
        return self._decide(plan_id, action, None)

    def _said(self, phrase: Phrase) -> list[Reply]:
        turn = self._turn
        if turn is not None and turn.expects == "reason":
            if phrase.command == "cancel":
                self._remember("answer", turn.plan_id)
                return [Text(replies.CANCELLED)]
            if phrase.command == "other":
                return self._decide(turn.plan_id, "refuse", self._incoming.text)
        match phrase.command:
            case "approve" | "refuse":
                return self._answered(phrase.command, phrase.rest)
            case "unclear":
                return self._ask_again()
            case "plan":
                return self._open_plans(self._no_plan())
            case "other":
                return self._open_plans([Text(replies.UNKNOWN)], answered=False)
            case "greeting":
                return self._open_plans([Text(replies.WELCOME)], answered=False)
            case command:
                return [Text(self._looked_up(command, phrase.rest) + self._hint())]

    def _looked_up(self, command: str, rest: str) -> str:
        ctx, person_id = self._ctx, self._person_id
        match command:
            case "todo":
                return replies.todo(chat.todo(ctx, person_id))
            case "deadlines":
                return replies.deadlines(chat.deadlines(ctx, person_id))
            case "progress":
                return replies.progress(chat.progress(ctx, person_id, rest or None))
            case "lift":
                status = chat.lift_status(ctx, rest) if rest else None
                return replies.lift(status) if rest else replies.WHICH_LIFT
            case _:
                return replies.HELP

    def _answered(self, choice: str, reason: str) -> list[Reply]:
        """An answer by text is for the plan that was shown last; without one, show it first."""
        if self._turn is None:
            shown = self._open_plans(nothing=[])
            return [Text(replies.SEE_FIRST), *shown] if shown else self._no_plan()
        return self._decide(self._turn.plan_id, choice, reason or None)

    def _ask_again(self) -> list[Reply]:
        """It began like an answer and was none: the choices once more."""
        turn = self._turn
        waiting = {plan.plan_id for plan in self._waiting()}
        if turn is not None and turn.plan_id in waiting:
            return [Text(replies.UNCLEAR), *self._show(turn.plan_id)]
        shown = self._open_plans(nothing=[])
        return [Text(replies.UNCLEAR), *shown] if shown else self._no_plan()

    def _decide(self, plan_id: UUID, choice: str, reason: str | None) -> list[Reply]:
        try:
            tally = approvals.answer(
                self._ctx,
                self._person_id,
                plan_id,
                choice,
                reason,
                "chat",
                self._incoming.msg_id,
                self._said_at,
            )
        except Refused as refused:
            return self._refused(plan_id, refused)
        self._remember("answer", plan_id)
        card = chat.plan_card(self._ctx, plan_id)
        assert card is not None
        return [Text(replies.recorded(self._surname(), choice, card, tally))]

    def _refused(self, plan_id: UUID, refused: Refused) -> list[Reply]:
        refusal = refused.refusals[0]
        if refusal.code == "reason_required":
            self._remember("reason", plan_id)
            return [Text(replies.WHY)]
        if refusal.code == "plan_changed":
            self._forget()
            return [Text(replies.CHANGED), *self._open_plans(nothing=[])]
        if refusal.code in ENDS_CONVERSATION:
            self._forget()
        return [Text(refusal.message)]

    def _open_plans(self, nothing: list[Reply], answered: bool = True) -> list[Reply]:
        """The one plan that waits, or a list to choose from; `nothing` when there is none.

        Plans that the member has answered already count only if `answered`.
        """
        plans = [p for p in self._waiting() if answered or p.answered is None]
        if not plans:
            return nothing
        if len(plans) == 1:
            return self._show(plans[0].plan_id)
        self._forget()
        choices = [
            (self._choice("v", plan.plan_id), replies.plan_line(plan))
            for plan in plans[:MENU_LIMIT]
        ]
        return [Menu(f"您有{len(plans)}个方案待审议", choices, "请点选一个查看。")]

    def _show(self, plan_id: UUID) -> list[Reply]:
        card = chat.plan_card(self._ctx, plan_id)
        if card is None:
            return self._no_plan()
        self._remember("answer", plan_id)
        return [
            Menu(
                replies.plan_summary(card),
                [
                    (self._choice("a", plan_id), "同意"),
                    (self._choice("r", plan_id), "不同意"),
                    (self._choice("v", plan_id), "查看方案"),
                ],
                "点选即可答复，也可以回复“同意”或“不同意 理由”。",
            )
        ]

    def _details(self, plan_id: UUID) -> list[Reply]:
        """A plan in full, for those who may decide on it, and the choices again."""
        card = chat.plan_card(self._ctx, plan_id)
        if card is None or plan_id not in {plan.plan_id for plan in self._waiting()}:
            return self._open_plans(self._no_plan())
        details = replies.plan_details(card, self._plan_url(card.plan_id))
        return [Text(details), *self._show(plan_id)]

    def _no_plan(self) -> list[Reply]:
        """Why there is nothing to decide for this person."""
        seat = chat.committee_seat(self._ctx, self._person_id)
        if seat is None:
            return [Text(replies.NO_PLAN)]
        return [Text(replies.STANDS_ASIDE if seat.conflicted else replies.NO_PLAN_NOW)]

    def _hint(self) -> str:
        open_plans = sum(plan.answered is None for plan in self._waiting())
        return replies.waiting_hint(open_plans) if open_plans else ""

    def _waiting(self) -> Sequence[WaitingPlan]:
        return approvals.waiting(self._ctx, self._person_id)

    def _surname(self) -> str:
        """Enough to know that it is the right name; the row is not sealed."""
        seat = chat.committee_seat(self._ctx, self._person_id)
        return masked_name(self._ctx.cipher.open(seat.name_sealed))[:1] if seat else ""

    def _choice(self, action: str, plan_id: UUID) -> str:
        return choice_id(self._ctx, self._person_id, action, plan_id)

    def _open_turn(self) -> ChatTurn | None:
        """What the bot asked last, if this message can be about it.

        It cannot when it was written before or much later, or when a newer plan waits.
        """
        turn = self._tx.get(ChatTurn, self._person_id)
        if turn is None:
            return None
        # The platform's times are whole seconds.
        earliest = turn.asked_at.replace(microsecond=0)
        if not earliest <= self._said_at <= turn.asked_at + TURN_LIFE:
            return None
        newer = any(plan.made_at > turn.asked_at for plan in self._waiting())
        return None if newer else turn

    def _remember(self, expects: str, plan_id: UUID) -> None:
        values = {"expects": expects, "plan_id": plan_id, "asked_at": self._ctx.clock()}
        self._tx.execute(
            insert(ChatTurn)
            .values(person_id=self._person_id, **values)
            .on_conflict_do_update(index_elements=[ChatTurn.person_id], set_=values)
        )

    def _forget(self) -> None:
        self._tx.execute(delete(ChatTurn).where(ChatTurn.person_id == self._person_id))


def choice_id(ctx: Context, person_id: UUID, action: str, plan_id: UUID) -> str:
    """The id of a choice: the action's letter, the plan, and a signature for this person alone."""
    body = action + base64.urlsafe_b64encode(plan_id.bytes).decode().rstrip("=")
    return body + _signature(ctx, person_id, body)


def open_choice(ctx: Context, person_id: UUID, given: str) -> tuple[str, UUID] | None:
    """The action and plan of a tapped choice; None when we did not offer it to this person."""
    found = CHOICE_ID.fullmatch(given)
    if found is None:
        return None
    action, plan, signature = found.groups()
    if not hmac.compare_digest(signature, _signature(ctx, person_id, action + plan)):
        return None
    return ACTIONS[action], UUID(bytes=base64.urlsafe_b64decode(plan + "=="))


def _signature(ctx: Context, person_id: UUID, body: str) -> str:
    digest = ctx.cipher.digest("chat_choice", f"{person_id}/{body}")
    return base64.urlsafe_b64encode(digest[:6]).decode()
