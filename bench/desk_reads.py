"""What pages of the desk ask that no route of the API does, by the services that they call; each
section of the desk has a line or a reason."""

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from sqlalchemy import select

from backend.desk.app import SECTIONS
from backend.domain.local_time import local_date
from backend.domain.objection import Publication
from backend.domain.roles import Role
from backend.services.base.context import Actor, Context
from backend.services.batches import due
from backend.services.people import second_factors
from backend.services.printing import poster_lists
from backend.services.reads import (
    applying,
    audit_pages,
    city_values,
    estate_pages,
    income_pages,
    insurer_pages,
    message_pages,
    moderation_pages,
    objection_pages,
    objections,
    phone_search,
    progress,
    rights,
    searches,
)
from backend.services.reads.income_accounts import read_accounts
from backend.services.reads.offers import offers_of
from backend.services.reconciling import overview
from backend.services.workbooks import imports
from backend.store.ledger import Account
from backend.store.notices import PublicNotice
from backend.store.purchases import Purchase
from backend.store.queries.estate_list import EstateFilter
from backend.store.queries.income_list import InterestFilter
from backend.store.queries.lift_list import LiftFilter
from backend.store.queries.message_list import MessageFilter
from backend.store.queries.objection_list import ObjectionFilter
from backend.store.queries.rights import RightFilter
from bench.reads import holder_of

Work = Callable[[], object]

# Sections of the desk, and why no line of theirs is needed here.
NOT_ASKED = {
    "affording": "one estate's few rows; the city's counts all of it by its nature",
    "account_statements": "a year of an account, which has a line in `bench.years`",
    "by_number": "one row by its number",
    "case_list": "its three orders have lines of their own",
    "dashboard": "counts the whole city by its nature; has a line as that",
    "agreements": "a few a year",
    "entrance": "one row by its key",
    "filters": "a person's few, by index",
    "fund_batches": "a few a day, the latest by their key",
    "handing_over": "the cases of one leaver, however many those are",
    "locks": "a few a year",
    "inviting": "those of the last day, and the few who have no WeChat",
    "my_rights": "one person's, by index",
    "ordered": "what one person ordered within a week, by index",
    "person": "one person's, by index",
    "rectifications": "what the route of the API reads, which has a line",
    "files": "one row by its key, then a file",
    "photos": "what `posting of a notice` and `case` read",
    "proposals": "what `todos of a clerk` reads, and one row by its key",
    "decisions": "a few in a city's life",
    "past_income": "a few in a city's life",
    "letters": "those of one case, by index; the list of those due is read with `todos of a clerk`",
    "transfers": "a few a year",
    "sample": "the parts of pages; reads nothing",
    "screenings": "one estate by its key, and the criteria of the city's file",
    "sessions": "what `own sessions at the desk` reads",
    "today": "what `todos of a clerk` reads",
}


def of_the_desk(ctx: Context, estate: str) -> Mapping[str, Work]:
    """Every such read by name, as an office asks it on any day."""
    sections = _sections(ctx, UUID(estate))
    if missing := {each.name for each in SECTIONS} - set(sections) - set(NOT_ASKED):
        raise LookupError(f"no line, and no reason why: {sorted(missing)}")
    return {name: work for section in sections.values() for name, work in section.items()}


def _sections(ctx: Context, estate: UUID) -> Mapping[str, Mapping[str, Work]]:
    clerk, cashier, administrator, auditor = (
        Actor(holder_of(ctx, role))
        for role in (Role.CLERK, Role.CASHIER, Role.ADMINISTRATOR, Role.AUDITOR)
    )
    with ctx.sessions() as tx:
        pooled = select(Account.number).where(Account.kind == "pooled_income")
        account = tx.scalars(pooled.order_by(Account.id.desc()).limit(1)).one()
        noticed = select(Purchase).join(PublicNotice, PublicNotice.purchase_id == Purchase.id)
        noticed = noticed.where(Purchase.estate_id == estate).order_by(Purchase.id)
        case = tx.scalars(noticed.limit(1)).one()
        case_id, number, insurer = case.id, case.number, case.insurer_id
        if insurer is None:
            raise LookupError(f"{number} has no insurer")
    return {
        **_of_places(ctx, clerk, estate),
        **_of_cases(ctx, clerk, case_id, insurer),
        **_of_papers(ctx, clerk, estate),
        "messages": {
            **_messages(ctx, clerk, case_id),
            "callbacks that failed": partial(message_pages.failed_callbacks, ctx, administrator),
        },
        "payments": {
            "premiums that are due": partial(due.page_of_due, ctx, cashier, 1),
            "batches": partial(due.page_of_batches, ctx, cashier, 1),
        },
        **_of_the_fund(ctx, cashier),
        **_of_the_office(ctx, administrator),
        "audit": {
            "looks": partial(audit_pages.page_of_looks, ctx, auditor, 1),
            "statement of an account": partial(
                audit_pages.read_account, ctx, auditor, account, ctx.clock().year
            ),
        },
    }


def _of_places(ctx: Context, clerk: Actor, estate: UUID) -> Mapping[str, Mapping[str, Work]]:
    return {
        "search": {
            "search by number": partial(searches.search, ctx, clerk, "SQ-2025-000001"),
            "search by name": partial(searches.search, ctx, clerk, "示例"),
            "search by a name that nothing has": partial(searches.search, ctx, clerk, "电梯厂"),
            "search by a room": partial(searches.search, ctx, clerk, "1-1-101"),
            "search by a room of an estate": partial(searches.search, ctx, clerk, "示例1-1-101"),
            "whose phone it is": partial(phone_search.find_by_phone, ctx, clerk, "13800000000"),
        },
        "estates": {
            "estates": partial(estate_pages.page_of_estates, ctx, clerk, EstateFilter(), 1),
            "estates by name": partial(
                estate_pages.page_of_estates, ctx, clerk, EstateFilter("示例"), 1
            ),
            "estates by a name that none has": partial(
                estate_pages.page_of_estates, ctx, clerk, EstateFilter("电梯厂"), 1
            ),
            "an estate": partial(estate_pages.read_estate, ctx, clerk, estate),
        },
        "registry": {
            "what stands in an estate": partial(estate_pages.read_estate, ctx, clerk, estate)
        },
        "applications": {
            "where to apply": partial(applying.places_to_apply, ctx, clerk),
            "where to apply in an estate": partial(applying.place_to_apply, ctx, clerk, estate),
        },
    }


def _of_cases(
    ctx: Context, clerk: Actor, case_id: UUID, insurer: UUID
) -> Mapping[str, Mapping[str, Work]]:
    return {
        "case": {"offers": partial(offers_of, ctx, clerk, case_id)},
        "objections": {"objections of a case": partial(objections.handled_in, ctx, clerk, case_id)},
        "objection_list": {
            "objections": partial(
                objection_pages.page_of_objections, ctx, clerk, ObjectionFilter(), 1
            ),
            "objections that are late": partial(
                objection_pages.page_of_objections,
                ctx,
                clerk,
                ObjectionFilter(overdue_at=ctx.clock()),
                1,
            ),
        },
        "progress": {
            "lifts": partial(
                progress.page_of_lifts, ctx, clerk, LiftFilter(local_date(ctx.clock())), 1
            ),
        },
        "moderation": {
            f"words that are {which}": partial(moderation_pages.page_of_words, ctx, clerk, which, 1)
            for which in Publication
            if which is not Publication.PRIVATE
        },
        "insurers": {
            "insurers": partial(insurer_pages.page_of_insurers, ctx, clerk, "", None, 1),
            "an insurer": partial(insurer_pages.read_insurer, ctx, clerk, insurer),
        },
    }


def _of_papers(ctx: Context, clerk: Actor, estate: UUID) -> Mapping[str, Mapping[str, Work]]:
    return {
        "posters": {
            "posters": partial(poster_lists.page_of_posters, ctx, clerk, "", 1),
            "posters by name": partial(poster_lists.page_of_posters, ctx, clerk, "示例", 1),
            "posters of an estate": partial(poster_lists.read_posters, ctx, clerk, estate),
        },
        "imports": {"imports": partial(imports.page_of, ctx, clerk, 1)},
        "city": {"values of the city": partial(city_values.read_city, ctx, clerk)},
    }


def _of_the_fund(ctx: Context, cashier: Actor) -> Mapping[str, Mapping[str, Work]]:
    return {
        "income": {
            "income and accounts": partial(read_accounts, ctx, cashier, 1),
            "deposits": partial(income_pages.page_of_deposits, ctx, cashier, "", None, 1),
            "interest": partial(income_pages.page_of_interest, ctx, cashier, InterestFilter(), 1),
        },
        "closes": {"closes": partial(income_pages.page_of_closes, ctx, cashier, 1)},
        "statements": {"statements of banks": partial(overview.overview, ctx, cashier)},
    }


def _of_the_office(ctx: Context, administrator: Actor) -> Mapping[str, Mapping[str, Work]]:
    everybody = RightFilter(ctx.clock())
    return {
        "people": {"rights": partial(rights.page_of_rights, ctx, administrator, everybody, 1)},
        "second_factor": {
            "second factors": partial(second_factors.list_factors, ctx, administrator)
        },
    }


def _messages(ctx: Context, clerk: Actor, case_id: UUID) -> Mapping[str, Work]:
    chosen = {
        "messages": MessageFilter(),
        "messages about a case": MessageFilter(case=case_id),
        "messages about an estate": MessageFilter(estate="示例"),
    }
    pages = {
        name: partial(message_pages.page_of_messages, ctx, clerk, narrowed, 1)
        for name, narrowed in chosen.items()
    }
    return {**pages, "readers of a case": partial(message_pages.readers_of, ctx, clerk, case_id)}
