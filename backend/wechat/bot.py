"""The chat bot: what a person wrote and what is known of them → replies, and perhaps an act.

Pure: whoever calls it loads what it goes by, carries out what it asks for and tells it the outcome
(`service_events`). An approval counts only for a plan that was shown to the member before, so the
bot goes by what it showed last (`Turn`), for two hours and until a newer plan waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from backend.domain.approval import Answer, Tally
from backend.domain.errors import Refusal
from backend.services.messages.conversations import Expects, Turn
from backend.services.reads.chat import Known
from backend.services.reads.plan_cards import PlanCard
from backend.wechat import replies
from backend.wechat.choices import Action, Choice
from backend.wechat.incoming import Incoming
from backend.wechat.phrases import Phrase, understand
from backend.wechat.replies import Menu, Reply, Text

MENU_LIMIT = 8
TURN_LIFE = timedelta(hours=2)  # [D] who writes later than that speaks of something else
ENDS_CONVERSATION = {"not_found", "not_a_member", "recused", "already_decided", "case_closed"}


@dataclass(frozen=True)
class Decide:
    """Record the member's answer to a plan; the outcome is Recorded or a Refusal."""

    plan_id: UUID
    choice: Literal["approve", "refuse"]
    reason: str | None


@dataclass(frozen=True)
class LookUp:
    """Look something up for the person, `rest` being a number or code; the outcome is its words."""

    what: Literal["todo", "deadlines", "progress", "lift"]
    rest: str


@dataclass(frozen=True)
class Recorded:
    """The answer counts: the plan it is about, and how the answers stand now."""

    card: PlanCard
    tally: Tally


Act = Decide | LookUp
Outcome = Recorded | Refusal | str


@dataclass(frozen=True)
class Step:
    """What the bot does: it says `replies`, or wants `act` done first; it asked `turn` last."""

    turn: Turn | None
    replies: Sequence[Reply] = ()
    act: Act | None = None


class ChatBot:
    """Answers what people write to the service account. `plan_url` links to a plan's page."""

    def __init__(self, plan_url: Callable[[UUID], str]) -> None:
        self._plan_url = plan_url

    def answer(self, incoming: Incoming, chosen: Choice | None, known: Known) -> Step:
        """What to do about a message; nothing for events that nobody waits for an answer to.

        `chosen` is what the person tapped, if we offered it to them.
        """
        open_turn = _open_turn(incoming, known)
        match incoming.kind:
            case "event":
                return self._event(incoming, known, open_turn)
            case "text" if chosen is not None:
                return self._chosen(chosen, known)
            case "text":
                return self._said(understand(incoming.text), incoming.text, known, open_turn)
            case _:
                reason = open_turn is not None and open_turn.expects == "reason"
                return _say(known, replies.WHY_IN_WORDS if reason else replies.NOT_TEXT)

    def after(self, act: Act, outcome: Outcome, known: Known) -> Step:
        """What to say when `act` was done or refused; `known` as it is now."""
        match act, outcome:
            case Decide(plan_id, choice), Recorded(card, tally):
                surname = known.seat.surname if known.seat else ""
                turn = _asks("answer", plan_id, known)
                return Step(turn, [Text(replies.recorded(surname, Answer(choice), card, tally))])
            case Decide(plan_id), Refusal():
                return self._refused(plan_id, outcome, known)
            case LookUp(), str(words):
                return _say(known, words + _hint(known))
        raise ValueError(f"{act} cannot end with {outcome}")

    def _event(self, incoming: Incoming, known: Known, open_turn: Turn | None) -> Step:
        if incoming.event == "subscribe":
            return _first(Text(replies.WELCOME), self._open_plans(known, Step(known.turn)))
        if incoming.event == "click":
            key = incoming.event_key
            return self._said(understand(key), incoming.text, known, open_turn)
        return Step(known.turn)

    def _chosen(self, choice: Choice, known: Known) -> Step:
        if choice.action == "plan":
            return self._details(choice.plan_id, known)
        return Step(known.turn, act=Decide(choice.plan_id, choice.action, None))

    def _said(self, phrase: Phrase, text: str, known: Known, open_turn: Turn | None) -> Step:
        reason_of = open_turn.plan_id if open_turn and open_turn.expects == "reason" else None
        match phrase.command:
            case "cancel" if reason_of:
                return Step(_asks("answer", reason_of, known), [Text(replies.CANCELLED)])
            case "other" if reason_of:
                return Step(known.turn, act=Decide(reason_of, "refuse", text))
            case "approve" | "refuse" as choice:
                return self._answered(choice, phrase.rest, known, open_turn)
            case "unclear":
                return self._ask_again(known, open_turn)
            case "plan":
                return self._open_plans(known, _no_plan(known))
            case "other" | "greeting" as command:
                nothing = _say(known, replies.UNKNOWN if command == "other" else replies.WELCOME)
                return self._open_plans(_unanswered(known), nothing)
            case _:
                return _looked_up(phrase, known)

    def _answered(
        self,
        choice: Literal["approve", "refuse"],
        reason: str,
        known: Known,
        open_turn: Turn | None,
    ) -> Step:
        """An answer by text is for the plan that was shown last; without one, show it first."""
        if open_turn is not None:
            return Step(known.turn, act=Decide(open_turn.plan_id, choice, reason or None))
        if not known.waiting:
            return _no_plan(known)
        return _first(Text(replies.SEE_FIRST), self._open_plans(known, Step(known.turn)))

    def _ask_again(self, known: Known, open_turn: Turn | None) -> Step:
        """It began like an answer and was none: the choices once more."""
        if not known.waiting:
            return _no_plan(known)
        shown = open_turn and _waiting(known, open_turn.plan_id)
        again = _show(shown, known) if shown else self._open_plans(known, Step(known.turn))
        return _first(Text(replies.UNCLEAR), again)

    def _refused(self, plan_id: UUID, refusal: Refusal, known: Known) -> Step:
        if refusal.code == "text_required":
            return Step(_asks("reason", plan_id, known), [Text(replies.WHY)])
        if refusal.code == "plan_changed":
            return _first(Text(replies.CHANGED), self._open_plans(known, Step(None)))
        turn = None if refusal.code in ENDS_CONVERSATION else known.turn
        return Step(turn, [Text(refusal.message)])

    def _open_plans(self, known: Known, nothing: Step) -> Step:
        """The one plan that waits, or a list to choose from; `nothing` when there is none."""
        plans = known.waiting
        if not plans:
            return nothing
        if len(plans) == 1:
            return _show(plans[0], known)
        choices = [_offer("plan", plan, replies.plan_line(plan)) for plan in plans[:MENU_LIMIT]]
        return Step(None, [Menu(f"您有{len(plans)}个方案待审议", choices, "请点选一个查看。")])

    def _details(self, plan_id: UUID, known: Known) -> Step:
        """A plan in full, for those who may decide on it, and the choices again."""
        card = _waiting(known, plan_id)
        if card is None:
            return self._open_plans(known, _no_plan(known))
        details = replies.plan_details(card, self._plan_url(plan_id))
        return _first(Text(details), _show(card, known))


def _looked_up(phrase: Phrase, known: Known) -> Step:
    """A question that anybody may ask; a plan that waits is not forgotten over it."""
    match phrase.command:
        case "lift" if not phrase.rest:
            return _say(known, replies.WHICH_LIFT + _hint(known))
        case "todo" | "deadlines" | "progress" | "lift" as what:
            return Step(known.turn, act=LookUp(what, phrase.rest))
        case _:
            return _say(known, replies.HELP + _hint(known))


def _open_turn(incoming: Incoming, known: Known) -> Turn | None:
    """What the bot asked last, if this message can be about it.

    It cannot when it was written before or much later, or when a newer plan waits.
    """
    turn = known.turn
    if turn is None:
        return None
    # The platform's times are whole seconds.
    earliest = turn.asked_at.replace(microsecond=0)
    if not earliest <= said_at(incoming, known) <= turn.asked_at + TURN_LIFE:
        return None
    newer = any(plan.made_at > turn.asked_at for plan in known.waiting)
    return None if newer else turn


def said_at(incoming: Incoming, known: Known) -> datetime:
    """When the person wrote it; a platform's clock that is ahead does not count."""
    return min(incoming.created_at, known.at)


def _show(card: PlanCard, known: Known) -> Step:
    """A plan in short with the choices; what is said next may be about it."""
    choices = [
        _offer("approve", card, "同意"),
        _offer("refuse", card, "不同意"),
        _offer("plan", card, "查看方案"),
    ]
    tail = "点选即可答复，也可以回复“同意”或“不同意 理由”。"
    menu = Menu(replies.plan_summary(card), choices, tail)
    return Step(_asks("answer", card.plan_id, known), [menu])


def _no_plan(known: Known) -> Step:
    """Why there is nothing to decide for this person."""
    if known.seat is None:
        return _say(known, replies.NO_PLAN)
    return _say(known, replies.RECUSED if known.seat.recused else replies.NO_PLAN_NOW)


def _unanswered(known: Known) -> Known:
    """As if the plans that the member has answered already did not wait."""
    return replace(known, waiting=[card for card in known.waiting if card.answered is None])


def _hint(known: Known) -> str:
    open_plans = sum(card.answered is None for card in known.waiting)
    return replies.waiting_hint(open_plans) if open_plans else ""


def _waiting(known: Known, plan_id: UUID) -> PlanCard | None:
    return next((card for card in known.waiting if card.plan_id == plan_id), None)


def _asks(expects: Expects, plan_id: UUID, known: Known) -> Turn:
    return Turn(expects, plan_id, known.at)


def _offer(action: Action, card: PlanCard, label: str) -> tuple[Choice, str]:
    return Choice(action, card.plan_id), label


def _first(reply: Reply, step: Step) -> Step:
    return replace(step, replies=[reply, *step.replies])


def _say(known: Known, text: str) -> Step:
    return Step(known.turn, [Text(text)])
