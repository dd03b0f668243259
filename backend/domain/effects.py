"""What follows from a step, as orders that services carry out. Pure: facts in, orders out."""

from dataclasses import dataclass
from enum import StrEnum

from backend.domain.cover import CoverState
from backend.domain.facts import Facts
from backend.domain.ledger import HoldState
from backend.domain.public_notice import NoticeState


class Booking(StrEnum):
    """Moves of money; each is one hold change or one balanced entry."""

    HOLD = "hold"
    VOID_HOLD = "void_hold"
    PREMIUM_DUE = "premium_due"
    REVERSE_PREMIUM_DUE = "reverse_premium_due"
    PAYMENT_ORDERED = "payment_ordered"
    PAYMENT_CONFIRMED = "payment_confirmed"
    PAYMENT_REJECTED = "payment_rejected"
    REFUND = "refund"


@dataclass(frozen=True)
class Move:
    """Book `amount_fen` the given way."""

    booking: Booking
    amount_fen: int


@dataclass(frozen=True)
class SetCover:
    """Bring the covers of the plan's lifts to `state`."""

    state: CoverState


@dataclass(frozen=True)
class SetNotice:
    """Bring the live notice to `state`."""

    state: NoticeState


@dataclass(frozen=True)
class InviteCommittee:
    """Ask every committee member in office for an answer."""


Order = Move | SetCover | SetNotice | InviteCommittee


def invite_committee(facts: Facts) -> tuple[Order, ...]:
    """Members decide where the city asks for approval of this kind of application [D]."""
    return (InviteCommittee(),) if facts.approval_asked else ()


def open_notice(facts: Facts) -> tuple[Order, ...]:
    """The notice runs (JS annex 二（一）4); no other case can spend the premium meanwhile [D]."""
    return (
        Move(Booking.HOLD, facts.premium_fen),
        SetCover(CoverState.RESERVED),
        SetNotice(NoticeState.OPEN),
    )


def suspend_notice(facts: Facts) -> tuple[Order, ...]:
    """暂缓实施 (JS annex 二（一）4)."""
    return (SetNotice(NoticeState.SUSPENDED),)


def resume_notice(facts: Facts) -> tuple[Order, ...]:
    """The whole days that were left run on [D]."""
    return (SetNotice(NoticeState.OPEN),)


def end_notice(facts: Facts) -> tuple[Order, ...]:
    """公示无异议 (JS annex 二（一）5)."""
    return (SetNotice(NoticeState.ENDED),)


def release(facts: Facts) -> tuple[Order, ...]:
    """Give back what was held or due, free the lifts, take down the notice [D]."""
    orders: list[Order] = [SetCover(CoverState.RELEASED), SetNotice(NoticeState.VOID)]
    if facts.hold == HoldState.PENDING:
        orders.append(Move(Booking.VOID_HOLD, facts.hold_fen))
    elif facts.hold == HoldState.POSTED:
        orders.append(Move(Booking.REVERSE_PREMIUM_DUE, facts.due_fen))
    return tuple(orders)


def premium_due(facts: Facts) -> tuple[Order, ...]:
    """The hold becomes a debt: the file is complete (JS annex 二（一）7)."""
    return (Move(Booking.PREMIUM_DUE, facts.due_fen),)


def payment_ordered(facts: Facts) -> tuple[Order, ...]:
    """The cashier instructs the bank (JS annex 二（一）7)."""
    return (Move(Booking.PAYMENT_ORDERED, facts.due_fen),)


def payment_confirmed(facts: Facts) -> tuple[Order, ...]:
    """The bank paid the insurer (JS annex 二（一）7)."""
    return (Move(Booking.PAYMENT_CONFIRMED, facts.due_fen),)


def payment_rejected(facts: Facts) -> tuple[Order, ...]:
    """The bank refused; the premium is still due and can be ordered again [D]."""
    return (Move(Booking.PAYMENT_REJECTED, facts.due_fen),)


def activate_cover(facts: Facts) -> tuple[Order, ...]:
    """The policy covers the plan's lifts for the plan's period (JS 四（三）)."""
    return (SetCover(CoverState.IN_FORCE),)


def end_cover(facts: Facts) -> tuple[Order, ...]:
    """The period is over (JS 四（三）)."""
    return (SetCover(CoverState.ENDED),)


def refund(facts: Facts) -> tuple[Order, ...]:
    """退保: the insurer's refund goes back to the source account [D]."""
    return (Move(Booking.REFUND, facts.refund_fen), SetCover(CoverState.ENDED))
