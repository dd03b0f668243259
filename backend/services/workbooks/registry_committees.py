"""The committee, its members and whom it has mandated, out of a registry workbook."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.merge import Record, merge, one_of
from backend.services.workbooks.registry_work import PHONE_KEEPS, Key, Work, personal
from backend.store.mandates import Mandate
from backend.store.registry import Committee, CommitteeMember

ONE_DAY = timedelta(days=1)


def write_committees(work: Work, estate_id: UUID, company_id: UUID | None) -> None:
    """Merge the terms of office with their members, and the mandates of the company if any."""
    rows = work.rows(sheets.COMMITTEE)
    terms: dict[Key, Record] = {}
    for row in rows:
        terms[(row[sheets.TERM_FROM],)] = {
            "estate_id": estate_id,
            "term_from": row[sheets.TERM_FROM],
            "term_until": row[sheets.TERM_LAST] + ONE_DAY,
        }
    here = Committee.estate_id == estate_id
    committees = work.merge("业委会", Committee, (Committee.term_from,), here, terms)
    _write_members(work, committees)
    if company_id:
        _write_mandates(work, company_id, terms, committees)


def _write_members(work: Work, committees: dict[Key, UUID]) -> None:
    """Members are known by their name; those who share one, by their phone as well."""
    listed: list[Record] = []
    for row in work.rows(sheets.COMMITTEE):
        person = personal(work.ctx.cipher, row[sheets.MEMBER_NAME], row[sheets.MEMBER_PHONE])
        listed.append(
            {
                "committee_id": committees[(row[sheets.TERM_FROM],)],
                "position": row[sheets.POSITION],
                "left_on": row[sheets.LEFT_ON],
                "recused": row[sheets.RECUSED] or False,
                **person,
            }
        )
    here = one_of(CommitteeMember.committee_id, committees.values())
    known = list(work.existing(CommitteeMember, (CommitteeMember.id,), here).values())
    shared = {
        name
        for members in (listed, known)
        for name, count in Counter(map(_name_in_committee, members)).items()
        if count > 1
    }

    def key(member: Record) -> Key:
        name = _name_in_committee(member)
        return (*name, member["phone_hash"]) if name in shared else name

    there = {key(member): member for member in known}
    for member in listed:
        member["filed"] = work.filed or _is_filed(there.get(key(member)))
    _, work.counts["委员"] = merge(
        work.tx,
        work.ctx.cipher,
        CommitteeMember,
        there,
        {key(member): member for member in listed},
        keep=PHONE_KEEPS,
    )


def _is_filed(known: Record | None) -> bool:
    """Whether the committee filed this member before: another list says the same of them, or it
    was refused (`registry_known`)."""
    return known is not None and bool(known["filed"])


def _name_in_committee(member: Record) -> Key:
    return member["committee_id"], member["name_hash"]


def _write_mandates(
    work: Work,
    company_id: UUID,
    terms: dict[Key, Record],
    committees: dict[Key, UUID],
) -> None:
    wanted = {}
    for row in work.rows(sheets.MANDATES):
        committee_id = committees[(_term_of(terms, row[sheets.MANDATE_FROM]),)]
        wanted[committee_id, company_id, row[sheets.MANDATE_FROM]] = {
            "committee_id": committee_id,
            "property_company_id": company_id,
            "valid_from": row[sheets.MANDATE_FROM],
            "valid_until": row[sheets.MANDATE_LAST],
        }
    key = (Mandate.committee_id, Mandate.property_company_id, Mandate.valid_from)
    here = one_of(Mandate.committee_id, committees.values())
    work.merge("委托", Mandate, key, here, wanted)


def _term_of(terms: Iterable[Key], day: date) -> date:
    """The first day of the term that `day` falls into; the checks have seen to it that one does."""
    starts: list[date] = [start for (start,) in terms]
    return max(start for start in starts if start <= day)
