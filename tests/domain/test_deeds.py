"""What an officer may do with an objection as it stands."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.domain.deeds import Deed, HowFar, deeds_of
from backend.domain.errors import Refused
from backend.domain.objection import ObjectionStatus, Publication
from backend.domain.paper_entries import check_received
from backend.domain.roles import Role
from tests.build.sample_case import NOW

NEW = HowFar(
    ObjectionStatus.RECEIVED,
    answered=False,
    letter_due=False,
    delivered=False,
    publication=Publication.PRIVATE,
)


def test_a_new_one_is_verified_or_not_and_may_be_taken_back_or_answered() -> None:
    asked = Deed.VERIFY, Deed.NOT_ENTITLED, Deed.ANSWER, Deed.TAKE_BACK
    assert deeds_of(NEW, [Role.CLERK]) == asked
    assert deeds_of(NEW, [Role.REVIEWER]) == ()
    held = replace(NEW, publication=Publication.HELD)
    assert deeds_of(held, [Role.CLERK]) == (*asked, Deed.PUBLICATION)


def test_a_reviewer_dismisses_what_was_answered_and_delivered() -> None:
    verified = replace(NEW, status=ObjectionStatus.VERIFIED, answered=True)
    assert deeds_of(verified, [Role.REVIEWER]) == (Deed.DISMISS,)
    on_paper = replace(verified, letter_due=True)
    assert deeds_of(on_paper, [Role.REVIEWER]) == ()
    assert deeds_of(on_paper, [Role.CLERK]) == (Deed.DELIVER, Deed.TAKE_BACK)
    delivered = replace(verified, delivered=True)
    assert deeds_of(delivered, [Role.CLERK]) == (Deed.TAKE_BACK, Deed.UNDO_DELIVERY)


def test_a_dismissal_is_undone_by_either_office() -> None:
    dismissed = replace(NEW, status=ObjectionStatus.INADMISSIBLE, answered=True, delivered=True)
    for office in (Role.CLERK, Role.REVIEWER):
        assert deeds_of(dismissed, [office]) == (Deed.UNDO_DISMISSAL,)


def test_paper_is_received_after_what_it_is_about_and_by_now() -> None:
    minute = NOW.replace(second=30)
    check_received(minute.replace(second=0), minute, minute)
    for wrong in (minute - timedelta(minutes=1), minute + timedelta(seconds=1)):
        with pytest.raises(Refused, match="received_at_invalid"):
            check_received(wrong, minute, minute)
