"""Lifts, places and accounts change while cases run and policies are in force."""

from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, opening
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.services.public import lift_tokens
from backend.services.public.lifts import read_public_lift
from backend.services.purchase import plans
from backend.services.reads.lookups import list_accounts, list_lifts
from backend.services.registry import accounts, lifts, places
from backend.services.registry.accounts import NewAccount
from backend.services.workbooks.registry_import import import_registry
from backend.store.audit import AuditEntry
from backend.store.ledger import Account
from backend.store.purchases import PurchaseUnit
from backend.store.registry import Building, Estate, Lift, Unit
from tests.build.looking import (
    application,
    applied,
    assert_sound,
    case,
    codes,
    serves,
    today,
)
from tests.build.village import POOL_FEN, Village
from tests.build.workbooks import PAPER, lines, registry_file, registry_rows


def building_of(village: Village) -> UUID:
    with village.ctx.sessions() as tx:
        return tx.get_one(Unit, village.units[0]).building_id


def lift_of(village: Village, place: int = 0) -> Lift:
    with village.ctx.sessions() as tx:
        return tx.get_one(Lift, village.lifts[place])


def actions(ctx: Context) -> list[str]:
    with ctx.sessions() as tx:
        return list(tx.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_lift_that_stands_still_is_not_applied_for_until_it_runs_again(village: Village) -> None:
    clerk = village.actor("clerk")
    lifts.stop(village.ctx, clerk, village.lifts[0], today(village), "曳引机更换")
    with pytest.raises(Refused) as refused:
        village.drafted()
    assert codes(refused) == ["lift_not_running"]
    lifts.restart(village.ctx, clerk, village.lifts[0], "检验合格")
    assert village.drafted().state == "drafted"
    assert actions(village.ctx)[:2] == ["lift.stop", "lift.restart"]


def test_a_plan_is_not_made_for_a_lift_that_stopped_in_mid_case(village: Village) -> None:
    purchase = village.planned()
    lifts.stop(village.ctx, village.actor("clerk"), village.lifts[0], today(village), "事故")
    with pytest.raises(Refused) as refused:
        plans.revise_plan(
            village.ctx,
            village.actor("insurer"),
            purchase.id,
            village.terms(scope_of_cover="零部件"),
            "改",
        )
    assert "lift_not_running" in codes(refused)


def test_no_premium_is_asked_for_a_lift_that_was_taken_out(village: Village) -> None:
    purchase = village.contracted()
    lifts.retire(
        village.ctx, village.actor("clerk"), village.lifts[0], today(village), "报废", None
    )
    with pytest.raises(Refused) as refused:
        village.manager.requests_payment(purchase.id)
    assert "lift_retired" in codes(refused)
    assert case(village, purchase).state == "contracted"


def test_a_lift_that_was_taken_out_is_nobodys_choice_and_its_code_leads_nowhere(
    village: Village,
) -> None:
    clerk = village.actor("clerk")
    token = lift_tokens.issue_token(village.ctx, clerk, village.lifts[0], "首次张贴").token
    assert read_public_lift(village.ctx, token)
    for _ in range(2):
        lifts.retire(
            village.ctx, clerk, village.lifts[0], today(village), "更换新梯", village.lifts[0 + 1]
        )
    assert read_public_lift(village.ctx, token) is None
    shown = list_lifts(village.ctx, village.actor("manager"), village.estate)
    assert village.lifts[0] not in [lift.id for lift in shown]
    assert lift_of(village).replaced_by_id == village.lifts[1]
    assert actions(village.ctx).count("lift.retire") == 1
    with pytest.raises(Refused) as refused:
        lifts.restart(village.ctx, clerk, village.lifts[0], "登记错了")
    assert codes(refused) == ["lift_retired"]


@pytest.mark.parametrize("other", ["itself", "unknown"])
def test_what_replaces_a_lift_stands_beside_it(village: Village, other: str) -> None:
    successor = village.lifts[0] if other == "itself" else village.estate
    with pytest.raises(Refused) as refused:
        lifts.retire(
            village.ctx,
            village.actor("clerk"),
            village.lifts[0],
            today(village),
            "更换",
            successor,
        )
    assert codes(refused) == ["lift_unknown"]
    assert lift_of(village).retired_on is None


@pytest.mark.parametrize("name", ["manager", "owner0", "insurer"])
def test_only_the_centre_changes_what_stands_there(village: Village, name: str) -> None:
    actor = village.actor(name)
    with pytest.raises(Refused) as refused:
        lifts.stop(village.ctx, actor, village.lifts[0], today(village), "停")
    assert codes(refused) == ["not_found"]
    with pytest.raises(Refused) as refused:
        places.rename_unit(village.ctx, actor, village.units[0], "甲单元", "改")
    assert codes(refused) == ["not_found"]
    with pytest.raises(Refused) as refused:
        accounts.merge_accounts(
            village.ctx, actor, building_of(village), NewAccount("P-9", "统筹"), "改"
        )
    assert codes(refused) == ["not_found"]


def in_workbooks(village: Village, code: str) -> None:
    """Give the estate and its lifts codes that a workbook may have."""
    with village.ctx.sessions() as tx:
        tx.get_one(Estate, village.estate).code = code
        tx.commit()


def test_a_code_put_right_is_the_same_lift_for_the_next_workbook(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    assert not import_registry(
        ctx, registry_file(registry_rows()), False, mandate_paper=PAPER
    ).problems
    lift = lift_tokens.lift_by_code(ctx, "TEST000001")
    for _ in range(2):
        lifts.correct_code(ctx, clerk, lift, "TEST000009", "与登记证不一致")
    assert actions(ctx).count("lift.correct_code") == 1
    old = import_registry(ctx, registry_file(registry_rows()), False, mandate_paper=PAPER)
    assert ["更正为“TEST000009”" in line for line in lines(old)] == [True]
    rows = registry_rows()
    rows["电梯"][0][0] = "TEST000009"
    new = import_registry(ctx, registry_file(rows), False, mandate_paper=PAPER)
    assert not new.problems
    assert new.counts["电梯"].added == 0
    assert lift_tokens.lift_by_code(ctx, "TEST000009") == lift
    with pytest.raises(Refused) as refused:
        lifts.correct_code(
            ctx, clerk, lift_tokens.lift_by_code(ctx, "TEST000002"), "TEST000001", "误"
        )
    assert codes(refused) == ["lift_code_taken"]
    lifts.correct_code(ctx, clerk, lift, "TEST000001", "原来的才对")
    assert not import_registry(
        ctx, registry_file(registry_rows()), False, mandate_paper=PAPER
    ).problems


def test_a_building_renamed_is_no_second_building_for_the_next_workbook(village: Village) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    assert not import_registry(
        ctx, registry_file(registry_rows()), False, mandate_paper=PAPER
    ).problems
    with ctx.sessions() as tx:
        building, unit = tx.execute(
            select(Building.id, Unit.id)
            .join(Estate, Estate.id == Building.estate_id)
            .join(Unit, Unit.building_id == Building.id)
            .where(Estate.code == "TEST-01", Unit.name == "2单元")
        ).one()
    places.rename_building(ctx, clerk, building, "A栋", "地名办批复")
    places.rename_unit(ctx, clerk, unit, "东单元", "地名办批复")
    old = import_registry(ctx, registry_file(registry_rows()), False, mandate_paper=PAPER)
    assert [line for line in lines(old) if "“1栋”已改名为“A栋”" in line]
    rows = registry_rows()
    for sheet in ("楼栋单元", "房屋业主", "电梯"):
        for row in rows[sheet]:
            row[:] = ["A栋" if cell == "1栋" else cell for cell in row]
    half = import_registry(ctx, registry_file(rows), False, mandate_paper=PAPER)
    assert ["“2单元”已改名为“东单元”" in line for line in lines(half)] == [True]
    with pytest.raises(Refused) as refused:
        places.rename_unit(ctx, clerk, unit, "一单元", "误")
    assert codes(refused) == ["place_name_taken"]
    for _ in range(2):
        places.rename_building(ctx, clerk, building, "1栋", "改回")
    places.rename_unit(ctx, clerk, unit, "2单元", "改回")
    assert not import_registry(
        ctx, registry_file(registry_rows()), False, mandate_paper=PAPER
    ).problems


def units_accounts(village: Village) -> list[tuple[UUID, NewAccount]]:
    return [
        (unit, NewAccount(f"P-{place}", f"1栋{place}单元统筹账户"))
        for place, unit in enumerate(village.units, start=1)
    ]


def balances(village: Village) -> dict[str, int]:
    with village.ctx.sessions() as tx:
        rows = tx.execute(
            select(Account.number, Account.balance_fen).where(
                Account.kind == AccountKind.POOLED_INCOME
            )
        )
        return {row.number: row.balance_fen for row in rows}


def test_a_buildings_account_is_split_by_floor_area_and_merged_again(village: Village) -> None:
    ctx, reviewer, building = village.ctx, village.actor("reviewer"), building_of(village)
    (before,) = balances(village)
    shares = accounts.split_account(ctx, reviewer, building, units_accounts(village), "维修办决定")
    assert sum(share.fen for share in shares) == POOL_FEN
    assert balances(village) == {before: 0, **{share.name: share.fen for share in shares}}
    offered = list_accounts(ctx, village.actor("manager"), village.estate)
    assert sorted(account.number for account in offered) == ["P-1", "P-2"]
    with pytest.raises(Refused) as refused:
        village.drafted()
    assert codes(refused) == ["account_closed"]
    one = NewAccount("P-NEW", "1栋统筹账户")
    assert accounts.merge_accounts(ctx, reviewer, building, one, "改回") == POOL_FEN
    assert balances(village) == {before: 0, "P-1": 0, "P-2": 0, "P-NEW": POOL_FEN}
    assert_sound(village)
    with ctx.sessions() as tx:
        assert ledger.trial_balance(tx).total_fen == 0


def test_what_reaches_a_closed_account_goes_on_once_more(village: Village) -> None:
    ctx, reviewer, building = village.ctx, village.actor("reviewer"), building_of(village)
    parts = units_accounts(village)
    accounts.split_account(ctx, reviewer, building, parts, "维修办决定")
    with ctx.sessions() as tx:
        lines_ = opening(village.bank, 101, {village.pool: 101})
        entry = ledger.NewEntry("late-income", "income", today(village), lines_)
        ledger.post(tx, entry, village.clock())
        tx.commit()
    again = accounts.split_account(ctx, reviewer, building, parts, "迟到的收益")
    assert sum(share.fen for share in again) == 101
    assert sum(balances(village).values()) == POOL_FEN + 101
    assert_sound(village)


def test_what_reached_a_closed_account_is_split_with_the_one_after_it(village: Village) -> None:
    ctx, reviewer, building = village.ctx, village.actor("reviewer"), building_of(village)
    parts = units_accounts(village)
    accounts.split_account(ctx, reviewer, building, parts, "维修办决定")
    accounts.merge_accounts(ctx, reviewer, building, NewAccount("P-NEW", "1栋统筹账户"), "改回")
    with ctx.sessions() as tx:
        lines_ = opening(village.bank, 101, {village.pool: 101})
        entry = ledger.NewEntry("late-income", "income", today(village), lines_)
        ledger.post(tx, entry, village.clock())
        tx.commit()
    again = accounts.split_account(ctx, reviewer, building, parts, "再次拆分")
    assert sum(share.fen for share in again) == POOL_FEN + 101
    offered = list_accounts(ctx, village.actor("manager"), village.estate)
    assert sorted(account.number for account in offered) == ["P-1", "P-2"]
    assert_sound(village)


def test_a_building_that_gets_its_old_account_back_pays_from_it(village: Village) -> None:
    ctx, reviewer, building = village.ctx, village.actor("reviewer"), building_of(village)
    (before,) = balances(village)
    accounts.split_account(ctx, reviewer, building, units_accounts(village), "维修办决定")
    old = NewAccount(before, "1栋统筹账户")
    assert accounts.merge_accounts(ctx, reviewer, building, old, "改回") == POOL_FEN
    assert balances(village) == {before: POOL_FEN, "P-1": 0, "P-2": 0}
    assert village.drafted().state == "drafted"


def test_a_draft_that_nobody_hands_in_keeps_no_account_from_being_split(village: Village) -> None:
    village.drafted()
    parts = units_accounts(village)
    accounts.split_account(
        village.ctx, village.actor("reviewer"), building_of(village), parts, "决定"
    )
    assert sum(balances(village).values()) == POOL_FEN


@pytest.mark.parametrize("before", ["drafted", "returned", "rejected"])
def test_what_was_to_be_paid_from_an_account_that_ended_is_applied_for_anew(
    village: Village, before: str
) -> None:
    purchase = village.drafted() if before == "drafted" else applied(village)
    if before == "returned":
        village.clerk.returns_application(purchase.id, "缺一页")
    elif before == "rejected":
        village.clerk.rejects(purchase.id, "材料不齐")
    parts = units_accounts(village)
    accounts.split_account(
        village.ctx, village.actor("reviewer"), building_of(village), parts, "决定"
    )
    goes_on = {
        "rejected": lambda: village.reviewer.undoes_rejection(purchase.id, "误办"),
        "drafted": lambda: village.manager.applies(purchase.id, village.upload("manager")),
    }
    with pytest.raises(Refused) as refused:
        goes_on["rejected" if before == "rejected" else "drafted"]()
    assert codes(refused) == ["account_closed"]
    assert_sound(village)


def test_an_account_that_an_open_case_is_paid_from_stays(village: Village) -> None:
    village.planned()
    with pytest.raises(Refused) as refused:
        accounts.split_account(
            village.ctx,
            village.actor("reviewer"),
            building_of(village),
            units_accounts(village),
            "决定",
        )
    assert codes(refused) == ["account_in_use"]
    assert len(balances(village)) == 1


@pytest.mark.parametrize("wrong", ["one is missing", "one stands there twice"])
def test_every_unit_gets_one_account(village: Village, wrong: str) -> None:
    first, second = units_accounts(village)
    parts = [second] if wrong == "one is missing" else [first, second, second]
    with pytest.raises(Refused) as refused:
        accounts.split_account(
            village.ctx, village.actor("reviewer"), building_of(village), parts, "决定"
        )
    assert codes(refused) == ["account_parts_differ"]


def test_owners_of_each_unit_that_a_lift_serves_read_and_object_whoever_pays(
    village: Village,
) -> None:
    """JS 四（二）: the account pays for its unit's lift; the other unit rides in it too."""
    serves(village, 0, village.units[1])
    accounts.split_account(
        village.ctx,
        village.actor("reviewer"),
        building_of(village),
        units_accounts(village),
        "决定",
    )
    with village.ctx.sessions() as tx:
        own = tx.scalars(select(Account.id).where(Account.unit_id == village.units[0])).one()
    wanted = application(village, account_id=own, lift_ids=village.lifts[:1])
    purchase = village.manager.drafts(wanted)
    with village.ctx.sessions() as tx:
        units = select(PurchaseUnit.unit_id).where(PurchaseUnit.purchase_id == purchase.id)
        assert set(tx.scalars(units)) == set(village.units)
    with pytest.raises(Refused) as refused:
        village.manager.drafts(application(village, account_id=own, lift_ids=village.lifts[1:]))
    assert codes(refused) == ["lift_outside_circle"]
