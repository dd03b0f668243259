"""The village where an added lift is insured by its flats: R4 in a city whose file asks no vote."""

from dataclasses import fields, replace
from typing import Any

from backend.domain.city.parse import parse_city
from backend.services.purchase import collecting, plans
from backend.services.purchase.applications import ApplicationRequest
from backend.services.purchase.special_accounts import Receipt
from backend.store.city_files import load_city
from backend.store.purchases import Purchase
from backend.store.queries.shares import ShareRow
from tests.build.looking import approve, case, today
from tests.build.village import Village


def without_vote(text: str) -> str:
    """A city's file with R4 as its road for added lifts, and no vote on it."""
    head, mark, tail = text.partition("[routes.R4]")
    return head + mark + tail.replace("vote = { value = true", "vote = { value = false", 1)


SHARING = parse_city(without_vote(load_city("jishou").text))


class Sharing(Village):
    """A village whose flats pay the premium."""

    def asked(self, **changed: Any) -> ApplicationRequest:
        """What the property company applies for."""
        lifts = self.lifts
        request = ApplicationRequest(
            "R4", self.estate, None, self.insurer, "property_company", lifts
        )
        return replace(request, **changed)

    def accepted(self) -> Purchase:
        """The centre opened the account of the house."""
        purchase = self.manager.drafts(self.asked())
        self.manager.applies(purchase.id, self.upload("manager"))
        return self.taken_up(purchase)

    def taken_up(self, purchase: Purchase) -> Purchase:
        """The centre opened the account of the house for this application."""
        clerk, record = self.actor("clerk"), self.upload("clerk")
        words = "维保合同在有效期内"
        return collecting.open_house_account(self.ctx, clerk, purchase.id, words, record)

    def planned(self) -> Purchase:
        """A case with a plan before the committee, and what each flat would pay."""
        return self.planned_of(self.accepted())

    def approved_of(self, purchase: Purchase) -> Purchase:
        """This case with a plan that the committee agreed to."""
        planned = self.planned_of(purchase)
        approve(self, planned)
        return case(self, planned)

    def planned_of(self, purchase: Purchase) -> Purchase:
        """The insurer's plan of this case."""
        for lift in self.lifts:
            self.person("insurer").surveys(purchase.id, lift, "passed", "运行平稳")
        return plans.submit_plan(self.ctx, self.actor("insurer"), purchase.id, self.terms())

    def shares(self, purchase: Purchase, name: str = "cashier") -> list[ShareRow]:
        """What the flats pay, as somebody sees it."""
        return list(collecting.read_shares(self.ctx, self.actor(name), purchase.id).rows)

    def receipt(self, share: ShareRow, **changed: Any) -> Receipt:
        """The bank's receipt for a flat's share."""
        file = self.upload("cashier")
        paid = Receipt(share.fen, self.bank, today(self), f"R-{share.place}", file)
        return replace(paid, **changed)

    def collects(self, purchase: Purchase, share: ShareRow, **changed: Any) -> Purchase:
        """The cashier books what a flat paid."""
        cashier, flat = self.actor("cashier"), share.household_id
        receipt = self.receipt(share, **changed)
        return collecting.collect(self.ctx, cashier, purchase.id, flat, receipt)

    def collected(self) -> Purchase:
        """Every flat paid."""
        return self.collected_of(self.approved())

    def collected_of(self, purchase: Purchase) -> Purchase:
        """Every flat paid for this case."""
        for share in self.shares(purchase):
            self.collects(purchase, share, bank_reference=f"{purchase.number} {share.place}")
        return case(self, purchase)


def of_sharing(village: Village) -> Sharing:
    """The village in that city."""
    values = {each.name: getattr(village, each.name) for each in fields(Village)}
    city = Sharing(**values | {"ctx": replace(village.ctx, city=SHARING)})
    city.copies = None
    return city
