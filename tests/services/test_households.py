"""What the bank pays by statute is the flats', and where a city says so the rest is theirs too."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Connection,
    NullPool,
    create_engine,
    delete,
    event,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from backend.domain.audit_actions import AuditAction
from backend.domain.closing import CloseState
from backend.domain.errors import Refused
from backend.domain.households import IncomeMode, MovementKind
from backend.domain.ledger import AccountKind, transfer
from backend.domain.money import split
from backend.domain.routes.catalogue import OF_HOUSEHOLDS
from backend.explain_close import close_text
from backend.services.books import households, ledger
from backend.services.books.ledger import NewEntry
from backend.services.income import closing, undoing
from backend.services.people import ownership
from backend.services.purchase import applications
from backend.services.reads import flat_accounts
from backend.services.reads.applying import place_to_apply
from backend.services.reads.audit_pages import page_of_looks
from backend.services.reads.ways import ways_in_estate
from backend.store.audit import AuditEntry
from backend.store.households import HouseholdControl, HouseholdMovement, HouseholdShare
from backend.store.income import InterestYear, YearClose
from backend.store.ledger import Account, HouseholdBalance
from backend.store.queries.households import write_flat_shares
from backend.store.registry import Building, Household, Owner, Unit
from tests.build.databases import Database
from tests.build.fund import SHARED, WORKED, Fund, account
from tests.build.household_city import household_city
from tests.build.looking import application, assert_sound
from tests.build.village import Village

WEIGHTS = [("A", 40_800_000 * 183), ("B", 38_250_000 * 183), ("C", 61_200_050 * 100)]
OPENED = {number: sum(of_flat.values()) for number, of_flat in WORKED.items()}
STATUTORY_FEN, VALUE_ADDED_FEN = 2_635_802, 790_740


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    return found


@pytest.fixture
def theirs(fund: Fund) -> Fund:
    """The fund of a city whose value-added income is the households'."""
    fund.village.ctx = replace(fund.village.ctx, city=household_city())
    return fund


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    with create_engine(database.owner_url, poolclass=NullPool).connect() as connection:
        yield connection


def parts(total: int, weights: list[tuple[str, int]] = WEIGHTS) -> dict[str, int]:
    return {part.name: part.fen for part in split(total, weights)}


def with_opening(*given: dict[str, int]) -> dict[str, int]:
    return {number: fen + sum(each[number] for each in given) for number, fen in OPENED.items()}


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def test_statutory_interest_reaches_the_flats_at_the_close(fund: Fund) -> None:
    first = fund.earned()
    waiting = fund.stands("STATUTORY-INTEREST")
    close = fund.closed()
    assert (close.statutory_fen, close.statutory_moved_fen) == (STATUTORY_FEN, STATUTORY_FEN)
    assert (close.mode, close.households, close.accounts) == (IncomeMode.POOLED, 3, 3)
    assert fund.balances() == SHARED
    assert fund.flats() == with_opening(parts(STATUTORY_FEN))
    assert fund.stands("STATUTORY-INTEREST") == waiting - STATUTORY_FEN
    assert refusal(fund.previewed) == "year_closed"
    late = fund.paid(first.deposit_id, until_on=date(2025, 1, 1), actual_fen=3_314_320)
    fund.confirmed(late.id)
    second = fund.closed()
    assert (second.revision, second.statutory_moved_fen) == (2, late.statutory_fen)
    assert fund.flats() == with_opening(parts(STATUTORY_FEN + late.statutory_fen))
    assert fund.stands("STATUTORY-INTEREST") == waiting - STATUTORY_FEN
    assert_sound(fund.village)


def test_in_a_city_of_households_the_rest_is_theirs_as_well(theirs: Fund) -> None:
    theirs.earned()
    close = theirs.closed()
    assert (close.mode, close.accounts, close.moved_fen) == ("household", 0, VALUE_ADDED_FEN)
    assert theirs.balances() == dict.fromkeys("ABC", 0), "no pool gets any"
    assert theirs.flats() == with_opening(parts(STATUTORY_FEN), SHARED)
    assert theirs.stands("UNALLOCATED-INCOME-2024") == 0
    said = close_text(*closing.latest(theirs.village.ctx, 2024, None))
    assert said.endswith("归各户\n2024年法定利息26,358.02元，归各户，共3户")
    assert refusal(theirs.previewed) == "year_closed"
    # A flat whose books were wrong: each gets what it should have had, and no more.
    theirs.moved("C", -61_200_050, date(2024, 9, 23))
    again = theirs.closed()
    rest = [*WEIGHTS[:2], ("C", 0)]
    right = with_opening(parts(STATUTORY_FEN, rest), parts(VALUE_ADDED_FEN, rest))
    assert theirs.flats() == right | {"C": 0}
    assert (again.moved_fen, again.statutory_moved_fen, again.households) == (0, 0, 3)
    assert_sound(theirs.village)
    with theirs.village.ctx.sessions() as tx:
        kinds = select(HouseholdMovement.kind).where(
            HouseholdMovement.household_id == theirs.flat("A")
        )
        assert sorted(tx.scalars(kinds)) == [
            *[MovementKind.STATUTORY_INTEREST] * 2,
            *[MovementKind.VALUE_ADDED] * 2,
        ]


def test_the_statements_of_a_close_may_take_as_long_as_a_large_city_needs(fund: Fund) -> None:
    fund.earned()
    engine, ask = fund.village.ctx.sessions.kw["bind"], "SHOW statement_timeout"
    found: list[str] = []

    def look(connection: Connection) -> None:
        found.append(connection.exec_driver_sql(ask).scalar_one())

    event.listen(engine, "commit", look)
    try:
        fund.closed()
    finally:
        event.remove(engine, "commit", look)
    assert found == ["10min"] * 2
    with fund.village.ctx.sessions() as tx:
        assert tx.scalar(text(ask)) == "30s", "as everybody else's after it"


def test_a_year_stays_whose_it_was_at_its_first_close(fund: Fund) -> None:
    first = fund.earned()
    fund.closed()
    fund.village.ctx = replace(fund.village.ctx, city=household_city())
    late = fund.paid(first.deposit_id, until_on=date(2025, 1, 1), actual_fen=3_314_320)
    fund.confirmed(late.id)
    assert fund.closed().mode is IncomeMode.POOLED
    assert fund.balances() == parts(VALUE_ADDED_FEN + late.value_added_fen)
    assert_sound(fund.village)


def test_a_flat_that_has_spent_what_it_must_give_back_stops_the_close(theirs: Fund) -> None:
    theirs.earned()
    theirs.closed()
    theirs.moved("C", -61_200_050, date(2024, 9, 23))
    theirs.moved("C", -theirs.flats()["C"], date(2025, 1, 2))
    before = theirs.flats()
    assert refusal(theirs.closed) == "household_spent"
    assert theirs.flats() == before
    assert_sound(theirs.village)


def test_so_does_one_that_is_alone_in_its_building(theirs: Fund) -> None:
    """There the ledger refuses before the flat does, and an officer reads the same."""
    theirs.holds_apart("D", {date(2024, 9, 23): 61_200_050})
    theirs.earned()
    theirs.closed()
    theirs.moved("D", -61_200_050, date(2024, 9, 23))
    theirs.moved("D", -theirs.flats()["D"], date(2025, 1, 2))
    before = theirs.flats()
    assert refusal(theirs.closed) == "household_spent"
    assert theirs.flats() == before
    assert_sound(theirs.village)


def test_interest_of_which_the_flats_were_given_is_not_undone(fund: Fund) -> None:
    short = fund.earned(actual_fen=1_000_000)  # all of it is the owners'
    undo = fund.undo_asked(short.id)
    fund.closed()
    ctx, reviewer = fund.village.ctx, fund.village.actor("reviewer")
    assert refusal(lambda: undoing.confirm(ctx, reviewer, undo.id)) == "interest_allocated"


def test_flats_that_had_more_than_the_ledger_says_are_not_taken_over(fund: Fund) -> None:
    fund.holds({"D": {date(2024, 1, 1): 10**12}})
    assert fund.bank is not None
    with fund.village.ctx.sessions() as tx:
        assert households.drifted(tx) == ["OWNERS-PRINCIPAL"]
    fund.earned()
    assert refusal(fund.closed) == "households_not_reconciled"


def test_the_database_refuses_what_does_not_fit(fund: Fund) -> None:
    fund.earned()
    close = fund.closed()
    ctx = fund.village.ctx
    flat = fund.flat("A")
    with ctx.sessions() as tx:
        moved = tx.execute(select(HouseholdMovement.__table__).limit(1)).mappings().one()
        line = {**moved, "household_id": flat, "kind": MovementKind.PRINCIPAL}
        bank = tx.scalar(select(Account.id).where(Account.number == "OLD-BANK"))
        building = tx.scalar(select(Building.id))
        elsewhere = Building(estate_id=fund.village.estate, name="别栋")
        tx.add(elsewhere)
        tx.flush()
        unit = Unit(building_id=elsewhere.id, name="别单元")
        tx.add(unit)
        tx.flush()
        of_flat = tx.scalars(select(Household.unit_id).where(Household.id == flat)).one()
        into_unit, into_building = unit.id, elsewhere.id
        tx.commit()
    control = {"account_id": bank, "building_id": building, "households_fen": 0}
    share = dict.fromkeys(HouseholdShare.__table__.columns.keys(), 0)
    keys = {"close_id": close.id, "household_id": uuid7()}
    for forbidden, name in (
        (insert(HouseholdMovement).values(**line | {"household_id": uuid7()}), "_fits"),
        (insert(HouseholdMovement).values(**line | {"account_id": bank}), "_fits"),
        (insert(HouseholdMovement).values(**line | {"booked_on": date(2024, 1, 1)}), "_fits"),
        (insert(HouseholdMovement).values(**line | {"amount_fen": -(10**12)}), "_available"),
        (insert(HouseholdShare).values(**share | keys), "household_share_frozen"),
        (delete(HouseholdShare), "household_share_goes"),
        (insert(HouseholdControl).values(**control), "household_control_begins"),
        (update(Household).where(Household.id == flat).values(unit_id=into_unit), "keeps_building"),
        (
            update(Unit).where(Unit.id == of_flat).values(building_id=into_building),
            "keeps_building",
        ),
        (update(HouseholdMovement).values(amount_fen=1), "denied"),
        (update(HouseholdControl).values(households_fen=1), "denied"),
        (update(HouseholdShare).values(weight=1), "denied"),
    ):
        with ctx.sessions() as tx, pytest.raises(DBAPIError) as refused:
            tx.execute(forbidden)
        diagnosis = getattr(refused.value.orig, "diag", None)
        found = getattr(diagnosis, "constraint_name", None) or str(refused.value)
        assert name in found, forbidden
    with ctx.sessions() as tx:  # a flat gets something, and the ledger knows of nothing
        tx.execute(insert(HouseholdMovement).values(**line))
        with pytest.raises(DBAPIError, match="do not add up"):
            tx.commit()
    with ctx.sessions() as tx:  # the ledger says that flats got something, and none did
        principal = ledger.house_account(tx, AccountKind.OWNERS_PRINCIPAL)
        lines = transfer(principal, line["account_id"], 5)
        ledger.post(tx, NewEntry("x", "test", date(2025, 1, 2), lines), fund.village.clock())
        with pytest.raises(DBAPIError, match="do not add up"):
            tx.commit()


def test_what_was_changed_behind_the_guards_is_found(fund: Fund, owner: Connection) -> None:
    fund.earned()
    fund.closed()
    with fund.village.ctx.sessions() as tx:
        control = tx.scalars(
            select(Account.number).join(HouseholdControl, HouseholdControl.account_id == Account.id)
        ).one()
        assert households.drifted(tx) == []
    owner.execute(text("ALTER TABLE household_movement DISABLE TRIGGER USER"))
    of_flat = HouseholdMovement.household_id == fund.flat("B")
    owner.execute(
        update(HouseholdMovement).where(of_flat).values(amount_fen=HouseholdMovement.amount_fen + 1)
    )
    owner.commit()
    with fund.village.ctx.sessions() as tx:
        assert households.drifted(tx) == [control]


weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 10**12), st.integers(1, 10**12), weights)
def test_the_database_splits_both_sums_as_money_does(
    village: Village, statutory: int, value_added: int, found: list[int]
) -> None:
    with village.ctx.sessions() as tx:
        for place, weight in enumerate(found):
            # A day of the year, so that the weight is the balance.
            account(tx, village, f"X{place:02d}", {date(2024, 12, 31): weight})
        close = YearClose(
            year=2024,
            revision=1,
            state=CloseState.PREVIEW,
            mode=IncomeMode.HOUSEHOLD,
            total_fen=value_added,
            moved_fen=value_added,
            receivable_fen=0,
            accounts=0,
            statutory_fen=statutory,
            weight=Decimal(sum(found)),
            basis="",
            previewed_by=village.actor("clerk").person_id,
            previewed_at=village.clock(),
        )
        tx.add(close)
        tx.flush()
        tx.execute(write_flat_shares(close))
        rows = tx.execute(
            select(
                HouseholdShare.household_id,
                HouseholdShare.statutory_fen,
                HouseholdShare.value_added_fen,
            ).where(HouseholdShare.close_id == close.id)
        ).all()
        flats = [
            (str(flat), fen)
            for flat, fen in tx.execute(
                select(HouseholdBalance.household_id, HouseholdBalance.principal_fen)
            )
        ]
        tx.rollback()
    both = [(str(row[0]), row[1]) for row in rows], [(str(row[0]), row[2]) for row in rows]
    for shares, total in zip(both, (statutory, value_added), strict=True):
        expected = {part.name: part.fen for part in split(total, flats)} if total else {}
        takes_part = {flat for flat, weight in flats if weight}
        assert dict(shares) == {flat: expected.get(flat, 0) for flat in takes_part}


def test_every_flat_s_figures_explain_themselves(theirs: Fund) -> None:
    theirs.earned()
    close = theirs.previewed()
    ctx, auditor = theirs.village.ctx, theirs.village.actor("auditor")
    shares = closing.flat_shares(ctx, auditor, close.id, None, 2)
    more = closing.flat_shares(ctx, auditor, close.id, shares[-1].household, 10)
    assert len(shares) == 2
    (of_a,) = [each for each in (*shares, *more) if each.household == theirs.flat("A")]
    assert (of_a.value_added.fen, of_a.weight) == (SHARED["A"], WEIGHTS[0][1])
    assert of_a.place.endswith("A单元101")


def test_interest_of_before_there_were_households_is_cut_as_the_rules_cut_it(
    fund: Fund, owner: Connection
) -> None:
    fund.earned()
    over_years: dict[str, Any] = {"value_on": date(2022, 7, 1), "months": 36}
    for number, actual_fen in (("CD-7", 7_000_001), ("CD-8", 90_000_000), ("CD-9", 0)):
        deposit = fund.deposit(number=number, **over_years)
        paid = fund.paid(deposit.id, until_on=date(2025, 2, 2), actual_fen=actual_fen)
        fund.confirmed(paid.id)
    every = select(InterestYear.__table__).order_by(InterestYear.interest_id, InterestYear.year)
    as_confirmed = owner.execute(every).all()
    assert len({row.interest_id for row in as_confirmed}) == 3
    migration = import_module("backend.store.migrations.versions.0084_households")
    owner.execute(text("ALTER TABLE interest_year DISABLE TRIGGER interest_year_kept"))
    owner.execute(delete(InterestYear).where(InterestYear.value_added_fen == 0))
    owner.execute(update(InterestYear).values(owners_fen=0))
    owner.execute(text(migration.OWNERS_PARTS))
    assert owner.execute(every).all() == as_confirmed
    owner.rollback()


def test_where_income_is_the_households_nobody_begins_what_pools_would_pay(
    theirs: Fund,
) -> None:
    village = theirs.village
    ctx, manager, clerk = village.ctx, village.actor("manager"), village.actor("clerk")
    asked = application(village)
    for begin in (
        lambda: applications.draft(ctx, manager, asked),
        lambda: applications.draft(ctx, manager, replace(asked, route="SG")),
        lambda: applications.draft_on_paper(ctx, clerk, asked, [], "0" * 64),
        lambda: place_to_apply(ctx, clerk, village.estate),
    ):
        assert refusal(begin) == "income_of_households"
    other = replace(asked, route="R2")
    assert refusal(lambda: applications.draft(ctx, manager, other)) == "route_not_offered"
    found = ways_in_estate(ctx, manager, village.estate)
    assert found.ways == []
    assert found.hint.startswith(f"{OF_HOUSEHOLDS}可以申请的有：电梯只服务其房屋的独立产权人。")


def home_with_opening(village: Village) -> Owner:
    """The entry of an owner on the roster, whose flat had so much from 2024 on."""
    with village.ctx.sessions() as tx:
        of_owner = Owner.person_id == village.actor("owner0").person_id
        home = tx.scalars(select(Owner).where(of_owner)).one()
        opened = {"as_of": date(2024, 3, 1), "principal_fen": 1_000_000}
        tx.add(HouseholdBalance(household_id=home.household_id, **opened))
        tx.commit()
        return home


def test_an_owner_reads_the_own_flat_and_each_look_of_an_officer_is_written_down(
    fund: Fund,
) -> None:
    village = fund.village
    home = home_with_opening(village)
    fund.earned()
    fund.closed()
    ctx, owner, auditor = village.ctx, village.actor("owner0"), village.actor("auditor")
    own = flat_accounts.read_own(ctx, owner, home.id, None)
    (interest,) = own.of_year.lines
    assert (own.years, interest.kind_name) == ([2025, 2024], "法定利息")
    assert (own.of_year.began_fen, own.of_year.ended_fen) == (1_000_000, own.balance_fen)
    assert own.balance_fen == 1_000_000 + interest.amount_fen > 1_000_000
    first = flat_accounts.read_own(ctx, owner, home.id, 2024).of_year
    assert [(line.kind, line.balance_fen) for line in first.lines] == [("opening", 1_000_000)]
    assert flat_accounts.read_own(ctx, owner, home.id, 2023).of_year.ended_fen == 0
    for other in ("owner1", "manager", "clerk"):
        read = partial(flat_accounts.read_own, ctx, village.actor(other), home.id, None)
        assert refusal(read) == "not_found", other
    assert flat_accounts.look(ctx, auditor, home.household_id, 2025) == own
    for other, code in (("insurer", "not_found"), ("owner0", "not_found")):
        look = partial(flat_accounts.look, ctx, village.actor(other), home.household_id, None)
        assert refusal(look) == code
    assert refusal(partial(flat_accounts.look, ctx, auditor, home.id, None)) == "not_found"
    with ctx.sessions() as tx:
        looks = select(AuditEntry.actor_id, AuditEntry.subject_id).where(
            AuditEntry.action == AuditAction.HOUSEHOLD_READ
        )
        assert tx.execute(looks).all() == [(auditor.person_id, str(home.household_id))]
    assert len(page_of_looks(ctx, auditor, 1).rows) == 1
    ownership.give_up_home(ctx, owner, home.id)
    assert refusal(lambda: flat_accounts.read_own(ctx, owner, home.id, None)) == "not_found"
