"""Insurers beside the village's own, and the end of what the city selected."""

from datetime import date
from uuid import UUID

from sqlalchemy import update

from backend.store.people import AccessGrant, Person
from backend.store.registry import Insurer
from tests.build.proving import proved
from tests.build.village import Village, sign_in


def add_insurer(village: Village, until: date = date(2026, 12, 1)) -> UUID:
    """Another one that the city selected, with somebody who works there: “other”."""
    with village.ctx.sessions() as tx:
        insurer = Insurer(
            name="另一保险",
            bank_name="示例银行",
            bank_account="6222000000000002",
            selected_from=date(2024, 12, 1),
            selected_until=until,
            selection_basis="公开遴选",
        )
        person = Person(name_sealed=None, created_at=village.clock())
        tx.add_all([insurer, person])
        tx.flush()
        tx.add(
            AccessGrant(
                person_id=person.id,
                role="insurer",
                scope_kind="insurer",
                scope_id=insurer.id,
                granted_at=village.clock(),
            )
        )
        village.people["other"] = proved(person.id)
        sign_in(tx, village, "other")
        tx.commit()
        return insurer.id


def delist(village: Village) -> None:
    """The city's selection of the village's own insurer has ended."""
    with village.ctx.sessions() as tx:
        its = update(Insurer).where(Insurer.id == village.insurer)
        tx.execute(its.values(selected_until=date(2025, 1, 1)))
        tx.commit()
