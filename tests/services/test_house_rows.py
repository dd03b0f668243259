"""House rows that a route may bring: they see what the step before them left, and time opens them
by days that stand anywhere in the case."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from backend.domain import guards as must
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.local_time import local_date
from backend.domain.roles import Role
from backend.domain.routes import catalogue, r1
from backend.domain.routes.definition import RouteDefinition
from backend.domain.rules import opens_on, reads
from backend.domain.states import State
from backend.domain.steps import Guard, Step
from backend.services.case import steps as case_steps
from backend.services.public_notice import objections
from backend.services.purchase import plans
from tests.build.looking import at, case, limits, notice_of
from tests.build.village import Village

GIVE_UP, HURRY, CALM = "give_up", "hurry", "calm"
HURRIED = "hurried"

Extend = Callable[..., None]


def days_after_the_notice(facts: Facts) -> date | None:
    """A notice that runs ends on a day; three more are given."""
    end = facts.notice.ends_before
    return local_date(end) + timedelta(days=3) if end else None


@reads("notice")
@opens_on(days_after_the_notice)
def long_over(facts: Facts) -> list[Refusal]:
    day = days_after_the_notice(facts)
    return [] if day and day <= facts.today else [Refusal("not_long_over", "公示结束不久。")]


def house_row(action: str, source: str, target: str, *guards: Guard) -> Step:
    return Step(action, (source,), target, (Role.SYSTEM,), "本平台默认", guards=guards)


@pytest.fixture
def r1_with(monkeypatch: pytest.MonkeyPatch, village: Village) -> Extend:
    """R1 of the village with rows more."""

    def extend(*rows: Step) -> None:
        definition = RouteDefinition(
            "R1",
            "增值收益统筹账户",
            lambda city, route: (*r1.rows(city, route), *rows),
            r1.problems,
            states={HURRIED: "照片已齐"},
            actions={GIVE_UP: "逾期未办理", HURRY: "照片已齐", CALM: "退回"},
        )
        monkeypatch.setitem(catalogue.ROUTES, "R1", definition)
        village.copies = None

    return extend


def test_a_row_opens_by_a_day_of_the_notice_also_after_it_was_suspended(
    village: Village, r1_with: Extend
) -> None:
    r1_with(house_row(GIVE_UP, State.POSTED, State.TERMINATED, long_over))
    purchase, notice = village.posted()
    assert case(village, purchase).wakes_at == at("2025-03-14 00:00")
    village.clock.set(at("2025-03-05 09:00"))
    owner = village.actor("owner0")
    filed = objections.file_objection(village.ctx, owner, notice, "price", "保费偏高")
    assert case(village, purchase).wakes_at == limits(village, purchase)["settlement"].ends_before
    village.clock.set(at("2025-03-08 09:00"))
    objections.withdraw(village.ctx, owner, filed.id)
    ends_before = notice_of(village, notice).ends_before
    assert ends_before
    wakes_at = ends_before + timedelta(days=3)
    assert case(village, purchase).wakes_at == wakes_at
    village.clock.set(wakes_at)
    assert case_steps.sweep(village.ctx) == 1
    assert case(village, purchase).state == State.TERMINATED


def test_a_row_does_not_see_the_notice_that_the_step_before_it_took_down(
    village: Village, r1_with: Extend
) -> None:
    r1_with(
        house_row(HURRY, State.PLANNED, HURRIED, must.start_photos_complete),
        Step(CALM, (HURRIED,), State.PLANNED, (Role.INSURER,), "本平台默认"),
    )
    purchase, _ = village.posted()
    insurer = village.actor("insurer")
    plans.revise_plan(village.ctx, insurer, purchase.id, village.terms(120_000), "降价")
    assert case(village, purchase).state == State.PLANNED


@reads("votes")
def nobody_answered_yet(facts: Facts) -> list[Refusal]:
    answered = facts.votes.approvals + facts.votes.refusals
    return [Refusal("answered", "已有答复。")] if answered else []


def test_rows_that_lead_back_to_where_the_case_was_fail_at_once_and_leave_nothing(
    village: Village, r1_with: Extend
) -> None:
    r1_with(
        house_row(HURRY, State.PLANNED, HURRIED, nobody_answered_yet),
        house_row(CALM, HURRIED, State.PLANNED, nobody_answered_yet),
    )
    purchase = village.surveyed()
    with pytest.raises(case_steps.NeverAtRest):
        village.person("insurer").submits_plan(purchase.id, village.terms())
    assert case(village, purchase).state == State.FUNDS_QUERIED
