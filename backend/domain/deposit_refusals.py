"""Refusals about special accounts, and what is paid in on them; part of `domain.refusals`."""

from collections.abc import Mapping

INVALID: Mapping[str, str] = {}
FORBIDDEN: Mapping[str, str] = {}
CONFLICT = {
    "collecting_not_open": "the case does not collect shares now",
    "share_amount_differs": "a sum that is not the flat's share",
    "share_paid": "the flat has paid its share already",
    "share_unpaid": "the flat has paid nothing that could be undone",
    "share_without_bearer": "nobody is known who pays the share of a flat",
    "shares_collected": "flats have paid by the plan, which cannot be changed any more",
    "shares_outstanding": "not every flat has paid its share",
    "special_account_needed": "another case is paid from the special account, or insures by it",
    "reference_known": "the bank's reference was entered for another deposit",
    "deposit_made": "the years' premium of the case was paid in already",
    "deposit_not_booked": "nothing was paid in for this case",
    "deposit_short": "what is left on the special account does not reach",
    "deposit_too_large": "a deposit of a year's premium more than the plan explains",
    "deposit_too_small": "a deposit of less than the years' premium that one sum must be",
    "not_owned_alone": "beside the applicant somebody has a flat that the lifts serve",
    "rest_differs": "what is paid back of a special account is not what is left on it",
}
