"""A person's and a roster entry's name and phone, opened where they stand and sealed where they go.

What is sealed for one row opens in no other: it is never copied, but opened and sealed anew.
"""

from backend.domain.normal import normal_name
from backend.domain.personal import masked_name
from backend.store.cipher import Cipher
from backend.store.people import Person
from backend.store.registry import CommitteeMember, Owner

NAMELESS = "未登记姓名"

Named = Owner | CommitteeMember | Person


def name_of(cipher: Cipher, whose: Named) -> str:
    """The name as it was written; empty where there is none."""
    if whose.name_sealed is None:
        return ""
    return cipher.open(type(whose).name_sealed, whose.id, whose.name_sealed)


def shown_name(cipher: Cipher, person: Person) -> str:
    """The person in a list that others read: the masked name, or that there is none."""
    name = name_of(cipher, person)
    return masked_name(name) if name else f"{NAMELESS}（{str(person.id)[-4:]}）"


def normal_name_of(cipher: Cipher, whose: Named) -> str:
    """The name in the form in which names are compared: hashes are not, they are of two keys while
    one takes the other's place."""
    return normal_name(name_of(cipher, whose))


def phone_of(cipher: Cipher, whose: Named) -> str | None:
    """The phone, if there is one."""
    if whose.phone_sealed is None:
        return None
    return cipher.open(type(whose).phone_sealed, whose.id, whose.phone_sealed)


def keep_name(cipher: Cipher, person: Person, name: str) -> None:
    """This is the person's name from now on. Does not commit."""
    person.name_sealed = cipher.seal(Person.name_sealed, person.id, name)


def keep_phone(cipher: Cipher, whose: Named, phone: str) -> None:
    """This is their phone from now on, with the hash it is found by. Does not commit."""
    whose.phone_sealed = cipher.seal(type(whose).phone_sealed, whose.id, phone)
    whose.phone_hash = cipher.digest("phone", phone)
