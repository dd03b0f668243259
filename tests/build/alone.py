"""A house that one owner has alone, beside the village: its lift is insured out of a special
account of the owner (JS annex 二（三）)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from backend.services.base.context import Actor
from backend.services.purchase import (
    applications,
    payments,
    plans,
    policies,
    registrations,
    special_accounts,
)
from backend.services.purchase.applications import ApplicationRequest
from backend.services.purchase.special_accounts import Receipt
from backend.store.purchases import Purchase
from backend.store.registry import Lift
from tests.build.looking import add_building, case, policy_for, today
from tests.build.village import PREMIUM_FEN, Village

YEARS = 3
DEPOSIT_FEN = YEARS * PREMIUM_FEN
OWNER = "neighbour"


@dataclass
class House:
    """The owner's house: its lift, and the village that it stands in."""

    village: Village
    lift: UUID
    code: str
    owner_name: str = OWNER

    @property
    def owner(self) -> Actor:
        """Who has it alone."""
        return self.village.actor(self.owner_name)

    def asked(self, **changed: Any) -> ApplicationRequest:
        """What the owner applies for."""
        village = self.village
        request = ApplicationRequest(
            "R3", village.estate, None, village.insurer, "independent_owner", [self.lift]
        )
        return replace(request, **changed)

    def drafted(self) -> Purchase:
        """A case that the owner has begun."""
        return applications.draft(self.village.ctx, self.owner, self.asked())

    def surveying(self) -> Purchase:
        """The owner handed the title in, and asked for the survey."""
        purchase = self.drafted()
        self.applies(purchase)
        return case(self.village, purchase)

    def applies(self, purchase: Purchase) -> Purchase:
        """The title and the last record of the upkeep."""
        title, record = self.village.upload(self.owner_name), self.village.upload(self.owner_name)
        return special_accounts.apply_alone(
            self.village.ctx, self.owner, purchase.id, title, record
        )

    def terms(self, **changed: Any) -> plans.PlanTerms:
        """A plan for the lift."""
        return self.village.terms(lift_premiums={self.lift: PREMIUM_FEN}, **changed)

    def planned(self, **changed: Any) -> Purchase:
        """The insurer looked at the lift and made its plan."""
        return self.plans(self.surveying(), **changed)

    def plans(self, purchase: Purchase, **changed: Any) -> Purchase:
        """The insurer looks at the lift and makes its plan."""
        ctx, insurer = self.village.ctx, self.village.actor("insurer")
        plans.record_survey(ctx, insurer, purchase.id, self.lift, "passed", "运行平稳")
        return plans.submit_plan(ctx, insurer, purchase.id, self.terms(**changed))

    def opened(self) -> Purchase:
        """The clerk opened the account."""
        return self.opens(self.planned())

    def opens(self, purchase: Purchase) -> Purchase:
        """The clerk compares the title and opens the account."""
        words = "不动产权证原件已核对，产权人与名册一致"
        clerk = self.village.actor("clerk")
        return special_accounts.open_account(self.village.ctx, clerk, purchase.id, words)

    def paid_in(self, **changed: Any) -> Receipt:
        """Three years' premium by one receipt."""
        village = self.village
        paid = Receipt(DEPOSIT_FEN, village.bank, today(village), "ZH-1", village.upload("cashier"))
        return replace(paid, **changed)

    def funds(self, purchase: Purchase, **changed: Any) -> Purchase:
        """The cashier books what came in."""
        cashier = self.village.actor("cashier")
        paid = self.paid_in(**changed)
        return special_accounts.fund(self.village.ctx, cashier, purchase.id, paid)

    def funded(self) -> Purchase:
        """Three years' premium are there."""
        return self.funds(self.opened())

    def paid(self, purchase: Purchase) -> Purchase:
        """From the deposit to the day on which the bank has paid a year."""
        village, ctx, tag = self.village, self.village.ctx, purchase.number
        contract = village.contract(
            number=tag,
            premium_fen=PREMIUM_FEN,
            lift_codes=[self.code],
            file_sha256=village.upload(self.owner_name),
        )
        registrations.sign_contract(ctx, self.owner, purchase.id, contract)
        invoice = village.invoice(
            number=tag,
            amount_fen=PREMIUM_FEN,
            buyer="产权人本人",
            file_sha256=village.upload(self.owner_name),
        )
        payments.add_invoice(ctx, self.owner, purchase.id, invoice)
        payments.request_payment(ctx, self.owner, purchase.id)
        village.reviewer.reviews_payment(purchase.id)
        cashier = village.actor("cashier")
        payments.order_payment(ctx, cashier, purchase.id)
        return payments.confirm_payment(ctx, cashier, purchase.id, tag, village.upload("cashier"))

    def insured(self, purchase: Purchase) -> Purchase:
        """From the deposit to the policy."""
        self.paid(purchase)
        policy = policy_for(self.village, purchase, number=purchase.number)
        insurer = self.village.actor("insurer")
        return policies.issue_policy(self.village.ctx, insurer, purchase.id, policy)


def house_of(village: Village) -> House:
    """The house beside the village."""
    _, lift = add_building(village)
    with village.ctx.sessions() as tx:
        code = tx.get_one(Lift, lift).registration_code
    return House(village, lift, code)


NEXT_YEAR = {"cover_from": date(2026, 4, 1), "cover_ends_before": date(2027, 4, 1)}
