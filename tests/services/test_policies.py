"""The policy and what time alone does: cover begins, expires, or is renewed."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from backend.domain.errors import Refused
from backend.services.case import steps as case_steps
from backend.services.purchase import payments, policies
from backend.store.mandates import Mandate
from backend.store.purchases import CoveragePeriod, Purchase
from tests.build.looking import (
    assert_sound,
    at,
    carry,
    case,
    codes,
    covers,
    letters,
    planned_for,
    policy_for,
    steps,
)
from tests.build.village import Village

BEGINS, ENDS = date(2025, 4, 1), date(2026, 4, 1)


def next_year(village: Village, lifts: int = 2) -> Purchase:
    """A case for the same lifts from the day the first cover ends."""
    planned = planned_for(
        village,
        village.lifts[:lifts],
        cover_from=ENDS,
        cover_ends_before=ENDS + timedelta(days=365),
    )
    return carry(village, planned, "policy_issued")


def test_cover_begins_at_midnight_of_its_first_day(village: Village) -> None:
    purchase = village.insured()
    village.clock.set(at("2025-03-31 23:59"))
    assert case_steps.sweep(village.ctx) == 0
    assert covers(village, purchase) == [("reserved", BEGINS, ENDS)] * 2
    village.clock.set(at("2025-04-01 00:00"))
    assert case_steps.sweep(village.ctx) == 1
    assert case(village, purchase).state == "in_force"
    assert covers(village, purchase) == [("in_force", BEGINS, ENDS)] * 2
    begun = steps(village, purchase)[-1]
    assert (begun.role, begun.actor_id) == ("system", None)


def test_a_policy_that_comes_after_the_first_day_covers_at_once_and_is_told_once(
    village: Village,
) -> None:
    purchase = village.paid()
    village.clock.set(at("2025-04-02 10:00"))
    before = len(letters(village, purchase))
    paper = village.upload("insurer")
    done = policies.issue_policy(
        village.ctx, village.actor("insurer"), purchase.id, village.policy(file_sha256=paper)
    )
    assert done.state == "in_force"
    assert [step.action for step in steps(village, purchase)][-2:] == [
        *("issue_policy", "begin_cover"),
    ]
    told = [name for name, _, _ in letters(village, purchase)[before:]]
    assert len(told) == len(set(told))
    assert {data["state"] for _, _, data in letters(village, purchase)[before:]} == {"保障中"}


def test_sweeping_again_does_nothing(village: Village) -> None:
    village.insured()
    village.clock.set(at("2025-04-01 00:00"))
    assert [case_steps.sweep(village.ctx) for _ in range(3)] == [1, 0, 0]


def test_cover_expires_at_midnight_after_its_last_day(village: Village) -> None:
    purchase = village.insured()
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    village.clock.set(at("2026-03-31 23:59"))
    assert case_steps.sweep(village.ctx) == 0
    village.clock.set(at("2026-04-01 00:00"))
    assert case_steps.sweep(village.ctx) == 1
    assert case(village, purchase).state == "expired"
    assert covers(village, purchase) == [("ended", BEGINS, ENDS)] * 2


def test_a_sweep_that_comes_a_year_late_catches_up_at_once(village: Village) -> None:
    purchase = village.insured()
    village.clock.set(at("2026-05-01 00:00"))
    before = len(letters(village, purchase))
    assert [case_steps.sweep(village.ctx) for _ in range(2)] == [1, 0]
    assert case(village, purchase).state == "expired"
    assert [step.action for step in steps(village, purchase)][-2:] == ["begin_cover", "expire"]
    told = {(name, data["state"]) for name, _, data in letters(village, purchase)[before:]}
    assert ("manager", "保障到期") in told
    assert ("manager", "保障中") not in told  # of two steps at once people hear the last


def test_cover_is_renewed_when_another_policy_follows(village: Village) -> None:
    """Both turn over at the same midnight, whichever is looked at first."""
    first = village.insured()
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    village.clock.set(at("2026-03-02 09:00"))
    renew_mandate(village)
    second = next_year(village)
    village.clock.set(at("2026-04-01 00:00"))
    assert case_steps.sweep(village.ctx) == 2
    assert case(village, first).state == "renewed"
    assert case(village, second).state == "in_force"
    assert {state for state, _, _ in covers(village, first)} == {"ended"}
    assert_sound(village)


def test_cover_is_not_renewed_when_one_lift_is_left_out(village: Village) -> None:
    first = village.insured()
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    village.clock.set(at("2026-03-02 09:00"))
    renew_mandate(village)
    next_year(village, lifts=1)
    village.clock.set(at("2026-04-01 00:00"))
    case_steps.sweep(village.ctx)
    assert case(village, first).state == "expired"


def test_money_paid_for_next_year_is_no_renewal_without_a_policy(village: Village) -> None:
    first = village.insured()
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    village.clock.set(at("2026-03-02 09:00"))
    renew_mandate(village)
    planned = planned_for(
        village, village.lifts, cover_from=ENDS, cover_ends_before=date(2027, 4, 1)
    )
    second = carry(village, planned, "paid")
    village.clock.set(at("2026-04-01 00:00"))
    case_steps.sweep(village.ctx)
    assert case(village, first).state == "expired"
    assert case(village, second).state == "paid"


def renew_mandate(village: Village) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(update(Mandate).values(valid_until=date(2027, 12, 31)))
        tx.commit()


def test_a_case_that_cannot_move_holds_up_no_other(
    village: Village, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = carry(village, planned_for(village, village.lifts[:1]), "policy_issued")
    other = carry(village, planned_for(village, village.lifts[1:]), "policy_issued")
    with village.ctx.sessions() as tx:
        broken = (
            update(CoveragePeriod)
            .where(CoveragePeriod.purchase_id == stuck.id)
            .values(policy_number=None)
        )
        tx.execute(broken)
        tx.commit()
    village.clock.set(at("2025-04-01 00:00"))
    assert case_steps.sweep(village.ctx) == 1
    assert case(village, stuck).state == "policy_issued"
    assert case(village, other).state == "in_force"
    assert str(stuck.id) in caplog.text


@pytest.mark.usefixtures("cases_from_before")
def test_a_policy_number_belongs_to_one_case(village: Village) -> None:
    village.insured()
    second = carry(
        village,
        planned_for(village, village.lifts, cover_from=ENDS, cover_ends_before=date(2027, 4, 1)),
        "paid",
    )
    insurer = village.actor("insurer")
    with pytest.raises(Refused) as refused:
        policies.issue_policy(
            village.ctx, insurer, second.id, policy_for(village, second, number="PL-1")
        )
    assert codes(refused) == ["policy_number_used"]


def test_only_the_insurer_issues_the_policy_and_only_when_it_is_paid(village: Village) -> None:
    purchase = village.reviewed()
    insurer, paper = village.actor("insurer"), village.upload("insurer")
    with pytest.raises(Refused, match="step_not_possible"):
        policies.issue_policy(village.ctx, insurer, purchase.id, village.policy(file_sha256=paper))
    payments.order_payment(village.ctx, village.actor("cashier"), purchase.id)
    payments.confirm_payment(
        village.ctx, village.actor("cashier"), purchase.id, str(uuid4()), village.upload("cashier")
    )
    with pytest.raises(Refused, match="role_required"):
        policies.issue_policy(village.ctx, village.actor("manager"), purchase.id, village.policy())
    strange = village.policy(file_sha256=village.upload("manager"))
    with pytest.raises(Refused, match="file_unknown"):
        policies.issue_policy(village.ctx, insurer, purchase.id, strange)
