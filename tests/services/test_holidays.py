"""A year's days off are announced: open limits follow, a posted notice only grows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backend.domain.errors import Refused
from backend.services.base import audit
from backend.services.case import reminders
from backend.services.public_notice import objections
from backend.store.city import HolidayYearRecord
from backend.store.purchases import Purchase
from backend.store.registry import Insurer
from tests.build.holidays import announce
from tests.build.looking import (
    approve,
    at,
    case,
    letters,
    limits,
    notice_of,
    planned_for,
    post,
    vote,
)
from tests.build.village import Village


@pytest.fixture
def ready(village: Village) -> Purchase:
    """A case whose notice may be posted, however late; most tests do so in years to come."""
    with village.ctx.sessions() as tx:
        tx.get_one(Insurer, village.insurer).selected_until = date(2028, 1, 1)
        tx.commit()
    begins, ends = date(2027, 4, 1), date(2028, 4, 1)
    purchase = planned_for(village, village.lifts, cover_from=begins, cover_ends_before=ends)
    approve(village, purchase)
    return case(village, purchase)


def posted(village: Village, purchase: Purchase, moment: str) -> UUID:
    village.clock.set(at(moment))
    return post(village, purchase)


def test_a_notice_in_a_year_to_come_is_provisional_and_grows_by_the_announcement(
    village: Village, ready: Purchase
) -> None:
    notice = posted(village, ready, "2026-12-28 09:00")
    shown = notice_of(village, notice)
    assert (shown.ends_on, shown.provisional) == (date(2027, 1, 4), True)
    assert announce(village, 2027, ["2027-01-02", "2027-01-03", "2027-01-04"]) == 1
    shown = notice_of(village, notice)
    assert (shown.ends_on, shown.provisional) == (date(2027, 1, 5), False)
    assert shown.ends_before == at("2027-01-06 00:00")
    assert "moved_past_days_off" in [reason["rule"] for reason in shown.explanation]
    assert limits(village, ready)["public_notice_period"].ends_on == date(2027, 1, 5)


def test_a_posted_notice_never_ends_earlier_than_people_read(
    village: Village, ready: Purchase
) -> None:
    """The last day is a Saturday, so it ended on Monday; now that Saturday is worked."""
    notice = posted(village, ready, "2027-02-13 09:00")
    assert notice_of(village, notice).ends_on == date(2027, 2, 22)
    assert announce(village, 2027, workdays=["2027-02-20"]) == 0
    shown = notice_of(village, notice)
    assert (shown.ends_on, shown.provisional) == (date(2027, 2, 22), False)
    assert shown.explanation[-1]["rule"] == "posted_end_kept"


def test_other_limits_may_also_become_shorter(village: Village) -> None:
    purchase = village.planned()
    village.clock.set(at("2027-02-19 09:00"))
    for name in ("member0", "member1"):
        vote(village, purchase, name, "approve")
    assert limits(village, purchase)["posting"].ends_on == date(2027, 2, 26)
    assert announce(village, 2027, workdays=["2027-02-20"]) == 1
    assert limits(village, purchase)["posting"].ends_on == date(2027, 2, 25)


def test_an_announcement_may_take_the_last_days_of_the_year_before(
    village: Village, ready: Purchase
) -> None:
    """Those days counted as announced, so the notice did not look provisional."""
    notice = posted(village, ready, "2026-12-22 09:00")
    shown = notice_of(village, notice)
    assert (shown.ends_on, shown.provisional) == (date(2026, 12, 29), False)
    early = ["2026-12-29", "2026-12-30", "2026-12-31", "2027-01-02", "2027-01-03"]
    assert announce(village, 2027, early) == 1
    assert notice_of(village, notice).ends_on == date(2027, 1, 4)


def test_a_correction_of_a_year_counts_as_well(village: Village, ready: Purchase) -> None:
    notice = posted(village, ready, "2026-12-28 09:00")
    announce(village, 2027, ["2027-01-04"])
    assert announce(village, 2027, ["2027-01-04", "2027-01-05"]) == 1
    assert notice_of(village, notice).ends_on == date(2027, 1, 6)
    with village.ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(HolidayYearRecord)) == 1


def test_importing_again_changes_nothing(village: Village, ready: Purchase) -> None:
    notice = posted(village, ready, "2026-12-28 09:00")
    assert announce(village, 2027, ["2027-01-04"]) == 1
    before = notice_of(village, notice).explanation
    assert announce(village, 2027, ["2027-01-04"]) == 0
    assert notice_of(village, notice).explanation == before


def test_two_who_import_the_same_year_at_once_import_it_once(village: Village) -> None:
    days = ["2027-01-02", "2027-01-03", "2027-01-04"]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: announce(village, 2027, days), range(3)))
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(HolidayYearRecord.year)).all() == [2027]


def test_a_local_holiday_moves_limits_as_well(village: Village) -> None:
    """湘西州's own days: until their notice is known, the days around 20 September are open."""
    purchase = village.planned()
    village.clock.set(at("2025-09-16 09:00"))
    for name in ("member0", "member1"):
        vote(village, purchase, name, "approve")
    due = limits(village, purchase)["posting"]
    assert (due.ends_on, due.provisional) == (date(2025, 9, 23), True)
    assert announce(village, 2025, ["2025-09-22", "2025-09-23"], scope="local") == 1
    due = limits(village, purchase)["posting"]
    assert (due.ends_on, due.provisional) == (date(2025, 9, 25), False)


def test_a_notice_that_runs_on_is_recomputed_with_its_days_left(
    village: Village, ready: Purchase
) -> None:
    notice = posted(village, ready, "2026-12-21 09:00")
    owner = village.actor("owner0")
    village.clock.set(at("2026-12-23 09:00"))
    objection = objections.file_objection(village.ctx, owner, notice, "price", "保费偏高")
    village.clock.set(at("2026-12-30 09:00"))
    objections.withdraw(village.ctx, owner, objection.id)
    assert notice_of(village, notice).ends_on == date(2027, 1, 4)
    assert announce(village, 2027, ["2027-01-04"]) == 1
    shown = notice_of(village, notice)
    assert shown.ends_on == date(2027, 1, 5)
    assert "resumed" in [reason["rule"] for reason in shown.explanation]


def test_a_notice_that_stands_still_is_computed_when_it_runs_on(
    village: Village, ready: Purchase
) -> None:
    notice = posted(village, ready, "2026-12-28 09:00")
    owner = village.actor("owner0")
    objection = objections.file_objection(village.ctx, owner, notice, "price", "保费偏高")
    assert announce(village, 2027, ["2027-01-08"]) == 0
    village.clock.set(at("2027-01-01 09:00"))
    objections.withdraw(village.ctx, owner, objection.id)
    # Seven days from 1 January is the 8th, a Friday off; 9 and 10 are the weekend.
    assert notice_of(village, notice).ends_on == date(2027, 1, 11)


def test_what_was_met_is_left_alone(village: Village, ready: Purchase) -> None:
    notice = posted(village, ready, "2026-12-28 09:00")
    village.clock.set(at("2027-01-05 09:00"))
    village.photograph(notice, "end")
    village.clerk.clears(ready.id, "未收到纸质异议")
    announce(village, 2027, ["2027-01-04"])
    assert notice_of(village, notice).ends_on == date(2027, 1, 4)
    assert limits(village, ready, "met")["public_notice_period"].ends_on == date(2027, 1, 4)
    assert case(village, ready).state == "cleared"


def test_reminders_follow_the_new_end(village: Village, ready: Purchase) -> None:
    posted(village, ready, "2026-12-28 09:00")
    assert limits(village, ready)["public_notice_period"].next_reminder_at == at("2027-01-01 09:00")
    announce(village, 2027, ["2027-01-04"])
    due = limits(village, ready)["public_notice_period"]
    assert (due.next_stage, due.next_reminder_at) == ("before_3", at("2027-01-02 09:00"))


def test_a_reminder_whose_moment_has_come_is_not_lost(village: Village, ready: Purchase) -> None:
    posted(village, ready, "2026-12-28 09:00")
    village.clock.set(at("2027-01-03 09:01"))
    assert announce(village, 2027) == 0
    before = len(letters(village, ready))
    reminders.sweep(village.ctx)
    assert {data["left"] for _, _, data in letters(village, ready)[before:]} == {"还有1天"}


def test_a_wrong_file_is_refused_as_a_whole(village: Village, ready: Purchase) -> None:
    notice = posted(village, ready, "2026-12-28 09:00")
    with pytest.raises(Refused, match="holiday_file_invalid"):
        announce(village, 2027, ["2027-13-01"])
    assert notice_of(village, notice).provisional
    with village.ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(HolidayYearRecord)) == 0
        assert audit.verify(tx).ok
