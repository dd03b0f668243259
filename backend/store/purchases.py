"""A purchase of lift maintenance insurance (购买电梯维修保险), from application to cover."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, composite, mapped_column, query_expression

from backend.domain.cover import CoverState, CoverTerms, SurveyResult, insures
from backend.domain.ledger import PaymentState
from backend.domain.roles import Role, applicant_role
from backend.domain.subject import PURCHASE, Subject
from backend.store.base import Base, Id, OneOf, one_of
from backend.store.subjects import OfSubject

LETTER_DUE = "on_paper AND version > letter_version"


class Purchase(Base):
    """One case: a route, a state, a circle (`PurchaseUnit`) and a source (`PurchaseSource`).

    `version` counts its transitions. The insurer is set at the draft or later, and changes only
    while no plan stands. `wakes_at` is the next moment at which time alone may open a step of the
    house. Of its plans, contracts, invoices and policies, `plan_id`, `contract_id`, `invoice_id`,
    `policy_id` are those that count. `on_paper` where owners applied without a phone: `applied_by`
    is the clerk who entered it then, `entered_in_stead_of` for whom (代办), and `letter_version`
    the last step of which they were given a letter; of the first they know. `buildings` is no
    column: a query brings along in which building each lift is (`queries.places.buildings_of`).
    """

    __tablename__ = "purchase"
    __table_args__ = (
        CheckConstraint(
            "applicant IN ('owners', 'committee', 'property_company', 'independent_owner')",
            name="applicant",
        ),
        Index("ix_purchase_state", "state", text("updated_at DESC"), "id"),
        Index("ix_purchase_changed", text("updated_at DESC"), "id"),
        Index("ix_purchase_wakes_at", "wakes_at", postgresql_where=text("wakes_at IS NOT NULL")),
        Index("ix_purchase_on_paper", "id", postgresql_where=text("on_paper")),
        Index("ix_purchase_letter_due", "updated_at", "id", postgresql_where=text(LETTER_DUE)),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    route: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    profile_version: Mapped[str] = mapped_column(ForeignKey("city_profile.version"), index=True)
    estate_id: Mapped[UUID] = mapped_column(ForeignKey("estate.id"), index=True)
    applicant: Mapped[str]
    applied_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    on_paper: Mapped[bool] = mapped_column(default=False, server_default=false())
    entered_in_stead_of: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    letter_version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    insurer_id: Mapped[UUID | None] = mapped_column(ForeignKey("insurer.id"), index=True)
    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan.id", use_alter=True))
    contract_id: Mapped[UUID | None] = mapped_column(ForeignKey("contract.id", use_alter=True))
    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice.id", use_alter=True))
    policy_id: Mapped[UUID | None] = mapped_column(ForeignKey("policy.id", use_alter=True))
    wakes_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    buildings: Mapped[Sequence[str] | None] = query_expression(expire_on_flush=False)

    @property
    def subject(self) -> Subject:
        """What its limits, holds, messages and records are of."""
        return Subject(PURCHASE, self.id)

    @property
    def applicant_role(self) -> Role:
        """The part that acts for those who applied."""
        return applicant_role(self.applicant, self.on_paper)

    @property
    def entered_by(self) -> tuple[UUID, ...]:
        """Who entered what owners applied for on paper, and for whom; nobody where they did so
        themselves."""
        people = (self.applied_by, self.entered_in_stead_of) if self.on_paper else ()
        return tuple(person_id for person_id in people if person_id)


class PurchaseLift(Base):
    """A lift named in the application."""

    __tablename__ = "purchase_lift"

    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    lift_id: Mapped[UUID] = mapped_column(ForeignKey("lift.id"), primary_key=True, index=True)


class PurchaseUnit(Base):
    """A unit of the case's circle (相关范围): its owners are concerned. Fixed with the plan."""

    __tablename__ = "purchase_unit"

    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)


class PurchaseSource(Base):
    """An account of the case's source (资金来源): it pays its part by `weight`.

    All of them are written by one statement, at the draft or later; named anew only while no plan
    stands.
    """

    __tablename__ = "purchase_source"
    __table_args__ = (CheckConstraint("weight > 0", name="weight"),)

    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    weight: Mapped[int]


class Transition(OfSubject, Base):
    """One step of a subject that was taken: who, when, on what evidence. Append-only."""

    __tablename__ = "transition"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id", "seq"),)

    id: Mapped[Id]
    subject_id: Mapped[UUID] = mapped_column()  # its key begins with the subject
    seq: Mapped[int]
    action: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str | None]
    amount_fen: Mapped[int | None]
    evidence: Mapped[list[Any]]


class OfficerAct(OfSubject, Base):
    """Someone worked on it as an officer beside its steps (objections, posting). Append-only.

    Counts like a step where clerk, reviewer and cashier must be different people.
    """

    __tablename__ = "officer_act"

    subject_kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class Survey(Base):
    """查勘: the insurer's look at one lift; the latest one of the case's insurer counts."""

    __tablename__ = "survey"
    __table_args__ = (one_of("result", SurveyResult),)

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    lift_id: Mapped[UUID] = mapped_column(ForeignKey("lift.id"))
    insurer_id: Mapped[UUID | None] = mapped_column(ForeignKey("insurer.id"))
    result: Mapped[SurveyResult] = mapped_column(OneOf(SurveyResult))
    findings: Mapped[str]
    surveyed_at: Mapped[datetime]
    surveyed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class Plan(Base):
    """保险方案: one revision, frozen by `content_hash`; a change is a new revision."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("purchase_id", "revision"),
        CheckConstraint("premium_fen > 0", name="premium"),
        CheckConstraint("cover_ends_before > cover_from", name="cover"),
    )

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"))
    revision: Mapped[int]
    insurer_id: Mapped[UUID] = mapped_column(ForeignKey("insurer.id"))
    premium_fen: Mapped[int]
    sum_insured_fen: Mapped[int]
    deductible_fen: Mapped[int]
    cover_from: Mapped[date]
    cover_ends_before: Mapped[date]
    scope_of_cover: Mapped[str]
    exclusions: Mapped[str]
    service_commitments: Mapped[str]
    content_hash: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]

    # Also None where an outer join found no plan.
    terms: Mapped[CoverTerms] = composite(
        "sum_insured_fen",
        "deductible_fen",
        "cover_from",
        "cover_ends_before",
        "scope_of_cover",
        "exclusions",
        "service_commitments",
        return_none_on=lambda *terms: terms[0] is None,
    )


class PlanLift(Base):
    """The premium of one lift in a plan; they add up to the plan's."""

    __tablename__ = "plan_lift"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    lift_id: Mapped[UUID] = mapped_column(ForeignKey("lift.id"), primary_key=True, index=True)
    premium_fen: Mapped[int]


class Contract(Base):
    """保险服务合同 as signed by the applicant and the insurer; `payee_*` is the insurer's account
    on that day, which is the one that gets paid. A number of one insurer is of one case."""

    __tablename__ = "contract"

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    number: Mapped[str]
    insurer_id: Mapped[UUID] = mapped_column(ForeignKey("insurer.id"))
    premium_fen: Mapped[int]
    signed_on: Mapped[date]
    lift_codes: Mapped[list[Any]]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    payee_name: Mapped[str]
    payee_bank: Mapped[str]
    payee_account: Mapped[str]

    __table_args__ = (
        ExcludeConstraint(
            ("insurer_id", "="),
            ("number", "="),
            ("purchase_id", "<>"),
            name="ex_contract_number",
            using="gist",
        ),
    )


class Invoice(Base):
    """保费发票; a number of one insurer serves one case, and the row handed in last counts. `buyer`
    is whom it is made out to (发票抬头); rows of earlier versions did not say."""

    __tablename__ = "invoice"
    __table_args__ = (
        ExcludeConstraint(
            ("insurer_id", "="),
            ("number", "="),
            ("purchase_id", "<>"),
            name="ex_invoice_number",
            using="gist",
        ),
        CheckConstraint("amount_fen > 0", name="amount"),
    )

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    insurer_id: Mapped[UUID] = mapped_column(ForeignKey("insurer.id"))
    number: Mapped[str]
    amount_fen: Mapped[int]
    buyer: Mapped[str | None]
    issued_on: Mapped[date]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)


class Payment(Base):
    """拨付: one payment order to the insurer's account, confirmed, rejected or returned by the
    bank; then `account_unusable` tells whether the account was at fault (closed, another name).
    Confirmed by mistake it is ordered once more, without the reference that was another's.
    `bank_id` is the account that pays; None was ordered by a program of the version before.
    `batch_id` is the batch whose file told the bank; None was ordered alone."""

    __tablename__ = "payment"
    __table_args__ = (
        one_of("state", PaymentState),
        Index(
            "uq_payment_live",
            "purchase_id",
            unique=True,
            postgresql_where=text("state IN ('ordered', 'confirmed')"),
        ),
        Index("ix_payment_ordered", "bank_id", postgresql_where=text("state = 'ordered'")),
        Index("ix_payment_confirmed", "settled_at", postgresql_where=text("state = 'confirmed'")),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    amount_fen: Mapped[int]
    payee_name: Mapped[str]
    payee_bank: Mapped[str]
    payee_account: Mapped[str]
    bank_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_batch.id"), index=True)
    state: Mapped[PaymentState] = mapped_column(OneOf(PaymentState))
    ordered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    ordered_at: Mapped[datetime]
    bank_reference: Mapped[str | None] = mapped_column(unique=True)
    settled_at: Mapped[datetime | None]
    account_unusable: Mapped[bool] = mapped_column(server_default=false())


class Policy(Base):
    """保险单 as its paper says it; a number of one insurer is of one case. Append-only; the row
    handed in last counts. Cover from a day until before another."""

    __tablename__ = "policy"
    __table_args__ = (
        CheckConstraint("premium_fen > 0", name="premium"),
        CheckConstraint("cover_ends_before > cover_from", name="cover"),
        ExcludeConstraint(
            ("insurer_id", "="),
            ("number", "="),
            ("purchase_id", "<>"),
            name="ex_policy_number",
            using="gist",
        ),
        Index("ix_policy_number", "number"),
    )

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    insurer_id: Mapped[UUID] = mapped_column(ForeignKey("insurer.id"))
    number: Mapped[str]
    cover_from: Mapped[date]
    cover_ends_before: Mapped[date]
    issued_on: Mapped[date]
    premium_fen: Mapped[int]
    lift_codes: Mapped[list[Any]]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    answers_for_days_before: Mapped[bool]
    handed_in_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    handed_in_at: Mapped[datetime]

    @property
    def cover_last_day(self) -> date:
        """The last day that is covered."""
        return self.cover_ends_before - timedelta(days=1)


class CoveragePeriod(Base):
    """保障期间 of one lift: reserved with the notice, in force with the policy, never twice."""

    __tablename__ = "coverage_period"
    __table_args__ = (
        one_of("state", CoverState),
        CheckConstraint(
            "(state IN ('in_force', 'ended')) <= (policy_number IS NOT NULL)", name="policy"
        ),
        ExcludeConstraint(
            ("lift_id", "="),
            ("period", "&&"),
            name="ex_coverage_period_overlap",
            using="gist",
            where=text("state <> 'released'"),
        ),
    )

    id: Mapped[Id]
    lift_id: Mapped[UUID] = mapped_column(ForeignKey("lift.id"))
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    insurer_id: Mapped[UUID] = mapped_column(ForeignKey("insurer.id"))
    period: Mapped[Range[date]] = mapped_column(DATERANGE)
    policy_number: Mapped[str | None]
    state: Mapped[CoverState] = mapped_column(OneOf(CoverState))

    @hybrid_method
    def insures(self, on: date) -> bool:
        """Whether the lift is insured by it on this day."""
        first, ends_before = self.period.lower, self.period.upper
        assert first is not None
        assert ends_before is not None
        return insures(self.state, first, ends_before, on)

    @insures.expression
    @classmethod
    def _insures(cls, on: date) -> ColumnElement[bool]:
        return and_(cls.state == CoverState.IN_FORCE, cls.period.contains(on))
