"""A small estate with everybody a case needs, as rows; tests walk cases through it.

One building, two units with one lift each, four flats, a committee of three, a property manager
with a mandate, a selected insurer, three officers at the centre, and 10,000.00 yuan in the pool.
Everybody is signed in to the mini-program.
"""

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID, uuid4

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.ledger import AccountKind, opening
from backend.domain.local_time import SHANGHAI, local_date
from backend.services.base.context import Actor, Context
from backend.services.books import banks, ledger
from backend.services.books.ledger import NewEntry
from backend.services.public_notice import notices
from backend.services.purchase import (
    approvals,
)
from backend.services.purchase.applications import ApplicationRequest
from backend.services.purchase.approvals import MemberAnswer
from backend.services.purchase.payments import InvoicePaper
from backend.services.purchase.plans import PlanTerms
from backend.services.purchase.policies import PolicyPaper
from backend.services.purchase.registrations import ContractTerms
from backend.store.base import Base
from backend.store.mandates import Mandate
from backend.store.people import AccessGrant, LoginSession, Person
from backend.store.purchases import Purchase
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Insurer,
    Lift,
    Owner,
    PropertyCompany,
    Unit,
)
from tests.build.clock import ManualClock
from tests.build.handing_in import handed_in
from tests.build.people import Acting
from tests.build.proving import LATE, enrolled, proved

POOL_FEN = 1_000_000
PREMIUM_FEN = 130_000
GRANTED = {
    "manager": "property_manager",
    "insurer": "insurer",
    "clerk": "clerk",
    "reviewer": "reviewer",
    "cashier": "cashier",
    "supervisor": "supervisor",
    "auditor": "auditor",
}


# What a village knows of its rows, by field.
KNOWN = ("estate", "units", "lifts", "codes", "owners", "insurer", "pool", "bank", "people")
# The session of each person: 43 characters, as tokens have.
TOKEN = "{:-<43}"
Options = ParamSpec("Options")
Answer = TypeVar("Answer")


class Copies(Protocol):
    """Brings a village to a stage without walking there; see tests/build/snapshots.py."""

    def walk(
        self, village: "Village", key: Hashable, on_foot: Callable[["Village"], Answer]
    ) -> Answer: ...


def stage(
    walk: Callable[Concatenate["Village", Options], Answer],
) -> Callable[Concatenate["Village", Options], Answer]:
    """Marks a walk through the services that many tests begin with.

    A village in which nothing has happened yet is not walked, but becomes a copy of one that was.
    """

    @wraps(walk)
    def reach(village: "Village", /, *args: Options.args, **named: Options.kwargs) -> Answer:
        def on_foot(village: "Village") -> Answer:
            return walk(village, *args, **named)

        if village.copies is None:
            answer = on_foot(village)
        else:
            key = (walk.__module__, walk.__qualname__, args, tuple(named.items()))
            answer = village.copies.walk(village, key, on_foot)
        with village.ctx.sessions() as tx:
            now: Answer = _as_it_is_now(tx, answer)
        return now

    return reach


def _as_it_is_now(tx: Session, answer: Any) -> Any:
    """The records in an answer, read anew."""
    if isinstance(answer, tuple):
        return tuple(_as_it_is_now(tx, part) for part in answer)
    if isinstance(answer, Base):
        return tx.get_one(type(answer), answer.id)  # type: ignore[attr-defined]  # all have one
    return answer


@dataclass
class Village:
    """Ids of the village's rows and the people by the part they play."""

    ctx: Context
    clock: ManualClock
    estate: UUID = field(default_factory=uuid4)
    units: list[UUID] = field(default_factory=list)
    lifts: list[UUID] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    owners: list[UUID] = field(default_factory=list)
    insurer: UUID = field(default_factory=uuid4)
    pool: UUID = field(default_factory=uuid4)
    bank: UUID = field(default_factory=uuid4)
    people: dict[str, Actor] = field(default_factory=dict)
    copies: Copies | None = field(default=None, repr=False)

    def copied(self, ctx: Context, clock: ManualClock) -> "Village":
        """The same village in another database, at another clock."""
        village = Village(ctx, clock)
        village._take(self)
        return village

    def is_like(self, other: "Village") -> bool:
        """Whether the same people and places are in it, at the same time in the same city."""
        return (
            all(getattr(self, name) == getattr(other, name) for name in KNOWN)
            and self.clock() == other.clock()
            and self.ctx.city == other.ctx.city
        )

    def become_like(self, other: "Village") -> None:
        """Take over its people, its places and its time."""
        self._take(other)
        self.clock.set(other.clock())

    def _take(self, other: "Village") -> None:
        for name in KNOWN:
            setattr(self, name, copy(getattr(other, name)))

    def actor(self, name: str) -> Actor:
        """The person who plays this part (manager, clerk, owner0, member1, …)."""
        return self.people[name]

    def person(self, name: str) -> Acting:
        """The same person, who acts through the services."""
        return Acting(self.ctx, self.people[name])

    @property
    def manager(self) -> Acting:
        """Manages the property, and may apply for all owners."""
        return self.person("manager")

    @property
    def clerk(self) -> Acting:
        """Handles cases at the centre."""
        return self.person("clerk")

    @property
    def reviewer(self) -> Acting:
        """Registers what the clerk prepared."""
        return self.person("reviewer")

    @property
    def cashier(self) -> Acting:
        """Pays."""
        return self.person("cashier")

    def upload(self, name: str) -> str:
        """A picture of a paper that this person uploaded; its SHA-256."""
        return handed_in(self.ctx, self.actor(name))

    @stage
    def drafted(self, applicant: str = "property_company", name: str = "manager") -> Purchase:
        """A case that the manager (or another applicant) has begun."""
        application = ApplicationRequest(
            "R1", self.estate, self.pool, self.insurer, applicant, self.lifts
        )
        return self.person(name).drafts(application)

    @stage
    def surveyed(self, result: str = "passed") -> Purchase:
        """A case whose funds are queried and whose lifts are surveyed."""
        purchase = self.drafted()
        form = self.upload("manager")
        self.manager.applies(purchase.id, form)
        self.clerk.queries_funds(purchase.id, "物业管理和维保正常")
        for lift in self.lifts:
            self.person("insurer").surveys(purchase.id, lift, result, "运行平稳")
        return purchase

    def terms(self, premium_fen: int = PREMIUM_FEN, **changed: Any) -> PlanTerms:
        """A plan for both lifts from 1 April 2025."""
        values: dict[str, Any] = {
            "lift_premiums": dict.fromkeys(self.lifts, premium_fen),
            "sum_insured_fen": 15_000_000,
            "deductible_fen": 0,
            "cover_from": date(2025, 4, 1),
            "cover_ends_before": date(2026, 4, 1),
            "scope_of_cover": "故障维修",
            "exclusions": "人为损坏",
            "service_commitments": "30分钟到场",
        }
        return PlanTerms(**{**values, **changed})

    @stage
    def planned(self) -> Purchase:
        """A case with a plan before the committee."""
        purchase = self.surveyed()
        return self.person("insurer").submits_plan(purchase.id, self.terms())

    @stage
    def approved(self) -> Purchase:
        """A case that two of three members approved."""
        purchase = self.planned()
        assert purchase.plan_id
        for name in ("member0", "member1"):
            person_id = self.actor(name).person_id
            approvals.answer(
                self.ctx, person_id, purchase.plan_id, MemberAnswer("approve", None, "chat")
            )
        return purchase

    def photograph(self, notice: UUID, moment: str) -> None:
        """Hand in every photo of one moment."""
        for unit in self.units:
            for framing in ("wide", "close"):
                file = self.upload("manager")
                photo = notices.SubmittedPhoto(unit, moment, framing, file, self.clock())
                self.manager.adds_photo(notice, photo)

    @stage
    def posted(self) -> tuple[Purchase, UUID]:
        """A case whose notice runs, and the notice."""
        purchase = self.approved()
        notice = self.manager.drafts_notice(purchase.id)
        self.photograph(notice.id, "start")
        return purchase, notice.id

    @stage
    def cleared(self) -> Purchase:
        """A case without objection."""
        purchase, notice = self.posted()
        self.clock.set(datetime(2025, 3, 11, 9, tzinfo=SHANGHAI))
        self.photograph(notice, "end")
        return self.clerk.clears(purchase.id, "未收到纸质异议")

    @stage
    def contracted(self) -> Purchase:
        """A case that is registered and contracted."""
        purchase = self.cleared()
        self.reviewer.registers(purchase.id)
        return self.manager.signs_contract(purchase.id, self.contract())

    def contract(self, **changed: Any) -> ContractTerms:
        """The contract that fits the plan."""
        values: dict[str, Any] = {
            "number": "HT-1",
            "insurer_id": self.insurer,
            "premium_fen": 2 * PREMIUM_FEN,
            "signed_on": local_date(self.clock()),
            "lift_codes": self.codes,
            "file_sha256": self.upload("manager"),
        }
        return ContractTerms(**{**values, **changed})

    def invoice(self, **changed: Any) -> InvoicePaper:
        """The invoice that fits the contract."""
        values: dict[str, Any] = {
            "number": "FP-1",
            "insurer_id": self.insurer,
            "amount_fen": 2 * PREMIUM_FEN,
            "issued_on": local_date(self.clock()),
            "file_sha256": self.upload("manager"),
            "buyer": self.ctx.city.centre.name.value,
        }
        return InvoicePaper(**{**values, **changed})

    @stage
    def payable(self) -> Purchase:
        """A case whose payment file is complete, and not reviewed yet."""
        purchase = self.contracted()
        self.manager.adds_invoice(purchase.id, self.invoice())
        return self.manager.requests_payment(purchase.id)

    @stage
    def reviewed(self) -> Purchase:
        """A case whose payment file the reviewer has looked at."""
        return self.reviewer.reviews_payment(self.payable().id)

    @stage
    def paid(self) -> Purchase:
        """A case that the bank has paid."""
        purchase = self.reviewed()
        self.cashier.orders_payment(purchase.id)
        receipt = self.upload("cashier")
        return self.cashier.confirms_payment(purchase.id, "BANK-1", receipt)

    @stage
    def insured(self) -> Purchase:
        """A case with a policy."""
        purchase = self.paid()
        return self.person("insurer").issues_policy(purchase.id, self.policy())

    def policy(self, **changed: Any) -> PolicyPaper:
        """The policy that fits plan and contract, issued today; late, it covers the days before."""
        today = local_date(self.clock())
        values: dict[str, Any] = {
            "number": "PL-1",
            "cover_from": date(2025, 4, 1),
            "cover_ends_before": date(2026, 4, 1),
            "issued_on": today,
            "premium_fen": 2 * PREMIUM_FEN,
            "lift_codes": self.codes,
            "file_sha256": self.upload("insurer"),
            "answers_for_days_before": True,
        }
        return PolicyPaper(**{**values, **changed})


def populate_village(ctx: Context, clock: ManualClock) -> Village:
    """Write the village's rows."""
    village = Village(ctx, clock)
    with ctx.sessions() as tx:
        _place(tx, village)
        _homes(tx, village)
        _committee(tx, village)
        _officers(tx, village)
        _money(tx, village)
        for name in village.people:
            sign_in(tx, village, name)
        tx.commit()
    return village


def sign_in(tx: Session, village: Village, name: str) -> None:
    """Open a session for this person, who has proved themselves where they must; its token is TOKEN
    with the name."""
    now = datetime.now(UTC)
    tx.add(
        LoginSession(
            token_hash=village.ctx.cipher.digest("session", TOKEN.format(name)),
            person_id=village.actor(name).person_id,
            created_at=now,
            expires_at=now + timedelta(days=1),
            proved_at=LATE,
        )
    )


def _place(tx: Session, village: Village) -> None:
    company = PropertyCompany(name="示例物业")
    insurer = Insurer(
        name="示例保险",
        bank_name="示例银行",
        bank_account="6222000000000001",
        selected_from=date(2024, 12, 1),
        selected_until=date(2026, 12, 1),
        selection_basis="公开遴选",
    )
    tx.add_all([company, insurer])
    tx.flush()
    village.insurer = insurer.id
    estate = Estate(
        code="E1",
        name="示例小区",
        address="示例路1号",
        district="示例区",
        property_company_id=company.id,
    )
    tx.add(estate)
    tx.flush()
    village.estate = estate.id
    building = Building(estate_id=estate.id, name="1栋")
    tx.add(building)
    tx.flush()
    village.pool = ledger.open_account(
        tx, AccountKind.POOLED_INCOME, "P1", "1栋统筹账户", building_id=building.id
    )
    for number in (1, 2):
        unit = Unit(building_id=building.id, name=f"{number}单元")
        tx.add(unit)
        tx.flush()
        village.units.append(unit.id)
        code = f"3110433100202400{number:02d}"
        lift = Lift(
            unit_id=unit.id, registration_code=code, name="1号梯", installed_on=date(2015, 6, 1)
        )
        tx.add(lift)
        tx.flush()
        village.lifts.append(lift.id)
        village.codes.append(code)


def _person(tx: Session, village: Village, name: str) -> UUID:
    person = Person(name_sealed=None, created_at=village.clock())
    tx.add(person)
    tx.flush()
    village.people[name] = proved(person.id)
    return person.id


def called(surname: str, number: int) -> str:
    """What the owner or the member of this number is called: 冯样一, 陈样二."""
    return surname + "零一二三四五六七八九"[number]


def _homes(tx: Session, village: Village) -> None:
    for number in range(4):
        home = Household(unit_id=village.units[number % 2], room=f"{number + 1}01", area_dm2=10_000)
        tx.add(home)
        tx.flush()
        owner_id, name = uuid7(), called("冯样", number)
        owner = Owner(
            id=owner_id,
            household_id=home.id,
            name_sealed=village.ctx.cipher.seal(Owner.name_sealed, owner_id, name),
            name_hash=village.ctx.cipher.digest("name", name),
            person_id=_person(tx, village, f"owner{number}"),
        )
        tx.add(owner)
        tx.flush()
        village.owners.append(owner.id)
    _person(tx, village, "stranger")


def _committee(tx: Session, village: Village) -> None:
    committee = Committee(
        estate_id=village.estate, term_from=date(2024, 7, 1), term_until=date(2027, 7, 1)
    )
    tx.add(committee)
    tx.flush()
    for number in range(3):
        member_id, name = uuid7(), called("陈样", number)
        tx.add(
            CommitteeMember(
                id=member_id,
                committee_id=committee.id,
                position="委员",
                name_sealed=village.ctx.cipher.seal(CommitteeMember.name_sealed, member_id, name),
                name_hash=village.ctx.cipher.digest("name", name),
                recused=False,
                person_id=_person(tx, village, f"member{number}"),
            )
        )
    estate = tx.get_one(Estate, village.estate)
    assert estate.property_company_id
    tx.add(
        Mandate(
            committee_id=committee.id,
            property_company_id=estate.property_company_id,
            valid_from=date(2025, 1, 1),
            valid_until=date(2025, 12, 31),
        )
    )


def _officers(tx: Session, village: Village) -> None:
    scopes = {
        "property_manager": ("estate", village.estate),
        "insurer": ("insurer", village.insurer),
    }
    for name, role in GRANTED.items():
        kind, scope = scopes.get(role, ("city", None))
        tx.add(
            AccessGrant(
                person_id=_person(tx, village, name),
                role=role,
                scope_kind=kind,
                scope_id=scope,
                granted_at=village.clock(),
            )
        )
    enrolled(tx, village.ctx, village.actor("cashier").person_id, "cashier")


def _money(tx: Session, village: Village) -> None:
    village.bank = ledger.open_account(tx, AccountKind.BANK, "BANK", "银行存款")
    banks.lie_at(tx, [village.pool], [village.bank])
    ledger.post(
        tx,
        NewEntry(
            "opening",
            "opening",
            local_date(village.clock()),
            opening(village.bank, POOL_FEN, {village.pool: POOL_FEN}),
        ),
        village.clock(),
    )
