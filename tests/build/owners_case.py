"""A case that three owners brought together, as far as a notice that runs."""

from uuid import UUID

from backend.services.public_notice.notices import SubmittedPhoto
from backend.store.purchases import Purchase
from tests.build.village import Village


def applied_by_owners(village: Village) -> Purchase:
    """A case for which owner0, owner1 and owner2 signed and applied."""
    purchase = village.drafted("owners", "owner0")
    for name in ("owner0", "owner1", "owner2"):
        village.person(name).cosigns(purchase.id)
    return village.person("owner0").applies(purchase.id, village.upload("owner0"))


def drafted_by_owners(village: Village) -> tuple[Purchase, UUID]:
    """The same case with its notice drafted by owner0, and the notice."""
    purchase = applied_by_owners(village)
    village.clerk.queries_funds(purchase.id, "物业管理和维保正常")
    for lift in village.lifts:
        village.person("insurer").surveys(purchase.id, lift, "passed", "运行平稳")
    village.person("insurer").submits_plan(purchase.id, village.terms())
    return purchase, village.person("owner0").drafts_notice(purchase.id).id


def posted_by_owners(village: Village) -> tuple[Purchase, UUID]:
    """The same case with its notice hanging since now, and the notice."""
    purchase, notice = drafted_by_owners(village)
    for unit in village.units:
        for framing in ("wide", "close"):
            file = village.upload("owner0")
            photo = SubmittedPhoto(unit, "start", framing, file, village.clock())
            village.person("owner0").adds_photo(notice, photo)
    return purchase, notice
