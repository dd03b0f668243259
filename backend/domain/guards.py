"""The conditions of steps. Each looks at the facts and lists every refusal it has, or none.

They stand in `conditions`, a module for each part of the way; the tables name them from here.
"""

from backend.domain.conditions.applying import (
    another_insurer_selected,
    eligible_applicant,
    funds_available,
    inspected,
    insurer_delisted,
    insurer_selected,
    lifts_in_circle,
    lifts_running,
    managed_normally,
    mandate_valid,
    no_lift_retired,
)
from backend.domain.conditions.cover import (
    cover_begun,
    cover_not_over,
    cover_over,
    has_successor,
)
from backend.domain.conditions.notice import (
    end_photos_complete,
    late_photos_explained,
    no_open_objection,
    notice_ended,
    start_photos_complete,
    verified_objection,
)
from backend.domain.conditions.paying import (
    contract_in_hand,
    contract_matches_plan,
    invoice_matches_contract,
    nothing_given_back,
    part_of_premium,
    payment_file_complete,
    refund_within_premium,
)
from backend.domain.conditions.planning import (
    another_lift_stays,
    approval_not_needed,
    cover_ahead,
    covers_one_year,
    every_lift_surveyed,
    majority_approved,
    majority_refused,
    not_covered_twice,
    plan_covers_lifts,
    some_lift_failed_survey,
)
from backend.domain.conditions.policy import (
    begins_when_issued,
    corrects_the_same_policy,
    policy_as_agreed,
    policy_in_hand,
    policy_premium_is_what_was_paid,
)
from backend.domain.conditions.waiting import centre_owes_no_answer, waited_too_long

__all__ = [
    "another_insurer_selected",
    "another_lift_stays",
    "approval_not_needed",
    "begins_when_issued",
    "centre_owes_no_answer",
    "contract_in_hand",
    "contract_matches_plan",
    "corrects_the_same_policy",
    "cover_ahead",
    "cover_begun",
    "cover_not_over",
    "cover_over",
    "covers_one_year",
    "eligible_applicant",
    "end_photos_complete",
    "every_lift_surveyed",
    "funds_available",
    "has_successor",
    "inspected",
    "insurer_delisted",
    "insurer_selected",
    "invoice_matches_contract",
    "late_photos_explained",
    "lifts_in_circle",
    "lifts_running",
    "majority_approved",
    "majority_refused",
    "managed_normally",
    "mandate_valid",
    "no_lift_retired",
    "no_open_objection",
    "not_covered_twice",
    "nothing_given_back",
    "notice_ended",
    "part_of_premium",
    "payment_file_complete",
    "plan_covers_lifts",
    "policy_as_agreed",
    "policy_in_hand",
    "policy_premium_is_what_was_paid",
    "refund_within_premium",
    "some_lift_failed_survey",
    "start_photos_complete",
    "verified_objection",
    "waited_too_long",
]
