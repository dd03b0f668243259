"""The chat bot: what a person wrote and what is known of them → replies, and perhaps an act.

Pure: whoever calls it loads what it goes by, carries out what it asks for and tells it the outcome
(`service_events`). An approval counts only for a plan that was shown to the member before, a
refusal only with a reason that was quoted to them and that they confirmed; so the bot goes by what
it showed last (`Turn`), for two hours and until a newer plan waits. Whoever may be trapped hears
the rescue's number before anything else, and nobody is left without a number to call.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from backend.domain import texts
from backend.domain.approval import Answer, Tally
from backend.domain.city.schema import CityProfile
from backend.domain.errors import Refusal
from backend.services.messages.conversations import Expects, Turn
from backend.services.reads.chat import Known
from backend.services.reads.plan_cards import PlanCard
from backend.wechat import replies
from backend.wechat.choices import Action, Choice
from backend.wechat.incoming import Incoming
from backend.wechat.phrases import (
    Phrase,
    asks_for_people,
    can_be_a_reason,
    is_urgent,
    says_why,
    tells_of_the_past,
    understand,
)
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
    """Look something up for the person, `rest` being a number, code or building; the outcome is
    its words, or None for nothing found."""

    what: Literal["todo", "deadlines", "progress", "lift"]
    rest: str


@dataclass(frozen=True)
class Recorded:
    """The answer counts: the plan it is about, and how the answers stand now."""

    card: PlanCard
    tally: Tally


Act = Decide | LookUp
Outcome = Recorded | Refusal | str | None
NOT_FOUND = {
    "todo": replies.NOTHING_TO_DO,
    "deadlines": replies.NO_DEADLINES,
    "progress": replies.NO_CASES,
    "lift": replies.NO_LIFT,
}


@dataclass(frozen=True)
class Step:
    """What the bot does: it says `replies`, or wants `act` done first; it asked `turn` last."""

    turn: Turn | None
    replies: Sequence[Reply] = ()
    act: Act | None = None


class ChatBot:
    """Answers what people write to the service account. `plan_url` links to a plan's page."""

    def __init__(self, plan_url: Callable[[UUID], str], city: CityProfile) -> None:
        self._plan_url = plan_url
        self._city = city

    def answer(self, incoming: Incoming, chosen: Choice | None, known: Known) -> Step:
        """What to do about a message; nothing for events that nobody waits for an answer to.

        `chosen` is what the person tapped, if we offered it to them.
        """
        if known.locked_out:
            return _say(known, replies.locked_out(self._city.emergency))
        open_turn = _open_turn(incoming, known)
        match incoming.kind:
            case "event":
                return self._event(incoming, known, open_turn)
            case "text" if chosen is not None:
                return self._chosen(chosen, known)
            case "text" if incoming.menu_choice_id and open_turn and open_turn.reason:
                return self._draft(open_turn.plan_id, open_turn.reason, known)  # an older one
            case "text":
                return self._written(incoming.text, known, open_turn)
            case _:
                if open_turn is None or open_turn.expects != "reason":
                    return _say(known, self._help(replies.NOT_TEXT))
                return _say(known, self._asking_why(replies.WHY_IN_WORDS))

    def after(self, act: Act, outcome: Outcome, known: Known) -> Step:
        """What to say when `act` was done or refused; `known` as it is now."""
        match act, outcome:
            case Decide(plan_id, choice, reason), Recorded(card, tally):
                surname = known.seat.surname if known.seat else ""
                words = replies.recorded(surname, Answer(choice), reason, card, tally)
                return Step(_asks("answer", plan_id, known), [Text(words)])
            case Decide(plan_id), Refusal():
                return self._refused(plan_id, outcome, known)
            case LookUp(), str(words):
                return _say(known, words + _hint(known))
            case LookUp(what), None:
                return self._dead_end(known, NOT_FOUND[what], _hint(known))
        raise ValueError(f"{act} cannot end with {outcome}")

    def _event(self, incoming: Incoming, known: Known, open_turn: Turn | None) -> Step:
        if incoming.event == "subscribe":
            welcome = Text(self._help(replies.WELCOME))
            return _first(welcome, self._open_plans(known, Step(known.turn)))
        if incoming.event == "click":
            return self._said(understand(incoming.event_key), incoming.text, known, open_turn)
        return Step(known.turn)

    def _chosen(self, choice: Choice, known: Known) -> Step:
        match choice.action:
            case "plan":
                return self._details(choice.plan_id, known)
            case "cancel":
                return _cancelled(choice.plan_id, known)
            case "confirm":
                return Step(known.turn, act=Decide(choice.plan_id, "refuse", choice.reason))
            case "approve" | "refuse" as answer:
                return Step(known.turn, act=Decide(choice.plan_id, answer, None))

    def _written(self, text: str, known: Known, open_turn: Turn | None) -> Step:
        """Words of a person. Where somebody may be trapped, the rescue comes before anything, and
        only a member who speaks of a plan is answered about that too. A cry is never a reason: what
        was asked stays open."""
        phrase = understand(text)
        if not is_urgent(text):
            return self._said(phrase, text, known, open_turn)
        rescue = Text(replies.emergency(self._city.emergency))
        gives_a_reason = open_turn and open_turn.expects != "answer" and tells_of_the_past(text)
        if phrase.command in ("approve", "refuse") or gives_a_reason:
            return _first(rescue, self._said(phrase, text, known, open_turn))
        return Step(known.turn, [rescue])

    def _said(self, phrase: Phrase, text: str, known: Known, open_turn: Turn | None) -> Step:
        if open_turn is not None and open_turn.expects != "answer":
            step = self._about_a_refusal(phrase, text, known, open_turn)
            if step is not None:
                return step
        match phrase.command:
            case "approve" | "refuse" as choice:
                return self._answered(choice, phrase.rest, known, open_turn)
            case "unclear":
                return self._ask_again(replies.UNCLEAR, known, open_turn)
            case "yes" | "no" | "nearly":
                return self._nearly(known, open_turn)
            case "change":
                return self._change(known)
            case _:
                return self._not_about_a_vote(phrase, text, known)

    def _not_about_a_vote(self, phrase: Phrase, text: str, known: Known) -> Step:
        match phrase.command:
            case "plan":
                return self._open_plans(known, self._no_plan(known))
            case "thanks":
                return _say(known, replies.THANKS + _hint(known))
            case "other" if not asks_for_people(text):
                nothing = _say(known, self._help(replies.UNKNOWN))
                plans = self._open_plans(_unanswered(known), nothing)
                if plans is nothing:
                    return nothing
                return _first(Text(replies.if_trapped(self._city.emergency)), plans)
            case "greeting":
                welcome = _say(known, self._help(replies.WELCOME))
                return self._open_plans(_unanswered(known), welcome)
            case _:
                return self._looked_up(phrase, known)

    def _about_a_refusal(
        self, phrase: Phrase, text: str, known: Known, open_turn: Turn
    ) -> Step | None:
        """What follows when a reason was asked for or quoted; None for what is about neither."""
        match phrase.command:
            case "cancel":
                return _cancelled(open_turn.plan_id, known)
            case "no" if open_turn.reason:
                return _cancelled(open_turn.plan_id, known)
            case "yes" if open_turn.reason:
                return Step(known.turn, act=Decide(open_turn.plan_id, "refuse", open_turn.reason))
            case "other":
                return self._draft(open_turn.plan_id, text, known)
            case "unclear" | "change" if says_why(text):
                return self._draft(open_turn.plan_id, text, known)
        return None

    def _draft(self, plan_id: UUID, reason: str, known: Known) -> Step:
        """Quote a reason, to be confirmed before the refusal counts."""
        card = _waiting(known, plan_id)
        if card is None:
            return self._open_plans(known, self._no_plan(known))
        reason = texts.tidy(reason)
        if faults := texts.wrong(reason, texts.REASON_LIMIT, "reason", "理由"):
            words = replies.WHY if faults[0].code == "text_required" else faults[0].message
            return self._why(words, plan_id, known)
        if not can_be_a_reason(reason):
            return self._why(replies.NO_REASON, plan_id, known)
        choices = [
            (Choice("confirm", plan_id, reason), "提交这个意见"),
            (Choice("cancel", plan_id), "先不提交"),
        ]
        head = self._asking_why(replies.quoted(card, reason))
        menu = Menu(head, choices, replies.CONFIRM)
        return Step(Turn("confirm", plan_id, known.at, reason), [menu])

    def _why(self, words: str, plan_id: UUID, known: Known) -> Step:
        return Step(_asks("reason", plan_id, known), [Text(self._asking_why(words))])

    def _asking_why(self, words: str) -> str:
        return replies.asking_why(self._city.emergency, words)

    def _answered(
        self,
        choice: Literal["approve", "refuse"],
        reason: str,
        known: Known,
        open_turn: Turn | None,
    ) -> Step:
        """An answer by text is for the plan that was shown last; without one, show it first."""
        if open_turn is not None:
            if choice == "refuse" and reason:
                return self._draft(open_turn.plan_id, reason, known)
            return Step(known.turn, act=Decide(open_turn.plan_id, choice, None))
        if not known.waiting:
            return self._no_plan(known)
        return _first(Text(replies.SEE_FIRST), self._open_plans(known, Step(known.turn)))

    def _ask_again(self, why: str, known: Known, open_turn: Turn | None) -> Step:
        """It began like an answer and was none: the choices once more."""
        if not known.waiting:
            return self._no_plan(known)
        shown = open_turn and _waiting(known, open_turn.plan_id)
        again = _show(shown, known) if shown else self._open_plans(known, Step(known.turn))
        return _first(Text(why), again)

    def _nearly(self, known: Known, open_turn: Turn | None) -> Step:
        """好, 没意见: never guessed into a vote, nor taken for one where none is waited for."""
        if _unanswered(known).waiting:
            return self._ask_again(replies.NEARLY, known, open_turn)
        answered = [replies.answer_stands(card) for card in known.waiting]
        return _say(known, "\n".join(answered) or replies.FINE)

    def _change(self, known: Known) -> Step:
        """A mind is changed: the plan again, with its choices."""
        if not known.waiting:
            return self._dead_end(known, replies.NOTHING_TO_CHANGE)
        return _first(Text(replies.CHANGE), self._open_plans(known, Step(known.turn)))

    def _refused(self, plan_id: UUID, refusal: Refusal, known: Known) -> Step:
        if refusal.code == "text_required":
            return self._why(replies.WHY, plan_id, known)
        if refusal.code == "plan_changed":
            return _first(Text(replies.CHANGED), self._open_plans(known, Step(None)))
        turn = None if refusal.code in ENDS_CONVERSATION else known.turn
        return Step(turn, [Text(self._with_a_number(refusal.message))])

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
            return self._open_plans(known, self._no_plan(known))
        details = replies.plan_details(card, self._plan_url(plan_id))
        return _first(Text(details), _show(card, known))

    def _looked_up(self, phrase: Phrase, known: Known) -> Step:
        """A question that anybody may ask; a plan that waits is not forgotten over it."""
        match phrase.command:
            case "centre" | "other":
                return _say(known, replies.people(self._city))
            case "lift" if not phrase.rest:
                return self._dead_end(known, replies.WHICH_LIFT, _hint(known))
            case "todo" | "deadlines" | "progress" | "lift" as what:
                return Step(known.turn, act=LookUp(what, phrase.rest))
            case _:
                return _say(known, replies.help_with(self._city) + _hint(known))

    def _no_plan(self, known: Known) -> Step:
        """Why there is nothing to decide for this person."""
        if not self._city.approval.asked_for.value:
            return self._dead_end(known, replies.NO_PLANS_HERE)
        if known.seat is None:
            return self._dead_end(known, replies.NO_PLAN)
        why = replies.RECUSED if known.seat.recused else replies.NO_PLAN_NOW
        return self._dead_end(known, why)

    def _dead_end(self, known: Known, words: str, hint: str = "") -> Step:
        return _say(known, self._with_a_number(words) + hint)

    def _with_a_number(self, words: str) -> str:
        return f"{words}\n{replies.way_on(self._city.centre)}"

    def _help(self, words: str) -> str:
        return f"{words}\n{replies.help_with(self._city)}"


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


def _cancelled(plan_id: UUID, known: Known) -> Step:
    return Step(_asks("answer", plan_id, known), [Text(replies.CANCELLED)])


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
