"""A small fund in the village: balances of its flats, deposits, interest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.agreements import AgreementKind, Offer
from backend.domain.households import MovementKind
from backend.domain.ledger import AccountKind, opening, transfer
from backend.domain.local_time import local_date
from backend.domain.period_locks import is_locked
from backend.services.books import households, ledger
from backend.services.books.ledger import NewEntry
from backend.services.books.locks import locked_until
from backend.services.income import (
    agreements,
    closing,
    deposits,
    interest,
    leading,
    locking,
    past,
    transfers,
    undoing,
)
from backend.services.income.agreements import Document
from backend.services.income.deposits import Certificate
from backend.services.income.interest import Receipt
from backend.services.income.leading import Decided
from backend.services.income.past import Counted
from backend.services.income.transfers import Moved
from backend.store.households import HouseholdControl, HouseholdMovement
from backend.store.ledger import Account, HouseholdBalance
from backend.store.queries.agreements import AgreementView
from backend.store.queries.bank_transfers import TransferView
from backend.store.queries.income import CloseView, DepositView, InterestView
from backend.store.queries.leading_decisions import DecisionView
from backend.store.queries.past_income import PastIncomeView
from backend.store.queries.period_locks import LockView
from backend.store.queries.undos import UndoView
from backend.store.registry import Building, Household, Unit
from tests.build.village import Village

PRINCIPAL_FEN = 345_678_912
RATE = Decimal("0.0195")
BEGAN = date(2024, 1, 1)
PAID = date(2024, 7, 2)  # 183 days later

# The plan's worked figure: 7,907.40 by balance × days.
WORKED = {
    "A": {date(2024, 7, 2): 40_800_000},
    "B": {date(2024, 7, 2): 38_250_000},
    "C": {date(2024, 9, 23): 61_200_050},
}
SHARED = {"A": 286_794, "B": 268_869, "C": 235_077}


def account(
    tx: Session,
    village: Village,
    number: str,
    balances: Mapping[date, int],
    building_id: UUID | None = None,
) -> UUID:
    """A unit more (of the village's one building, or of this), with an account of this number and
    one flat that had so much (fen) from these days on."""
    if building_id is None:
        of_estate = select(Building.id).where(Building.estate_id == village.estate)
        building_id = tx.scalars(of_estate).one()
    unit = Unit(building_id=building_id, name=f"{number}单元")
    tx.add(unit)
    tx.flush()
    household = Household(unit_id=unit.id, room="101", area_dm2=10_000)
    tx.add(household)
    tx.flush()
    for as_of, fen in balances.items():  # one: what came later is a movement
        tx.add(HouseholdBalance(household_id=household.id, as_of=as_of, principal_fen=fen))
    return ledger.open_account(
        tx,
        AccountKind.POOLED_INCOME,
        number,
        f"{number}统筹账户",
        building_id=building_id,
        unit_id=unit.id,
    )


@dataclass
class Fund:
    """The fund's money at the village's bank, and who keeps its books."""

    village: Village
    pools: dict[str, UUID] = field(default_factory=dict)
    _bank: UUID | None = None
    _flats: dict[str, UUID] = field(default_factory=dict)

    @property
    def bank(self) -> UUID:
        """A bank account of the fund with books from the end of 2014 on."""
        if self._bank is None:
            with self.village.ctx.sessions() as tx:
                kinds = AccountKind
                self._bank = ledger.open_account(tx, kinds.BANK, "OLD-BANK", "老专户")
                principal = ledger.house_account(tx, kinds.OWNERS_PRINCIPAL)
                lines = opening(self._bank, PRINCIPAL_FEN, {principal: PRINCIPAL_FEN})
                began = NewEntry("opening of the fund", "opening", date(2014, 12, 31), lines)
                ledger.post(tx, began, self.village.clock())
                tx.commit()
        return self._bank

    def holds(self, balances: Mapping[str, Mapping[date, int]]) -> None:
        """Accounts by number, each with what its flat had in the fund (fen) from which day on."""
        with self.village.ctx.sessions() as tx:
            for number, of_flat in balances.items():
                self.pools[number] = account(tx, self.village, number, of_flat)
            tx.commit()

    def holds_apart(self, number: str, balances: Mapping[date, int]) -> None:
        """An account as those, its flat alone in a building of its own."""
        with self.village.ctx.sessions() as tx:
            building = Building(estate_id=self.village.estate, name=f"{number}栋")
            tx.add(building)
            tx.flush()
            self.pools[number] = account(tx, self.village, number, balances, building.id)
            tx.commit()

    def spends(self, number: str, fen: int) -> None:
        """So much leaves the account of this number."""
        with self.village.ctx.sessions() as tx:
            elsewhere = ledger.house_account(tx, AccountKind.REFUND_SUSPENSE)
            lines = transfer(self.pools[number], elsewhere, fen)
            new = NewEntry(f"spent by {number}", "test", date(2025, 1, 2), lines)
            ledger.post(tx, new, self.village.clock())
            tx.commit()

    def flat(self, number: str) -> UUID:
        """The flat of this account, which has it for good."""
        if number not in self._flats:
            with self.village.ctx.sessions() as tx:
                of_unit = select(Account.unit_id).where(Account.id == self.pools[number])
                flat = select(Household.id).where(Household.unit_id == of_unit.scalar_subquery())
                self._flats[number] = tx.scalars(flat).one()
        return self._flats[number]

    def moved(self, number: str, fen: int, since: date) -> None:
        """So much more (or less) principal of this account's flat from that day on, which its books
        said late: two officers open what is locked."""
        with self.village.ctx.sessions() as tx:
            closed = is_locked(since, locked_until(tx))
        if closed:
            self.locked_until(None)
        with self.village.ctx.sessions() as tx:
            of_flat = select(Unit.building_id).join(Household, Household.unit_id == Unit.id)
            building = of_flat.where(Household.id == self.flat(number))
            households.take_over(tx, building, self.village.clock())
            of_building = HouseholdControl.building_id == building.scalar_subquery()
            control = tx.scalars(select(HouseholdControl.account_id).where(of_building)).one()
            principal = ledger.house_account(tx, AccountKind.OWNERS_PRINCIPAL)
            lines = (
                transfer(principal, control, fen) if fen > 0 else transfer(control, principal, -fen)
            )
            new = NewEntry(f"moved {uuid4()}", "test", since, lines)
            entry_id = ledger.post(tx, new, self.village.clock()).id
            tx.add(
                HouseholdMovement(
                    household_id=self.flat(number),
                    entry_id=entry_id,
                    kind=MovementKind.PRINCIPAL,
                    account_id=control,
                    booked_on=since,
                    amount_fen=fen,
                )
            )
            tx.commit()

    def flats(self) -> dict[str, int]:
        """What the flat of every account here has now, by the account's number, in fen."""
        flats = {self.flat(number): number for number in self.pools}
        with self.village.ctx.sessions() as tx:
            opened = dict(
                tx.execute(
                    select(HouseholdBalance.household_id, HouseholdBalance.principal_fen)
                ).all()
            )
            later = tx.execute(
                select(
                    HouseholdMovement.household_id, func.sum(HouseholdMovement.amount_fen)
                ).group_by(HouseholdMovement.household_id)
            ).all()
        moved = {flat: int(fen) for flat, fen in later}
        return {number: opened[flat] + moved.get(flat, 0) for flat, number in flats.items()}

    def deposit(self, name: str = "cashier", **changed: Any) -> DepositView:
        """A deposit of a year at 1.95 %, entered by this officer."""
        values: dict[str, Any] = {
            "bank_id": self.bank,
            "number": "CD-1",
            "principal_fen": PRINCIPAL_FEN,
            "rate": RATE,
            "months": 12,
            "value_on": BEGAN,
        }
        paper = Certificate(**values | changed)
        village = self.village
        return deposits.enter(village.ctx, village.actor(name), paper, village.upload(name))

    def paid(self, deposit_id: UUID, name: str = "cashier", **changed: Any) -> InterestView:
        """Interest for 183 days, entered by this officer."""
        values: dict[str, Any] = {
            "bank_reference": f"INT-{deposit_id}-{changed.get('until_on', PAID)}",
            "posted_on": changed.get("until_on", PAID),
            "until_on": PAID,
            "actual_fen": 3_426_542,
            "note": "",
        }
        receipt = Receipt(**values | changed)
        village = self.village
        actor, paper = village.actor(name), village.upload(name)
        return interest.enter(village.ctx, actor, deposit_id, receipt, paper)

    def confirmed(self, interest_id: UUID, name: str = "reviewer") -> InterestView:
        """The interest, as another officer confirms it."""
        return interest.confirm(self.village.ctx, self.village.actor(name), interest_id)

    def earned(self, number: str = "CD-1", **changed: Any) -> InterestView:
        """Interest of a new deposit, booked."""
        return self.confirmed(self.paid(self.deposit(number=number).id, **changed).id)

    def undo_asked(self, interest_id: UUID, name: str = "cashier") -> UndoView:
        """The undoing of this interest, asked for by this officer."""
        village = self.village
        actor, paper = village.actor(name), village.upload(name)
        return undoing.ask(village.ctx, actor, interest_id, "金额录错", paper)

    def other_bank(self, number: str = "NEW-BANK") -> UUID:
        """Another bank account of the fund, empty."""
        with self.village.ctx.sessions() as tx:
            opened = ledger.open_account(tx, AccountKind.BANK, number, "新专户")
            tx.commit()
            return opened

    def moves(self, to_bank_id: UUID, name: str = "cashier", **changed: Any) -> TransferView:
        """Money moved from the fund's bank to that one, entered by this officer."""
        values: dict[str, Any] = {
            "from_bank_id": self.bank,
            "to_bank_id": to_bank_id,
            "amount_fen": 100_000_000,
            "moved_on": date(2025, 2, 3),
            "bank_reference": "MOVE-1",
            "note": "存入定期",
        }
        village = self.village
        actor, paper = village.actor(name), village.upload(name)
        return transfers.enter(village.ctx, actor, Moved(**values | changed), paper)

    def owes_of_before(self, fen: int) -> None:
        """Interest of before the books lies at the fund's bank, and no year has it yet."""
        with self.village.ctx.sessions() as tx:
            statutory = ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE)
            lines = opening(self.bank, fen, {statutory: fen})
            began = NewEntry("opening of the interest", "opening", date(2024, 6, 30), lines)
            ledger.post(tx, began, self.village.clock())
            tx.commit()

    def past_entered(
        self, statutory_fen: int, value_added_fen: int, name: str = "cashier", year: int = 2024
    ) -> PastIncomeView:
        """Of that, so much counts for this year, entered by this officer."""
        village = self.village
        counted = Counted(year, statutory_fen, value_added_fen, "2019年至2023年的利息")
        return past.enter(village.ctx, village.actor(name), counted, village.upload(name))

    def decided(self, account_id: UUID, name: str = "clerk") -> DecisionView:
        """What the leading group decided about what this account owes, entered by this officer."""
        village = self.village
        today = local_date(village.clock())
        what = Decided(today, "领导小组2025年第1次会议", "以后的收益先还", village.upload(name))
        return leading.decide_account(village.ctx, village.actor(name), account_id, what)

    def locked_until(self, until_on: date | None) -> LockView:
        """The books, locked up to this day, or opened, by two."""
        village = self.village
        asked = locking.ask(village.ctx, village.actor("clerk"), until_on, "对完账")
        return locking.confirm(village.ctx, village.actor("reviewer"), asked.id)

    def previewed(self, year: int = 2024, name: str = "clerk") -> CloseView:
        """A preview of the year's close."""
        return closing.preview(self.village.ctx, self.village.actor(name), year)

    def closed(self, year: int = 2024) -> CloseView:
        """The year, closed by two."""
        village = self.village
        return closing.post(village.ctx, village.actor("reviewer"), self.previewed(year).id)

    def balances(self) -> dict[str, int]:
        """What stands in every account of the fund's accounts here, by number, in fen."""
        with self.village.ctx.sessions() as tx:
            mine = Account.id.in_(self.pools.values())
            rows = tx.execute(select(Account.number, Account.balance_fen).where(mine))
            return dict(rows.all())

    def all_balances(self) -> dict[str, int]:
        """What stands in every account of the ledger, by number, in fen."""
        with self.village.ctx.sessions() as tx:
            return dict(tx.execute(select(Account.number, Account.balance_fen)).all())

    def stands(self, number: str) -> int:
        """What stands in the account of this number, in fen."""
        with self.village.ctx.sessions() as tx:
            balance = select(Account.balance_fen).where(Account.number == number)
            return tx.scalar(balance) or 0

    def agreed(self, number: str = "X-1", name: str = "cashier", **changed: Any) -> AgreementView:
        """What was agreed with the fund's bank for a year's deposits of 2024, entered by this
        officer."""
        offers = [Offer("甲银行", 12, RATE, agreed=True), Offer("乙银行", 12, RATE, agreed=False)]
        values: dict[str, Any] = {
            "bank_id": self.bank,
            "number": number,
            "kind": AgreementKind.BEST_OFFER,
            "from_on": BEGAN,
            "until_on": date(2024, 12, 31),
            "offers": offers,
            "note": "",
        }
        village = self.village
        document = Document(**values | changed)
        return agreements.enter(village.ctx, village.actor(name), document, village.upload(name))
