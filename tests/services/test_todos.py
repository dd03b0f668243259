"""What people find on their list: running limits first, then what a case waits for."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from backend.services.purchase import applications
from backend.services.reads.cases import read_case
from backend.services.reads.joint import joint_applications
from backend.services.reads.todos import Todo, my_todos
from backend.store.mandates import Mandate
from backend.store.registry import Estate
from tests.build.looking import application, limits, notice_of, vote
from tests.build.village import Village


def todos(village: Village, name: str) -> list[Todo]:
    return list(my_todos(village.ctx, village.actor(name)).items)


def test_the_manager_sees_the_running_limit_with_its_end_and_what_is_left(village: Village) -> None:
    purchase = village.approved()
    (todo,) = todos(village, "manager")
    assert (todo.number, todo.state_name, todo.task) == (
        purchase.number,
        "审议通过",
        "张贴公示并上传照片",
    )
    assert todo.mine
    assert todo.due
    assert todo.due_words.startswith("截至2025年3月")
    assert todo.left_words.startswith("还有")
    assert "post_notice" in todo.actions


def test_a_limit_that_passed_is_marked_as_overdue(village: Village) -> None:
    village.clock.advance(days=4)  # five working days end on a Friday
    purchase = village.approved()
    limit = limits(village, purchase)["posting"]

    def told(name: str) -> tuple[bool, str]:
        (todo,) = todos(village, name)
        seen = read_case(village.ctx, village.actor(name), purchase.id, words=False)
        assert todo.left_words.startswith(seen.left[limit.id].words)
        assert todo.overdue == seen.left[limit.id].late
        return todo.overdue, todo.left_words

    village.clock.set(limit.ends_before - timedelta(minutes=1))
    assert [told("manager"), told("member0")] == [
        (False, "今天到期，请尽快办理"),
        (False, "今天到期"),
    ]
    village.clock.set(limit.ends_before)  # a Saturday: no working day has passed since
    assert [told("manager"), told("member0")] == [(True, "已逾期，请立即办理"), (True, "已逾期")]
    village.clock.advance(days=2)
    assert [told("manager"), told("member0")] == [
        (True, "已逾期1个工作日，请立即办理"),
        (True, "已逾期1个工作日"),
    ]


def test_photos_that_the_notice_lacks_are_named(village: Village) -> None:
    purchase, notice = village.posted()
    (todo,) = todos(village, "manager")
    assert todo.notice_id == notice
    assert todo.notice_number == notice_of(village, notice).number
    assert len(todo.missing) == 4
    assert purchase.number == todo.number


def test_a_case_that_waits_for_others_says_what_for(village: Village) -> None:
    purchase = village.surveyed()
    waiting = todos(village, "member0")
    assert [(todo.mine, todo.who, todo.task) for todo in waiting] == [
        (False, "保险机构", "保险机构查勘并拟方案")
    ]
    assert [todo.due for todo in waiting] == [limits(village, purchase)["planning"].ends_before]


@pytest.mark.usefixtures("cases_from_before")
def test_own_limits_come_before_what_others_must_do(village: Village) -> None:
    village.approved()
    second = village.manager.drafts(application(village))
    listed = todos(village, "manager")
    assert [todo.mine for todo in listed] == [True, True]
    assert listed[0].due
    assert listed[1].number == second.number
    assert listed[1].task == "备好申请表或联名，提交申请"


def test_a_member_has_the_approval_as_a_todo_until_answered(village: Village) -> None:
    purchase = village.planned()
    assert [(todo.mine, todo.task) for todo in todos(village, "member0")] == [
        (True, "审议保险方案")
    ]
    vote(village, purchase, "member0", "approve")
    assert [todo.mine for todo in todos(village, "member0")] == [False]


def test_an_office_finds_what_it_must_do_and_nothing_else(village: Village) -> None:
    purchase = village.payable()
    for whose_turn in ("reviewer", "cashier"):
        for name in ("clerk", "reviewer", "cashier", "supervisor"):
            tasks = ["拨付保费至保险机构"] if name == whose_turn else []
            assert [(todo.task, todo.mine) for todo in todos(village, name)] == [
                (task, True) for task in tasks
            ]
        if whose_turn == "reviewer":
            village.reviewer.reviews_payment(purchase.id)


def test_a_todo_says_which_buildings_it_is_about(village: Village) -> None:
    village.approved()
    assert [todo.area for todo in todos(village, "manager")] == ["1栋 · 2台"]


def test_cases_that_ended_are_on_nobody_s_list(village: Village) -> None:
    purchase = village.planned()
    manager = village.actor("manager")
    applications.withdraw(village.ctx, manager, purchase.id, "另行安排")
    for name in ("manager", "member0"):
        assert todos(village, name) == []


@pytest.mark.parametrize("name", ["owner1", "stranger"])
def test_who_has_nothing_to_do_has_an_empty_list(village: Village, name: str) -> None:
    village.approved()
    found = my_todos(village.ctx, village.actor(name))
    assert (found.items, found.estates) == ([], [])


def test_a_manager_sees_the_mandate_and_what_the_accounts_can_spend(village: Village) -> None:
    (estate,) = my_todos(village.ctx, village.actor("manager")).estates
    assert (estate.name, estate.mandate_until) == ("示例小区", date(2025, 12, 31))
    assert [account.available_fen for account in estate.accounts] == [1_000_000]


def test_without_a_valid_mandate_the_manager_is_told_whom_to_ask(village: Village) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(update(Mandate).values(valid_until=date(2025, 3, 2)))
        tx.commit()
    (estate,) = my_todos(village.ctx, village.actor("manager")).estates
    assert estate.mandate_until is None
    assert "业主委员会" in estate.mandate_words


def test_a_mandate_of_a_company_that_left_counts_no_more(village: Village) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(update(Estate).values(property_company_id=None))
        tx.commit()
    (estate,) = my_todos(village.ctx, village.actor("manager")).estates
    assert estate.mandate_until is None


def test_owners_behind_the_account_find_the_draft_they_may_sign(village: Village) -> None:
    draft = village.drafted("owners", "owner0")
    (open_draft,) = joint_applications(village.ctx, village.actor("owner1"))
    assert open_draft.number == draft.number
    assert (open_draft.signed.cosigners, open_draft.signed.needed) == (1, 3)
    assert open_draft.signed.can_sign
    assert open_draft.signed.signed_at is None
    village.person("owner1").cosigns(draft.id)
    (signed,) = joint_applications(village.ctx, village.actor("owner1"))
    assert (signed.signed.cosigners, signed.signed.can_sign) == (2, False)
    assert signed.signed.signed_at == village.clock()


def test_a_signature_can_be_taken_back_until_the_application_is_made(village: Village) -> None:
    draft = village.drafted("owners", "owner0")
    assert can_withdraw(village, "owner1") is False  # none was given
    for name in ("owner1", "owner2"):
        village.person(name).cosigns(draft.id)
    assert can_withdraw(village, "owner1") is True
    village.person("owner0").applies(draft.id)
    assert can_withdraw(village, "owner1") is False


def can_withdraw(village: Village, name: str) -> bool:
    (found,) = joint_applications(village.ctx, village.actor(name))
    return found.signed.can_withdraw


def test_strangers_and_the_manager_find_no_joint_application(village: Village) -> None:
    village.drafted("owners", "owner0")
    for name in ("stranger", "manager", "member0"):
        assert joint_applications(village.ctx, village.actor(name)) == []


def test_an_application_by_the_company_is_no_joint_one(village: Village) -> None:
    village.drafted()
    assert joint_applications(village.ctx, village.actor("owner0")) == []
