"""The village in Shaoguan: its district screens the estate, and the pools of two years pay."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from backend.domain.facts import Finding
from backend.domain.ledger import opening
from backend.services.base.context import Actor
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.purchase import plans, screening
from backend.services.purchase.screening import Guidance
from backend.store.city_files import load_city
from backend.store.people import AccessGrant, Person
from backend.store.purchases import Purchase
from backend.store.registry import Estate, Lift, Maintainer
from tests.build.looking import today
from tests.build.proving import proved
from tests.build.village import PREMIUM_FEN, Village, sign_in

YEARS = {2023: 90_000, 2024: 600_000}
MET = {
    "fund_ample": "专项维修资金结余三百二十万元",
    "committee_works": "业委会在任，按时开会",
    "managed_and_upkept": "物业和维保合同都在有效期内，记录完整",
    "willing": "业委会书面表示愿意参加试点",
}


class Shaoguan(Village):
    """A village whose cases are screened, not applied for. `years` are the city's pools."""

    years: Sequence[UUID] = ()

    def screened(self, **changed: Finding) -> Purchase:
        """The district's finding that the estate meets all four criteria, or not."""
        findings = {code: Finding(met=True, words=words) for code, words in MET.items()}
        sheet = self.upload("district")
        district = self.actor("district")
        return screening.screen(self.ctx, district, self.estate, findings | changed, sheet)

    def guidance(self, **changed: Any) -> Guidance:
        """Both lifts, the insurer, and both years."""
        return replace(Guidance(self.lifts, self.insurer, self.years), **changed)

    def guided(self, name: str = "district", **changed: Any) -> Purchase:
        """A case whose lifts are set."""
        purchase = self.screened()
        return screening.guide(self.ctx, self.actor(name), purchase.id, self.guidance(**changed))

    def planned(self) -> Purchase:
        """A case with a plan before the committee."""
        terms = self.terms(lift_premiums=dict.fromkeys(self.lifts, PREMIUM_FEN))
        return plans.submit_plan(self.ctx, self.actor("insurer"), self.guided().id, terms)


def of_shaoguan(village: Village) -> Shaoguan:
    """The village as Shaoguan's plan has it."""
    values = {each.name: getattr(village, each.name) for each in fields(Village)}
    city = Shaoguan(**values | {"ctx": replace(village.ctx, city=load_city("shaoguan"))})
    city.copies = None
    with city.ctx.sessions() as tx:
        maintainer = Maintainer(name="示例维保")
        tx.add(maintainer)
        tx.flush()
        for lift_id in city.lifts:
            lift = tx.get_one(Lift, lift_id)
            lift.brand, lift.maintainer_id = "示例牌", maintainer.id
            lift.next_inspection_on = date(2026, 1, 1)
        city.years = [ledger.open_city_pool(tx, year) for year in YEARS]
        for account, (year, fen) in zip(city.years, YEARS.items(), strict=True):
            lines = opening(city.bank, fen, {account: fen})
            head = NewEntry(f"opening-{year}", "opening", today(city), lines)
            ledger.post(tx, head, city.clock())
        district = tx.get_one(Estate, city.estate).district_id
        let_in(tx, city, "district", district)
        tx.commit()
    return city


def let_in(tx: Any, village: Village, name: str, district: UUID) -> Actor:
    """Somebody of a district's bureau."""
    person = Person(name_sealed=None, created_at=village.clock())
    tx.add(person)
    tx.flush()
    village.people[name] = proved(person.id)
    tx.add(
        AccessGrant(
            person_id=person.id,
            role="district",
            scope_kind="district",
            scope_id=district,
            granted_at=village.clock(),
        )
    )
    sign_in(tx, village, name)
    return village.people[name]


__all__ = ["MET", "YEARS", "Shaoguan", "let_in", "of_shaoguan"]
