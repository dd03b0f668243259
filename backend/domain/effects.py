"""What follows from a step, as orders that services carry out. Pure: facts in, orders out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from backend.domain.cover import CoverState
from backend.domain.deposit_facts import PaidIn
from backend.domain.facts import Facts, Group, PlanFact, PolicyFact
from backend.domain.ledger import HoldState
from backend.domain.public_notice import NoticeState
from backend.domain.rules import reads
from backend.domain.voting import VoteOutcome


class Booking(StrEnum):
    """Moves of money; each is one hold change or one balanced entry."""

    UNDO_DEPOSIT = "undo_deposit"
    HOLD = "hold"
    VOID_HOLD = "void_hold"
    PREMIUM_DUE = "premium_due"
    REVERSE_PREMIUM_DUE = "reverse_premium_due"
    HOLD_AGAIN = "hold_again"
    PAYMENT_ORDERED = "payment_ordered"
    PAYMENT_CONFIRMED = "payment_confirmed"
    PAYMENT_REJECTED = "payment_rejected"
    PAYMENT_RETURNED = "payment_returned"
    PAYMENT_UNCONFIRMED = "payment_unconfirmed"
    REFUND = "refund"
    PAY_BACK = "pay_back"


@dataclass(frozen=True)
class Move:
    """Book `amount_fen` the given way."""

    booking: Booking
    amount_fen: int

    @property
    def changes(self) -> tuple[Group, ...]:
        """What is given back is less that was paid; what the bank sends back was paid before; an
        account whose rest went back is closed."""
        more: dict[Booking, tuple[Group, ...]] = {
            Booking.REFUND: ("terms",),
            Booking.UNDO_DEPOSIT: ("deposit",),
            Booking.PAY_BACK: ("applying",),
            Booking.PAYMENT_RETURNED: ("applying",),
        }
        return ("money", *more.get(self.booking, ()))


@dataclass(frozen=True)
class ReserveCover:
    """Keep the plan's lifts and period free for it."""

    changes: ClassVar[tuple[Group, ...]] = ("lifts",)
    plan: PlanFact


@dataclass(frozen=True)
class SetCover:
    """Bring the covers of the case to `state` (in_force, released, ended).

    `followed`: another policy takes over, so that nothing changes for those who ride the lifts.
    """

    changes: ClassVar[tuple[Group, ...]] = ("lifts", "succession")
    state: CoverState
    followed: bool = False


@dataclass(frozen=True)
class SetNotice:
    """Bring the live notice to `state`."""

    state: NoticeState

    @property
    def changes(self) -> tuple[Group, ...]:
        """Once it is void, the objections to it are to no live notice any more."""
        return ("notice", "objections") if self.state == "void" else ("notice",)


@dataclass(frozen=True)
class InviteCommittee:
    """Ask every committee member in office for an answer to the plan."""

    changes: ClassVar[tuple[Group, ...]] = ()
    plan: PlanFact


@dataclass(frozen=True)
class VoidPlan:
    """No plan stands any more, nor a notice of it, nor what was signed for it."""

    changes: ClassVar[tuple[Group, ...]] = (
        "lifts",
        "terms",
        "votes",
        "vote",
        "notice",
        "objections",
    )


@dataclass(frozen=True)
class DropLift:
    """The lift leaves the case."""

    changes: ClassVar[tuple[Group, ...]] = ("lifts",)
    lift_id: UUID


@dataclass(frozen=True)
class SetInsurer:
    """The case goes on with this insurer; the one before hears that it is out."""

    changes: ClassVar[tuple[Group, ...]] = ("lifts", "terms")
    insurer_id: UUID


@dataclass(frozen=True)
class MoveCover:
    """Bring the covers of the case to the period and the number of its policy; they begin anew."""

    changes: ClassVar[tuple[Group, ...]] = ("succession", "terms")
    policy: PolicyFact


@dataclass(frozen=True)
class EndRefund:
    """What was entered as paid back and nobody has confirmed is waited for no more."""

    changes: ClassVar[tuple[Group, ...]] = ()


@dataclass(frozen=True)
class OpenVote:
    """The roll is frozen, and owners may cast ballots until the limit of the step ends."""

    changes: ClassVar[tuple[Group, ...]] = ("vote",)


@dataclass(frozen=True)
class SettleVote:
    """The vote of the owners is over: by what the ballots came to, or without counting them."""

    changes: ClassVar[tuple[Group, ...]] = ("vote",)
    outcome: VoteOutcome


@dataclass(frozen=True)
class BookDeposit:
    """Book what came in on the special account."""

    changes: ClassVar[tuple[Group, ...]] = ("money", "deposit")
    paid_in: PaidIn

    @property
    def amount_fen(self) -> int:
        """How much came in."""
        return self.paid_in.amount_fen


# Each order says which groups of facts are no longer true after it (`changes`).
Order = (
    Move
    | ReserveCover
    | MoveCover
    | SetCover
    | SetNotice
    | InviteCommittee
    | VoidPlan
    | DropLift
    | SetInsurer
    | EndRefund
    | OpenVote
    | SettleVote
    | BookDeposit
)


@reads("terms")
def invite_committee(facts: Facts) -> tuple[Order, ...]:
    """Members decide where the city asks for approval of this kind of application [D]."""
    assert facts.terms.plan is not None
    return (InviteCommittee(facts.terms.plan),) if facts.approval_asked else ()


def void_plan(facts: Facts) -> tuple[Order, ...]:
    """What the plan was made for has changed: a new one is needed [D]."""
    return (VoidPlan(),)


def drop_lift(facts: Facts) -> tuple[Order, ...]:
    """One lift leaves, and is free for another case; what was found at it stays on record [D]."""
    assert facts.lift_id is not None
    return (DropLift(facts.lift_id),)


def set_insurer(facts: Facts) -> tuple[Order, ...]:
    """Another insurer takes over (JS 五（二）2)."""
    assert facts.insurer is not None
    return (SetInsurer(facts.insurer.insurer_id),)


def open_vote(facts: Facts) -> tuple[Order, ...]:
    """The owners decide together (Civil Code 278), until the last day is over."""
    return (OpenVote(),)


@reads("vote")
def settle_vote(facts: Facts) -> tuple[Order, ...]:
    """What the ballots came to stands on record (Civil Code 278)."""
    result = facts.vote.result
    assert result is not None
    return (SettleVote(VoteOutcome.PASSED if result.carried else VoteOutcome.LOST),)


def withdraw_vote(facts: Facts) -> tuple[Order, ...]:
    """A vote that nobody took part in yet is taken back [D]."""
    return (SettleVote(VoteOutcome.WITHDRAWN),)


def void_vote(facts: Facts) -> tuple[Order, ...]:
    """What was opened, entered or counted wrongly, or lost its case meanwhile, is no vote [D]."""
    return (SettleVote(VoteOutcome.VOID),)


def book_deposit(facts: Facts) -> tuple[Order, ...]:
    """The years' premium came in: on the special account it is the payer's (JS annex 二（三）3)."""
    assert facts.paid_in is not None
    return (BookDeposit(facts.paid_in),)


@reads("terms")
def hold_premium(facts: Facts) -> tuple[Order, ...]:
    """The notice is frozen (JS annex 二（一）4), or the deposit is there (二（三）3): what it takes
    no other case can spend [D]."""
    return (Move(Booking.HOLD, facts.terms.premium_fen),)


@reads("terms")
def reserve_cover(facts: Facts) -> tuple[Order, ...]:
    """The lifts are kept free for what the frozen notice says, so that no two cases post the same
    lift [D]."""
    assert facts.terms.plan is not None
    return (ReserveCover(facts.terms.plan),)


@reads("terms", "money", "lifts")
def open_notice(facts: Facts) -> tuple[Order, ...]:
    """The notice runs (JS annex 二（一）4). One that was frozen before premiums were held and lifts
    kept so early does both now [D]."""
    held = facts.money.hold == HoldState.PENDING
    reserved = all(lift.kept for lift in facts.lifts)
    return (
        *(() if held else hold_premium(facts)),
        *(() if reserved else reserve_cover(facts)),
        SetNotice(NoticeState.OPEN),
    )


def suspend_notice(facts: Facts) -> tuple[Order, ...]:
    """暂缓实施 (JS annex 二（一）4)."""
    return (SetNotice(NoticeState.SUSPENDED),)


def resume_notice(facts: Facts) -> tuple[Order, ...]:
    """The whole days that were left run on [D]."""
    return (SetNotice(NoticeState.OPEN),)


def hang_again(facts: Facts) -> tuple[Order, ...]:
    """What was cleared by mistake hangs on, to the end that it had [D]."""
    return (SetNotice(NoticeState.OPEN),)


def end_notice(facts: Facts) -> tuple[Order, ...]:
    """公示无异议 (JS annex 二（一）5)."""
    return (SetNotice(NoticeState.ENDED),)


@reads("terms", "money")
def release(facts: Facts) -> tuple[Order, ...]:
    """Give back what was held or due, free the lifts, take down the notice; cover that had begun
    ends with this day, since what was insured stays on record [D]."""
    orders: list[Order] = [SetCover(CoverState.RELEASED), SetNotice(NoticeState.VOID)]
    if facts.money.hold == HoldState.PENDING:
        orders.append(Move(Booking.VOID_HOLD, facts.money.hold_fen))
    elif facts.money.hold == HoldState.POSTED:
        orders.append(Move(Booking.REVERSE_PREMIUM_DUE, facts.terms.due_fen))
    return tuple(orders)


@reads("terms")
def premium_due(facts: Facts) -> tuple[Order, ...]:
    """The hold becomes a debt: the file is complete (JS annex 二（一）7)."""
    return (Move(Booking.PREMIUM_DUE, facts.terms.due_fen),)


@reads("terms")
def premium_held_again(facts: Facts) -> tuple[Order, ...]:
    """The file was not complete after all: the debt is a hold again [D]."""
    return (Move(Booking.HOLD_AGAIN, facts.terms.due_fen),)


@reads("terms")
def payment_ordered(facts: Facts) -> tuple[Order, ...]:
    """The cashier instructs the bank (JS annex 二（一）7)."""
    return (Move(Booking.PAYMENT_ORDERED, facts.terms.due_fen),)


@reads("terms")
def payment_confirmed(facts: Facts) -> tuple[Order, ...]:
    """The bank paid the insurer (JS annex 二（一）7)."""
    return (Move(Booking.PAYMENT_CONFIRMED, facts.terms.due_fen),)


@reads("terms")
def payment_rejected(facts: Facts) -> tuple[Order, ...]:
    """The bank refused; the premium is still due and can be ordered again [D]."""
    return (Move(Booking.PAYMENT_REJECTED, facts.terms.due_fen),)


@reads("terms")
def payment_returned(facts: Facts) -> tuple[Order, ...]:
    """退票: what the bank paid is back; the premium is due and can be ordered again [D]."""
    return (Move(Booking.PAYMENT_RETURNED, facts.terms.due_fen),)


@reads("terms")
def payment_unconfirmed(facts: Facts) -> tuple[Order, ...]:
    """Confirmed by mistake: the bank was told to pay, and what it did is to be seen yet [D]."""
    return (Move(Booking.PAYMENT_UNCONFIRMED, facts.terms.due_fen),)


@reads("terms")
def cover_unpaid(facts: Facts) -> tuple[Order, ...]:
    """A policy whose premium came back stays on record; nobody is told that it insures [D]."""
    return (SetCover(CoverState.UNPAID),) if facts.terms.policy else ()


def cover_paid(facts: Facts) -> tuple[Order, ...]:
    """The policy's premium is paid again: its cover goes on as if nothing had been [D]."""
    return (SetCover(CoverState.RESERVED),)


@reads("terms")
def cover_as_policy_says(facts: Facts) -> tuple[Order, ...]:
    """Cover is the policy's, not the plan's: its days, its number (JS 四（三）)."""
    assert facts.terms.policy is not None
    return (MoveCover(facts.terms.policy),)


def activate_cover(facts: Facts) -> tuple[Order, ...]:
    """The first day of the policy has come: it covers the lifts (JS 四（三）)."""
    return (SetCover(CoverState.IN_FORCE),)


@reads("succession")
def end_cover(facts: Facts) -> tuple[Order, ...]:
    """The period is over (JS 四（三）)."""
    return (SetCover(CoverState.ENDED, followed=facts.succession),)


def give_back(facts: Facts) -> tuple[Order, ...]:
    """退费: a part of the premium goes back to the source account, the policy is as it was [D]."""
    return (Move(Booking.REFUND, facts.refund_fen),)


def refund(facts: Facts) -> tuple[Order, ...]:
    """退保: the insurer's refund goes back to the source account [D]."""
    return (Move(Booking.REFUND, facts.refund_fen), SetCover(CoverState.ENDED))


@reads("deposit", "money")
def unbook_deposit(facts: Facts) -> tuple[Order, ...]:
    """What was entered by mistake never came in, so that no year of it is set aside [D]."""
    return (
        SetCover(CoverState.RELEASED),
        Move(Booking.VOID_HOLD, facts.money.hold_fen),
        Move(Booking.UNDO_DEPOSIT, facts.deposit.booked_fen),
    )


def pay_back(facts: Facts) -> tuple[Order, ...]:
    """What is left goes back to who paid it in, and the special account is closed [D]."""
    return (Move(Booking.PAY_BACK, facts.refund_fen),)


def end_refund(facts: Facts) -> tuple[Order, ...]:
    """A refund that nobody has confirmed ends with what it was about [D]."""
    return (EndRefund(),)
