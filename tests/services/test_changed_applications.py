"""What an application is for changes: a lift leaves it, another insurer takes it over."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.domain.states import State
from backend.services.reads.cases import list_cases, read_case
from backend.services.reads.todos import my_todos
from backend.store.audit import AuditEntry
from backend.store.messages import Outbox
from backend.store.people import AccessGrant
from backend.store.purchases import Plan, Purchase, PurchaseLift, Survey
from tests.build.insurers import add_insurer, delist
from tests.build.looking import (
    BRING_TO,
    application,
    approve,
    assert_sound,
    case,
    codes,
    covers,
    holds,
    limits,
    pool,
    registered,
    steps,
    vote,
)
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

WHY = "制动器无法修复，已停用"
EXPIRED = "原保险机构已不在名单"
BEFORE_POSTING = ["funds_queried", "survey_failed", "planned", "approved", "refused"]
AFTER_POSTING = ["posted", "suspended", "cleared", "registered"]


def lifts_of(village: Village, purchase: Purchase) -> set[UUID]:
    with village.ctx.sessions() as tx:
        mine = PurchaseLift.purchase_id == purchase.id
        return set(tx.scalars(select(PurchaseLift.lift_id).where(mine)))


def links(village: Village, action: str) -> list[AuditEntry]:
    with village.ctx.sessions() as tx:
        found = select(AuditEntry).where(AuditEntry.action == action)
        return list(tx.scalars(found.order_by(AuditEntry.seq)))


def told(village: Village, purchase: Purchase) -> dict[str, str]:
    """Who heard of the last step, and what comes next."""
    step = steps(village, purchase)[-1]
    with village.ctx.sessions() as tx:
        of_step = Outbox.natural_key.contains(f"/{step.id}/")
        rows = tx.execute(select(Outbox.person_id, Outbox.data).where(of_step)).all()
    names = {actor.person_id: name for name, actor in village.people.items()}
    return {names[person]: data["next"] for person, data in rows}


# --- a lift leaves ---


@pytest.mark.parametrize("state", BEFORE_POSTING)
def test_a_lift_that_failed_for_good_leaves_and_the_other_gets_a_plan_of_its_own(
    village: Village, state: str
) -> None:
    purchase = BRING_TO[state](village)
    assert purchase.state == state
    gone, stays = village.lifts
    assert village.manager.drops_lift(purchase.id, gone, WHY).state == State.FUNDS_QUERIED
    assert lifts_of(village, purchase) == {stays}
    after = case(village, purchase)
    assert (after.plan_id, after.state) == (None, State.FUNDS_QUERIED)
    assert limits(village, purchase).keys() == {"planning"}
    village.person("insurer").surveys(purchase.id, stays, "passed", "运行平稳")
    plan = village.terms(lift_premiums={stays: PREMIUM_FEN})
    planned = village.person("insurer").submits_plan(purchase.id, plan)
    approve(village, planned)
    assert case(village, purchase).state == State.APPROVED
    assert_sound(village)


def test_votes_for_a_plan_with_the_lift_do_not_count_for_the_plan_without_it(
    village: Village,
) -> None:
    purchase = village.approved()
    village.manager.drops_lift(purchase.id, village.lifts[0], WHY)
    plan = village.terms(lift_premiums={village.lifts[1]: PREMIUM_FEN})
    village.person("insurer").submits_plan(purchase.id, plan)
    assert case(village, purchase).state == State.PLANNED
    vote(village, case(village, purchase), "member0", "approve")
    assert case(village, purchase).state == State.PLANNED


def test_everybody_hears_that_a_lift_left(village: Village) -> None:
    purchase = village.approved()
    village.manager.drops_lift(purchase.id, village.lifts[0], WHY)
    heard = told(village, purchase)
    assert heard.keys() == {"manager", "insurer", "clerk", "member0", "member1", "member2"}
    assert set(heard.values()) == {"电梯已移出，须重拟方案"}
    (todo,) = my_todos(village.ctx, village.actor("insurer")).items
    assert (todo.mine, todo.why) == (True, f"移出电梯：{WHY}")


def test_the_lift_is_free_for_another_case_and_its_survey_stays_on_record(
    village: Village,
) -> None:
    purchase = BRING_TO["survey_failed"](village)
    gone = village.lifts[0]
    village.manager.drops_lift(purchase.id, gone, WHY)
    with village.ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).where(Survey.lift_id == gone)) == 1
    (link,) = links(village, AuditAction.PURCHASE_LIFT_DROPPED)
    assert str(gone) in link.body.decode()
    again = village.manager.drafts(application(village, lift_ids=[gone]))
    assert village.manager.applies(again.id, village.upload("manager")).state == State.APPLIED


def test_one_lift_stays_and_only_a_lift_of_the_case_leaves_it(village: Village) -> None:
    purchase = village.surveyed("failed")
    first, second = village.lifts
    village.manager.drops_lift(purchase.id, first, WHY)
    with pytest.raises(Refused) as refused:
        village.manager.drops_lift(purchase.id, second, WHY)
    assert codes(refused) == ["last_lift"]
    with pytest.raises(Refused) as refused:
        village.manager.drops_lift(purchase.id, first, WHY)
    assert codes(refused) == ["lift_not_in_purchase"]
    assert lifts_of(village, purchase) == {second}


def test_a_case_that_waits_for_money_may_need_less_of_it(village: Village) -> None:
    purchase = BRING_TO["short_of_funds"](village)
    assert village.manager.drops_lift(purchase.id, village.lifts[0], WHY).state == purchase.state
    assert told(village, purchase) == {
        "manager": "电梯已移出，请重新查询资金",
        "clerk": "电梯已移出，请重新查询资金",
    }


def test_a_lift_leaves_by_the_applicant_with_a_reason_and_not_while_the_form_is_looked_at(
    village: Village,
) -> None:
    purchase = village.surveyed("failed")
    for name in ("clerk", "insurer", "reviewer"):
        with pytest.raises(Refused) as refused:
            village.person(name).drops_lift(purchase.id, village.lifts[0], WHY)
        assert codes(refused) == ["role_required"]
    with pytest.raises(Refused) as refused:
        village.manager.drops_lift(purchase.id, village.lifts[0], " ")
    assert codes(refused) == ["text_required"]


@pytest.mark.parametrize("state", ["applied", *AFTER_POSTING, "contracted", "payment_requested"])
def test_from_these_states_no_lift_leaves(village: Village, state: str) -> None:
    purchase = BRING_TO[state](village)
    with pytest.raises(Refused) as refused:
        village.manager.drops_lift(purchase.id, village.lifts[0], WHY)
    assert codes(refused) == ["step_not_possible"]


def test_the_database_lets_no_lift_go_while_a_plan_stands_nor_the_last_one(
    village: Village,
) -> None:
    purchase = village.planned()
    first, second = village.lifts
    for lift in (first, second):
        with village.ctx.sessions() as tx:
            leaving = delete(PurchaseLift).where(PurchaseLift.lift_id == lift)
            with pytest.raises(
                IntegrityError, match="is refused while a plan stands, and of the last"
            ):
                tx.execute(leaving)
        if lift == first:
            village.manager.drops_lift(purchase.id, first, WHY)


# --- another insurer ---


@pytest.mark.parametrize("state", BEFORE_POSTING)
def test_before_the_notice_the_applicant_may_change_the_insurer_who_surveys_and_plans_anew(
    village: Village, state: str
) -> None:
    other = add_insurer(village)
    purchase = BRING_TO[state](village)
    changed = village.manager.changes_insurer(purchase.id, other, "报价过高")
    assert (changed.state, changed.insurer_id, changed.plan_id) == ("funds_queried", other, None)
    assert limits(village, purchase).keys() == {"planning"}
    with pytest.raises(Refused) as refused:
        village.person("other").submits_plan(purchase.id, village.terms())
    assert codes(refused) == ["lift_not_surveyed", "lift_not_surveyed"]
    for lift in village.lifts:
        village.person("other").surveys(purchase.id, lift, "passed", "运行平稳")
    planned = village.person("other").submits_plan(purchase.id, village.terms())
    approve(village, planned)
    after = case(village, purchase)
    with village.ctx.sessions() as tx:
        assert tx.get_one(Plan, after.plan_id).insurer_id == other
    assert after.state == State.APPROVED
    assert_sound(village)


@pytest.mark.parametrize("state", ["drafted", "applied", "short_of_funds"])
def test_before_the_insurer_has_work_the_case_stays_where_it_is(
    village: Village, state: str
) -> None:
    other = add_insurer(village)
    purchase = BRING_TO[state](village)
    before = limits(village, purchase).keys()
    changed = village.manager.changes_insurer(purchase.id, other, "报价过高")
    assert (changed.state, changed.insurer_id) == (state, other)
    assert limits(village, purchase).keys() == before


@pytest.mark.parametrize("state", AFTER_POSTING)
def test_once_the_notice_hangs_the_insurer_changes_only_when_the_city_has_delisted_it(
    village: Village, state: str
) -> None:
    other = add_insurer(village)
    purchase = BRING_TO[state](village)
    with pytest.raises(Refused) as refused:
        village.manager.changes_insurer(purchase.id, other, "报价过高")
    assert codes(refused) == ["insurer_still_selected"]
    delist(village)
    changed = village.manager.changes_insurer(purchase.id, other, EXPIRED)
    assert (changed.state, changed.insurer_id, changed.plan_id) == ("funds_queried", other, None)
    assert pool(village) == (POOL_FEN, 0)
    assert {name for name, *_ in covers(village, purchase)} == {"released"}
    assert_sound(village)


def test_a_delisted_insurer_costs_neither_the_co_signatures_nor_the_application(
    village: Village,
) -> None:
    """P3: registered, the insurer is delisted, and the case goes on with another one."""
    other = add_insurer(village)
    purchase = registered(village)
    delist(village)
    with pytest.raises(Refused) as refused:
        village.manager.signs_contract(purchase.id, village.contract())
    assert "insurer_not_selected" in codes(refused)
    village.manager.changes_insurer(purchase.id, other, EXPIRED)
    for lift in village.lifts:
        village.person("other").surveys(purchase.id, lift, "passed", "运行平稳")
    planned = village.person("other").submits_plan(purchase.id, village.terms())
    approve(village, planned)
    notice = village.manager.drafts_notice(purchase.id)
    assert case(village, purchase).state == State.APPROVED  # the notice of before proves nothing
    village.photograph(notice.id, "start")
    assert case(village, purchase).state == State.POSTED
    assert [state for state, _ in holds(village, purchase)] == ["voided", "pending"]
    assert_sound(village)


def test_only_another_insurer_that_the_city_selected_takes_over(village: Village) -> None:
    expired = add_insurer(village, until=date(2025, 1, 1))
    purchase = village.surveyed()
    for insurer, code in (
        (village.insurer, "insurer_unchanged"),
        (expired, "insurer_not_selected"),
        (UUID(int=7), "insurer_unknown"),
    ):
        with pytest.raises(Refused) as refused:
            village.manager.changes_insurer(purchase.id, insurer, "报价过高")
        assert codes(refused) == [code]
    for name in ("clerk", "insurer", "other"):
        with pytest.raises(Refused) as refused:
            village.person(name).changes_insurer(purchase.id, expired, "报价过高")
        assert codes(refused) in (["role_required"], ["not_found"])


def test_both_insurers_hear_of_it_and_the_first_one_sees_the_case_no_more(
    village: Village,
) -> None:
    other = add_insurer(village)
    purchase = village.planned()
    with pytest.raises(Refused):
        read_case(village.ctx, village.actor("other"), purchase.id)
    village.manager.changes_insurer(purchase.id, other, "报价过高")
    heard = told(village, purchase)
    assert heard["insurer"] == "已由其他保险机构办理"
    assert heard["other"] == "已换保险机构，须重新查勘"
    assert heard.keys() >= {"manager", "clerk", "member0"}
    with pytest.raises(Refused) as refused:
        read_case(village.ctx, village.actor("insurer"), purchase.id)
    assert codes(refused) == ["not_found"]
    assert list_cases(village.ctx, village.actor("insurer"), None, None, 9) == []
    assert not my_todos(village.ctx, village.actor("insurer")).items
    (todo,) = my_todos(village.ctx, village.actor("other")).items
    assert (todo.mine, todo.why) == (True, "更换保险机构：报价过高")


def test_nothing_that_waited_reaches_the_insurer_who_is_out(village: Village) -> None:
    other = add_insurer(village)
    purchase = village.surveyed()
    village.manager.changes_insurer(purchase.id, other, "报价过高")
    with village.ctx.sessions() as tx:
        waiting = select(Outbox.natural_key).where(
            Outbox.person_id == village.actor("insurer").person_id, Outbox.state == "created"
        )
        (key,) = tx.scalars(waiting)
    assert key.startswith("former_insurer/")


def test_who_takes_over_reads_neither_the_findings_nor_the_price_of_the_one_before(
    village: Village,
) -> None:
    other = add_insurer(village)
    purchase = village.planned()
    village.manager.changes_insurer(purchase.id, other, "报价过高")
    seen = read_case(village.ctx, village.actor("other"), purchase.id)
    assert {(lift.survey, lift.findings) for lift in seen.lifts} == {(None, None)}
    assert seen.plan is None
    assert [step.action for step in seen.transitions] == ["change_insurer"]
    for name in ("manager", "clerk", "reviewer"):
        whole = read_case(village.ctx, village.actor(name), purchase.id)
        assert any(step.amount_fen for step in whole.transitions)


def test_the_audit_chain_says_who_took_over_from_whom(village: Village) -> None:
    other = add_insurer(village)
    purchase = village.surveyed()
    village.manager.changes_insurer(purchase.id, other, "报价过高")
    (link,) = links(village, AuditAction.PURCHASE_INSURER_CHANGED)
    body = link.body.decode()
    assert body.index(f'"from":"{village.insurer}"') < body.index(f'"to":"{other}"')
    assert_sound(village)


def test_whoever_worked_for_the_first_insurer_is_no_officer_of_the_case(village: Village) -> None:
    other = add_insurer(village)
    purchase = village.surveyed()
    with village.ctx.sessions() as tx:
        tx.add(
            AccessGrant(
                person_id=village.actor("insurer").person_id,
                role="reviewer",
                scope_kind="city",
                scope_id=None,
                granted_at=village.clock(),
            )
        )
        tx.commit()
    village.person("insurer").submits_plan(purchase.id, village.terms())
    village.manager.changes_insurer(purchase.id, other, "报价过高")
    with pytest.raises(Refused) as refused:
        village.person("insurer").terminates(purchase.id, "不再办理")
    assert codes(refused) == ["officer_is_party"]


def test_the_database_changes_no_insurer_while_a_plan_stands(village: Village) -> None:
    other = add_insurer(village)
    purchase = village.planned()
    with village.ctx.sessions() as tx:
        changed = update(Purchase).where(Purchase.id == purchase.id).values(insurer_id=other)
        with pytest.raises(IntegrityError, match="purchase"):
            tx.execute(changed)


def test_an_amended_contract_is_no_new_choice_of_an_insurer(village: Village) -> None:
    """Signed while its insurer was selected, it may be put right and is paid (P3)."""
    purchase = village.contracted()
    delist(village)
    right = village.contract(premium_fen=2 * PREMIUM_FEN - 9)
    assert village.manager.amends_contract(purchase.id, right, "保费写错").state == "contracted"
