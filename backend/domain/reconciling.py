"""余额调节表: the bank's balance of a day held against the books'.

Each line of the bank has a booking or not, each booking a line or not, and of a pair one may come
before the day and the other after it. A deposit for a term lies apart from the account that the
statement is of, while the books keep both in one [D].
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PairSide:
    """One side of a pair: its day and fen (received positive), and the day from which it counts no
    more, of what was booked by mistake and undone."""

    day: date
    amount_fen: int
    undone_on: date | None = None

    def counts(self, on: date) -> bool:
        """Whether it stands at the end of this day."""
        return self.day <= on and (self.undone_on is None or self.undone_on > on)


@dataclass(frozen=True)
class Pair:
    """A line of the bank and what the books have of it; one of them may be missing."""

    line: PairSide | None
    booked: PairSide | None


@dataclass(frozen=True)
class Reconciliation:
    """A bank account at the end of a day, in fen: what only the bank has, received and paid, what
    only the books have, and what lies in deposits apart."""

    on: date
    ledger_fen: int
    bank_fen: int
    only_bank_received_fen: int
    only_bank_paid_fen: int
    only_ledger_received_fen: int
    only_ledger_paid_fen: int
    deposits_fen: int

    @property
    def adjusted_ledger_fen(self) -> int:
        """The books' balance with what only the bank has, without what lies apart."""
        only_bank = self.only_bank_received_fen - self.only_bank_paid_fen
        return self.ledger_fen - self.deposits_fen + only_bank

    @property
    def adjusted_bank_fen(self) -> int:
        """The bank's balance with what only the books have."""
        return self.bank_fen + self.only_ledger_received_fen - self.only_ledger_paid_fen

    @property
    def difference_fen(self) -> int:
        """What the bank has more than the books, once all that is known is counted."""
        return self.adjusted_bank_fen - self.adjusted_ledger_fen

    @property
    def agrees(self) -> bool:
        """Whether it is the same to the fen."""
        return self.difference_fen == 0


def reconcile(
    on: date, ledger_fen: int, bank_fen: int, deposits_fen: int, pairs: Iterable[Pair]
) -> Reconciliation:
    """The account at the end of `on`: `pairs` are all lines and bookings of it, or those of which
    the two sides may differ by that day. Lines of deposits are not among them: `deposits_fen` is
    what lies apart."""
    only_bank, only_ledger = [], []
    for pair in pairs:
        line = pair.line is not None and pair.line.counts(on)
        booked = pair.booked is not None and pair.booked.counts(on)
        if line and not booked:
            assert pair.line is not None
            only_bank.append(pair.line.amount_fen)
        if booked and not line:
            assert pair.booked is not None
            only_ledger.append(pair.booked.amount_fen)
    return Reconciliation(
        on,
        ledger_fen,
        bank_fen,
        sum(fen for fen in only_bank if fen > 0),
        -sum(fen for fen in only_bank if fen < 0),
        sum(fen for fen in only_ledger if fen > 0),
        -sum(fen for fen in only_ledger if fen < 0),
        deposits_fen,
    )
