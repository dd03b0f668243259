"""Who is one person among the owners of a vote."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from backend.domain.one_person import Entry, one_person
from backend.services.base.own_words import normal_name_of, phone_of
from backend.store.cipher import Cipher
from backend.store.registry import Owner


def people_of(cipher: Cipher, owners: Iterable[Owner]) -> Mapping[UUID, str]:
    """By entry of the roster a word that all entries of one person share."""

    def called(owner: Owner) -> str | None:
        phone = phone_of(cipher, owner)
        return f"{normal_name_of(cipher, owner)}/{phone}" if phone else None

    return one_person(Entry(owner.id, owner.person_id, called(owner)) for owner in owners)
