"""What the sections of the desk are made of: who may read it, and that it is what the books say."""

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind
from backend.domain.local_time import local_date
from backend.domain.roles import Role
from backend.services.base.context import Actor, Context
from backend.services.reads import (
    agreed,
    applying,
    audit_pages,
    banks,
    case_list,
    dashboard,
    estate_pages,
    objections,
    offers,
    payees,
    rights,
    searches,
)
from backend.services.workbooks import lists
from backend.store.ledger import Account
from backend.store.people import AccessGrant
from backend.store.queries.case_list import CaseFilter
from backend.store.queries.estate_list import EstateFilter
from backend.store.queries.rights import RightFilter
from tests.build.looking import codes, suspended
from tests.build.village import Village

Read = Callable[[Context, Actor], object]
EVERYTHING = CaseFilter()


def refused_to(village: Village, name: str, read: Read) -> list[str]:
    with pytest.raises(Refused) as refused:
        read(village.ctx, village.actor(name))
    return codes(refused)


def test_a_case_stands_in_its_list_and_leaves_with_it(village: Village) -> None:
    purchase = village.payable()
    ctx, clerk = village.ctx, village.actor("clerk")
    for sort in case_list.SORTS:
        found = case_list.page_of(ctx, clerk, EVERYTHING, sort, 1)
        assert [row.number for row in found.rows] == [purchase.number]
        assert [row.number for row in case_list.whole_list(ctx, clerk, EVERYTHING, sort)] == [
            purchase.number
        ]
        place = case_list.place_of(ctx, clerk, EVERYTHING, sort, purchase.id)
        assert place is not None
        assert (place.before, place.after) == (None, None)
    elsewhere = CaseFilter(words="没有这个小区")
    assert case_list.page_of(ctx, clerk, elsewhere, case_list.SORTS[0], 1).rows == []
    assert case_list.page_of(ctx, village.actor("stranger"), EVERYTHING, "due", 1).rows == []


def test_rights_are_read_by_those_who_keep_them(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    everybody = RightFilter(ctx.clock())
    found = rights.page_of_rights(ctx, clerk, everybody, 1)
    whole = rights.whole_rights(ctx, clerk, everybody)
    assert found.total == len(whole) == len(found.rows)
    cashiers = rights.whole_rights(ctx, clerk, RightFilter(ctx.clock(), role=Role.CASHIER))
    assert {right.person_id for right in cashiers} == {village.actor("cashier").person_id}
    assert refused_to(
        village, "cashier", lambda c, a: rights.page_of_rights(c, a, everybody, 1)
    ) == ["role_required"]


def test_before_a_right_ends_the_cases_that_wait_for_it_are_named(village: Village) -> None:
    purchase = village.reviewed()
    ctx = village.ctx
    with ctx.sessions() as tx:
        grant = tx.scalars(select(AccessGrant.id).where(AccessGrant.role == Role.CASHIER)).one()
    left = rights.leaving(ctx, village.actor("clerk"), grant)
    assert [case.number for case in left.cases] == [purchase.number]
    assert left.orphans == left.cases, "there is one cashier"


def test_the_figures_of_the_dashboard_are_those_of_the_city(village: Village) -> None:
    village.payable()
    found = dashboard.read_dashboard(village.ctx, village.actor("supervisor"))
    assert found.cases == sum(figure.number for figure in found.states) == 1
    assert refused_to(village, "manager", dashboard.read_dashboard) == ["not_found"]


def test_an_estate_is_read_with_its_lifts_and_what_it_can_spend(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    found = estate_pages.page_of_estates(ctx, clerk, EstateFilter(), 1)
    whole = estate_pages.whole_estates(ctx, clerk, EstateFilter())
    assert [row.id for row in found.rows] == [row.id for row in whole]
    view = estate_pages.read_estate(ctx, clerk, whole[0].id)
    assert {lift.id for lift in view.lifts} == set(village.lifts)
    assert refused_to(
        village, "stranger", lambda c, a: estate_pages.read_estate(c, a, whole[0].id)
    ) == ["not_found"]


def test_one_box_finds_a_case_by_its_number_and_only_for_who_may_see_it(village: Village) -> None:
    purchase = village.drafted()
    typed = f" {purchase.number.lower()} "
    found = searches.search(village.ctx, village.actor("clerk"), typed)
    assert [hit.number for hit in found.cases] == [purchase.number]
    assert searches.search(village.ctx, village.actor("stranger"), typed).cases == []


def test_every_step_is_offered_now_or_not_yet_or_by_others(village: Village) -> None:
    purchase = village.payable()
    for name in ("clerk", "reviewer", "manager", "auditor"):
        for each in offers.offers_of(village.ctx, village.actor(name), purchase.id):
            assert (each.when == "not_yet") == bool(each.reasons), each.action
    reviews = offers.offer_of(village.ctx, village.actor("reviewer"), purchase.id, "review_payment")
    assert reviews.when == "now"
    assert reviews.follows


def test_an_account_of_one_year_ends_with_its_balance(village: Village) -> None:
    village.paid()
    ctx, auditor = village.ctx, village.actor("auditor")
    with ctx.sessions() as tx:
        kinds = (AccountKind.BANK, AccountKind.POOLED_INCOME)
        accounts = tx.scalars(select(Account).where(Account.kind.in_(kinds))).all()
    for account in accounts:
        year = local_date(ctx.clock()).year
        page = audit_pages.read_account(ctx, auditor, account.number, year)
        assert page.closing_fen == account.balance_fen
        assert page.agrees
    one = audit_pages.draw_cases(ctx, auditor, "seed", 5, None)
    assert one == audit_pages.draw_cases(ctx, auditor, "seed", 5, None)
    assert audit_pages.page_of_looks(ctx, auditor, 1).rows == []
    assert refused_to(village, "clerk", lambda c, a: audit_pages.page_of_looks(c, a, 1)) == [
        "role_required"
    ]


def test_what_was_agreed_and_where_it_is_paid_from(village: Village) -> None:
    purchase = village.reviewed()
    ctx = village.ctx
    assert agreed.read_agreed(ctx, village.actor("insurer"), purchase.id) is not None
    [bank] = banks.banks_to_pay_from(ctx, village.actor("cashier"), purchase.id)
    assert bank in banks.list_banks(ctx, village.actor("cashier"))
    payee = payees.payee_of(ctx, village.actor("reviewer"), purchase.id)
    assert payee is not None


def test_a_case_begins_where_somebody_may_apply(village: Village) -> None:
    ctx = village.ctx
    [place] = applying.places_to_apply(ctx, village.actor("manager"))
    assert applying.place_to_apply(ctx, village.actor("manager"), place.id).applicants
    assert applying.places_to_apply(ctx, village.actor("stranger")) == []


def test_an_objection_is_listed_without_its_words(village: Village) -> None:
    purchase, _, objection = suspended(village)
    ctx, clerk = village.ctx, village.actor("clerk")
    [listed] = objections.handled_in(ctx, clerk, purchase.id)
    assert objections.read_objection(ctx, clerk, objection.id) == listed
    words = objections.read_words(ctx, clerk, objection.id, "核对房号")
    assert words.text
    assert words.text not in str(listed)


def test_what_begins_like_a_formula_stays_text_in_a_list_that_leaves() -> None:
    typed = ["=1+1", "@x", "31124401012010080012", "+86"]
    sheet = lists.ListSheet("清单", ("编号", "金额"), [(each, None) for each in typed], ["全部"])
    page = load_workbook(BytesIO(lists.list_workbook(sheet))).worksheets[0]
    cells = [page.cell(number, 1) for number in range(2, 6)]
    assert [cell.value for cell in cells] == typed
    assert {cell.data_type for cell in cells} == {"s"}
