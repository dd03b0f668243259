"""Which entries of the roster are one person, where people are counted (法释〔2009〕7号, 9)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Entry:
    """An entry of the roster: the account that it is bound to, and name and phone in one word, if
    there is a phone."""

    entry_id: UUID
    account: UUID | None
    called: str | None


def one_person(entries: Iterable[Entry]) -> Mapping[UUID, str]:
    """By entry a word that all entries of one person share: they have one account, or else one name
    and one phone [D]; an entry without an account is of the account that has both. Of a name
    without a phone there may be two."""
    all_ = sorted(entries, key=lambda each: each.entry_id)
    known: dict[str, str] = {}
    for each in all_:
        if each.called and each.account:
            known.setdefault(each.called, str(each.account))

    def who(entry: Entry) -> str:
        if entry.account:
            return str(entry.account)
        if entry.called:
            return known.get(entry.called, entry.called)
        return str(entry.entry_id)

    return {each.entry_id: who(each) for each in all_}
